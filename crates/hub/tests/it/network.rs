//! Time and size limits of connections, requests and answers.

use std::time::Duration;

use tokio::time::sleep;

use crate::raw::Raw;
use crate::support::TestHub;

fn refused(reason: &str) -> String {
    format!(r#"refused_total{{request="connection",reason="{reason}"}}"#)
}

#[tokio::test]
async fn a_request_without_an_end_is_ended() {
    let hub = TestHub::with(|o| o.limits.head_timeout = Some("200ms".into())).await;
    let mut silent = Raw::open(hub.address).await;
    let mut half = Raw::open(hub.address).await;
    half.send("GET /healthz HTTP/1.1\r\nhost: ").await;
    silent.ended().await;
    half.ended().await;
    // What was never used is not refused: browsers connect ahead.
    hub.until_metric(&refused("head_timeout"), 1).await;
    // The same for a later request of a connection.
    let mut second = Raw::open(hub.address).await;
    assert_eq!(second.get("/healthz").await.status, 200);
    second.send("GET /healthz HTTP/1.1\r\n").await;
    second.ended().await;
    hub.until_metric(&refused("head_timeout"), 2).await;
}

#[tokio::test]
async fn an_idle_connection_is_kept_for_its_own_time() {
    let hub = TestHub::with(|o| o.limits.head_timeout = Some("200ms".into())).await;
    let mut kept = Raw::open(hub.address).await;
    assert_eq!(kept.get("/healthz").await.status, 200);
    sleep(Duration::from_millis(600)).await;
    assert_eq!(kept.get("/healthz").await.status, 200);

    let hub = TestHub::with(|o| o.limits.idle_timeout = Some("200ms".into())).await;
    let mut idle = Raw::open(hub.address).await;
    assert_eq!(idle.get("/healthz").await.status, 200);
    idle.ended().await;
    assert!(!hub.metrics().await.contains(r#"request="connection""#));
}

#[tokio::test]
async fn a_body_without_an_end_is_refused() {
    let hub = TestHub::with(|o| o.limits.transfer_timeout = Some("200ms".into())).await;
    let mut half = Raw::open(hub.address).await;
    half.send("POST /live-dashboard HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{")
        .await;
    let answer = half.answer().await;
    assert_eq!(answer.status, 408);
    assert_eq!(answer.code(), "BODY_TIMEOUT");
    half.ended().await;
    let refused = r#"refused_total{request="token",reason="body_timeout"}"#;
    hub.until_metric(refused, 1).await;
}

#[tokio::test]
async fn a_head_that_is_too_large_is_refused() {
    let hub = TestHub::with(|o| o.limits.head_size = Some("8KiB".into())).await;
    let mut fits = Raw::open(hub.address).await;
    let head = |size: usize| {
        let pad = "x".repeat(size);
        format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-pad: {pad}\r\n\r\n")
    };
    fits.send(&head(8000)).await;
    assert_eq!(fits.answer().await.status, 200);
    let mut large = Raw::open(hub.address).await;
    large.send(&head(8200)).await;
    assert_eq!(large.answer().await.status, 431);
    hub.until_metric(&refused("head_too_large"), 1).await;
}

#[tokio::test]
async fn a_client_that_reads_no_answer_is_ended() {
    let hub = TestHub::with(|o| o.limits.transfer_timeout = Some("500ms".into())).await;
    let mut unread = Raw::open(hub.address).await;
    // Until the buffers of both sides are full.
    let requests = "GET /metrics HTTP/1.1\r\nhost: localhost\r\n\r\n".repeat(100);
    while unread.try_send(&requests).await {}
    hub.until_metric(&refused("answer_unread"), 1).await;
}

#[tokio::test]
async fn a_websocket_may_be_silent() {
    let hub = TestHub::with(|o| {
        o.limits.head_timeout = Some("200ms".into());
        o.limits.idle_timeout = Some("200ms".into());
    })
    .await;
    let mut viewer = hub.subscribed("c").await;
    sleep(Duration::from_millis(600)).await;
    hub.publish(serde_json::json!({"channel": "c", "event": "e"}))
        .await;
    viewer.next_event("e").await;
}
