//! `POST /push/{name}`: values of scripts and agents, and keys that are limited to a
//! dashboard.

use std::io::Write;
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::declared_sources::hub as hub_with;
use crate::program::{answer, start, terminate};
use crate::support::{API_KEY, PATIENCE, TestHub};

const LAYOUT: &str = r#"
title = "Operations"
stat = [{ key = "queue", label = "Queue" }, { key = "cpu,cpu=cpu-total.usage_idle", label = "Idle" }]
status = [{ items = [{ key = "db" }] }]
list = [{ key = "disks", title = "Disks" }]
chart = [{ title = "C", series = [{ key = "queue" }, { key = "jobs" }] }]
"#;

async fn post(
    hub: &TestHub,
    name: &str,
    headers: &[(&str, &str)],
    body: impl Into<reqwest::Body>,
) -> (u16, Value) {
    let request = reqwest::Client::new().post(hub.url(&format!("/push/{name}")));
    let mut request = request.bearer_auth(API_KEY).body(body);
    for (header, value) in headers {
        request = request.header(*header, *value);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn hub(directory: &Path) -> TestHub {
    hub_with(directory, LAYOUT).await
}

#[tokio::test]
async fn lines_reach_the_panels_that_show_their_keys() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    // As curl sends it.
    let form = [("content-type", "application/x-www-form-urlencoded")];
    let (status, body) = post(&hub, "ops", &form, "queue 12\ndb up\nother 5\njobs 3").await;
    assert_eq!(status, 202, "{body}");
    assert_eq!(body["published"], json!(["db", "jobs", "queue"]));
    assert_eq!(body["warnings"], json!(["no panel of `ops` shows `other`"]));
    let values = viewer.next_event("stats-update").await;
    assert_eq!(values["data"], json!({"queue": 12, "db": "up"}));
    let point = viewer.next_event("chart-data").await;
    assert_eq!(
        (&point["data"]["queue"], &point["data"]["jobs"]),
        (&json!(12), &json!(3))
    );
    let age = crate::support::now() as f64 - point["data"]["timestamp"].as_f64().expect("a time");
    assert!(age < 60.0, "{age}");
}

#[tokio::test]
async fn json_has_values_by_key_and_their_time() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let data =
        json!({"timestamp": 1_700_000_000_000_i64, "queue": 1.5, "db": null, "disks": {"/": 0.5}});
    let (status, body) = post(&hub, "ops", &[], data.to_string()).await;
    assert_eq!(status, 202, "{body}");
    let values = viewer.next_event("stats-update").await;
    assert_eq!(values["data"], json!({"queue": 1.5, "disks": {"/": 0.5}}));
    let point = viewer.next_event("chart-data").await;
    assert_eq!(point["data"], json!({"timestamp": 1.7e9, "queue": 1.5}));
}

/// What Telegraf's output `http` sends with `data_format = "influx"`.
const TELEGRAF: &str = "\
cpu,cpu=cpu0,host=a usage_idle=90,usage_user=5 1700000000000000000
cpu,cpu=cpu-total,host=a usage_idle=95.5,usage_user=2 1700000000000000000
queue,host=a value=7i 1700000000000000000
queue,host=a value=8i 1700000010000000000
";

#[tokio::test]
async fn line_protocol_has_tags_times_and_compression() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(TELEGRAF.as_bytes()).expect("compressed");
    let gzip = gzip.finish().expect("compressed");
    let headers = [
        ("content-encoding", "gzip"),
        ("content-type", "text/plain; charset=utf-8"),
    ];
    let (status, body) = post(&hub, "ops", &headers, gzip).await;
    assert_eq!(status, 202, "{body}");
    let warning = body["warnings"][0].as_str().expect("a warning");
    assert_eq!(
        warning,
        "no panel of `ops` shows `cpu.usage_idle`, `cpu.usage_user`"
    );
    let values = viewer.next_event("stats-update").await;
    assert_eq!(
        values["data"],
        json!({"queue": 8, "cpu,cpu=cpu-total.usage_idle": 95.5})
    );
    for (timestamp, queue) in [(1.7e9, 7), (1.7e9 + 10.0, 8)] {
        let point = viewer.next_event("chart-data").await;
        assert_eq!(
            point["data"],
            json!({"timestamp": timestamp, "queue": queue})
        );
    }
}

