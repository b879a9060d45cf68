//! `POST /connection/listMessages`: who may list what, and how.
//!
//! - [`edges`]: the wire to the byte, who may knock, and ids from anywhere.

mod edges;

use serde_json::{Value, json};

use crate::lister::{Lister, list, looking_back, store};
use crate::support::{Client, TestHub, now, sign, viewer};

#[tokio::test]
async fn stored_messages_are_listed_as_they_were_published() {
    let hub = TestHub::start().await;
    let id = store(&hub, json!({"a": [1.5, "ä"]})).await;
    hub.publish(json!({"channel": "c", "event": "e", "data": 1}))
        .await;
    let bare = json!({"channel": "c", "event": "bare", "store": -1, "eagerIdGeneration": true});
    let (_, bare) = hub.publish(bare).await;
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let (status, answer) = viewer.list(&hub, json!({"channel": "c"})).await;
    assert_eq!(status, 200);
    assert_eq!(
        answer,
        json!({"messages": [
            {"id": id, "event": "e", "channel": "c", "data": {"a": [1.5, "ä"]}},
            {"id": bare["id"], "event": "bare", "channel": "c", "data": null},
        ]})
    );
}

#[tokio::test]
async fn pages_go_both_ways() {
    let hub = TestHub::start().await;
    let mut ids = Vec::new();
    for n in 0..250 {
        ids.push(store(&hub, json!(n)).await);
    }
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let numbers = |range: std::ops::Range<u64>| range.map(Value::from).collect::<Vec<_>>();
    let first = viewer.data(&hub, json!({"channel": "c"})).await;
    assert_eq!(first, numbers(0..100));
    let second = json!({"channel": "c", "after": ids[99], "before": ids[101]});
    assert_eq!(viewer.data(&hub, second).await, numbers(100..200));
    let last = json!({"channel": "c", "after": ids[199]});
    assert_eq!(viewer.data(&hub, last).await, numbers(200..250));
    let level = json!({"channel": "c", "after": ids[249]});
    assert!(viewer.data(&hub, level).await.is_empty());
    let reversed = |range| -> Vec<Value> { numbers(range).into_iter().rev().collect() };
    let newest = json!({"channel": "c", "reverse": true, "after": ids[249]});
    assert_eq!(viewer.data(&hub, newest).await, reversed(150..250));
    let earlier = json!({"channel": "c", "reverse": true, "before": ids[150], "limit": 7});
    assert_eq!(viewer.data(&hub, earlier).await, reversed(143..150));
}

#[tokio::test]
async fn a_page_has_at_most_a_megabyte() {
    let hub = TestHub::start().await;
    for _ in 0..40 {
        store(&hub, json!("x".repeat(30_000))).await;
    }
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let (_, answer) = viewer.list(&hub, json!({"channel": "c"})).await;
    let count = answer["messages"].as_array().expect("an array").len();
    assert!(
        answer.to_string().len() <= 1_000_000 && count == 33,
        "{count}"
    );
}

#[tokio::test]
async fn without_a_grant_it_reaches_back_to_the_subscription() {
    let hub = TestHub::start().await;
    store(&hub, json!("before")).await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    viewer.subscribe("c").await;
    assert!(viewer.data(&hub, json!({"channel": "c"})).await.is_empty());
    store(&hub, json!("after")).await;
    assert_eq!(viewer.data(&hub, json!({"channel": "c"})).await, ["after"]);
}

#[tokio::test]
async fn a_grant_reaches_back_to_its_time() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    for (start, expected) in [(now() - 60, 1), (now() + 3600, 0)] {
        let mut claims = looking_back();
        claims["channels"]["c"]["historyStart"] = json!(start);
        let mut viewer = Lister::connect(&hub, claims).await;
        viewer.subscribe("c").await;
        let listed = viewer.data(&hub, json!({"channel": "c"})).await;
        assert_eq!(listed.len(), expected);
    }
}

