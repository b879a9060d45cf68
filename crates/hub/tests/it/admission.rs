//! Limits of addresses, users, viewers and keys, and the files that all share.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::lister::{Lister, list, looking_back, store};
use crate::raw::Raw;
use crate::support::{API_KEY, Client, TestHub, sign, viewer};

/// The status and the `Retry-After` of a path, on a new connection.
async fn answer(hub: &TestHub, path: &str) -> (u16, Option<u32>) {
    let answer = Raw::open(hub.address).await.get(path).await;
    let wait = answer.header("retry-after");
    (
        answer.status,
        wait.map(|wait| wait.parse().expect("seconds")),
    )
}

#[tokio::test]
async fn an_address_has_so_many_connections() {
    let hub = TestHub::with(|o| {
        o.limits.limit_loopback = Some(true);
        o.limits.connections_per_address = Some(2);
    })
    .await;
    let mut first = Raw::open(hub.address).await;
    assert_eq!(first.get("/").await.status, 404, "no page");
    let _second = Raw::open(hub.address).await;
    let mut third = Raw::open(hub.address).await;
    let refused = third.get("/").await;
    assert_eq!(refused.status, 429);
    assert_eq!(refused.code(), "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), Some("5"));
    third.ended().await;
    // Not so for operators.
    assert_eq!(answer(&hub, "/healthz").await, (200, None));
    let (status, _) = hub.publish(json!({"channel": "c", "event": "e"})).await;
    assert_eq!(status, 202);
    let reason = r#"refused_total{request="connection",reason="address_connections"}"#;
    hub.until_metric(reason, 1).await;
    drop(first);
    while answer(&hub, "/").await.0 == 429 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn loopback_addresses_have_no_limits_unless_asked() {
    let hub = TestHub::with(|o| {
        o.limits.connections_per_address = Some(1);
        o.limits.requests_per_address = Some(1);
    })
    .await;
    let mut open = Vec::new();
    for _ in 0..30 {
        let mut connection = Raw::open(hub.address).await;
        assert_eq!(connection.get("/").await.status, 404);
        open.push(connection);
    }
}

#[tokio::test]
async fn when_there_is_no_room_operators_are_answered() {
    let hub = TestHub::with(|o| o.limits.max_connections = Some(2)).await;
    assert_eq!(answer(&hub, "/readyz").await, (200, None));
    let first = hub.subscribed("c").await;
    let second = hub.subscribed("c").await;
    let mut third = Raw::open(hub.address).await;
    let refused = third.get("/").await;
    assert_eq!(refused.status, 503);
    assert_eq!(refused.code(), "NO_ROOM");
    assert_eq!(refused.header("retry-after"), Some("5"));
    assert_eq!(
        Client::open(hub.address, &sign(viewer("c"))).await.err(),
        Some(503)
    );
    assert_eq!(answer(&hub, "/healthz").await, (200, None));
    assert_eq!(answer(&hub, "/readyz").await.0, 503);
    assert_eq!(answer(&hub, "/metrics").await.0, 200);
    let (status, _) = hub.publish(json!({"channel": "c", "event": "e"})).await;
    assert_eq!(status, 202);
    drop(second);
    while answer(&hub, "/").await.0 == 503 {
        tokio::task::yield_now().await;
    }
    drop(first);
    while answer(&hub, "/readyz").await.0 == 503 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_user_has_so_many_connections() {
    let hub = TestHub::with(|o| o.limits.connections_per_user = Some(2)).await;
    let token = sign(viewer("c"));
    let _first = Client::open(hub.address, &token).await.expect("accepted");
    let second = Client::open(hub.address, &token).await.expect("accepted");
    let refusal = hub.refusal(&token).await;
    assert_eq!(refusal, (429, "TOO_MANY_REQUESTS".to_owned()));
    let mut other = viewer("c");
    other["uid"] = json!("somebody else");
    hub.connect(other).await;
    drop(second);
    while Client::open(hub.address, &token).await.is_err() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn an_address_has_so_many_requests_in_a_second() {
    let hub = TestHub::with(|o| {
        o.limits.limit_loopback = Some(true);
        o.limits.requests_per_address = Some(1);
    })
    .await;
    let mut client = Raw::open(hub.address).await;
    let token = "POST /live-dashboard HTTP/1.1\r\nhost: localhost\r\ncontent-length: 2\r\n\r\n{}";
    let mut answers = Vec::new();
    for _ in 0..20 {
        client.send(token).await;
        answers.push(client.answer().await);
    }
    let granted = answers.iter().filter(|answer| answer.status == 200);
    // Ten at once, one for the connection, and more only on a machine that stalls.
    assert!((5..20).contains(&granted.count()));
    let refused = answers.last().expect("twenty");
    assert_eq!(refused.status, 429);
    assert_eq!(refused.code(), "TOO_MANY_REQUESTS");
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(client.get("/metrics").await.status, 429);
    // Publishers are not counted.
    let head =
        format!("GET /channels/c HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {API_KEY}");
    client.send(&format!("{head}\r\n\r\n")).await;
    assert_eq!(client.answer().await.status, 200);
}

#[tokio::test]
async fn clients_of_a_trusted_proxy_are_told_apart() {
    let hub = TestHub::with(|o| {
        o.trusted_proxy = vec!["127.0.0.1".into()];
        o.limits.limit_loopback = Some(true);
        o.limits.requests_per_address = Some(1);
    })
    .await;
    let mut proxy = Raw::open(hub.address).await;
    let ask = |client: &str| {
        format!("GET /healthz HTTP/1.1\r\nhost: localhost\r\nx-forwarded-for: {client}\r\n\r\n")
    };
    let mut statuses = Vec::new();
    for _ in 0..20 {
        proxy.send(&ask("198.51.100.7")).await;
        statuses.push(proxy.answer().await.status);
    }
    assert_eq!((statuses[0], statuses[19]), (200, 429));
    proxy.send(&ask("198.51.100.8")).await;
    assert_eq!(proxy.answer().await.status, 200);
}

/// How often a viewer was read later.
fn delayed(hub: &TestHub) -> u64 {
    hub.hub.metrics().reads_delayed.get()
}

#[tokio::test]
async fn a_flood_of_frames_is_served_slowly() {
    const PINGS: usize = 70;
    let hub = TestHub::with(|o| o.limits.frames_per_viewer = Some(10)).await;
    let mut client = hub.subscribed("c").await;
    let start = Instant::now();
    for _ in 0..PINGS {
        let ping = Message::text(r#"{"event":"hotsock.ping"}"#);
        client.socket.feed(ping).await.expect("connected");
        let ping = Message::Ping("x".into());
        client.socket.feed(ping).await.expect("connected");
    }
    client.socket.flush().await.expect("connected");
    for _ in 0..PINGS {
        client.next_event("hotsock.pong").await;
    }
    assert!(delayed(&hub) >= 30, "each frame beyond the first hundred");
    // 100 frames at once, the others 10 a second.
    assert!(
        start.elapsed() > Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_flood_of_bytes_is_read_slowly() {
    let hub = TestHub::with(|o| {
        o.limits.bytes_per_viewer = Some("16KiB".into());
        o.limits.frames_per_viewer = Some(0);
    })
    .await;
    let mut client = hub.subscribed("c").await;
    let start = Instant::now();
    // No message ends: only the bytes count.
    let pad = "x".repeat(110 * 1024);
    for _ in 0..2 {
        client
            .send(json!({"event": "hotsock.ping", "pad": pad}))
            .await;
    }
    for _ in 0..2 {
        client.next_event("hotsock.pong").await;
    }
    assert!(delayed(&hub) > 0);
    assert!(
        start.elapsed() > Duration::from_secs(3),
        "{:?}",
        start.elapsed()
    );
}

#[tokio::test]
async fn a_flood_of_pings_fills_no_outbox() {
    const PINGS: usize = 3000;
    let hub = TestHub::with(|o| {
        o.outbox = Some("64KiB".into());
        o.limits.frames_per_viewer = Some(0);
        o.limits.bytes_per_viewer = Some("0".into());
    })
    .await;
    let client = hub.subscribed("c").await;
    let (mut sink, mut stream) = client.socket.split();
    let sending = async {
        for _ in 0..PINGS {
            let ping = Message::text(r#"{"event":"hotsock.ping"}"#);
            sink.feed(ping).await.expect("connected");
        }
        sink.flush().await.expect("connected");
    };
    let reading = async {
        for _ in 0..PINGS {
            let pong = stream.next().await.expect("connected").expect("a frame");
            assert!(pong.is_text(), "{pong:?}");
        }
    };
    tokio::join!(sending, reading);
}

#[tokio::test]
async fn a_key_publishes_so_many_messages_in_a_second() {
    let hub = TestHub::with(|o| o.limits.publishes_per_key = Some(1)).await;
    let mut statuses = Vec::new();
    for _ in 0..20 {
        let (status, body) = hub.publish(json!({"channel": "c", "event": "e"})).await;
        statuses.push(status);
        if status == 429 {
            assert_eq!(body["error"]["code"], "TOO_MANY_REQUESTS");
            break;
        }
    }
    assert_eq!(statuses.last(), Some(&429));
    assert!(statuses.len() > 10);
    let reason = r#"refused_total{request="publish",reason="key_rate"}"#;
    hub.until_metric(reason, 1).await;
}

#[tokio::test]
async fn a_viewer_leaves_so_many_answers_unread() {
    let hub = TestHub::with(|o| o.limits.answers_per_viewer = Some(1)).await;
    let mut lister = Lister::connect(&hub, looking_back()).await;
    lister.subscribe("c").await;
    for _ in 0..60 {
        store(&hub, "x".repeat(30_000).into()).await;
        lister.client.next_event("e").await;
    }
    let query: Vec<String> = lister
        .query
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let query = query.join("&");
    let body = r#"{"channel":"c"}"#;
    let length = body.len();
    let mut unread = Raw::open(hub.address).await;
    unread
        .send(&format!(
            "POST /connection/listMessages?{query} HTTP/1.1\r\nhost: localhost\r\n\
             content-length: {length}\r\n\r\n{body}"
        ))
        .await;
    let reason = r#"refused_total{request="history",reason="unread_answers"}"#;
    unread.begins().await;
    let (status, answer) = list(&hub, &lister.query, body).await;
    assert_eq!(status, 429, "{answer}");
    assert_eq!(answer["error"]["code"], "TOO_MANY_REQUESTS");
    hub.until_metric(reason, 1).await;
    // Once it is read, there may be another.
    assert_eq!(unread.answer().await.status, 200);
    assert_eq!(list(&hub, &lister.query, body).await.0, 200);
}