#[tokio::test]
async fn a_script_with_a_wrong_key_fails_and_an_agent_does_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let wrong = "no panel of `ops` shows `que`";
    for body in ["que 12", r#"{"que": 12}"#] {
        let (status, answer) = post(&hub, "ops", &[], body).await;
        let error = &answer["error"]["message"];
        assert_eq!((status, error), (400, &json!(wrong)), "{body}");
    }
    let (status, answer) = post(&hub, "ops", &[], "disk,host=a used=3").await;
    assert_eq!((status, &answer["published"]), (202, &json!([])));
}

#[tokio::test]
async fn a_dashboard_whose_file_was_just_written_is_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let mut viewer = hub.subscribed("dashboard-new").await;
    std::fs::write(directory.path().join("new.toml"), LAYOUT).expect("written");
    let (status, answer) = post(&hub, "new", &[], "queue 12").await;
    assert_eq!((status, &answer["published"]), (202, &json!(["queue"])));
    viewer.next_event("stats-update").await;
}

#[tokio::test]
async fn bad_input_is_refused_with_its_line_and_rule() {
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path()).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let cut_off = GzEncoder::new(Vec::new(), Compression::fast());
    let cut_off = cut_off.finish().expect("compressed")[..12].to_vec();
    let bomb = {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
        gzip.write_all(&vec![b' '; 5 << 20]).expect("compressed");
        gzip.finish().expect("compressed")
    };
    let times: String = (0..1_001)
        .map(|n| format!("queue value=1 {}\n", 1_700_000_000 + n))
        .collect();
    let gzip = &[("content-encoding", "gzip")][..];
    let cases: [(&[_], Vec<u8>, u16, &str); 14] = [
        (
            &[],
            b"queue twelve".into(),
            400,
            "line 1: `queue` must be a number",
        ),
        (
            &[],
            b"other 1\nqueue NaN".into(),
            400,
            "line 2: `NaN` is not a finite number",
        ),
        (
            &[],
            b"queue value=inf".into(),
            400,
            "line 1: `value`: `inf` is not a finite number",
        ),
        (&[], b"queue".into(), 400, "line 1: must be `key value`"),
        (&[], b"queue value=\"x".into(), 400, "no closing"),
        (
            &[],
            b"{\"queue\": 1".into(),
            400,
            "line 1: must be a JSON object",
        ),
        (
            &[],
            b"{\"queue\": [1]}".into(),
            400,
            "`queue` must be a number",
        ),
        (
            &[("content-type", "application/json")],
            b"[1]".into(),
            400,
            "must be a JSON object",
        ),
        (&[], b"queue \xff".into(), 400, "must be UTF-8"),
        (&[], b" \n# nothing\n".into(), 400, "the body has no value"),
        (gzip, cut_off, 400, "not valid gzip"),
        (gzip, bomb, 413, "at most 1048576 bytes"),
        (
            &[("content-encoding", "br")],
            b"queue 1".into(),
            415,
            "must be `gzip` or absent",
        ),
        (&[], times.into(), 413, "at most 1000 different times"),
    ];
    for (headers, body, status, expected) in cases {
        let shown = String::from_utf8_lossy(&body[..body.len().min(40)]).into_owned();
        let (refused, answer) = post(&hub, "ops", headers, body).await;
        let message = answer["error"]["message"].as_str().unwrap_or_default();
        assert_eq!(refused, status, "{shown}: {answer}");
        assert!(message.contains(expected), "{shown}: {message}");
    }
    let (status, _) = post(&hub, "ops", &[], vec![b'x'; (1 << 20) + 1]).await;
    assert_eq!(status, 413);
    let (status, body) = post(&hub, "nope", &[], "queue 1").await;
    assert_eq!(
        (status, &body["error"]["code"]),
        (404, &json!("UNKNOWN_DASHBOARD"))
    );
    // Nothing of all that was published.
    post(&hub, "ops", &[], "db down").await;
    assert_eq!(
        viewer.next_event("stats-update").await["data"],
        json!({"db": "down"})
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_commands_show_a_number() {
    let data = tempfile::tempdir().expect("a directory");
    let (child, address) = start(data.path(), &[]);
    let (ok, text) = answer(data.path(), &["new", "ops"]);
    assert!(ok, "{text}");
    let (_, key) = answer(data.path(), &["keys", "--api-key"]);
    let push = async || {
        let request = reqwest::Client::new().post(format!("{address}/push/ops"));
        let answer = request.bearer_auth(key.trim()).body("queue 12").send();
        let answer = answer.await.expect("an answer");
        answer.json::<Value>().await.expect("JSON")
    };
    // Until the hub has found the file.
    let published = async {
        loop {
            let body = push().await;
            if body["error"].is_null() {
                return body;
            }
            assert_eq!(body["error"]["code"], "UNKNOWN_DASHBOARD");
        }
    };
    let body = timeout(PATIENCE, published).await.expect("is found");
    assert_eq!(body, json!({"published": ["queue"]}));
    terminate(&child);
    child.wait_with_output().expect("ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_limited_key_publishes_to_its_dashboards_only() {
    let data = tempfile::tempdir().expect("a directory");
    let layouts = data.path().join("dashboards");
    std::fs::create_dir(&layouts).expect("made");
    for name in ["ops", "shop"] {
        std::fs::write(layouts.join(format!("{name}.toml")), LAYOUT).expect("written");
    }
    let (ok, text) = answer(data.path(), &["keys", "add", "--dashboard", "Ops Room"]);
    assert!(!ok && text.contains("lower-case"), "{text}");
    let (ok, text) = answer(data.path(), &["keys", "add", "--dashboard", "ops"]);
    assert!(ok, "{text}");
    let key = text.lines().next().expect("a key").to_owned();
    let (_, shown) = answer(data.path(), &["keys"]);
    assert!(
        shown.contains(&format!("Limited key  {key}  ops")),
        "{shown}"
    );
    let (child, address) = start(data.path(), &[]);
    let client = reqwest::Client::new();
    let post = async |path: &str, body: &str| {
        let request = client.post(format!("{address}{path}")).bearer_auth(&key);
        let answer = request
            .body(body.to_owned())
            .send()
            .await
            .expect("an answer");
        answer.status().as_u16()
    };
    let message = |channel| json!({"channel": channel, "event": "stats-update"}).to_string();
    for (path, body, status) in [
        ("/push/ops", "queue 1", 202),
        ("/push/shop", "queue 1", 403),
        ("/push/nope", "queue 1", 403),
        ("/publish", &message("dashboard-ops"), 202),
        ("/publish", &message("dashboard-shop"), 403),
        ("/publish", &message("elsewhere"), 403),
    ] {
        assert_eq!(post(path, body).await, status, "{path} {body}");
    }
    let schedules = client
        .get(format!("{address}/schedules"))
        .bearer_auth(&key)
        .send();
    assert_eq!(schedules.await.expect("an answer").status().as_u16(), 403);
    terminate(&child);
    child.wait_with_output().expect("ends");
    let (ok, text) = answer(data.path(), &["keys", "remove", &key]);
    assert!(ok, "{text}");
    let (ok, text) = answer(data.path(), &["keys", "remove", &key]);
    assert!(!ok && text.contains("no such limited key"), "{text}");
}
