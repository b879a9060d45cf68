//! Sources of kind `statsd`, over plain sockets.

use std::net::UdpSocket;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;

use crate::declared_sources::{hub, write};
use crate::redis_server::free_port;
use crate::support::{Client, PATIENCE, TestHub};

fn layout(port: u16) -> String {
    format!(
        r#"
title = "Operations"
stat = [{{ key = "queue", label = "Q" }}, {{ key = "users", label = "U" }}, {{ key = "slowest", label = "S" }}]
[[source]]
kind = "statsd"
interval = "1s"
listen = "127.0.0.1:{port}"
[source.query]
queue = "queue"
users = "users"
slowest = "api.took.max"
"#
    )
}

/// The next message of this event that `wanted` accepts.
async fn next(viewer: &mut Client, event: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let wait = async {
        loop {
            let frame = viewer.next().await;
            if frame["event"] == event && wanted(&frame["data"]) {
                return frame["data"].clone();
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("is published")
}

fn send(port: u16, bytes: &[u8]) {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    socket.send_to(bytes, ("127.0.0.1", port)).expect("sent");
}

async fn until_lines(hub: &TestHub, result: &str, count: u64) {
    let metric = format!("statsd_lines_total{{dashboard=\"ops\",result=\"{result}\"}}");
    hub.until_metric(&metric, count).await;
}

#[tokio::test]
async fn datagrams_and_connections_are_aggregated() {
    let directory = tempfile::tempdir().expect("a directory");
    let port = free_port();
    let hub = hub(directory.path(), &layout(port)).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    // Sent before it listens, a datagram is lost.
    let mut connection = loop {
        if let Ok(connection) = TcpStream::connect(("127.0.0.1", port)).await {
            break connection;
        }
    };
    send(port, b"queue:4|g|#env:prod\nqueue:+3|g\nother:1|c\n");
    connection
        .write_all(b"api.took:5|ms\napi.took:9|ms\nusers:a|s\n")
        .await
        .expect("sent");
    next(&mut viewer, "stats-update", |data| data["slowest"] == 9.0).await;
    next(&mut viewer, "stats-update", |data| data["queue"] == 7.0).await;
    until_lines(&hub, "used", 5).await;
    until_lines(&hub, "unused", 1).await;
    hub.until_metric("statsd_lines_tagged_total", 1).await;
    // The gauge stays, the timer of another interval is missing.
    next(&mut viewer, "stats-update", |data| {
        *data == json!({"queue": 7.0, "users": 0.0})
    })
    .await;
}

#[tokio::test]
async fn invalid_lines_are_reported_and_harm_no_others() {
    let directory = tempfile::tempdir().expect("a directory");
    let port = free_port();
    let hub = hub(directory.path(), &layout(port)).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let mut connection = loop {
        if let Ok(connection) = TcpStream::connect(("127.0.0.1", port)).await {
            break connection;
        }
    };
    send(port, b"queue:NaN|g\nqueue:2|g\n\xff\xfe\n");
    next(&mut viewer, "stats-update", |data| data["queue"] == 2.0).await;
    let alert = next(&mut viewer, "alert", |data| data["status"] == "firing").await;
    let message = alert["message"].as_str().expect("text");
    assert!(
        message.contains(
            "2 lines are not valid; the first one: `queue:NaN|g` must have a finite number"
        ),
        "{message}"
    );
    next(&mut viewer, "alert", |data| data["status"] == "resolved").await;
    // A line without an end closes the connection.
    connection.write_all(&vec![b'x'; 100_000]).await.ok();
    let closed = async {
        let mut buffer = [0; 16];
        // Either is the end.
        matches!(connection.read(&mut buffer).await, Ok(0) | Err(_))
    };
    assert!(timeout(PATIENCE, closed).await.expect("is closed"));
    let alert = next(&mut viewer, "alert", |data| data["status"] == "firing").await;
    let message = alert["message"].as_str().expect("text");
    assert!(message.ends_with("more than 8192 bytes"), "{message}");
}

#[tokio::test]
async fn the_address_is_kept_across_changes_and_reported_if_it_is_in_use() {
    let directory = tempfile::tempdir().expect("a directory");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("bound").port();
    let hub = hub(directory.path(), &layout(port)).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let alert = next(&mut viewer, "alert", |data| data["status"] == "firing").await;
    let message = alert["message"].as_str().expect("text");
    assert!(
        message.contains(&format!("cannot listen on 127.0.0.1:{port}")),
        "{message}"
    );
    drop(taken);
    next(&mut viewer, "alert", |data| data["status"] == "resolved").await;
    write(
        directory.path(),
        &layout(port)
            .replace("label = \"Q\"", "label = \"Queue\"")
            .replace("\"1s\"", "\"2s\""),
    );
    next(&mut viewer, "live-dashboard.layout", |_| true).await;
    let _sending = AbortOnDropHandle::new(tokio::spawn(async move {
        loop {
            send(port, b"queue:5|g");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }));
    let received = async {
        loop {
            let frame = viewer.next().await;
            assert_ne!(frame["event"], "alert", "{frame}");
            if frame["data"]["queue"] == 5.0 {
                return;
            }
        }
    };
    timeout(PATIENCE, received).await.expect("is received");
}
