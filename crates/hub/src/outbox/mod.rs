//! What waits for one connection. Frames are written by whoever has them; only what the
//! connection does not take at once, or what comes too soon, waits in a bounded queue.
//!
//! - `waiting`: the common bound of all outboxes, and frames.
//! - `pacer`: writes to connections later that were written to just now.

mod pacer;
mod waiting;

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io::{self, ErrorKind, IoSlice};
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker, ready};

use tokio::io::AsyncWrite;
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::time::Instant;

pub use pacer::Pacer;
pub use waiting::{Frame, Waiting};

/// The cost of a queued frame in addition to its bytes: bounds a flood of tiny frames.
const OVERHEAD_BYTES: usize = 64;
/// The most bytes that wait only because they come too soon.
pub(crate) const PACED_BYTES: usize = 16 * 1024;
/// The most frames of one write.
const FRAMES_AT_ONCE: usize = 16;
/// An empty queue keeps the memory of so many frames.
const KEPT_FRAMES: usize = 8;

/// What all outboxes have in common.
#[derive(Clone)]
pub struct Rules {
    /// The most bytes of an outbox. It may not have more than its share of all that waits
    /// either.
    pub limit: usize,
    /// What waits for all.
    pub waiting: Arc<Waiting>,
    /// How often a connection is written to.
    pub pacer: Arc<Pacer>,
}

/// A connection that can be written to from any thread.
pub trait DirectWrite: Send + Sync {
    /// Writes some of these bytes without waiting.
    ///
    /// # Errors
    /// [`ErrorKind::WouldBlock`] if it takes no more now; else it is broken.
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize>;

    /// Waits until it may take more.
    ///
    /// # Errors
    /// The connection is broken.
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>>;
}

impl DirectWrite for TcpStream {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        match slices {
            [one] => TcpStream::try_write(self, one),
            several => self.try_write_vectored(several),
        }
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_write_ready(cx)
    }
}

/// A connection's writing half.
pub enum Writer {
    /// It is written to at once.
    Direct(Arc<dyn DirectWrite>),
    /// Its session's task writes to it, as TLS has a state.
    Task(Box<dyn AsyncWrite + Send + Unpin>),
}

/// The half for everyone who has something to send; cheap to clone. Never waits.
#[derive(Clone)]
pub struct Outbox(Arc<Shared>);

struct Shared {
    rules: Arc<Rules>,
    state: Mutex<State>,
    /// Notified when the queue is no longer more than half full.
    room: Notify,
}

struct State {
    phase: Phase,
    direct: Option<Arc<dyn DirectWrite>>,
    queue: VecDeque<Frame>,
    /// How much of the first frame has been written.
    written: usize,
    /// The cost of the queue.
    bytes: usize,
    /// When messages were written.
    last: Option<Instant>,
    /// The connection takes no more for now: the task waits until it does.
    blocked: bool,
    /// What is queued waits for the pacer.
    paced: bool,
    /// The pacer knows this outbox.
    scheduled: bool,
    /// Wakes the session's task.
    task: Option<Waker>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Phase {
    Open,
    /// A frame did not fit.
    Full,
    /// A message is missing.
    Gap,
    /// Nothing more is accepted but control frames.
    Closing,
    /// The connection is broken, or its session has ended.
    Gone,
}

/// Why there is nothing more to write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// A frame did not fit.
    Full,
    /// A message is missing.
    Gap,
    /// The connection is broken.
    Gone,
    /// [`Drain::close`] was called, and everything is written.
    Written,
}

/// The half of a connection's session. Ends the outbox when dropped.
pub struct Drain {
    outbox: Outbox,
    writer: Option<Box<dyn AsyncWrite + Send + Unpin>>,
    /// Whether `writer` has something that is not flushed.
    unflushed: bool,
}

/// Creates the outbox of a connection. The first frame that does not fit ends it.
pub fn outbox(rules: Arc<Rules>, writer: Writer) -> (Outbox, Drain) {
    let (direct, writer) = match writer {
        Writer::Direct(direct) => (Some(direct), None),
        Writer::Task(writer) => (None, Some(writer)),
    };
    let state = Mutex::new(State {
        phase: Phase::Open,
        direct,
        queue: VecDeque::new(),
        written: 0,
        bytes: 0,
        last: None,
        blocked: false,
        paced: false,
        scheduled: false,
        task: None,
    });
    let room = Notify::new();
    let outbox = Outbox(Arc::new(Shared { rules, state, room }));
    let drain = Drain {
        outbox: outbox.clone(),
        writer,
        unflushed: false,
    };
    (outbox, drain)
}

