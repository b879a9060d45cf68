//! Each command of a client, and each answer.

use futures_util::SinkExt;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio_tungstenite::MaybeTlsStream;
use tokio_tungstenite::tungstenite::Message;

use crate::support::{Client, TestHub, now, sign, viewer};

async fn connected(hub: &TestHub, claims: Value) -> Client {
    let mut client = hub.connect(claims).await;
    client.next_event("hotsock.connected").await;
    client
}

async fn error_code(client: &mut Client) -> String {
    let frame = client.next_event("hotsock.error").await;
    assert!(!frame["error"]["message"].as_str().unwrap_or("").is_empty());
    frame["error"]["code"].as_str().expect("a code").to_owned()
}

fn subscribe(channel: &str) -> Value {
    json!({"event": "hotsock.subscribe", "channel": channel})
}

#[tokio::test]
async fn subscribe_and_unsubscribe() {
    let hub = TestHub::start().await;
    let mut client = connected(&hub, viewer("c")).await;
    client.send(subscribe("c")).await;
    assert_eq!(
        client.next().await,
        json!({"event": "hotsock.subscribed", "channel": "c", "data": {},
               "meta": {"uid": "viewer", "umd": null}})
    );
    assert_eq!(hub.count("c").await, 1);
    client.send(subscribe("c")).await;
    assert_eq!(error_code(&mut client).await, "ALREADY_SUBSCRIBED");
    let unsubscribe = json!({"event": "hotsock.unsubscribe", "channel": "c"});
    client.send(unsubscribe.clone()).await;
    assert_eq!(
        client.next().await,
        json!({"event": "hotsock.unsubscribed", "channel": "c", "data": {}})
    );
    assert_eq!(hub.count("c").await, 0);
    client.send(unsubscribe).await;
    assert_eq!(error_code(&mut client).await, "NOT_SUBSCRIBED");
    hub.publish(json!({"channel": "c", "event": "e"})).await;
    client.send(json!({"event": "hotsock.ping"})).await;
    client.next_event("hotsock.pong").await;
}

#[tokio::test]
async fn pings_are_answered_but_pongs_and_heartbeats_are_not() {
    let hub = TestHub::start().await;
    let mut client = connected(&hub, viewer("c")).await;
    client.send(json!({"event": "hotsock.pong"})).await;
    client.send(json!({"event": "hotsock.heartbeat"})).await;
    client.send(json!({"event": "hotsock.ping"})).await;
    assert_eq!(
        client.next().await,
        json!({"event": "hotsock.pong", "data": {}})
    );
}

#[tokio::test]
async fn publishing_and_malformed_frames_are_refused() {
    let hub = TestHub::start().await;
    let mut client = connected(&hub, viewer("c")).await;
    client
        .send(json!({"event": "chat", "channel": "c", "data": 1}))
        .await;
    assert_eq!(error_code(&mut client).await, "PUBLISH_PERMISSION_DENIED");
    for invalid in [
        "",
        "{",
        "[]",
        "null",
        "{}",
        r#"{"event":5}"#,
        r#"{"event":"hotsock.dance"}"#,
        r#"{"event":"hotsock.subscribe"}"#,
        r#"{"event":"hotsock.subscribe","channel":"a b"}"#,
        r#"{"event":"hotsock.subscribe","channel":"c","data":"x"}"#,
        r#"{"event":"hotsock.unsubscribe"}"#,
    ] {
        client.send_text(invalid).await;
        assert_eq!(
            error_code(&mut client).await,
            "INVALID_MESSAGE",
            "{invalid}"
        );
    }
    client
        .socket
        .send(Message::binary(vec![1, 2, 3]))
        .await
        .expect("sent");
    assert_eq!(error_code(&mut client).await, "INVALID_MESSAGE");
}

#[tokio::test]
async fn a_frame_may_have_at_most_128_kib() {
    let hub = TestHub::start().await;
    let mut client = connected(&hub, viewer("c")).await;
    let padded = |length: usize| {
        let bare = r#"{"event":"hotsock.ping","pad":""}"#.len();
        format!(
            r#"{{"event":"hotsock.ping","pad":"{}"}}"#,
            "x".repeat(length - bare)
        )
    };
    client.send_text(&padded(128 * 1024)).await;
    client.next_event("hotsock.pong").await;
    client.send_text(&padded(128 * 1024 + 1)).await;
    assert_eq!(client.closed().await, 1009);
    assert!(!hub.hub.metrics().encode().contains("connections 1\n"));
}

#[tokio::test]
async fn a_frame_over_the_read_limit_is_refused_by_its_header() {
    let hub = TestHub::start().await;
    let mut client = connected(&hub, viewer("c")).await;
    // A masked text frame of 16 MiB, without its payload.
    let header = [&[0x81, 0xff][..], &(16_u64 << 20).to_be_bytes(), &[0; 4]].concat();
    let MaybeTlsStream::Plain(stream) = client.socket.get_mut() else {
        panic!("the hub uses no TLS");
    };
    stream.write_all(&header).await.expect("sent");
    assert_eq!(client.closed().await, 1009);
}

