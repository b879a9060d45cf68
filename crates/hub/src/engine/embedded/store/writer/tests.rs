//! A long outage of the medium.

use std::sync::RwLock;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc;
use std::time::SystemTime;

use tokio::sync::Semaphore;

use super::*;
use crate::engine::embedded::store::{Reply, prepare};
use crate::engine::embedded::tests::medium::Medium;

/// One turn of the writer, which is asked to take a token's use.
fn turn(writer: &mut Writer, requests: &mpsc::Sender<Request>, jti: u32) -> bool {
    let permits = Arc::new(Semaphore::new(1));
    let (sender, taken) = mpsc::channel();
    let write = Write {
        changes: vec![Change::Use {
            jti: jti.to_string(),
            until: 0,
        }],
        reply: Reply(Some(Box::new(move |result| {
            sender.send(result.is_ok()).expect("somebody waits");
        }))),
        permit: permits.try_acquire_owned().expect("there is one"),
    };
    assert!(requests.send(Request::Write(write)).is_ok());
    assert!(writer.turn());
    taken.recv().expect("it is told")
}

#[test]
fn a_long_outage_takes_no_memory_for_what_it_refuses() {
    let medium = Medium::default();
    let database = medium.open().expect("opens");
    prepare(&database).expect("is empty");
    let shared = Arc::new(Shared {
        database: RwLock::new(Some(database)),
        messages: AtomicU64::new(0),
        bytes: AtomicU64::new(0),
        evicted: AtomicU64::new(0),
        limit: u64::MAX,
    });
    let reopened = medium.clone();
    let reopen = move || reopened.open();
    let (requests, received) = mpsc::channel();
    let mut writer = Writer::new(
        shared,
        None,
        Box::new(reopen),
        received,
        Arc::new(Ids::after(0)),
        Arc::new(SystemTime::now),
    )
    .expect("there is room");
    assert!(turn(&mut writer, &requests, 0));
    medium.full.store(true, Ordering::SeqCst);
    for jti in 1..100 {
        assert!(!turn(&mut writer, &requests, jti), "{jti}");
        assert!(writer.doubtful.len() < 3, "{}", writer.doubtful.len());
    }
    medium.full.store(false, Ordering::SeqCst);
    assert!(turn(&mut writer, &requests, 100));
    assert!(writer.doubtful.is_empty());
    let used = writer.shared.remembered().expect("readable").used;
    let used: Vec<&str> = used.iter().map(|(_, jti)| jti.as_str()).collect();
    assert_eq!(used, ["0", "100"]);
}
