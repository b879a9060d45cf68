//! Details of the client API: its exact JSON, its access rules, and ids that are not
//! those of a message.

use reqwest::Method;
use serde_json::{Value, json};

use crate::lister::{Lister, list, looking_back, store};
use crate::support::{API_KEY, TestHub, viewer};

const PATH: &str = "/connection/listMessages";

impl Lister {
    /// The address with its parameters.
    fn url(&self, hub: &TestHub) -> String {
        let query: Vec<String> = self
            .query
            .iter()
            .map(|(key, value)| format!("{key}={value}"))
            .collect();
        hub.url(&format!("{PATH}?{}", query.join("&")))
    }
}

#[tokio::test]
async fn the_response_is_as_the_protocol_shows_it() {
    let hub = TestHub::start().await;
    let body = r#"{"channel":"c","event":"e","store":60,"eagerIdGeneration":true,"data":{"b" : 1.50e2, "a":"ä\u00e4"}}"#;
    let (_, published) = hub.publish_raw(API_KEY, body).await;
    let id = published["id"].as_str().expect("an id");
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let answer = reqwest::Client::new()
        .post(viewer.url(&hub))
        .body(r#"{"channel":"c"}"#)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.headers()["content-type"], "application/json");
    assert_eq!(answer.headers()["cache-control"], "no-store");
    assert_eq!(
        answer.text().await.expect("text"),
        format!(
            r#"{{"messages":[{{"id":"{id}","event":"e","channel":"c","data":{{"b" : 1.50e2, "a":"ä\u00e4"}}}}]}}"#
        )
    );
}

#[tokio::test]
async fn the_list_has_the_order_of_the_socket() {
    let hub = TestHub::start().await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    viewer.subscribe("c").await;
    futures_util::future::join_all((0..60).map(|n| store(&hub, json!(n)))).await;
    let mut seen = Vec::new();
    for _ in 0..60 {
        let mut frame = viewer.client.next_event("e").await;
        frame.as_object_mut().expect("an object").remove("meta");
        seen.push(frame);
    }
    let (_, answer) = viewer.list(&hub, json!({"channel": "c"})).await;
    assert_eq!(answer["messages"], Value::Array(seen));
}

#[tokio::test]
async fn ids_may_come_from_anywhere() {
    let hub = TestHub::start().await;
    let before = store(&hub, json!(0)).await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    viewer.subscribe("c").await;
    let id = store(&hub, json!(1)).await;
    let least = "00000000000000000000000000";
    let greatest = "7ZZZZZZZZZZZZZZZZZZZZZZZZZ";
    let lower = id.to_lowercase();
    for (body, expected) in [
        (json!({"after": least}), 1),
        (json!({"after": before}), 1),
        (json!({"after": id}), 0),
        (json!({"after": lower}), 0),
        (json!({"after": greatest}), 0),
        (json!({"reverse": true, "before": greatest}), 1),
        (json!({"reverse": true, "before": lower}), 0),
        // Before the subscription there is nothing for this viewer.
        (json!({"reverse": true, "before": before}), 0),
        (json!({"reverse": true, "before": least}), 0),
        (json!({"reverse": true, "before": least, "event": "e"}), 0),
        (json!({"after": greatest, "event": "e"}), 0),
        // Without effect in the other direction.
        (json!({"before": least}), 1),
        (json!({"reverse": true, "after": greatest}), 1),
    ] {
        let mut body = body;
        body["channel"] = json!("c");
        let listed = viewer.data(&hub, body.clone()).await;
        assert_eq!(listed.len(), expected, "{body}");
    }
}

#[tokio::test]
async fn one_event_is_paged_both_ways() {
    let hub = TestHub::start().await;
    for n in 0..30 {
        store(&hub, json!(n)).await;
        hub.publish(json!({"channel": "c", "event": "other", "data": n, "store": 60}))
            .await;
    }
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    for reverse in [false, true] {
        let mut seen: Vec<Value> = Vec::new();
        let mut body = json!({"channel": "c", "event": "other", "limit": 7, "reverse": reverse});
        loop {
            let (status, answer) = viewer.list(&hub, body.clone()).await;
            assert_eq!(status, 200, "{answer}");
            let page = answer["messages"].as_array().expect("an array");
            let Some(last) = page.last() else { break };
            assert!(page.len() <= 7 && page.iter().all(|message| message["event"] == "other"));
            body[if reverse { "before" } else { "after" }] = last["id"].clone();
            seen.extend(page.iter().map(|message| message["data"].clone()));
        }
        let mut expected: Vec<Value> = (0..30).map(Value::from).collect();
        if reverse {
            expected.reverse();
        }
        assert_eq!(seen, expected);
    }
}

#[tokio::test]
async fn parameters_are_url_encoded() {
    let hub = TestHub::start().await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    viewer.subscribe("c").await;
    let ask = r#"{"channel":"c"}"#;
    let encoded =
        |text: &str| -> String { text.bytes().map(|byte| format!("%{byte:02X}")).collect() };
    let query: Vec<_> = viewer
        .query
        .iter()
        .map(|(key, value)| (*key, encoded(value)))
        .collect();
    assert_eq!(list(&hub, &query, ask).await.0, 200);
    for broken in ["%FF", "%", "%zz", "a&connectionSecret=b", "", "ä"] {
        let mut query = viewer.query.clone();
        query[1].1 = broken.to_owned();
        let (status, answer) = list(&hub, &query, ask).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (401, &json!("NO_CONNECTION")),
            "{broken}"
        );
    }
}

