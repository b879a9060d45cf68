//! `GET /connection/summarizePoints`: the points of a time range, in buckets.

use serde_json::{Value, json};

use crate::lister::{Lister, looking_back};
use crate::support::{API_KEY, TestHub, now, viewer};

/// What the hub answers to these parameters, besides the connection's.
async fn ask(hub: &TestHub, viewer: &Lister, rest: &str) -> (u16, Value) {
    let connection: Vec<_> = viewer
        .query
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    let path = format!(
        "/connection/summarizePoints?{}&{rest}",
        connection.join("&")
    );
    let answer = reqwest::get(hub.url(&path)).await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn subscribed(hub: &TestHub, claims: Value) -> Lister {
    let mut viewer = Lister::connect(hub, claims).await;
    viewer.subscribe("c").await;
    viewer
}

async fn point(hub: &TestHub, data: Value) {
    let message = json!({"channel": "c", "event": "chart-data", "data": data, "store": 60});
    let (status, body) = hub.publish(message).await;
    assert_eq!(status, 202, "{body}");
}

/// A time of the last hour at a multiple of ten minutes.
fn start() -> f64 {
    ((now() as f64 - 2000.0) / 600.0).floor() * 600.0
}

#[tokio::test]
async fn each_bucket_has_the_extremes_the_mean_and_the_count() {
    let hub = TestHub::start().await;
    let start = start();
    for (seconds, value) in [
        (0.0, 4),
        (10.0, 1),
        (299.0, 7),
        (301.0, -3),
        (600.0, 50),
        (-1.0, 60),
    ] {
        point(&hub, json!({"timestamp": start + seconds, "a": value})).await;
    }
    point(
        &hub,
        json!({"timestamp": (start + 20.0) * 1000.0, "b": 2.5, "a": "no number"}),
    )
    .await;
    point(&hub, json!({"timestamp": "no time", "a": 99})).await;
    let other = json!({"channel": "c", "event": "stats-update", "data": {"timestamp": start, "a": 99}, "store": 60});
    hub.publish(other).await;
    let viewer = subscribed(&hub, looking_back()).await;
    let range = format!("channel=c&start={start}&end={}&buckets=2", start + 600.0);
    let (status, answer) = ask(&hub, &viewer, &range).await;
    assert_eq!(status, 200, "{answer}");
    let expected = json!({"seconds": 300.0, "series": {
        "a": [[start, 1.0, 7.0, 4.0, 3], [start + 300.0, -3.0, -3.0, -3.0, 1]],
        "b": [[start, 2.5, 2.5, 2.5, 1]],
    }});
    assert_eq!(answer, expected);
}

#[tokio::test]
async fn points_from_the_future_are_left_out() {
    let hub = TestHub::start().await;
    let now = now();
    for (ahead, value) in [(0, 1), (30, 2), (600, 3)] {
        point(&hub, json!({"timestamp": now + ahead, "a": value})).await;
    }
    let viewer = subscribed(&hub, looking_back()).await;
    let range = format!("channel=c&start={}&end={}&buckets=1", now - 10, now + 1000);
    let (_, answer) = ask(&hub, &viewer, &range).await;
    assert_eq!(answer["series"]["a"][0][2], 2.0, "{answer}");
}

#[tokio::test]
async fn points_of_several_pages_are_read() {
    let hub = TestHub::start().await;
    let start = start();
    let messages: Vec<_> = (0..1_100)
        .map(|n| {
            let data = json!({"timestamp": start + f64::from(n % 600), "a": n});
            json!({"channel": "c", "event": "chart-data", "data": data, "store": 60})
        })
        .collect();
    for message in messages {
        assert_eq!(hub.publish_raw(API_KEY, message.to_string()).await.0, 202);
    }
    let viewer = subscribed(&hub, looking_back()).await;
    let range = format!("channel=c&start={start}&end={}&buckets=1", start + 600.0);
    let (_, answer) = ask(&hub, &viewer, &range).await;
    assert_eq!(
        answer["series"]["a"],
        json!([[start, 0.0, 1099.0, 549.5, 1100]])
    );
    assert_eq!(answer["since"], Value::Null, "nothing was left out");
}

#[tokio::test]
async fn keys_of_further_channels_are_qualified() {
    let hub = TestHub::start().await;
    let start = start();
    point(&hub, json!({"timestamp": start, "a": 1})).await;
    let other = json!({"channel": "d", "event": "chart-data", "data": {"timestamp": start, "a": 2}, "store": 60});
    assert_eq!(hub.publish(other).await.0, 202);
    let mut claims = looking_back();
    claims["channels"]["d"] = json!({"subscribe": true, "historyStart": 0});
    let mut viewer = subscribed(&hub, claims).await;
    let range = format!("start={start}&end={}&buckets=1", start + 600.0);
    let both = format!("channel=c&channel=d&{range}");
    assert_eq!(ask(&hub, &viewer, &both).await.0, 403, "not subscribed to");
    viewer.subscribe("d").await;
    let (status, answer) = ask(&hub, &viewer, &both).await;
    assert_eq!(status, 200, "{answer}");
    let bucket = |value| json!([[start, value, value, value, 1]]);
    assert_eq!(
        answer["series"],
        json!({"a": bucket(1.0), "d#a": bucket(2.0)})
    );
    let many = "channel=c&".repeat(9) + &range;
    let (status, answer) = ask(&hub, &viewer, &many).await;
    assert_eq!(
        (status, &answer["error"]["field"]),
        (400, &json!("channel"))
    );
}

#[tokio::test]
async fn it_reaches_back_as_far_as_the_token_says() {
    let hub = TestHub::start().await;
    let start = start();
    point(&hub, json!({"timestamp": start, "a": 1})).await;
    let range = format!("channel=c&start={start}&end={}&buckets=1", start + 600.0);
    let recent = subscribed(&hub, viewer("c")).await;
    let (status, answer) = ask(&hub, &recent, &range).await;
    assert_eq!((status, &answer["series"]), (200, &json!({})));
    let unsubscribed = Lister::connect(&hub, looking_back()).await;
    assert_eq!(ask(&hub, &unsubscribed, &range).await.0, 403);
    let mut stranger = subscribed(&hub, looking_back()).await;
    stranger.query[1].1 = "wrong".into();
    assert_eq!(ask(&hub, &stranger, &range).await.0, 401);
}

#[tokio::test]
async fn a_parameter_that_breaks_its_rule_is_named() {
    let hub = TestHub::start().await;
    let viewer = subscribed(&hub, looking_back()).await;
    for (rest, field) in [
        ("start=1&end=2&buckets=1", "channel"),
        ("channel=a,b&start=1&end=2&buckets=1", "channel"),
        ("channel=c&end=2&buckets=1", "start"),
        ("channel=c&start=-1&end=2&buckets=1", "start"),
        ("channel=c&start=NaN&end=2&buckets=1", "start"),
        ("channel=c&start=2&end=2&buckets=1", "end"),
        ("channel=c&start=1&end=1e300&buckets=1", "end"),
        ("channel=c&start=1&end=2&buckets=0", "buckets"),
        ("channel=c&start=1&end=2&buckets=501", "buckets"),
        ("channel=c&start=1&end=2&buckets=1.5", "buckets"),
    ] {
        let (status, answer) = ask(&hub, &viewer, rest).await;
        assert_eq!(
            (status, &answer["error"]["field"]),
            (400, &json!(field)),
            "{rest}"
        );
    }
}
