//! Ends the process in order.

use live_dashboard::platform::desktop::closing_sockets_done;
use tokio::runtime::Handle;
use tokio::task::block_in_place;

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

/// Blocks until the sockets of closed windows have sent their Close frames, up
/// to two seconds.
pub(crate) fn close_sockets() {
    block_in_place(|| Handle::current().block_on(closing_sockets_done()));
}