#[tokio::test]
async fn the_connection_is_checked_before_the_body() {
    let hub = TestHub::start().await;
    for body in ["", "{}", "[", &"x".repeat(10_000)] {
        let (status, answer) = list(&hub, &[], body.to_owned()).await;
        assert_eq!(
            (status, &answer["error"]["code"]),
            (401, &json!("NO_CONNECTION")),
            "{body:.10}"
        );
    }
}

#[tokio::test]
async fn each_connection_lists_from_its_own_subscription() {
    let hub = TestHub::start().await;
    let mut early = Lister::connect(&hub, viewer("c")).await;
    early.subscribe("c").await;
    store(&hub, json!(1)).await;
    let mut late = Lister::connect(&hub, viewer("c")).await;
    late.subscribe("c").await;
    store(&hub, json!(2)).await;
    let ask = || json!({"channel": "c"});
    assert_eq!(early.data(&hub, ask()).await, [1, 2]);
    assert_eq!(late.data(&hub, ask()).await, [2]);
    let mixed = [early.query[0].clone(), late.query[1].clone()];
    assert_eq!(list(&hub, &mixed, ask().to_string()).await.0, 401);

    // The end of one connection does not affect the other.
    let Lister { client, query } = early;
    drop(client);
    hub.until_count("c", 1).await;
    assert_eq!(list(&hub, &query, ask().to_string()).await.0, 401);
    assert_eq!(late.data(&hub, ask()).await, [2]);
    // A new subscription has a new start.
    let unsubscribe = json!({"event": "hotsock.unsubscribe", "channel": "c"});
    late.client.next_event("e").await;
    late.client.send(unsubscribe).await;
    late.client.next_event("hotsock.unsubscribed").await;
    late.subscribe("c").await;
    assert!(late.data(&hub, ask()).await.is_empty());
}

#[tokio::test]
async fn the_token_limits_how_far_back() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    for (channels, expected) in [
        (json!({"c": {"autoSubscribe": true, "historyStart": 0}}), 1),
        (
            json!({"c": {"autoSubscribe": true}, "*": {"historyStart": 0}}),
            1,
        ),
        // The latest of the patterns, unless the channel's own key has one.
        (
            json!({"c": {"autoSubscribe": true}, "*": {"historyStart": 0},
                   "#regex:^c$": {"historyStart": 4e9}}),
            0,
        ),
        (
            json!({"c": {"autoSubscribe": true, "historyStart": 0},
                   "#regex:^c$": {"historyStart": 4e9}}),
            1,
        ),
        (
            // Its milliseconds have 49 bits; the lower 48 are a time in 1970.
            json!({"c": {"autoSubscribe": true, "historyStart": 281_474_977_710_u64}}),
            0,
        ),
        (
            json!({"c": {"autoSubscribe": true, "historyStart": 1e300}}),
            0,
        ),
    ] {
        let mut claims = viewer("c");
        claims["channels"] = channels.clone();
        let mut viewer = Lister::connect(&hub, claims).await;
        viewer.client.next_event("hotsock.subscribed").await;
        let listed = viewer.data(&hub, json!({"channel": "c"})).await;
        assert_eq!(listed.len(), expected, "{channels}");
    }
}

