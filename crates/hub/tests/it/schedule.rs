//! Messages that are published later.

use jiff::{Timestamp, ToSpan};
use reqwest::Method;
use serde_json::{Value, json};

use crate::lister::{Lister, looking_back};
use crate::support::{API_KEY, TestHub};

/// `at(…)` this many seconds from now, in UTC.
fn in_seconds(seconds: i64) -> String {
    let at = Timestamp::now() + seconds.seconds();
    format!("at({})", at.strftime("%Y-%m-%dT%H:%M:%S"))
}

#[tokio::test]
async fn a_scheduled_message_is_published_when_it_is_due() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let message = json!({"channel": "c", "event": "later", "data": 1,
                         "scheduleExpression": in_seconds(2)});
    let (status, body) = hub.publish(message).await;
    assert_eq!(status, 202, "{body}");
    assert!(body["scheduleArn"].is_string(), "{body}");
    hub.publish(json!({"channel": "c", "event": "now"})).await;
    client.next_event("now").await;
    let later = client.next_event("later").await;
    assert_eq!(later["data"], 1);
}

#[tokio::test]
async fn a_time_zone_alone_changes_nothing() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let message = json!({"channel": "c", "event": "e", "scheduleExpressionTimezone": "Mars"});
    assert_eq!(hub.publish(message).await.0, 202);
    client.next_event("e").await;
}

#[tokio::test]
async fn an_invalid_schedule_is_refused() {
    let hub = TestHub::start().await;
    for (expression, zone, field) in [
        ("rate(1 minute)", "UTC", "scheduleExpression"),
        ("at(2020-01-01T00:00:00)", "UTC", "scheduleExpression"),
        (&in_seconds(60), "Mars", "scheduleExpressionTimezone"),
    ] {
        let (status, body) = hub
            .publish(
                json!({"channel": "c", "event": "e", "scheduleExpression": expression,
                            "scheduleExpressionTimezone": zone}),
            )
            .await;
        assert_eq!((status, &body["error"]["field"]), (400, &json!(field)));
    }
}

#[tokio::test]
async fn a_scheduled_message_can_be_stored_and_listed() {
    let hub = TestHub::start().await;
    let mut viewer = Lister::connect(&hub, looking_back()).await;
    viewer.subscribe("c").await;
    let message = json!({"channel": "c", "event": "e", "data": 1, "store": 60,
                         "eagerIdGeneration": true, "scheduleExpression": in_seconds(2)});
    let (status, body) = hub.publish(message).await;
    assert_eq!(status, 202, "{body}");
    // Its id will be that of the time when it is published.
    assert!(body["scheduleArn"].is_string() && body.get("id").is_none());
    assert!(viewer.data(&hub, json!({"channel": "c"})).await.is_empty());
    let live = viewer.client.next_event("e").await;
    assert_eq!(live["data"], 1);
    let (_, answer) = viewer.list(&hub, json!({"channel": "c"})).await;
    assert_eq!(answer["messages"], json!([live]));
    hub.until_metric("messages_published_total", 1).await;
}

#[tokio::test]
async fn a_schedule_is_in_its_time_zone() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let there = Timestamp::now()
        .in_tz("Asia/Kathmandu")
        .expect("bundled")
        .checked_add(2.seconds())
        .expect("in range");
    let expression = format!("at({})", there.strftime("%Y-%m-%dT%H:%M:%S"));
    let (status, body) = hub
        .publish(
            json!({"channel": "c", "event": "e", "scheduleExpression": expression,
                   "scheduleExpressionTimezone": "Asia/Kathmandu"}),
        )
        .await;
    assert_eq!(status, 202, "{body}");
    client.next_event("e").await;
}

#[tokio::test]
async fn schedules_are_listed_and_deleted_with_a_key() {
    let hub = TestHub::start().await;
    let ask = async |method: Method, path: &str, key: &str| {
        let request = reqwest::Client::new().request(method, hub.url(path));
        let answer = request.bearer_auth(key).send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json::<Value>().await.unwrap_or_default())
    };
    for at in ["2091-01-01T00:00:00", "2090-07-24T14:30:00"] {
        let (status, _) = hub
            .publish(json!({
                "channel": "c",
                "event": "e",
                "data": "secret",
                "scheduleExpression": format!("at({at})"),
            }))
            .await;
        assert_eq!(status, 202);
    }
    let (status, listed) = ask(Method::GET, "/schedules", API_KEY).await;
    assert_eq!(status, 200);
    let first = &listed["schedules"][0];
    assert_eq!(first["at"], "2090-07-24T14:30:00Z");
    assert_eq!(
        (&first["channel"], &first["event"]),
        (&json!("c"), &json!("e"))
    );
    let name = first["scheduleArn"].as_str().expect("a name");
    let path = format!("/schedules/{name}");
    for (method, path) in [(Method::GET, "/schedules"), (Method::DELETE, &path)] {
        assert_eq!(ask(method, path, "wrong").await.0, 401, "{path}");
    }
    // Escaped or not.
    assert_eq!(
        ask(
            Method::DELETE,
            &path.replace("schedule/", "schedule%2F"),
            API_KEY
        )
        .await
        .0,
        204
    );
    let (status, body) = ask(Method::DELETE, &path, API_KEY).await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("UNKNOWN_SCHEDULE"))
    );
    let (_, listed) = ask(Method::GET, "/schedules", API_KEY).await;
    let rest = listed["schedules"].as_array().expect("a list");
    assert_eq!(rest.len(), 1);
    let path = format!(
        "/schedules/{}",
        rest[0]["scheduleArn"].as_str().expect("a name")
    );
    assert_eq!(ask(Method::DELETE, &path, API_KEY).await.0, 204);
}
