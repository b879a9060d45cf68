//! Of which alerts notifiers are told, and when.

use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::inbox::Inbox;
use super::{CHANNEL, firing, hub, notifier, publish, texts, webhook, write};
use crate::support::API_KEY;

#[tokio::test]
async fn begin_levels_and_end_are_told_and_repetitions_are_not() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut inbox = Inbox::start().await;
    let hub = hub(directory.path(), &webhook(&inbox)).await;
    for alert in [
        firing("disk", "warning", "91%"),
        firing("disk", "warning", "92%"),
        json!({"level": "warning", "message": "once"}),
        json!({"level": "info", "message": "too low"}),
        firing("disk", "error", "99%"),
        firing("disk", "error", "99%"),
        json!({"level": "info", "key": "disk", "status": "resolved", "message": "50%"}),
        json!({"level": "info", "key": "disk", "status": "resolved", "message": "40%"}),
        json!({"level": "info", "key": "other", "status": "resolved", "message": "never told"}),
        json!("not an alert"),
    ] {
        publish(&hub, alert).await;
    }
    let body = inbox.next().await.body;
    assert_eq!(texts(&body), ["91%", "once", "99%", "50%"]);
    assert_eq!(body["summary"], "1 error, 2 warnings, 1 resolved");
    assert_eq!(body["alerts"][2]["previousLevel"], "warning");
    assert_eq!(body["alerts"][3]["status"], "resolved");
    // The next one has only what is new.
    publish(&hub, firing("disk", "warning", "again")).await;
    assert_eq!(texts(&inbox.next().await.body), ["again"]);
    hub.until_metric(
        r#"notifications_total{dashboard="ops",kind="webhook",result="sent"}"#,
        2,
    )
    .await;
    hub.until_metric(r#"notifications_waiting{dashboard="ops"}"#, 0)
        .await;
}

#[tokio::test]
async fn whoever_publishes_an_alert_it_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut inbox = Inbox::start().await;
    let source = "[[source]]\nkind = \"scrape\"\nurl = \"http://127.0.0.1:1\"\nalways = true\n\
                  query = { load = \"load\" }\n[[stat]]\nkey = \"load\"\nlabel = \"Load\"\n\
                  [[stat]]\nkey = \"other\"\nlabel = \"Other\"\nchannel = \"elsewhere\"\n";
    let table = notifier("webhook", &format!("url = \"{}\"", inbox.url("/hook")));
    let hub = hub(directory.path(), &format!("{source}{table}")).await;
    let body = inbox.next().await.body;
    let message = "Source 1 (scrape): cannot read http://127.0.0.1:1: connection refused";
    assert_eq!(texts(&body), [message]);
    let delivery = json!({"version": "4", "alerts": [{
        "status": "firing",
        "labels": {"alertname": "Down", "severity": "critical"},
        "startsAt": "2026-01-01T10:00:00Z",
        "fingerprint": "c0ffee",
    }]});
    let request = reqwest::Client::new().post(hub.url("/hooks/alertmanager?dashboard=ops"));
    let request = request.bearer_auth(API_KEY).body(delivery.to_string());
    assert!(
        request
            .send()
            .await
            .expect("an answer")
            .status()
            .is_success()
    );
    let body = inbox.next().await.body;
    assert_eq!(texts(&body), ["Down"]);
    assert_eq!(body["alerts"][0]["startsAt"], "2026-01-01T10:00:00Z");
    let elsewhere =
        json!({"channel": "elsewhere", "event": "alert", "data": firing("k", "error", "there")});
    hub.publish(elsewhere).await;
    let body = inbox.next().await.body;
    assert_eq!(body["alerts"][0]["channel"], "elsewhere");
    let nowhere =
        json!({"channel": "nowhere", "event": "alert", "data": firing("k", "error", "x")});
    hub.publish(nowhere).await;
    publish(&hub, firing("last", "error", "last")).await;
    assert_eq!(texts(&inbox.next().await.body), ["last"]);
}

#[tokio::test]
async fn each_notifier_has_its_own_levels_and_may_leave_out_ends() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut all, mut errors) = (Inbox::start().await, Inbox::start().await);
    let keys = |inbox: &Inbox, more: &str| format!("url = \"{}\"\n{more}", inbox.url("/"));
    let notifiers = [
        notifier("webhook", &keys(&all, "level = \"info\"")),
        notifier(
            "webhook",
            &keys(&errors, "level = \"error\"\nresolved = false"),
        ),
    ];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    publish(&hub, json!({"message": "a note"})).await;
    publish(&hub, firing("a", "error", "begins")).await;
    let end = json!({"key": "a", "status": "resolved", "message": "ends"});
    publish(&hub, end).await;
    assert_eq!(texts(&all.next().await.body), ["a note", "begins", "ends"]);
    assert_eq!(texts(&errors.next().await.body), ["begins"]);
}

#[tokio::test]
async fn many_alerts_come_in_several_messages_and_none_is_lost() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut inbox = Inbox::start().await;
    let hub = hub(directory.path(), &webhook(&inbox)).await;
    let alerts: Vec<_> = (0..60)
        .map(|n| {
            let data = firing(&n.to_string(), "error", &n.to_string());
            json!({"channel": CHANNEL, "event": "alert", "data": data})
        })
        .collect();
    hub.publish(Value::Array(alerts)).await;
    let mut told = Vec::new();
    while told.len() < 60 {
        let body = inbox.next().await.body;
        let texts = texts(&body);
        assert!(texts.len() <= 25, "{texts:?}");
        told.extend(texts.into_iter().map(str::to_owned));
    }
    let all: Vec<_> = (0..60).map(|n| n.to_string()).collect();
    assert_eq!(told, all);
}

#[tokio::test]
async fn a_changed_file_takes_over_what_waits() {
    let directory = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = listener.local_addr().expect("bound");
    drop(listener);
    let table = notifier("webhook", &format!("url = \"http://{gone}\""));
    let hub = hub(directory.path(), &table).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish(&hub, firing("a", "error", "waits")).await;
    viewer.next_event("alert").await;
    let failing = viewer.next_event("alert").await;
    assert_eq!(failing["data"]["status"], "firing");
    let mut inbox = Inbox::start().await;
    write(directory.path(), &webhook(&inbox));
    let body = inbox.next().await.body;
    assert_eq!(
        (texts(&body), &body["repeated"]),
        (vec!["waits"], &json!(false))
    );
    publish(&hub, firing("a", "error", "known")).await;
    publish(&hub, firing("b", "error", "new")).await;
    assert_eq!(texts(&inbox.next().await.body), ["new"]);
}
