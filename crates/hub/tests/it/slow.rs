//! A viewer that does not read is closed, and nobody else feels it.

use serde_json::json;

use crate::support::TestHub;

#[tokio::test]
async fn a_slow_viewer_is_closed_and_others_miss_nothing() {
    const MESSAGES: usize = 1200;
    let hub = TestHub::with(|options| options.outbox = Some("64KiB".into())).await;
    // It stays connected and never reads: its outbox fills once the sockets'
    // own buffers have.
    let _slow = hub.subscribed("c").await;
    let mut reader = hub.subscribed("c").await;
    let reading = tokio::spawn(async move {
        for n in 0..MESSAGES {
            assert_eq!(reader.next_event("e").await["data"]["n"], n);
        }
        reader
    });
    let pad = "x".repeat(30_000);
    for n in 0..MESSAGES {
        let body = json!({"channel": "c", "event": "e", "data": {"n": n, "pad": pad}});
        assert_eq!(hub.publish(body).await.0, 202);
    }
    let _reader = reading.await.expect("missed nothing");
    hub.until_count("c", 1).await;
    let metrics = hub.hub.metrics().encode();
    assert!(
        metrics.contains("connections_closed_as_slow_total 1"),
        "{metrics}"
    );
}
