//! Publishing, and what subscribers get.

use serde_json::json;

use crate::support::{API_KEY, TestHub};

#[tokio::test]
async fn a_message_arrives_as_it_was_published() {
    let hub = TestHub::start().await;
    let mut one = hub.subscribed("c").await;
    let mut other = hub.subscribed("c").await;
    let mut elsewhere = hub.subscribed("d").await;
    let answer = hub
        .publish_raw(
            API_KEY,
            r#"{"channel":"c","event":"e","data":{"b":1.50,"a":[]}}"#,
        )
        .await;
    let warning = "no dashboard shows the channel `c`";
    let expected = json!({"channel": "c", "event": "e", "warnings": [warning]});
    assert_eq!(answer, (202, expected));
    let frame = one.next_event("e").await;
    assert_eq!(frame["data"], json!({"b": 1.5, "a": []}));
    assert_eq!(frame["id"].as_str().expect("an id").len(), 26);
    assert_eq!(other.next_event("e").await, frame, "all get the same");
    hub.publish(json!({"channel": "d", "event": "f"})).await;
    let frame = elsewhere.next_event("f").await;
    assert!(frame["data"].is_null() && frame.get("data").is_some());
}

#[tokio::test]
async fn slips_of_publishers_are_told() {
    let hub = TestHub::start().await;
    let warnings = async |body| {
        let (status, answer) = hub.publish(body).await;
        assert_eq!(status, 202, "{answer}");
        answer["warnings"].clone()
    };
    let event = "stats-update";
    let update = |data| json!({"channel": "dashboard", "event": event, "data": data, "store": 1});
    let right = json!({"activeUsers": 5, "errorRate": 0.1});
    assert!(warnings(update(right)).await.is_null());
    let misspelled = json!({"activeUsers": 5, "erorRate": 0.1, "extra": 1});
    let expected = json!([
        "no dashboard shows `erorRate` (stats-update): did you mean `errorRate`?",
        "no dashboard shows `extra` (stats-update)"
    ]);
    assert_eq!(warnings(update(misspelled)).await, expected);
    let wrong = json!({"activeUsers": 5, "errorRate": "2%"});
    let expected = json!(["`errorRate` must be a number (stats-update)"]);
    assert_eq!(warnings(update(wrong)).await, expected);
    let nothing = json!(null);
    let expected = json!(["`data` must be an object (stats-update)"]);
    assert_eq!(warnings(update(nothing)).await, expected);
    for (event, data, expected) in [
        (
            "chart-data",
            json!({"timestamp": 5, "request": 1}),
            "no dashboard shows `request` (chart-data): did you mean `requests`?",
        ),
        (
            "chart-data",
            json!({"timestamp": "now", "requests": 1}),
            "`timestamp` must be seconds since 1970 (chart-data)",
        ),
        (
            "alert",
            json!({"sverity": "error", "message": "m"}),
            "no dashboard shows `sverity` (alert)",
        ),
        (
            "alert",
            json!({"level": "fatal", "message": "m"}),
            "`level` must be `info`, `warning` or `error`, not `fatal` (alert)",
        ),
    ] {
        let body = json!({"channel": "dashboard", "event": event, "data": data});
        assert_eq!(warnings(body).await, json!([expected]));
    }
    let data = json!({"activeUsers": 5});
    let slip =
        json!({"channel": "dashboard", "event": event, "data": data, "Store": 60, "extra": 1});
    let expected = json!([
        "the unknown field `Store` was ignored: did you mean `store`?",
        "the unknown field `extra` was ignored"
    ]);
    assert_eq!(warnings(slip).await, expected);
    let event = json!({"channel": "dashboard", "event": "stats"});
    let expected = "dashboards do not show the event `stats`, only `stats-update`, `chart-data`, `alert`: \
         did you mean `stats-update`?";
    assert_eq!(warnings(event).await, json!([expected]));
}

