//! What the service manager (systemd) learns of the hub: that it is ready, reloads its
//! configuration, runs or stops. Without `NOTIFY_SOCKET` nothing is sent.

use std::time::Duration;

use sd_notify::NotifyState;
use tokio::time::{MissedTickBehavior, interval};

/// The hub listens, and takes signals.
pub(crate) fn ready() {
    send(&[NotifyState::Ready]);
}

/// The hub reads its configuration again. [`reloaded`] must follow.
pub(crate) fn reloading() {
    match NotifyState::monotonic_usec_now() {
        Ok(now) => send(&[NotifyState::Reloading, now]),
        Err(error) => tracing::warn!("cannot read the clock for the service manager: {error}"),
    }
}

/// The hub has reloaded its configuration; `status` is what the service manager shows of
/// it, empty if there is nothing to tell.
pub(crate) fn reloaded(status: &str) {
    // A line break would begin another message.
    let status = status.replace('\n', " ");
    send(&[NotifyState::Status(&status), NotifyState::Ready]);
}

/// The hub begins to stop.
pub(crate) fn stopping() {
    send(&[NotifyState::Stopping]);
}

/// Tells the service manager, twice in its `WatchdogSec`, that the runtime runs its
/// tasks: a runtime whose threads are all blocked does not. Ends at once if there is no
/// `WatchdogSec`.
pub(crate) async fn watchdog() {
    let Some(limit) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = interval((limit / 2).max(Duration::from_millis(1)));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        send(&[NotifyState::Watchdog]);
    }
}

fn send(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        tracing::warn!("cannot notify the service manager: {error}");
    }
}
