//! The bounds of one outbox, and of all.

use super::*;

const FRAME: &str = "0123456789";
const COST: usize = FRAME.len() + OVERHEAD_BYTES;

fn new(limit: usize, waiting: &Arc<Waiting>) -> (Outbox, OutboxReader, CancellationToken) {
    let full = CancellationToken::new();
    let (outbox, reader) = outbox(limit, Arc::clone(waiting), full.clone());
    (outbox, reader, full)
}

#[test]
fn a_frame_that_does_not_fit_ends_the_outbox() {
    let (outbox, mut reader, full) = new(2 * COST, &Waiting::new(10 * COST));
    let send = || outbox.send(FRAME.to_owned());
    assert!(send());
    assert!(send());
    assert_eq!(reader.try_next(), Some(Utf8Bytes::from(FRAME)));
    assert!(send(), "there is room again");
    assert!(!full.is_cancelled());
    assert!(!send(), "no room");
    assert!(full.is_cancelled());
    reader.try_next();
    assert!(!send(), "stays full");
}

#[test]
fn what_waits_is_counted_once_and_until_it_is_dropped() {
    let waiting = Waiting::new(1000 * COST);
    let frame = waiting.frame(FRAME.to_owned());
    let (first, mut reader, _) = new(10 * COST, &waiting);
    let (second, unread, _) = new(10 * COST, &waiting);
    for outbox in [&first, &second] {
        assert!(outbox.push(frame.clone()));
    }
    drop(frame);
    assert_eq!(waiting.bytes(), FRAME.len() + 2 * OVERHEAD_BYTES);
    reader.try_next();
    assert_eq!(waiting.bytes(), FRAME.len() + OVERHEAD_BYTES);
    drop(unread);
    assert_eq!(waiting.bytes(), 0);
    assert!(!second.send(FRAME.to_owned()), "nobody reads it");
    assert_eq!(waiting.bytes(), 0);
}

#[test]
fn the_fullest_outbox_ends_first() {
    let waiting = Waiting::new(100 * COST);
    let (slow, _unread, full) = new(1000 * COST, &waiting);
    let (healthy, mut reader, fine) = new(1000 * COST, &waiting);
    for _ in 0..100 {
        slow.send(FRAME.to_owned());
        assert!(healthy.send(FRAME.to_owned()));
        reader.try_next();
    }
    assert!(full.is_cancelled());
    assert!(!fine.is_cancelled());
    assert!(waiting.bytes() <= 50 * COST, "{} waiting", waiting.bytes());
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
    let (outbox, mut reader, _) = new(4 * COST, &Waiting::new(100 * COST));
    for _ in 0..4 {
        outbox.send(FRAME.to_owned());
    }
    let room = tokio::spawn(async move { outbox.room().await });
    reader.try_next();
    tokio::task::yield_now().await;
    assert!(!room.is_finished());
    reader.try_next();
    room.await.expect("there is room");
}
