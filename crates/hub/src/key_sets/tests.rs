//! When a set is read, under a paused clock.

use tempfile::TempDir;
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::*;
use crate::test_log::Log;

/// A set in a file that does not exist: each read is logged.
fn missing() -> (TempDir, Arc<KeySet>) {
    let directory = tempfile::tempdir().expect("a directory");
    let source = KeySource::File(directory.path().join("keys.json"));
    (directory, Arc::new(KeySet::new(source, None)))
}

#[tokio::test(start_paused = true)]
async fn unknown_keys_cause_a_read_every_30_seconds_at_most() {
    let log = Log::default();
    let _logging = log.capture();
    let (_directory, set) = missing();
    let reader = KeySetReader::default();
    for (wait, reads) in [(0, 1), (1, 1), (28, 1), (1, 2), (29, 2), (1, 3)] {
        sleep(Duration::from_secs(wait)).await;
        let sets = [Arc::clone(&set)];
        tokio::join!(reader.look_for_key(&sets), reader.look_for_key(&sets));
        assert_eq!(
            log.count("keeping the previous keys"),
            reads,
            "after {wait} s"
        );
    }
    let (_other, other) = missing();
    reader.look_for_key(&[set, other]).await;
    assert_eq!(
        log.count("keeping the previous keys"),
        4,
        "each set has its own time"
    );
}

#[tokio::test(start_paused = true)]
async fn sets_are_read_at_once_and_every_10_minutes() {
    let log = Log::default();
    let _logging = log.capture();
    let (_directory, set) = missing();
    let mut running = JoinSet::new();
    running.spawn(async move {
        KeySetReader::default().run(|| vec![Arc::clone(&set)]).await;
    });
    for (wait, reads) in [(1, 1), (598, 1), (2, 2), (600, 3)] {
        sleep(Duration::from_secs(wait)).await;
        assert_eq!(
            log.count("keeping the previous keys"),
            reads,
            "after {wait} s"
        );
    }
}