#[tokio::test]
async fn pages_of_allowed_origins_may_list() {
    let hub = TestHub::with(|options| {
        options.viewer_access = Some("open".into());
        options.allowed_origin = vec!["https://portal.example".into()];
    })
    .await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    viewer.subscribe("c").await;
    let send = |method: Method, url: &str, origin: &'static str| {
        reqwest::Client::new()
            .request(method, url)
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(r#"{"channel":"c"}"#)
            .send()
    };
    let list = viewer.url(&hub);
    let token = hub.url("/live-dashboard");
    for (url, origin, status) in [
        (&list, "https://portal.example", 200),
        (&list, "https://evil.example", 403),
        (&token, "https://evil.example", 403),
    ] {
        let allowed = (status == 200).then_some(origin);
        for method in [Method::POST, Method::OPTIONS] {
            let asked = send(method.clone(), url, origin).await.expect("an answer");
            let named = asked.headers().get("access-control-allow-origin");
            assert_eq!(
                named.map(|value| value.to_str().expect("text")),
                allowed,
                "{method} {origin}"
            );
            if method == Method::POST {
                assert_eq!(asked.status().as_u16(), status);
            }
        }
    }
    let asked = send(Method::OPTIONS, &token, "https://portal.example")
        .await
        .expect("an answer");
    assert_eq!(asked.status().as_u16(), 200);
    assert_eq!(
        asked.headers()["access-control-allow-headers"],
        "content-type"
    );
    let get = send(Method::GET, &list, "https://portal.example")
        .await
        .expect("an answer");
    assert_eq!(get.status().as_u16(), 405);
    assert_eq!(
        get.json::<Value>().await.expect("JSON")["error"]["code"],
        "METHOD_NOT_ALLOWED"
    );
}

#[tokio::test]
async fn refusals_and_stored_messages_are_counted() {
    let hub = TestHub::start().await;
    store(&hub, json!(1)).await;
    store(&hub, json!(2)).await;
    let mut viewer = Lister::connect(&hub, viewer("c")).await;
    let list_here = |body: &str| list(&hub, &viewer.query, body.to_owned());
    list(&hub, &[], "{}").await;
    list_here(r#"{"channel":"c"}"#).await;
    list_here("[").await;
    list_here(&"x".repeat(10_000)).await;
    viewer.subscribe("c").await;
    let text = hub.metrics().await;
    for reason in [
        "no_connection",
        "not_subscribed",
        "invalid",
        "body_too_large",
    ] {
        let line =
            format!("live_dashboard_refused_total{{request=\"history\",reason=\"{reason}\"}} 1");
        assert!(text.contains(&line), "{line} is not in\n{text}");
    }
    assert!(text.contains("live_dashboard_stored_messages 2"), "{text}");
    for name in ["stored_bytes", "storage_limit_bytes", "evicted_total"] {
        assert!(text.contains(&format!("live_dashboard_{name} ")), "{name}");
    }
}

#[tokio::test]
async fn a_rare_key_is_there_if_it_is_asked_for() {
    let hub = TestHub::start().await;
    let update = async |data: Value| {
        let message =
            json!({"channel": "dashboard", "event": "stats-update", "data": data, "store": 60});
        assert_eq!(hub.publish(message).await.0, 202);
    };
    update(json!({"errorRate": 0.5, "unshown": 1})).await;
    update(json!({"errorRate": 0.25, "avgLatency": 7})).await;
    for n in 0..5 {
        update(json!({"activeUsers": n})).await;
    }
    let mut claims = viewer("dashboard");
    claims["channels"]["dashboard"]["historyStart"] = json!(0);
    let mut viewer = Lister::connect(&hub, claims).await;
    viewer.subscribe("dashboard").await;
    let data = async |more: Value| {
        let mut body =
            json!({"channel": "dashboard", "event": "stats-update", "reverse": true, "limit": 2});
        let fields = body.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        viewer.data(&hub, body).await
    };
    let newest = vec![json!({"activeUsers": 4}), json!({"activeUsers": 3})];
    assert_eq!(data(json!({})).await, newest);
    let mut with_rare = newest.clone();
    with_rare.push(json!({"errorRate": 0.25, "avgLatency": 7}));
    assert_eq!(data(json!({"eachKey": true})).await, with_rare);
    assert_eq!(
        data(json!({"eachKey": true, "reverse": false})).await.len(),
        2
    );
}