#[tokio::test]
async fn all_subscribers_see_the_same_order() {
    let hub = TestHub::start().await;
    let mut clients = Vec::new();
    for _ in 0..3 {
        clients.push(hub.subscribed("c").await);
    }
    let publishing = (0..40).map(|n| hub.publish(json!({"channel": "c", "event": "e", "data": n})));
    futures_util::future::join_all(publishing).await;
    let mut orders = Vec::new();
    for client in &mut clients {
        let mut order = Vec::new();
        for _ in 0..40 {
            order.push(client.next_event("e").await["id"].clone());
        }
        orders.push(order);
    }
    assert!(
        orders[0].is_sorted_by(|a, b| a.as_str() < b.as_str()),
        "ids grow"
    );
    assert!(orders.iter().all(|order| *order == orders[0]));
}

#[tokio::test]
async fn a_duplicate_is_accepted_and_dropped() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let message = |data: i32| {
        json!({"channel": "c", "event": "e", "data": data,
               "deduplicationId": "d", "eagerIdGeneration": true})
    };
    let (status, first) = hub.publish(message(1)).await;
    assert_eq!(status, 202);
    let (status, second) = hub.publish(message(2)).await;
    assert_eq!(status, 202);
    assert_eq!(first["id"], second["id"]);
    let frame = client.next_event("e").await;
    assert_eq!((&frame["data"], &frame["id"]), (&json!(1), &first["id"]));
    hub.publish(json!({"channel": "c", "event": "last"})).await;
    client.next_event("last").await;
}

#[tokio::test]
async fn every_refusal_names_field_and_rule() {
    let hub = TestHub::start().await;
    let (status, body) = hub.publish(json!({"channel": "a b", "event": "e"})).await;
    assert_eq!(status, 400);
    assert_eq!(body["error"]["field"], "channel");
    assert!(
        body["error"]["message"]
            .as_str()
            .expect("a message")
            .contains("whitespace")
    );
    let (status, body) = hub
        .publish(json!({"channel": "c", "event": "e",
                        "scheduleExpression": "at(2020-01-01T00:00:00)"}))
        .await;
    assert_eq!(
        (status, &body["error"]["field"]),
        (400, &json!("scheduleExpression"))
    );
    for key in ["", "wrong", &API_KEY[1..], &format!("{API_KEY}0")] {
        let (status, body) = hub.publish_raw(key, "{}").await;
        assert_eq!(status, 401, "{key}: {body}");
    }
    let large = format!("{{\"pad\":\"{}\"}}", "x".repeat(64 * 1024));
    let (status, body) = hub.publish_raw(API_KEY, large).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (413, &json!("BODY_TOO_LARGE"))
    );
    let (status, _) = hub.publish_raw(API_KEY, "not json").await;
    assert_eq!(status, 400);
}

#[tokio::test]
async fn counting_a_channel_needs_an_api_key() {
    let hub = TestHub::start().await;
    let url = hub.url("/channels/c");
    let without = reqwest::get(&url).await.expect("an answer");
    assert_eq!(without.status().as_u16(), 401);
    assert_eq!(hub.count("never-used").await, 0);
    let bad = reqwest::Client::new()
        .get(hub.url("/channels/a%20b"))
        .bearer_auth(API_KEY)
        .send()
        .await
        .expect("an answer");
    assert_eq!(bad.status().as_u16(), 400);
}

