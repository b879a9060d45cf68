//! Clients that ask and do not read.

use futures_util::SinkExt;
use serde_json::json;
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Target, next, request};

#[tokio::test]
async fn unread_answers_take_little_memory() {
    const CONNECTIONS: usize = 200;
    let target = Target::start(&["--transfer-timeout", "2s", "--waiting-size", "16MiB"]);
    let (mut viewer, query) = target.lister("c").await;
    for _ in 0..40 {
        let message =
            json!({"channel": "c", "event": "e", "data": "x".repeat(30_000), "store": 60});
        assert_eq!(target.publish(&message).await, 202);
        next(&mut viewer).await.expect("connected");
    }
    let list = request(
        &format!("POST /connection/listMessages?{query}"),
        "",
        r#"{"channel":"c"}"#,
    );
    target
        .under(async {
            let mut open = Vec::new();
            let before = target.resident();
            for _ in 0..CONNECTIONS {
                let mut socket = target.raw().await;
                for _ in 0..5 {
                    // It may be closed.
                    let _ = socket.write_all(list.as_bytes()).await;
                }
                open.push(socket);
            }
            let reason = r#"refused_total{request="history",reason="unread_answers"}"#;
            while target.metric(reason).await == 0 {
                tokio::task::yield_now().await;
            }
            let grown = target.resident().saturating_sub(before);
            assert!(grown < 60_000_000, "{grown} bytes for unread answers");
            let reason = r#"refused_total{request="connection",reason="answer_unread"}"#;
            while target.metric(reason).await == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await;
}

#[tokio::test]
async fn unread_frames_take_little_memory() {
    // Each alone could leave 1 MiB unread.
    const VIEWERS: u64 = 24;
    const LIMIT: u64 = 8 << 20;
    let target = Target::start(&["--waiting-size", "8MiB"]);
    target
        .under(async {
            let mut open = Vec::new();
            for number in 0..VIEWERS {
                open.push(target.attacker(&format!("c{number}")).await);
            }
            let before = target.resident();
            let pad = "x".repeat(30_000);
            while target.metric("connections_closed_as_slow_total").await < VIEWERS {
                for number in 0..VIEWERS {
                    let channel = format!("c{number}");
                    let message = json!({"channel": channel, "event": "e", "data": pad});
                    assert_eq!(target.publish(&message).await, 202);
                }
                let waiting = target.metric("waiting_bytes").await;
                assert!(waiting < LIMIT, "{waiting} bytes wait");
            }
            let grown = target.resident().saturating_sub(before);
            assert!(grown < 40_000_000, "{grown} bytes for unread frames");
        })
        .await;
}

#[tokio::test]
async fn unread_pongs_stop_their_viewer_only() {
    let target = Target::start(&["--frames-per-viewer", "0", "--bytes-per-viewer", "0"]);
    target
        .under(async {
            let mut viewer = target.attacker("c").await;
            let ping = Message::text(r#"{"event":"hotsock.ping"}"#);
            let flood = async { while viewer.send(ping.clone()).await.is_ok() {} };
            // The hub stops reading, so that sending stops.
            let stalled = tokio::time::timeout(std::time::Duration::from_secs(3), flood);
            let _ = stalled.await;
            let waiting = target.metric("waiting_bytes").await;
            assert!(waiting < 2 << 20, "{waiting} bytes wait");
        })
        .await;
}