#[tokio::test]
async fn permissions_are_those_of_the_token() {
    let hub = TestHub::start().await;
    let mut claims = viewer("open");
    claims["channels"] = json!({
        "team.*": {"subscribe": true},
        "team.secret": {"subscribe": false},
        "#regex:^room-\\d+$": {"subscribe": true},
        "silent": {"subscribe": true, "omitFromSubCount": true},
        "neither": {},
    });
    let mut client = connected(&hub, claims).await;
    for (channel, allowed) in [
        ("team.a", true),
        ("team.", true),
        ("team.secret", false),
        ("room-12", true),
        ("room-x", false),
        ("neither", false),
        ("other", false),
        ("silent", true),
    ] {
        client.send(subscribe(channel)).await;
        if allowed {
            client.next_event("hotsock.subscribed").await;
        } else {
            let code = error_code(&mut client).await;
            assert_eq!(code, "SUBSCRIBE_PERMISSION_DENIED", "{channel}");
        }
    }
    assert_eq!(hub.count("team.a").await, 1);
    assert_eq!(hub.count("silent").await, 0, "left out of the count");
    hub.publish(json!({"channel": "silent", "event": "e"}))
        .await;
    client.next_event("e").await;
}

#[tokio::test]
async fn a_channel_can_be_named_by_its_alias() {
    let hub = TestHub::start().await;
    let mut claims = viewer("x");
    claims["channels"] = json!({"user.83f29a": {"subscribe": true, "alias": "me"}});
    let mut client = connected(&hub, claims).await;
    client.send(subscribe("me")).await;
    assert_eq!(
        client.next().await,
        json!({"event": "hotsock.subscribed", "channel": "user.83f29a", "data": {},
               "meta": {"channelAlias": "me", "uid": "viewer", "umd": null}})
    );
    hub.publish(json!({"channel": "user.83f29a", "event": "e", "data": 1}))
        .await;
    assert_eq!(client.next_event("e").await["channel"], "user.83f29a");
    client
        .send(json!({"event": "hotsock.unsubscribe", "channel": "me"}))
        .await;
    let frame = client.next_event("hotsock.unsubscribed").await;
    assert_eq!(frame["channel"], "user.83f29a");
    assert_eq!(frame["meta"]["channelAlias"], "me");
}

#[tokio::test]
async fn a_token_can_subscribe_automatically() {
    let hub = TestHub::start().await;
    let mut claims = viewer("x");
    claims["channels"] = json!({"a": {"autoSubscribe": true}, "b": {"subscribe": true}});
    let mut client = connected(&hub, claims).await;
    let frame = client.next_event("hotsock.subscribed").await;
    assert_eq!(frame["channel"], "a");
    assert_eq!(frame["data"], json!({"autoSubscribed": true}));
    hub.publish(json!({"channel": "a", "event": "e"})).await;
    client.next_event("e").await;
}

#[tokio::test]
async fn a_subscribe_token_adds_channels_to_its_connection() {
    let hub = TestHub::start().await;
    let mut client = hub.connect(viewer("c")).await;
    let first = client.next_event("hotsock.connected").await;
    let id = first["data"]["connectionId"].as_str().expect("an id");
    let claims = |changes: Value| {
        let mut claims = json!({"exp": now() + 60, "scope": "subscribe",
                                "channels": {"more": {"subscribe": true}}});
        for (key, value) in changes.as_object().expect("an object") {
            claims[key] = value.clone();
        }
        sign(claims)
    };
    let with = |token: &str| json!({"event": "hotsock.subscribe", "channel": "more", "data": {"token": token}});
    for (changes, code) in [
        (json!({}), "INVALID_SUBSCRIBE_TOKEN"),
        (json!({"uid": "somebody else"}), "INVALID_SUBSCRIBE_TOKEN"),
        (
            json!({"connectionId": "another"}),
            "INVALID_SUBSCRIBE_TOKEN",
        ),
        (
            json!({"connectionId": "another", "uid": "viewer"}),
            "INVALID_SUBSCRIBE_TOKEN",
        ),
        (
            json!({"uid": "viewer", "scope": "connect"}),
            "INVALID_SUBSCRIBE_TOKEN",
        ),
        (
            json!({"uid": "viewer", "exp": 1}),
            "INVALID_SUBSCRIBE_TOKEN",
        ),
        (
            json!({"uid": "viewer", "channels": {}}),
            "SUBSCRIBE_PERMISSION_DENIED",
        ),
    ] {
        client.send(with(&claims(changes.clone()))).await;
        assert_eq!(error_code(&mut client).await, code, "{changes}");
    }
    let once = claims(json!({"connectionId": id, "umd": 7, "singleUse": true, "jti": "s"}));
    client.send(with(&once)).await;
    let frame = client.next_event("hotsock.subscribed").await;
    assert_eq!(frame["meta"], json!({"uid": "viewer", "umd": 7}));
    client
        .send(json!({"event": "hotsock.unsubscribe", "channel": "more"}))
        .await;
    client.next_event("hotsock.unsubscribed").await;
    client.send(with(&once)).await;
    assert_eq!(error_code(&mut client).await, "INVALID_SUBSCRIBE_TOKEN");
    client.send(with(&claims(json!({"uid": "viewer"})))).await;
    client.next_event("hotsock.subscribed").await;
}

#[tokio::test]
async fn a_missing_heartbeat_ends_the_connection() {
    let hub = TestHub::start().await;
    let mut claims = viewer("c");
    claims["heartbeatTimeout"] = json!(5);
    let mut client = connected(&hub, claims).await;
    client.send(json!({"event": "hotsock.ping"})).await;
    client.next_event("hotsock.pong").await;
    assert_eq!(client.closed().await, 1001, "a ping is no heartbeat");
}

#[tokio::test]
async fn a_disconnected_client_is_not_counted() {
    let hub = TestHub::start().await;
    let first = hub.subscribed("c").await;
    let mut second = hub.subscribed("c").await;
    assert_eq!(hub.count("c").await, 2);
    drop(first);
    hub.until_count("c", 1).await;
    second.socket.close(None).await.expect("closed");
    hub.until_count("c", 0).await;
}
