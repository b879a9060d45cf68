//! The common bound of all outboxes, and the frames that it counts.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use axum::body::Bytes;
use prometheus_client::metrics::histogram::Histogram;
use tokio_tungstenite::tungstenite::protocol::frame::FrameHeader;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Control, Data, OpCode};

use crate::metrics;

/// The longest header of a frame that is not masked.
const HEADER_BYTES: usize = 10;

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

    /// A text frame.
    pub fn text(self: &Arc<Self>, text: &str) -> Frame {
        self.frame(OpCode::Data(Data::Text), text.as_bytes())
    }

    /// A text frame of what `write` appends, about `length` bytes.
    pub fn text_of(self: &Arc<Self>, length: usize, write: impl FnOnce(&mut Vec<u8>)) -> Frame {
        self.frame_of(OpCode::Data(Data::Text), length, write)
    }

    /// A binary frame.
    #[cfg(feature = "echo")]
    pub(crate) fn binary(self: &Arc<Self>, bytes: &[u8]) -> Frame {
        self.frame(OpCode::Data(Data::Binary), bytes)
    }

    /// A ping.
    pub fn ping(self: &Arc<Self>) -> Frame {
        self.frame(OpCode::Control(Control::Ping), &[])
    }

    fn frame(self: &Arc<Self>, opcode: OpCode, payload: &[u8]) -> Frame {
        self.frame_of(opcode, payload.len(), |bytes| {
            bytes.extend_from_slice(payload);
        })
    }

    fn frame_of(
        self: &Arc<Self>,
        opcode: OpCode,
        length: usize,
        write: impl FnOnce(&mut Vec<u8>),
    ) -> Frame {
        let mut bytes = Vec::with_capacity(HEADER_BYTES + length);
        bytes.resize(HEADER_BYTES, 0);
        write(&mut bytes);
        // Its length depends on that of the payload, which is known only now.
        let length = (bytes.len() - HEADER_BYTES) as u64;
        let header = FrameHeader {
            opcode,
            ..FrameHeader::default()
        };
        let start = HEADER_BYTES - header.len(length);
        let written = header.format(length, &mut &mut bytes[start..HEADER_BYTES]);
        written.expect("the header has this length");
        Frame(Arc::new(self.count(bytes, start, Some(Instant::now()))))
    }

    /// Several frames in one, to be written at once.
    pub fn joined(self: &Arc<Self>, frames: &[Frame]) -> Frame {
        let length = frames.iter().map(|frame| frame.bytes().len()).sum();
        let mut bytes = Vec::with_capacity(length);
        for frame in frames {
            bytes.extend_from_slice(frame.bytes());
        }
        let encoded = frames.first().and_then(|frame| frame.0.encoded);
        Frame(Arc::new(self.count(bytes, 0, encoded)))
    }

    /// A frame that is encoded already.
    pub(super) fn encoded(self: &Arc<Self>, bytes: Vec<u8>) -> Frame {
        Frame(Arc::new(self.count(bytes, 0, None)))
    }

    /// An answer, counted until its last copy is dropped; `None` if answers would take
    /// more than a half of all.
    pub fn answer(self: &Arc<Self>, bytes: Vec<u8>) -> Option<Bytes> {
        let fits = self.bytes() + bytes.len() <= self.limit / 2;
        fits.then(|| Bytes::from_owner(self.count(bytes, 0, None)))
    }

    fn count(self: &Arc<Self>, bytes: Vec<u8>, start: usize, encoded: Option<Instant>) -> Counted {
        self.add(bytes.len() - start);
        let waiting = Arc::clone(self);
        Counted {
            bytes,
            start,
            encoded,
            waiting,
        }
    }

    pub(super) fn add(&self, bytes: usize) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    pub(super) fn remove(&self, bytes: usize) {
        self.bytes.fetch_sub(bytes, Ordering::Relaxed);
    }

    /// The most bytes of an outbox: the less room is left, the less each may keep, so
    /// that those that take most end first.
    pub(super) fn share(&self) -> usize {
        self.limit.saturating_sub(self.bytes())
    }
}

/// An encoded WebSocket frame, counted until its last copy is dropped. The copies share
/// the bytes: what a server sends is not masked, and so the same for all.
#[derive(Clone)]
pub struct Frame(Arc<Counted>);

impl Frame {
    /// What is written to a connection.
    pub fn bytes(&self) -> &[u8] {
        (*self.0).as_ref()
    }
}

impl fmt::Debug for Frame {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Frame").field(&self.bytes()).finish()
    }
}

/// Bytes that are counted.
struct Counted {
    bytes: Vec<u8>,
    /// Where they begin.
    start: usize,
    /// Since when, if they are a frame.
    encoded: Option<Instant>,
    waiting: Arc<Waiting>,
}

impl AsRef<[u8]> for Counted {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..]
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.waiting.remove(self.bytes.len() - self.start);
        if let Some(encoded) = self.encoded {
            let seconds = encoded.elapsed().as_secs_f64();
            self.waiting.written.observe(seconds);
        }
    }
}
