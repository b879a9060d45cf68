//! The bounded queues of frames, one for each connection, and their common bound.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Instant;

use axum::body::Bytes;
use axum::extract::ws::Utf8Bytes;
use prometheus_client::metrics::histogram::Histogram;
use tokio::sync::{Notify, mpsc};
use tokio_util::sync::CancellationToken;

use crate::metrics;

/// The cost of a queued frame in addition to its bytes: bounds a flood of tiny frames.
const OVERHEAD_BYTES: usize = 64;

/// Counts what waits for all viewers together, in bytes: a frame once, however many
/// outboxes it is in, and answers of the client API.
#[derive(Debug)]
pub struct Waiting {
    limit: usize,
    bytes: AtomicUsize,
    /// How long frames were counted, in seconds.
    written: Histogram,
}

impl Waiting {
    /// At most `limit` bytes.
    pub fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            bytes: AtomicUsize::new(0),
            written: metrics::seconds(),
        })
    }

    /// How long frames waited for the last of their connections, in seconds.
    pub fn written(&self) -> &Histogram {
        &self.written
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A frame, counted until its last copy is dropped.
    pub fn frame(self: &Arc<Self>, text: String) -> Utf8Bytes {
        let bytes = self.count(text.into_bytes(), Some(Instant::now()));
        Utf8Bytes::try_from(bytes).expect("it was a string")
    }

    /// An answer, counted until its last copy is dropped; `None` if answers would take
    /// more than a half of all.
    pub fn answer(self: &Arc<Self>, bytes: Vec<u8>) -> Option<Bytes> {
        let fits = self.bytes() + bytes.len() <= self.limit / 2;
        fits.then(|| self.count(bytes, None))
    }

    fn count(self: &Arc<Self>, bytes: Vec<u8>, frame: Option<Instant>) -> Bytes {
        self.bytes.fetch_add(bytes.len(), Ordering::Relaxed);
        let waiting = Arc::clone(self);
        Bytes::from_owner(Counted {
            bytes,
            frame,
            waiting,
        })
    }

    fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    fn remove(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The most bytes of an outbox: the less room is left, the less each may keep, so
    /// that those that take most end first.
    fn share(&self) -> usize {
        self.limit.saturating_sub(self.bytes())
    }
}

/// Bytes that are counted.
struct Counted {
    bytes: Vec<u8>,
    /// Since when, if they are a frame.
    frame: Option<Instant>,
    waiting: Arc<Waiting>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.remove(self.bytes.len());
        if let Some(encoded) = self.frame {
            let seconds = encoded.elapsed().as_secs_f64();
            self.waiting.written.observe(seconds);
        }
    }
}

/// The sending half; cheap to clone. Never blocks.
#[derive(Debug, Clone)]
pub struct Outbox {
    frames: mpsc::UnboundedSender<Utf8Bytes>,
    queue: Arc<Queue>,
    full: CancellationToken,
}

/// What both halves know.
#[derive(Debug)]
struct Queue {
    limit: usize,
    bytes: AtomicUsize,
    waiting: Arc<Waiting>,
    /// Whether a message is missing in it.
    has_gap: AtomicBool,
    /// Notified when the queue is no longer more than half full.
    room: Notify,
}

/// The receiving half, for the connection's writer.
#[derive(Debug)]
pub struct OutboxReader {
    frames: mpsc::UnboundedReceiver<Utf8Bytes>,
    queue: Arc<Queue>,
}

/// Creates an outbox of at most `limit` bytes, and of no more than its share of all
/// that waits. The first frame that does not fit cancels `full`; from then on nothing is
/// queued.
pub fn outbox(
    limit: usize,
    waiting: Arc<Waiting>,
    full: CancellationToken,
) -> (Outbox, OutboxReader) {
    let (sender, frames) = mpsc::unbounded_channel();
    let queue = Arc::new(Queue {
        limit,
        bytes: AtomicUsize::new(0),
        waiting,
        has_gap: AtomicBool::new(false),
        room: Notify::new(),
    });
    let reader = OutboxReader {
        frames,
        queue: Arc::clone(&queue),
    };
    let outbox = Outbox {
        frames: sender,
        queue,
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
        let queue = &self.queue;
        let queued = queue.bytes.fetch_add(cost, Ordering::Relaxed) + cost;
        if queued > queue.limit.min(queue.waiting.share()) {
            self.full.cancel();
            return false;
        }
        queue.waiting.add(OVERHEAD_BYTES);
        let sent = self.frames.send(frame).is_ok();
        if !sent {
            queue.waiting.remove(OVERHEAD_BYTES);
        }
        sent
    }

    /// Queues a frame of this text, as [`Outbox::push`] does.
    pub fn send(&self, text: String) -> bool {
        self.push(self.queue.waiting.frame(text))
    }

    /// Notes that a message is missing: nothing more is queued, and `full` is cancelled.
    pub fn missed(&self) {
        self.queue.has_gap.store(true, Ordering::Relaxed);
        self.full.cancel();
    }

    /// Waits until no more than half of the outbox is taken. Only one task may wait.
    pub async fn room(&self) {
        while self.queue.bytes.load(Ordering::Relaxed) > self.queue.limit / 2 {
            self.queue.room.notified().await;
        }
    }

    /// Another outbox with the same limits. If that is full, so is this one.
    pub fn another(&self) -> (Self, OutboxReader) {
        let Queue { limit, waiting, .. } = &*self.queue;
        outbox(*limit, Arc::clone(waiting), self.full.clone())
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

    /// Whether a message is missing.
    pub fn has_gap(&self) -> bool {
        self.queue.has_gap.load(Ordering::Relaxed)
    }

    fn release(&self, frame: &Utf8Bytes) {
        let queue = &self.queue;
        let cost = frame.len() + OVERHEAD_BYTES;
        let before = queue.bytes.fetch_sub(cost, Ordering::Relaxed);
        queue.waiting.remove(OVERHEAD_BYTES);
        let half = queue.limit / 2;
        if before > half && before.saturating_sub(cost) <= half {
            queue.room.notify_one();
        }
    }
}

impl Drop for OutboxReader {
    fn drop(&mut self) {
        self.frames.close();
        while self.try_next().is_some() {}
    }
}

#[cfg(test)]
mod tests;