#[tokio::test]
async fn a_subscribe_token_has_its_own_history_start() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    let mut viewer = Lister::connect(&hub, viewer("other")).await;
    let mut claims = looking_back();
    claims["scope"] = json!("subscribe");
    viewer
        .client
        .send(json!({"event": "hotsock.subscribe", "channel": "c",
                     "data": {"token": sign(claims)}}))
        .await;
    viewer.client.next_event("hotsock.subscribed").await;
    assert_eq!(viewer.data(&hub, json!({"channel": "c"})).await, [1]);
}

#[tokio::test]
async fn an_alias_names_the_channel_too() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    let mut claims = looking_back();
    claims["channels"]["c"]["alias"] = json!("mine");
    let mut viewer = Lister::connect(&hub, claims).await;
    viewer.subscribe("mine").await;
    for name in ["c", "mine"] {
        assert_eq!(viewer.data(&hub, json!({"channel": name})).await, [1]);
    }
}

#[tokio::test]
async fn one_event_can_be_selected() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    hub.publish(json!({"channel": "c", "event": "other", "data": 2, "store": 60}))
        .await;
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let other = json!({"channel": "c", "event": "other", "limit": 1});
    assert_eq!(viewer.data(&hub, other).await, [2]);
}

#[tokio::test]
async fn only_open_subscribed_connections_may_list() {
    let hub = TestHub::start().await;
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    let ask = json!({"channel": "c"});
    let refused = |(status, body): (u16, Value)| {
        (
            status,
            body["error"]["code"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
        )
    };
    let not_subscribed = (403, "NOT_SUBSCRIBED".to_owned());
    assert_eq!(
        refused(viewer.list(&hub, ask.clone()).await),
        not_subscribed
    );
    viewer.subscribe("c").await;
    let no_connection = (401, "NO_CONNECTION".to_owned());
    let with = |key: usize, value: &str| {
        let mut query = viewer.query.clone();
        query[key].1 = value.to_owned();
        query
    };
    for query in [
        Vec::new(),
        with(0, ""),
        with(0, "another"),
        with(1, ""),
        with(1, "another"),
        with(1, &viewer.query[1].1[1..]),
    ] {
        let answer = list(&hub, &query, ask.to_string()).await;
        assert_eq!(refused(answer), no_connection, "{query:?}");
    }
    assert_eq!(viewer.list(&hub, ask.clone()).await.0, 200);
    let unsubscribe = json!({"event": "hotsock.unsubscribe", "channel": "c"});
    viewer.client.send(unsubscribe).await;
    viewer.client.next_event("hotsock.unsubscribed").await;
    assert_eq!(
        refused(viewer.list(&hub, ask.clone()).await),
        not_subscribed
    );
    viewer.subscribe("c").await;
    let Lister { client, query } = viewer;
    drop(client);
    hub.until_count("c", 0).await;
    assert_eq!(
        refused(list(&hub, &query, ask.to_string()).await),
        no_connection
    );
}

#[tokio::test]
async fn an_invalid_field_is_named() {
    let hub = TestHub::start().await;
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    for (body, field) in [
        (json!({}), json!("channel")),
        (json!({"channel": "c", "after": "x"}), json!("after")),
        (json!({"channel": "c", "limit": 101}), json!("limit")),
        (json!([]), json!(null)),
    ] {
        let (status, answer) = viewer.list(&hub, body).await;
        assert_eq!((status, &answer["error"]["field"]), (400, &field));
    }
    let long = "x".repeat(10_000);
    assert_eq!(list(&hub, &viewer.query, long).await.0, 413);
}

#[tokio::test]
async fn the_token_endpoint_grants_the_history_window() {
    for (history, expected) in [(None, 1), (Some("0"), 0)] {
        let hub = TestHub::with(|options| options.history = history.map(str::to_owned)).await;
        let message = json!({"channel": "dashboard", "event": "e", "data": 1, "store": 60});
        hub.publish(message).await;
        let granted: Value = reqwest::Client::new()
            .post(hub.url("/live-dashboard"))
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        let token = granted["token"].as_str().expect("a token");
        let client = Client::open(hub.address, token).await.expect("accepted");
        let mut viewer = Lister::greeted(client).await;
        viewer.subscribe("dashboard").await;
        let listed = viewer.data(&hub, json!({"channel": "dashboard"})).await;
        assert_eq!(listed.len(), expected);
    }
}
