//! `POST /hooks/alertmanager`, with deliveries as Alertmanager 0.25 makes them.

use serde_json::{Value, json};

use crate::lister::{Lister, looking_back};
use crate::support::{API_KEY, TestHub};

fn alert(status: &str, started: &str) -> Value {
    json!({
        "status": status,
        "labels": {"alertname": "Down", "instance": "a:9100", "severity": "critical"},
        "annotations": {"summary": "a is down"},
        "startsAt": started,
        "endsAt": if status == "resolved" { "2026-01-01T10:05:00Z" } else { "0001-01-01T00:00:00Z" },
        "generatorURL": "http://prometheus:9090/graph?g0.expr=up",
        "fingerprint": "c0ffee",
    })
}

const FIRST: &str = "2026-01-01T10:00:00.123Z";
const SECOND: &str = "2026-01-01T11:00:00+00:00";

async fn deliver(hub: &TestHub, query: &str, body: impl ToString) -> (u16, Value) {
    let request = reqwest::Client::new().post(hub.url(&format!("/hooks/alertmanager{query}")));
    let answer = request.bearer_auth(API_KEY).body(body.to_string()).send();
    let answer = answer.await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

fn delivery(alerts: &[Value]) -> Value {
    json!({"version": "4", "receiver": "hub", "status": "firing", "alerts": alerts, "truncatedAlerts": 0})
}

#[tokio::test]
async fn alerts_are_shown_with_what_alertmanager_says_of_them() {
    let hub = TestHub::start().await;
    let mut viewer = hub.subscribed("dashboard").await;
    let mut other = alert("firing", FIRST);
    other["fingerprint"] = "beef".into();
    other["annotations"] = json!({});
    other["labels"]["severity"] = "minor".into();
    let (status, body) = deliver(&hub, "", delivery(&[alert("firing", FIRST), other])).await;
    assert_eq!((status, body), (200, json!({"published": 2})));
    let data = viewer.next_event("alert").await["data"].clone();
    let expected = json!({
        "level": "error",
        "message": "a is down",
        "key": "c0ffee",
        "status": "firing",
        "url": "http://prometheus:9090/graph?g0.expr=up",
        "startsAt": FIRST,
    });
    assert_eq!(data, expected);
    let data = viewer.next_event("alert").await["data"].clone();
    assert_eq!(
        (&data["level"], &data["message"]),
        (&json!("warning"), &json!("Down: instance=a:9100"))
    );
    deliver(
        &hub,
        "?dashboard=default",
        delivery(&[alert("resolved", FIRST)]),
    )
    .await;
    let data = viewer.next_event("alert").await["data"].clone();
    assert_eq!(
        (&data["status"], &data["endsAt"]),
        (&json!("resolved"), &json!("2026-01-01T10:05:00Z"))
    );
}

#[tokio::test]
async fn late_and_repeated_deliveries_change_nothing() {
    let hub = TestHub::with(|options| options.channel = Some("c".into())).await;
    for (status, started, published) in [
        ("firing", FIRST, 1),
        ("firing", FIRST, 0),
        ("resolved", FIRST, 1),
        ("firing", FIRST, 0),
        ("resolved", FIRST, 0),
        ("firing", SECOND, 1),
        ("resolved", FIRST, 0),
        ("firing", SECOND, 0),
        ("resolved", SECOND, 1),
    ] {
        // Also twice in a delivery.
        let alerts = [alert(status, started), alert(status, started)];
        let (_, body) = deliver(&hub, "", delivery(&alerts)).await;
        assert_eq!(body["published"], published, "{status} {started}");
    }
    let mut later = Lister::connect(&hub, looking_back()).await;
    later.subscribe("c").await;
    let alerts = later
        .data(&hub, json!({"channel": "c", "event": "alert"}))
        .await;
    assert_eq!(alerts.len(), 4);
}

#[tokio::test]
async fn bad_deliveries_are_refused_with_the_rule() {
    let hub = TestHub::start().await;
    let with = |field: &str, value: Value| {
        let mut alert = alert("firing", FIRST);
        alert[field] = value;
        delivery(&[alert]).to_string()
    };
    let whole = delivery(&[alert("firing", FIRST)]).to_string();
    let mut other_version = delivery(&[]);
    other_version["version"] = "5".into();
    for (body, expected) in [
        ("[]".to_owned(), "must be a delivery"),
        (whole[..whole.len() / 2].to_owned(), "must be a delivery"),
        (
            other_version.to_string(),
            "`version` must be \"4\", not \"5\"",
        ),
        (
            with("status", json!("burning")),
            "unknown variant `burning`",
        ),
        (with("startsAt", json!("yesterday")), "must be a delivery"),
        (with("startsAt", json!(5)), "must be a delivery"),
        (with("labels", json!({"a": 1})), "invalid type: integer"),
        (with("fingerprint", json!("")), "`fingerprint` must have"),
        (
            delivery(&vec![alert("firing", FIRST); 1001]).to_string(),
            "at most 1000 alerts",
        ),
    ] {
        let (status, answer) = deliver(&hub, "", &body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(status, 400, "{answer}");
        assert!(message.contains(expected), "{message}");
    }
    let (status, _) = deliver(&hub, "?dashboard=nope", &whole).await;
    assert_eq!(status, 404);
    let huge = with("generatorURL", "x".repeat(2 << 20).into());
    assert_eq!(deliver(&hub, "", huge).await.0, 413);
}