#[tokio::test]
async fn several_messages_are_published_in_order() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let message = |number: u32, store: i64| {
        json!({"channel": "c", "event": "e", "data": number, "store": store,
               "eagerIdGeneration": true})
    };
    let scheduled = json!({"channel": "c", "event": "e",
                           "scheduleExpression": "at(2200-01-01T00:00:00)"});
    let duplicate = json!({"channel": "c", "event": "e", "data": 4, "store": 60,
                           "deduplicationId": "d", "eagerIdGeneration": true});
    let body = json!([
        message(1, 0),
        message(2, 60),
        scheduled,
        message(3, 0),
        duplicate,
        duplicate
    ]);
    let (status, answer) = hub.publish(body).await;
    assert_eq!(status, 202, "{answer}");
    let answers = answer["published"].as_array().expect("an array");
    assert_eq!(answers.len(), 6);
    assert!(answers[2]["scheduleArn"].is_string());
    assert_eq!(answers[4]["id"], answers[5]["id"], "a duplicate");
    for (number, index) in [(1, 0), (2, 1), (3, 3), (4, 4)] {
        let frame = client.next_event("e").await;
        assert_eq!(
            (&frame["data"], &frame["id"]),
            (&json!(number), &answers[index]["id"])
        );
    }
    let (status, answer) = hub.publish(json!([])).await;
    assert_eq!((status, answer), (202, json!({"published": []})));
}

#[tokio::test]
async fn of_several_messages_all_are_checked_first() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let good = json!({"channel": "c", "event": "bad", "store": 60});
    let bad = json!({"channel": "c", "event": 5});
    let (status, body) = hub.publish(json!([good, good, bad])).await;
    let error = &body["error"];
    assert_eq!((status, &error["code"]), (400, &json!("INVALID_FIELD")));
    assert_eq!(
        (&error["field"], &error["index"]),
        (&json!("event"), &json!(2))
    );
    let past = json!({"channel": "c", "event": "bad",
                      "scheduleExpression": "at(2020-01-01T00:00:00)"});
    let (status, body) = hub.publish(json!([good, past])).await;
    assert_eq!((status, &body["error"]["index"]), (400, &json!(1)));
    let (status, body) = hub.publish(json!(vec![good; 1001])).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (400, &json!("INVALID_BODY"))
    );
    let large = json!({"channel": "c", "event": "bad", "data": "x".repeat(30_000)});
    let (status, body) = hub.publish(json!(vec![large; 40])).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (413, &json!("BODY_TOO_LARGE"))
    );
    // Nothing of all that came.
    hub.publish(json!([{"channel": "c", "event": "last"}]))
        .await;
    let frame = client.next().await;
    assert_eq!(frame["event"], "last");
}

#[tokio::test]
async fn each_of_several_messages_counts_for_the_limit() {
    let hub = TestHub::with(|options| options.limits.publishes_per_key = Some(10)).await;
    let message = json!({"channel": "c", "event": "e"});
    assert_eq!(hub.publish(json!(vec![message.clone(); 60])).await.0, 202);
    assert_eq!(hub.publish(json!(vec![message.clone(); 60])).await.0, 429);
    assert_eq!(hub.publish(json!(vec![message; 30])).await.0, 202);
}

#[tokio::test]
async fn a_stream_is_held_for_the_time_of_coalesce() {
    let message = |data: &str| json!({"channel": "c", "event": "e", "data": data});
    let hub = TestHub::with(|options| options.coalesce = Some("1h".into())).await;
    let mut client = hub.subscribed("c").await;
    hub.publish(message("first")).await;
    let frame = client.next_event("e").await;
    assert_eq!(frame["data"], "first", "at once after a quiet time");
    hub.publish(message("second")).await;
    client.send(json!({"event": "hotsock.ping"})).await;
    let frame = client.next().await;
    assert_eq!(frame["event"], "hotsock.pong", "it overtakes what is held");
    let much = "x".repeat(20_000);
    hub.publish(message(&much)).await;
    for expected in ["second", &much] {
        let frame = client.next_event("e").await;
        assert_eq!(frame["data"], expected, "much is not held");
    }
    let hub = TestHub::with(|options| options.coalesce = Some("0".into())).await;
    let mut client = hub.subscribed("c").await;
    for data in ["first", "second"] {
        hub.publish(message(data)).await;
        assert_eq!(client.next_event("e").await["data"], data);
    }
}
