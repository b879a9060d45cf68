//! Receivers that do not answer, or not well.

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::{Instant, timeout};

use super::inbox::Inbox;
use super::mail::{Encryption, MailServer};
use super::{CHANNEL, firing, hub, notifier, publish, texts, webhook};
use crate::support::{Client, PATIENCE};

const SECRET: &str = "s3cr3t";

/// The next alert of a viewer's channel that a notifier has published.
async fn next_alarm(viewer: &mut Client) -> Value {
    let wait = async {
        loop {
            let frame = viewer.next().await;
            let key = frame["data"]["key"].as_str().unwrap_or_default();
            if key.starts_with("notify ") {
                return frame["data"].clone();
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("an alert")
}

#[tokio::test]
async fn a_failing_notifier_is_an_alert_until_it_succeeds_and_tells_nothing_of_itself() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut failing, mut other) = (Inbox::start().await, Inbox::start().await);
    failing.answer(500);
    let url = failing.url(&format!("/services/{SECRET}"));
    let notifiers = [
        notifier("slack", &format!("url = \"{url}\"")),
        webhook(&other),
    ];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish(&hub, firing("a", "error", "first")).await;
    let expected = json!({
        "level": "error",
        "key": "notify ops 1 slack",
        "status": "firing",
        "message": "Notifier 1 (slack): status 500",
    });
    assert_eq!(next_alarm(&mut viewer).await, expected);
    let first = failing.next().await.body;
    assert_eq!(failing.next().await.body, first, "the same again");
    let mut told = Vec::new();
    while told.len() < 2 {
        let body = other.next().await.body;
        told.extend(texts(&body).into_iter().map(str::to_owned));
    }
    assert_eq!(told, ["first", "Notifier 1 (slack): status 500"]);
    failing.answer(200);
    let resolved = next_alarm(&mut viewer).await;
    assert_eq!(
        (&resolved["status"], &resolved["message"]),
        (&json!("resolved"), &json!("Notifier 1 (slack) works again"))
    );
    assert_eq!(
        texts(&other.next().await.body),
        ["Notifier 1 (slack) works again"]
    );
    // What it gets next is not about itself.
    while !failing.is_empty() {
        assert_eq!(failing.next().await.body, first);
    }
    publish(&hub, firing("b", "error", "second")).await;
    let body = failing.next().await.body;
    assert_eq!(body["text"], "Operations: Error: second");
    assert!(!hub.metrics().await.contains(SECRET));
}

#[tokio::test]
async fn a_receiver_that_does_not_answer_delays_no_other_and_is_told_again_as_such() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut silent, mut other) = (Inbox::start().await, Inbox::start().await);
    silent.answer_by(|| None);
    let notifiers = [webhook(&silent), webhook(&other)];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    let start = Instant::now();
    publish(&hub, firing("a", "error", "first")).await;
    let first = silent.next().await.body;
    assert_eq!(first["repeated"], false);
    other.next().await;
    publish(&hub, firing("b", "error", "second")).await;
    assert_eq!(texts(&other.next().await.body), ["second"]);
    assert!(silent.is_empty(), "the first try still runs");
    let alarm = next_alarm(&mut viewer).await;
    assert_eq!(
        alarm["message"],
        "Notifier 1 (webhook): no answer within 10 s"
    );
    assert!(start.elapsed().as_secs() >= 10);
    silent.answer(200);
    let again = silent.next().await.body;
    assert_eq!(
        (&again["id"], &again["repeated"]),
        (&first["id"], &json!(true))
    );
    assert_eq!(again["summary"], "Error: first (repeated)");
    assert_eq!(texts(&silent.next().await.body), ["second"]);
}

#[tokio::test]
async fn redirects_are_not_followed_and_refusals_are_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut inbox, elsewhere) = (Inbox::start().await, Inbox::start().await);
    for status in [StatusCode::FOUND, StatusCode::TEMPORARY_REDIRECT] {
        let to = elsewhere.url("/");
        inbox.answer_by(move || Some((status, [(header::LOCATION, to.clone())]).into_response()));
        let hub = hub(directory.path(), &webhook(&inbox)).await;
        let mut viewer = hub.subscribed(CHANNEL).await;
        publish(&hub, firing("a", "error", "first")).await;
        inbox.next().await;
        let alarm = next_alarm(&mut viewer).await;
        let expected = format!("Notifier 1 (webhook): status {}", status.as_u16());
        assert_eq!(alarm["message"], expected);
        assert!(elsewhere.is_empty());
    }
}

#[tokio::test]
async fn a_receiver_is_left_alone_as_long_as_it_wants() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut inbox = Inbox::start().await;
    let tries = AtomicUsize::new(0);
    inbox.answer_by(move || {
        let wait = [(header::RETRY_AFTER, "6")];
        Some(match tries.fetch_add(1, Ordering::SeqCst) {
            0 => (StatusCode::TOO_MANY_REQUESTS, wait).into_response(),
            _ => ().into_response(),
        })
    });
    let hub = hub(directory.path(), &webhook(&inbox)).await;
    publish(&hub, firing("a", "error", "first")).await;
    inbox.next().await;
    let refused = Instant::now();
    assert_eq!(inbox.next().await.body["repeated"], false);
    // The hub's own first wait is 3 s at most.
    assert!(refused.elapsed().as_secs() >= 5);
}

#[tokio::test]
async fn a_missing_variable_is_told_and_nothing_is_sent() {
    let directory = tempfile::tempdir().expect("a directory");
    let inbox = Inbox::start().await;
    let keys = format!("url = \"{}\"\ntoken = \"${{gone}}\"", inbox.url("/"));
    let hub = hub(directory.path(), &notifier("webhook", &keys)).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish(&hub, firing("a", "error", "first")).await;
    let alarm = next_alarm(&mut viewer).await;
    let message = alarm["message"].as_str().expect("text");
    assert!(
        message.contains("the variable `gone` is not set"),
        "{message}"
    );
    assert!(inbox.is_empty());
}

#[tokio::test]
async fn a_mail_server_that_is_gone_has_got_nothing() {
    let directory = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let gone = listener.local_addr().expect("bound");
    drop(listener);
    let keys = format!(
        "server = \"{gone}\"\ntls = \"none\"\nfrom = \"hub@mail.example\"\nto = [\"ops@mail.example\"]"
    );
    let hub = hub(directory.path(), &notifier("email", &keys)).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish(&hub, firing("a", "error", "first")).await;
    let alarm = next_alarm(&mut viewer).await;
    let message = alarm["message"].as_str().expect("text");
    assert!(message.contains("refused"), "{message}");
    let listener = TcpListener::bind(gone).await.expect("still free");
    let mut server = MailServer::on(listener, Encryption::None, "250 ok");
    let mail = server.next().await;
    assert!(
        mail.contains(&"Subject: Operations: Error: first".to_owned()),
        "{mail:?}"
    );
}