impl Outbox {
    /// Sends messages: at once if the connection takes them and was not written to just
    /// now. Returns `false` if they do not fit or the connection has ended.
    pub fn deliver(&self, frames: &[Frame], now: Instant) -> bool {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return false;
        }
        let mut rest = frames;
        if state.queue.is_empty() || state.paced {
            let cost: usize = frames.iter().map(cost).sum();
            let due = self.0.rules.pacer.due(state.last, now);
            if let Some(due) = due.filter(|_| state.bytes + cost <= PACED_BYTES) {
                self.push(&mut state, frames);
                state.paced = true;
                if !state.scheduled {
                    state.scheduled = true;
                    self.0.rules.pacer.schedule(due, self.clone());
                }
                return self.check(&mut state);
            }
        }
        // The usual case: nothing is queued, not even for a moment.
        if state.queue.is_empty()
            && let Some(direct) = &state.direct
        {
            // An error comes again from `flush`.
            let mut written = write(&**direct, frames.iter(), 0).unwrap_or(0);
            while let [first, others @ ..] = rest
                && written >= first.bytes().len()
            {
                written -= first.bytes().len();
                rest = others;
            }
            if rest.is_empty() {
                state.last = Some(now);
                return true;
            }
            state.written = written;
        }
        state.last = Some(now);
        self.push(&mut state, rest);
        self.flush(&mut state);
        self.check(&mut state)
    }

    /// Sends an answer, at once. Returns `false` as [`Outbox::deliver`] does.
    pub fn send(&self, text: &str) -> bool {
        self.send_frame(self.0.rules.waiting.text(text))
    }

    /// Sends a binary frame, as [`Outbox::send`] a text.
    #[cfg(feature = "echo")]
    pub(crate) fn send_binary(&self, bytes: &[u8]) -> bool {
        self.send_frame(self.0.rules.waiting.binary(bytes))
    }

    /// Sends a ping, at once.
    pub fn ping(&self) -> bool {
        self.send_frame(self.0.rules.waiting.ping())
    }

    fn send_frame(&self, frame: Frame) -> bool {
        let mut state = self.lock();
        if state.phase != Phase::Open {
            return false;
        }
        self.push(&mut state, &[frame]);
        self.flush(&mut state);
        self.check(&mut state)
    }

    /// Sends an encoded control frame, at once, even while the connection is closed.
    pub fn control(&self, frame: Vec<u8>) -> bool {
        let frame = self.0.rules.waiting.encoded(frame);
        let mut state = self.lock();
        if !matches!(state.phase, Phase::Open | Phase::Closing) {
            return false;
        }
        self.push(&mut state, &[frame]);
        self.flush(&mut state);
        self.check(&mut state)
    }

    /// Notes that a message is missing: nothing more is accepted.
    pub fn missed(&self) {
        let mut state = self.lock();
        if state.phase == Phase::Open {
            state.phase = Phase::Gap;
            state.wake();
        }
    }

    /// Writes what waited for the pacer.
    fn release(&self, now: Instant) {
        let mut state = self.lock();
        state.scheduled = false;
        if state.paced {
            state.last = Some(now);
            self.flush(&mut state);
        }
    }

    /// Waits until no more than half of the outbox is taken. Only one task may wait.
    pub async fn room(&self) {
        while self.lock().bytes > self.0.rules.limit / 2 {
            self.0.room.notified().await;
        }
    }

    fn push(&self, state: &mut State, frames: &[Frame]) {
        for frame in frames {
            state.bytes += cost(frame);
            self.0.rules.waiting.add(OVERHEAD_BYTES);
            state.queue.push_back(frame.clone());
        }
    }

    /// Ends the outbox if what is queued does not fit.
    fn check(&self, state: &mut State) -> bool {
        let rules = &self.0.rules;
        if state.bytes > rules.limit.min(rules.waiting.share()) && state.phase == Phase::Open {
            state.phase = Phase::Full;
            state.wake();
        }
        matches!(state.phase, Phase::Open | Phase::Closing)
    }

    /// Writes as much as the connection takes, or lets the task do that.
    fn flush(&self, state: &mut State) {
        state.paced = false;
        if state.blocked {
            return;
        }
        while !state.queue.is_empty() {
            let Some(direct) = &state.direct else {
                return state.wake();
            };
            match write(&**direct, state.queue.iter(), state.written) {
                Ok(bytes) => self.advance(state, bytes),
                Err(error) => {
                    match error.kind() {
                        ErrorKind::WouldBlock => state.blocked = true,
                        _ => state.phase = Phase::Gone,
                    }
                    return state.wake();
                }
            }
        }
    }

    /// Removes what has been written from the queue.
    fn advance(&self, state: &mut State, bytes: usize) {
        let half = self.0.rules.limit / 2;
        let before = state.bytes;
        state.written += bytes;
        while let Some(first) = state.queue.front()
            && state.written >= first.bytes().len()
        {
            state.written -= first.bytes().len();
            self.pop(state);
        }
        if state.queue.is_empty() {
            state.queue.shrink_to(KEPT_FRAMES);
        }
        if before > half && state.bytes <= half {
            self.0.room.notify_one();
        }
    }

    fn pop(&self, state: &mut State) {
        if let Some(frame) = state.queue.pop_front() {
            state.bytes -= cost(&frame);
            self.0.rules.waiting.remove(OVERHEAD_BYTES);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(frame: &Frame) -> usize {
    frame.bytes().len() + OVERHEAD_BYTES
}

/// Writes some of `frames`, but not the first `skipped` bytes.
fn write<'a>(
    direct: &dyn DirectWrite,
    frames: impl Iterator<Item = &'a Frame>,
    skipped: usize,
) -> io::Result<usize> {
    let mut slices = [IoSlice::new(&[]); FRAMES_AT_ONCE];
    let mut count = 0;
    for (slice, frame) in slices.iter_mut().zip(frames) {
        *slice = IoSlice::new(frame.bytes());
        count += 1;
    }
    let mut slices = &mut slices[..count];
    IoSlice::advance_slices(&mut slices, skipped);
    direct.try_write(slices)
}

impl State {
    fn wake(&self) {
        if let Some(task) = &self.task {
            task.wake_by_ref();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.state.get_mut().unwrap_or_else(PoisonError::into_inner);
        let waiting = &self.rules.waiting;
        waiting.remove(OVERHEAD_BYTES * state.queue.len());
    }
}

impl Drain {
    /// Writes what others could not write, until there is nothing more to write.
    pub async fn run(&mut self) -> Ended {
        poll_fn(|cx| self.poll(cx)).await
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Ended> {
        let outbox = &self.outbox;
        let mut state = outbox.lock();
        if !state
            .task
            .as_ref()
            .is_some_and(|task| task.will_wake(cx.waker()))
        {
            state.task = Some(cx.waker().clone());
        }
        loop {
            match state.phase {
                Phase::Full => return Poll::Ready(Ended::Full),
                Phase::Gap => return Poll::Ready(Ended::Gap),
                Phase::Gone => return Poll::Ready(Ended::Gone),
                Phase::Open | Phase::Closing => {}
            }
            let result = match (&mut self.writer, state.queue.front()) {
                (None, Some(_)) if state.blocked => {
                    let Some(direct) = &state.direct else {
                        return Poll::Ready(Ended::Gone);
                    };
                    let ready = ready!(direct.poll_ready(cx));
                    state.blocked = false;
                    outbox.flush(&mut state);
                    ready
                }
                (Some(writer), Some(frame)) if !state.paced => {
                    let rest = &frame.bytes()[state.written..];
                    let written = ready!(Pin::new(writer).poll_write(cx, rest));
                    self.unflushed = true;
                    written.and_then(|bytes| match bytes {
                        0 => Err(ErrorKind::WriteZero.into()),
                        bytes => {
                            outbox.advance(&mut state, bytes);
                            Ok(())
                        }
                    })
                }
                (Some(writer), _) if self.unflushed => {
                    let flushed = ready!(Pin::new(writer).poll_flush(cx));
                    self.unflushed = false;
                    flushed
                }
                (_, None) if state.phase == Phase::Closing => return Poll::Ready(Ended::Written),
                _ => return Poll::Pending,
            };
            if result.is_err() {
                state.phase = Phase::Gone;
            }
        }
    }

    /// Accepts nothing more but control frames. What is queued is still written if
    /// `rest` says so; otherwise only the frame of which a part is written.
    pub fn close(&mut self, rest: bool) {
        let outbox = &self.outbox;
        let mut state = outbox.lock();
        if state.phase != Phase::Gone {
            state.phase = Phase::Closing;
        }
        if !rest {
            let partial = (state.written > 0)
                .then(|| state.queue.pop_front())
                .flatten();
            while !state.queue.is_empty() {
                outbox.pop(&mut state);
            }
            state.queue.extend(partial);
        }
        outbox.flush(&mut state);
    }

    /// Ends the connection's writing half, as far as that needs no waiting.
    pub fn shut_down(&mut self) {
        if let Some(writer) = &mut self.writer {
            let mut cx = Context::from_waker(Waker::noop());
            // The connection is ended in any case.
            let _ = Pin::new(writer).poll_shutdown(&mut cx);
        }
    }
}

impl Drop for Drain {
    fn drop(&mut self) {
        let outbox = &self.outbox;
        let mut state = outbox.lock();
        state.phase = Phase::Gone;
        state.direct = None;
        state.task = None;
        while !state.queue.is_empty() {
            outbox.pop(&mut state);
        }
    }
}

#[cfg(test)]
mod tests;
