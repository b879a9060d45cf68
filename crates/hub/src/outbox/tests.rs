//! What is written at once, what waits, and the bounds of one outbox and of all.

use std::slice::from_ref;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use super::*;

const TEXT: &str = "0123456789";
/// The length of a frame with `TEXT`.
const BYTES: usize = 2 + TEXT.len();
const COST: usize = BYTES + OVERHEAD_BYTES;

/// A connection that takes a certain number of bytes.
#[derive(Default)]
struct Connection {
    room: AtomicUsize,
    written: Mutex<Vec<u8>>,
    writes: AtomicUsize,
    broken: Mutex<bool>,
    waiting: Mutex<Option<Waker>>,
}

impl Connection {
    fn with_room(bytes: usize) -> Arc<Self> {
        let connection = Arc::new(Self::default());
        connection.make_room(bytes);
        connection
    }

    fn make_room(&self, bytes: usize) {
        self.room.fetch_add(bytes, Ordering::SeqCst);
        if let Some(waiting) = self.waiting.lock().expect("no panic").take() {
            waiting.wake();
        }
    }

    fn bytes(&self) -> usize {
        self.written.lock().expect("no panic").len()
    }

    fn writes(&self) -> usize {
        self.writes.load(Ordering::SeqCst)
    }
}

impl DirectWrite for Connection {
    fn try_write(&self, slices: &[IoSlice<'_>]) -> io::Result<usize> {
        self.writes.fetch_add(1, Ordering::SeqCst);
        if *self.broken.lock().expect("no panic") {
            return Err(ErrorKind::BrokenPipe.into());
        }
        let bytes: Vec<u8> = slices.iter().flat_map(|slice| slice.to_vec()).collect();
        let taken = bytes.len().min(self.room.load(Ordering::SeqCst));
        if taken == 0 {
            return Err(ErrorKind::WouldBlock.into());
        }
        self.room.fetch_sub(taken, Ordering::SeqCst);
        let mut written = self.written.lock().expect("no panic");
        written.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.room.load(Ordering::SeqCst) > 0 {
            return Poll::Ready(Ok(()));
        }
        *self.waiting.lock().expect("no panic") = Some(cx.waker().clone());
        Poll::Pending
    }
}

fn rules(limit: usize, waiting: &Arc<Waiting>, interval: Duration) -> Arc<Rules> {
    Arc::new(Rules {
        limit,
        waiting: Arc::clone(waiting),
        pacer: Arc::new(Pacer::new(interval)),
    })
}

fn new(limit: usize, waiting: &Arc<Waiting>, connection: &Arc<Connection>) -> (Outbox, Drain) {
    let writer = Writer::Direct(connection.clone());
    outbox(rules(limit, waiting, Duration::ZERO), writer)
}

/// What the session's task would find.
fn ended(drain: &mut Drain) -> Option<Ended> {
    match drain.poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(ended) => Some(ended),
        Poll::Pending => None,
    }
}

#[test]
fn an_idle_connection_is_written_to_at_once() {
    let waiting = Waiting::new(10 * COST);
    let connection = Connection::with_room(usize::MAX);
    let (outbox, mut drain) = new(COST, &waiting, &connection);
    let frame = waiting.text(TEXT);
    assert_eq!(frame.bytes(), b"\x81\x0a0123456789");
    for _ in 0..3 {
        assert!(outbox.deliver(from_ref(&frame), Instant::now()));
    }
    assert!(outbox.send(TEXT), "an answer");
    assert_eq!((connection.writes(), connection.bytes()), (4, 4 * BYTES));
    assert_eq!(waiting.bytes(), BYTES, "nothing is queued");
    assert_eq!(ended(&mut drain), None);
}

#[test]
fn several_messages_are_one_write() {
    let waiting = Waiting::new(100 * COST);
    let connection = Connection::with_room(usize::MAX);
    let (outbox, _drain) = new(10 * COST, &waiting, &connection);
    let frames = vec![waiting.text(TEXT); FRAMES_AT_ONCE];
    assert!(outbox.deliver(&frames, Instant::now()));
    assert_eq!(connection.writes(), 1);
    assert_eq!(connection.bytes(), FRAMES_AT_ONCE * BYTES);
}

