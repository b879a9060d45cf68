//! Ends the process in order.

use std::sync::mpsc;
use std::time::Duration;

use live_dashboard::platform::desktop::closing_sockets_done;

/// The longest delay of the end of the process.
const TIMEOUT: Duration = Duration::from_secs(3);

/// Waits for SIGTERM or SIGINT.
#[cfg(unix)]
pub(crate) async fn requested() {
    use tokio::signal::unix::{SignalKind, signal};
    let (Ok(mut terminate), Ok(mut interrupt)) = (
        signal(SignalKind::terminate()),
        signal(SignalKind::interrupt()),
    ) else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
}

/// Never resolves: not implemented for this system.
#[cfg(not(unix))]
pub(crate) async fn requested() {
    std::future::pending().await
}

/// Blocks until the sockets of closed windows have sent their Close frames.
pub(crate) fn close_sockets() {
    let (done, wait) = mpsc::channel();
    tokio::spawn(async move {
        closing_sockets_done().await;
        let _ = done.send(());
    });
    let _ = wait.recv_timeout(TIMEOUT);
}
