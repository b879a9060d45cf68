//! The bounded queue of frames for one connection.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// The cost of a queued frame in addition to its bytes: bounds a flood of tiny frames.
const OVERHEAD_BYTES: usize = 64;

/// The sending half; cheap to clone. Never blocks.
#[derive(Debug, Clone)]
pub struct Outbox {
    frames: mpsc::UnboundedSender<Utf8Bytes>,
    queued: Arc<AtomicUsize>,
    limit: usize,
    full: CancellationToken,
}

/// The receiving half, for the connection's writer.
#[derive(Debug)]
pub struct OutboxReader {
    frames: mpsc::UnboundedReceiver<Utf8Bytes>,
    queued: Arc<AtomicUsize>,
}

/// Creates an outbox of at most `limit` bytes. The first frame that does not fit
/// cancels `full`; from then on nothing is queued.
pub fn outbox(limit: usize, full: CancellationToken) -> (Outbox, OutboxReader) {
    let (sender, frames) = mpsc::unbounded_channel();
    let queued = Arc::<AtomicUsize>::default();
    let reader = OutboxReader {
        frames,
        queued: Arc::clone(&queued),
    };
    let outbox = Outbox {
        frames: sender,
        queued,
        limit,
        full,
    };
    (outbox, reader)
}

impl Outbox {
    /// Queues a frame. Returns `false` if the outbox is full or the connection has
    /// ended.
    pub fn push(&self, frame: Utf8Bytes) -> bool {
        if self.full.is_cancelled() {
            return false;
        }
        let cost = frame.len() + OVERHEAD_BYTES;
        let queued = self.queued.fetch_add(cost, Ordering::Relaxed) + cost;
        if queued > self.limit {
            self.full.cancel();
            return false;
        }
        self.frames.send(frame).is_ok()
    }
}

impl OutboxReader {
    /// Waits for the next frame. `None` if no sender is left.
    pub async fn next(&mut self) -> Option<Utf8Bytes> {
        let frame = self.frames.recv().await?;
        self.release(&frame);
        Some(frame)
    }

    /// The next frame, if one is queued.
    pub fn try_next(&mut self) -> Option<Utf8Bytes> {
        let frame = self.frames.try_recv().ok()?;
        self.release(&frame);
        Some(frame)
    }

    fn release(&self, frame: &Utf8Bytes) {
        self.queued
            .fetch_sub(frame.len() + OVERHEAD_BYTES, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_that_does_not_fit_ends_the_outbox() {
        let full = CancellationToken::new();
        let (outbox, mut reader) = outbox(2 * (10 + OVERHEAD_BYTES), full.clone());
        let frame = || Utf8Bytes::from("0123456789");
        assert!(outbox.push(frame()));
        assert!(outbox.push(frame()));
        assert_eq!(reader.try_next(), Some(frame()));
        assert!(outbox.push(frame()), "there is room again");
        assert!(!full.is_cancelled());
        assert!(!outbox.push(frame()), "no room");
        assert!(full.is_cancelled());
        reader.try_next();
        assert!(!outbox.push(frame()), "stays full");
    }
}