#[test]
fn what_the_connection_does_not_take_waits_in_order() {
    let waiting = Waiting::new(100 * COST);
    let connection = Connection::with_room(BYTES + 5);
    let (outbox, mut drain) = new(10 * COST, &waiting, &connection);
    let frames = ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"].map(|text| waiting.text(text));
    assert!(outbox.deliver(&frames, Instant::now()));
    assert_eq!(connection.bytes(), BYTES + 5);
    assert_eq!(ended(&mut drain), None);
    let before = connection.writes();
    assert!(outbox.send("dddddddddd"));
    assert_eq!(
        connection.writes(),
        before,
        "it takes nothing, and is not asked"
    );
    connection.make_room(2);
    ended(&mut drain);
    connection.make_room(usize::MAX / 2);
    ended(&mut drain);
    let expected = frames.iter().flat_map(|frame| frame.bytes().to_vec());
    let expected: Vec<_> = expected.chain(*b"\x81\x0adddddddddd").collect();
    assert_eq!(*connection.written.lock().expect("no panic"), expected);
    drop(frames);
    assert_eq!(waiting.bytes(), 0);
    assert!(outbox.send(TEXT));
    assert_eq!(connection.bytes(), 5 * BYTES, "at once again");
}

#[test]
fn a_frame_that_does_not_fit_ends_the_outbox() {
    let connection = Connection::with_room(0);
    let (outbox, mut drain) = new(2 * COST, &Waiting::new(10 * COST), &connection);
    assert!(outbox.send(TEXT));
    assert!(outbox.send(TEXT));
    connection.make_room(BYTES);
    assert_eq!(ended(&mut drain), None);
    assert!(outbox.send(TEXT), "there is room again");
    assert!(!outbox.send(TEXT), "no room");
    assert_eq!(ended(&mut drain), Some(Ended::Full));
    connection.make_room(usize::MAX / 2);
    assert!(!outbox.send(TEXT), "stays full");
    assert_eq!(connection.bytes(), BYTES);
}

#[test]
fn closing_ends_a_frame_that_was_begun() {
    let waiting = Waiting::new(10 * COST);
    for (rest, written) in [(false, BYTES), (true, 2 * BYTES)] {
        let connection = Connection::with_room(5);
        let (outbox, mut drain) = new(5 * COST, &waiting, &connection);
        outbox.send(TEXT);
        outbox.send(TEXT);
        drain.close(rest);
        assert!(!outbox.send(TEXT), "nothing more is accepted");
        assert!(outbox.control(vec![0x88, 0]), "but a close frame");
        assert_eq!(ended(&mut drain), None);
        connection.make_room(usize::MAX / 2);
        assert_eq!(ended(&mut drain), Some(Ended::Written));
        assert_eq!(connection.bytes(), written + 2);
    }
    assert_eq!(waiting.bytes(), 0);
}

#[test]
fn a_broken_connection_ends_the_outbox() {
    let connection = Connection::with_room(usize::MAX);
    let (outbox, mut drain) = new(COST, &Waiting::new(10 * COST), &connection);
    *connection.broken.lock().expect("no panic") = true;
    assert!(!outbox.send(TEXT));
    assert_eq!(ended(&mut drain), Some(Ended::Gone));
}

#[test]
fn what_waits_is_counted_once_and_until_it_is_dropped() {
    let waiting = Waiting::new(1000 * COST);
    let frame = waiting.text(TEXT);
    let (slow, slower) = (Connection::with_room(0), Connection::with_room(0));
    let (first, mut drain) = new(10 * COST, &waiting, &slow);
    let (second, unread) = new(10 * COST, &waiting, &slower);
    for outbox in [&first, &second] {
        assert!(outbox.deliver(from_ref(&frame), Instant::now()));
    }
    drop(frame);
    assert_eq!(waiting.bytes(), BYTES + 2 * OVERHEAD_BYTES);
    slow.make_room(BYTES);
    ended(&mut drain);
    assert_eq!(waiting.bytes(), BYTES + OVERHEAD_BYTES);
    drop(unread);
    assert_eq!(waiting.bytes(), 0);
    assert!(!second.send(TEXT), "its session has ended");
    assert_eq!(waiting.bytes(), 0);
}

#[test]
fn the_fullest_outbox_ends_first() {
    let waiting = Waiting::new(100 * COST);
    let (stuck, fine) = (Connection::with_room(0), Connection::with_room(usize::MAX));
    let (slow, mut unread) = new(1000 * COST, &waiting, &stuck);
    let (healthy, mut read) = new(1000 * COST, &waiting, &fine);
    for _ in 0..100 {
        slow.send(TEXT);
        assert!(healthy.send(TEXT));
    }
    assert_eq!(ended(&mut unread), Some(Ended::Full));
    assert_eq!(ended(&mut read), None);
    assert!(waiting.bytes() <= 51 * COST, "{} waiting", waiting.bytes());
}

