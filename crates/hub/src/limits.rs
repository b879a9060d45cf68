//! The limits that keep the hub running for everyone, whoever else uses the network.

use std::time::Duration;

use crate::engine::DEFAULT_DEDUPLICATION_BYTES;

/// The files that the hub itself needs: its store, layouts, keys, the runtime.
const OWN_FILES: u64 = 64;
/// The connections for operators if there is no room for others.
pub(crate) const SPARE_CONNECTIONS: usize = 32;

/// What one client, and all together, may take of the hub. `None`: no limit.
#[derive(Debug, Clone)]
pub struct Limits {
    /// How long the head of a request may take, from a connection's first byte on.
    pub head_timeout: Duration,
    /// How long the body of a request may take, and how long the hub waits for a client
    /// that reads nothing of its answer.
    pub transfer_timeout: Duration,
    /// How long a connection may stay open without a request.
    pub idle_timeout: Duration,
    /// The most bytes of a request's head, which contains a viewer's token.
    pub head_bytes: usize,
    /// The most connections; `None`: as many as the open files allow.
    pub connections: Option<usize>,
    /// The most connections of an address.
    pub connections_per_address: Option<usize>,
    /// The most WebSockets of a user (`uid`).
    pub connections_per_user: Option<usize>,
    /// The most new connections and requests of an address, together, in a second.
    pub requests_per_address: Option<u32>,
    /// The most frames of a viewer in a second; the others are read later.
    pub frames_per_viewer: Option<u32>,
    /// The most bytes of a viewer in a second; the others are read later.
    pub bytes_per_viewer: Option<u32>,
    /// The most messages that may be published with an API key in a second.
    pub publishes_per_key: Option<u32>,
    /// The most answers of the client API that a viewer may leave unread.
    pub answers_per_viewer: Option<usize>,
    /// The most bytes that may wait for all viewers together. Answers of the client API
    /// may take a half of it.
    pub waiting_bytes: usize,
    /// The most bytes of memory for the deduplication ids of unstored messages.
    pub deduplication_bytes: usize,
    /// Whether loopback addresses have limits too.
    pub loopback: bool,
    /// The most files that the process may have open, `None` if unknown. No option sets
    /// it.
    pub open_files: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(10),
            transfer_timeout: Duration::from_secs(30),
            // Longer than reverse proxies keep a connection, so that none closes while its
            // proxy sends a request.
            idle_timeout: Duration::from_secs(75),
            head_bytes: 16 * 1024,
            connections: None,
            connections_per_address: Some(256),
            connections_per_user: Some(256),
            requests_per_address: Some(200),
            frames_per_viewer: Some(100),
            bytes_per_viewer: Some(64 * 1024),
            publishes_per_key: Some(20_000),
            answers_per_viewer: Some(4),
            waiting_bytes: 256 * 1024 * 1024,
            deduplication_bytes: DEFAULT_DEDUPLICATION_BYTES,
            loopback: false,
            open_files: None,
        }
    }
}

impl Limits {
    /// These, but with the values of a hub that runs with `previous` where only a restart can
    /// change them.
    #[must_use]
    pub(crate) fn after(self, previous: &Self) -> Self {
        Self {
            waiting_bytes: previous.waiting_bytes,
            deduplication_bytes: previous.deduplication_bytes,
            open_files: previous.open_files,
            ..self
        }
    }

    /// The most connections: the configured ones, if there are files for them. With very
    /// few files it is a quarter of them, and some connections cannot be accepted.
    pub fn room(&self) -> usize {
        let files = self.open_files.map_or(usize::MAX, |files| {
            let room = files.saturating_sub(OWN_FILES + SPARE_CONNECTIONS as u64);
            let room = room.max(files / 4);
            usize::try_from(room).unwrap_or(usize::MAX)
        });
        self.connections.unwrap_or(usize::MAX).min(files).max(1)
    }
}
