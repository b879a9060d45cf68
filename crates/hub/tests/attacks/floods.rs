//! Clients that send as fast as they can.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Target, next, sign, viewer};

/// How long a flood lasts.
const FLOOD: Duration = Duration::from_millis(1500);

/// Floods the hub with one frame, over one connection that reads what comes and must not
/// be closed.
async fn flood(target: &Target, frame: Message) {
    let viewer = target.attacker("c").await;
    let (mut sink, mut stream) = viewer.split();
    let sending = async { while sink.feed(frame.clone()).await.is_ok() {} };
    let reading = async { while let Some(Ok(_)) = stream.next().await {} };
    let delayed = target.metric("reads_delayed_total").await;
    let before = target.processor_time();
    tokio::select! {
        () = sending => panic!("closed"),
        () = reading => panic!("closed"),
        () = tokio::time::sleep(FLOOD) => {}
    }
    let used = target.processor_time() - before;
    let delayed = target.metric("reads_delayed_total").await - delayed;
    assert!(delayed > 0, "{frame:?} was read as fast as it came");
    assert!(used < FLOOD / 2, "{used:?} of a processor for {frame:?}");
}

#[tokio::test]
async fn floods_of_frames_are_contained() {
    let target = Target::start(&[]);
    let text = |text: &str| Message::text(text.to_owned());
    let subscribe_token = sign(&json!({"exp": 1, "scope": "subscribe"}));
    let bad =
        json!({"event": "hotsock.subscribe", "channel": "d", "data": {"token": subscribe_token}});
    target
        .under(async {
            for frame in [
                text(r#"{"event":"hotsock.heartbeat"}"#),
                text(r#"{"event":"hotsock.ping"}"#),
                text(r#"{"event":"hotsock.subscribe","channel":"secret"}"#),
                text(&bad.to_string()),
                text(""),
                Message::Ping("x".into()),
                Message::Pong("x".into()),
                Message::binary("x"),
            ] {
                flood(&target, frame).await;
            }
        })
        .await;
}

#[tokio::test]
async fn a_viewer_fills_no_memory_with_subscriptions() {
    let target = Target::start(&["--frames-per-viewer", "0", "--bytes-per-viewer", "0"]);
    let mut claims = viewer("x");
    claims["channels"] = json!({"*": {"subscribe": true}});
    target
        .under(async {
            let mut greedy = target.open(&sign(&claims)).await;
            next(&mut greedy).await.expect("greeted");
            let mut refused = 0;
            for number in 0..1500 {
                let channel = format!("{number:0>250}");
                let frame = json!({"event": "hotsock.subscribe", "channel": channel});
                let frame = Message::text(frame.to_string());
                greedy.send(frame).await.expect("connected");
                let answer = next(&mut greedy).await.expect("answered");
                refused += u32::from(answer["event"] == "hotsock.error");
            }
            assert_eq!(refused, 500);
            // What the client says comes back cut.
            let long = "x".repeat(100_000);
            let frame = json!({"event": "hotsock.subscribe", "channel": long});
            let frame = Message::text(frame.to_string());
            greedy.send(frame).await.expect("connected");
            let answer = next(&mut greedy).await.expect("answered");
            assert_eq!(answer["channel"].as_str().map(str::len), Some(256));
        })
        .await;
}

/// Sends a request again and again from the attacker's address. The statuses of the
/// first and the last answer.
async fn hammer(target: &Target, line: &str, headers: &str) -> (u16, u16) {
    let first = target.request(line, headers, "{}").await.0;
    let end = Instant::now() + FLOOD;
    let mut last = first;
    while Instant::now() < end && last != 429 {
        last = target.request(line, headers, "{}").await.0;
    }
    (first, last)
}

#[tokio::test]
async fn floods_of_requests_are_refused() {
    let wrong_key = format!("authorization: Bearer {}\r\n", "x".repeat(40));
    for (line, headers, first) in [
        ("POST /live-dashboard", "", 200),
        ("POST /publish", &*wrong_key, 401),
        ("GET /v1?token=a.b.c", "", 401),
    ] {
        let target = Target::start(&["--limit-loopback", "--requests-per-address", "10"]);
        let statuses = target.under(hammer(&target, line, headers)).await;
        assert_eq!(statuses, (first, 429), "{line}");
    }
}