#[test]
fn answers_take_at_most_a_half() {
    let waiting = Waiting::new(1000);
    let first = waiting.answer(vec![0; 400]).expect("fits");
    assert_eq!(waiting.answer(vec![0; 101]), None);
    drop(first);
    assert!(waiting.answer(vec![0; 500]).is_some());
}

#[tokio::test]
async fn room_is_waited_for() {
    let connection = Connection::with_room(0);
    let (outbox, mut drain) = new(4 * COST, &Waiting::new(100 * COST), &connection);
    for _ in 0..4 {
        outbox.send(TEXT);
    }
    let room = tokio::spawn(async move { outbox.room().await });
    connection.make_room(BYTES);
    ended(&mut drain);
    tokio::task::yield_now().await;
    assert!(!room.is_finished());
    connection.make_room(BYTES);
    ended(&mut drain);
    room.await.expect("there is room");
}

/// An outbox that is written to every 16 ms, and its running pacer.
fn paced(writer: Writer) -> (Outbox, Drain, Arc<Waiting>) {
    let waiting = Waiting::new(1 << 30);
    let rules = rules(1 << 20, &waiting, Duration::from_millis(16));
    let pacer = Arc::clone(&rules.pacer);
    tokio::spawn(async move { pacer.run().await });
    let (outbox, drain) = outbox(rules, writer);
    (outbox, drain, waiting)
}

#[tokio::test]
async fn a_fast_stream_is_written_in_fewer_pieces() {
    let connection = Connection::with_room(usize::MAX);
    let (outbox, _drain, waiting) = paced(Writer::Direct(connection.clone()));
    let frame = waiting.text(TEXT);
    let start = Instant::now();
    assert!(outbox.deliver(from_ref(&frame), start));
    assert_eq!(connection.writes(), 1, "the first one at once");
    for millis in [1, 5, 15] {
        assert!(outbox.deliver(from_ref(&frame), start + Duration::from_millis(millis)));
    }
    assert_eq!(connection.writes(), 1);
    while connection.writes() < 2 {
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    assert!(start.elapsed() >= Duration::from_millis(16));
    assert_eq!((connection.writes(), connection.bytes()), (2, 4 * BYTES));
    let quiet = Instant::now() + Duration::from_millis(17);
    assert!(outbox.deliver(from_ref(&frame), quiet));
    assert_eq!(connection.writes(), 3, "at once after a quiet time");
    assert!(outbox.deliver(&[frame], quiet));
    assert!(outbox.send(TEXT));
    assert_eq!(connection.writes(), 4, "an answer takes along what waits");
    assert_eq!(connection.bytes(), 7 * BYTES);
}

#[tokio::test]
async fn only_a_little_waits_for_its_time() {
    let connection = Connection::with_room(usize::MAX);
    let (outbox, _drain, waiting) = paced(Writer::Direct(connection.clone()));
    let frame = waiting.text(&"x".repeat(PACED_BYTES / 2));
    let now = Instant::now();
    for writes in [1, 1, 2] {
        assert!(outbox.deliver(from_ref(&frame), now));
        assert_eq!(connection.writes(), writes);
    }
    assert_eq!(connection.bytes(), 3 * frame.bytes().len());
}

#[tokio::test]
async fn with_tls_the_task_writes() {
    use tokio::io::AsyncReadExt;

    let (mut client, server) = tokio::io::duplex(BYTES + 3);
    let (outbox, mut drain, waiting) = paced(Writer::Task(Box::new(server)));
    let writing = tokio::spawn(async move { drain.run().await });
    let now = Instant::now();
    for text in ["aaaaaaaaaa", "bbbbbbbbbb", "cccccccccc"] {
        assert!(outbox.deliver(&[waiting.text(text)], now));
    }
    let mut read = [0; 3 * BYTES];
    client.read_exact(&mut read).await.expect("all of it");
    assert_eq!(
        &read,
        b"\x81\x0aaaaaaaaaaa\x81\x0abbbbbbbbbb\x81\x0acccccccccc"
    );
    assert_eq!(waiting.bytes(), 0);
    drop(client);
    outbox.send(TEXT);
    assert_eq!(writing.await.expect("no panic"), Ended::Gone);
}
