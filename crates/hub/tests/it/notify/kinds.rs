//! What each kind sends: the examples of `docs/notifications.md`, and to real programs.

use std::fs;
use std::process::Stdio;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::{sleep, timeout};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::inbox::Inbox;
use super::mail::{Encryption, MailServer, acceptor};
use super::{CHANNEL, firing, notifier, publish, texts, webhook, write};
use crate::certificate::TestCertificate;
use crate::program::program;
use crate::redis_server::free_port;
use crate::support::{PATIENCE, TestHub};
use crate::with_prometheus::{Program, installed};

const TEXT: &str = include_str!("../../../../../docs/notifications.md");

/// The JSON of a kind's section.
fn documented(kind: &str) -> Value {
    let section = TEXT.split(&format!("\n## `{kind}`\n")).nth(1).expect(kind);
    let block = section.split("```json\n").nth(1).expect(kind);
    let block = block.split("```").next().expect(kind);
    serde_json::from_str(block).expect(block)
}

/// Takes over what differs each time: ids and times.
fn assimilate(received: &mut Value, documented: &Value) {
    match (received, documented) {
        (Value::Object(received), Value::Object(documented)) => {
            for (key, value) in received {
                let Some(documented) = documented.get(key) else {
                    continue;
                };
                let varies = ["id", "at", "ts", "startsAt", "endsAt"].contains(&key.as_str());
                match varies && value.is_null() == documented.is_null() {
                    true => *value = documented.clone(),
                    false => assimilate(value, documented),
                }
            }
        }
        (Value::Array(received), Value::Array(documented)) => {
            let pairs = received.iter_mut().zip(documented);
            pairs.for_each(|(received, documented)| assimilate(received, documented));
        }
        _ => {}
    }
}

async fn hub(directory: &std::path::Path, notifiers: &str) -> TestHub {
    write(directory, notifiers);
    TestHub::with(|options| {
        options.dashboards = Some(directory.to_owned());
        options.public_origin = vec!["https://dash.example".into()];
        options.viewer_access = Some("open".into());
        options.variables.insert("word".into(), "s3cr3t".into());
    })
    .await
}

/// Publishes the alerts of the examples.
async fn publish_examples(hub: &TestHub) {
    let mut disk = firing("disk", "error", "Disk at 99%");
    disk["url"] = "https://wiki.example/disk".into();
    publish(hub, disk).await;
    publish(
        hub,
        json!({"level": "warning", "message": "The backup took 3 h"}),
    )
    .await;
}

#[tokio::test]
async fn the_json_is_that_of_the_documentation() {
    let kinds = [
        ("webhook", "/hook/", "/hook/"),
        ("slack", "/services/T0/B0/x", "/services/T0/B0/x"),
        ("teams", "/workflows/1?sig=a%20b", "/workflows/1?sig=a%20b"),
        ("ntfy", "/ops", "/"),
        ("alertmanager", "/base/", "/base/api/v2/alerts"),
    ];
    let mut inboxes = Vec::new();
    let mut notifiers = String::new();
    for (kind, path, _) in kinds {
        let inbox = Inbox::start().await;
        notifiers += &notifier(kind, &format!("url = \"{}\"", inbox.url(path)));
        inboxes.push(inbox);
    }
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(directory.path(), &notifiers).await;
    publish_examples(&hub).await;
    for ((kind, _, expected), inbox) in kinds.into_iter().zip(&mut inboxes) {
        let mut post = inbox.next().await;
        assert_eq!(post.path, expected);
        assert_eq!(post.headers["content-type"], "application/json");
        let documented = documented(kind);
        assimilate(&mut post.body, &documented);
        assert_eq!(post.body, documented, "{kind}: {:#}", post.body);
    }
}

#[tokio::test]
async fn what_users_write_is_no_markup() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut inbox = Inbox::start().await;
    let slack = notifier("slack", &format!("url = \"{}\"", inbox.url("/")));
    let hub = hub(directory.path(), &slack).await;
    let mut alert = firing("k", "error", "<!channel> a & b");
    alert["url"] = "javascript:alert(1)".into();
    publish(&hub, alert).await;
    let body = inbox.next().await.body;
    let attachment = &body["attachments"][0];
    assert_eq!(attachment["text"], "&lt;!channel&gt; a &amp; b");
    assert_eq!(attachment["title_link"], Value::Null);
    assert!(!body["text"].as_str().expect("text").contains("<!"));
}

#[tokio::test]
async fn credentials_and_headers_come_from_variables() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut basic, mut bearer) = (Inbox::start().await, Inbox::start().await);
    let url = |inbox: &Inbox| format!("url = \"{}\"\n", inbox.url("/"));
    let notifiers = [
        notifier(
            "webhook",
            &(url(&basic) + "username = \"hub\"\npassword = \"${word}\""),
        ),
        notifier(
            "webhook",
            &(url(&bearer) + "token = \"${word}\"\nheaders = { X-Key = \"a ${word}\" }"),
        ),
    ];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    publish_examples(&hub).await;
    let headers = basic.next().await.headers;
    assert_eq!(headers["authorization"], "Basic aHViOnMzY3IzdA==");
    let headers = bearer.next().await.headers;
    assert_eq!(headers["authorization"], "Bearer s3cr3t");
    assert_eq!(headers["x-key"], "a s3cr3t");
}

/// The keys of a notifier by e-mail.
fn email(server: &str, more: &str) -> String {
    let keys = format!(
        "server = \"{server}\"\nfrom = \"Hub <hub@mail.example>\"\n\
         to = [\"ops@mail.example\", \"Eve <eve@mail.example>\"]\n{more}"
    );
    notifier("email", &keys)
}

fn has(mail: &[String], line: &str) {
    assert!(mail.iter().any(|it| it == line), "no {line:?} in {mail:#?}");
}

#[tokio::test]
async fn an_e_mail_has_all_alerts() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut server = MailServer::start(Encryption::None, "250 ok").await;
    let address = server.address.to_string();
    let hub = hub(directory.path(), &email(&address, "tls = \"none\"")).await;
    publish_examples(&hub).await;
    let mail = server.next().await;
    for line in [
        "MAIL FROM:<hub@mail.example>",
        "RCPT TO:<ops@mail.example>",
        "RCPT TO:<eve@mail.example>",
        "From: Hub <hub@mail.example>",
        "To: ops@mail.example, Eve <eve@mail.example>",
        "Subject: Operations: 1 error, 1 warning",
        "Auto-Submitted: auto-generated",
        "Error: Disk at 99%",
        "  https://wiki.example/disk",
        "Warning: The backup took 3 h",
        "https://dash.example/?dashboard=ops",
    ] {
        has(&mail, line);
    }
    assert!(
        mail.iter().any(|line| line.starts_with("Message-ID: <0")),
        "{mail:#?}"
    );
}

#[tokio::test]
async fn an_e_mail_is_encrypted_from_the_beginning_or_soon_after() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = tempfile::tempdir().expect("a directory");
    let path = |name: &str| files.path().join(name);
    TestCertificate::new("localhost").write(&path("cert.pem"), &path("key.pem"));
    let config = || {
        let certificate = CertificateDer::from_pem_file(path("cert.pem")).expect("a certificate");
        let key = PrivateKeyDer::from_pem_file(path("key.pem")).expect("a key");
        let config = ServerConfig::builder().with_no_client_auth();
        acceptor(
            config
                .with_single_cert(vec![certificate], key)
                .expect("fits"),
        )
    };
    let mut starttls = MailServer::start(Encryption::Starttls(config()), "250 ok").await;
    let mut tls = MailServer::start(Encryption::Tls(config()), "250 ok").await;
    let server = |server: &MailServer| format!("localhost:{}", server.address.port());
    let ca = format!("ca = \"{}\"\n", path("cert.pem").display());
    let keys = "username = \"hub\"\npassword = \"${word}\"\n";
    let notifiers = [
        email(&server(&starttls), &format!("{ca}{keys}")),
        email(&server(&tls), &format!("{ca}{keys}tls = \"tls\"")),
        // Without the certificate it is not trusted.
        email(&server(&tls), &format!("{keys}tls = \"tls\"")),
    ];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish_examples(&hub).await;
    // "hub" and the password, each after a zero byte.
    let login = "AUTH PLAIN AGh1YgBzM2NyM3Q=";
    let mail = starttls.next().await;
    let place = |line: &str| mail.iter().position(|it| it == line).expect(line);
    assert!(place("STARTTLS") < place("encrypted") && place("encrypted") < place(login));
    has(&tls.next().await, login);
    let alarm = async {
        loop {
            let data = viewer.next_event("alert").await["data"].clone();
            if data["key"] == "notify ops 3 email" {
                break data["message"].as_str().expect("text").to_owned();
            }
        }
    };
    let alarm = timeout(PATIENCE, alarm).await.expect("an alert");
    assert!(alarm.contains("certificate"), "{alarm}");
}

#[tokio::test]
async fn a_refused_recipient_is_told() {
    let directory = tempfile::tempdir().expect("a directory");
    let server = MailServer::start(Encryption::None, "550 who is that").await;
    let address = server.address.to_string();
    let hub = hub(directory.path(), &email(&address, "tls = \"none\"")).await;
    let mut viewer = hub.subscribed(CHANNEL).await;
    publish(&hub, firing("k", "error", "m")).await;
    viewer.next_event("alert").await;
    let alarm = viewer.next_event("alert").await;
    let expected = "Notifier 1 (email): permanent error (550): who is that";
    assert_eq!(alarm["data"]["message"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn alertmanager_has_the_alert_until_it_is_resolved() {
    installed("prometheus-alertmanager");
    let files = tempfile::tempdir().expect("a directory");
    let config = "route: { receiver: none }\nreceivers: [{ name: none }]\n";
    fs::write(files.path().join("alertmanager.yml"), config).expect("written");
    let port = free_port();
    let arguments = [
        "--config.file=alertmanager.yml".into(),
        "--storage.path=alerts".into(),
        format!("--web.listen-address=127.0.0.1:{port}"),
        "--cluster.listen-address=".into(),
    ];
    let _running = Program::start("prometheus-alertmanager", files.path(), &arguments);
    let url = format!("http://127.0.0.1:{port}");
    let directory = tempfile::tempdir().expect("a directory");
    let hub = hub(
        directory.path(),
        &notifier("alertmanager", &format!("url = \"{url}\"")),
    )
    .await;
    // Those that are active, as severity and summary.
    let until = async |expected: Value| {
        let mut found = Value::Null;
        let wait = async {
            while found != expected {
                sleep(Duration::from_millis(100)).await;
                let answer = reqwest::get(format!("{url}/api/v2/alerts?active=true")).await;
                let Ok(answer) = answer else {
                    continue;
                };
                let alerts: Vec<Value> = answer.json().await.expect("JSON");
                let shown = alerts.iter().map(|alert| {
                    assert_eq!(alert["labels"]["dashboard"], "ops");
                    assert_eq!(alert["labels"]["key"], "disk");
                    json!([alert["labels"]["severity"], alert["annotations"]["summary"]])
                });
                found = shown.collect();
            }
        };
        let reached = timeout(Duration::from_secs(60), wait).await;
        assert!(reached.is_ok(), "{found} is not {expected}");
    };
    publish(&hub, firing("disk", "warning", "91%")).await;
    until(json!([["warning", "91%"]])).await;
    publish(&hub, firing("disk", "error", "99%")).await;
    until(json!([["critical", "99%"]])).await;
    let end = json!({"level": "info", "key": "disk", "status": "resolved", "message": "50%"});
    publish(&hub, end).await;
    until(json!([])).await;
}

#[tokio::test]
async fn what_came_from_alertmanager_does_not_go_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let (mut alertmanager, mut other) = (Inbox::start().await, Inbox::start().await);
    let url = format!("url = \"{}\"", alertmanager.url(""));
    let notifiers = [notifier("alertmanager", &url), webhook(&other)];
    let hub = hub(directory.path(), &notifiers.concat()).await;
    let mut came = firing("f", "error", "came");
    came["startsAt"] = "2026-01-01T10:00:00Z".into();
    publish(&hub, came).await;
    publish(&hub, firing("k", "error", "own")).await;
    assert_eq!(texts(&other.next().await.body), ["came", "own"]);
    let body = alertmanager.next().await.body;
    assert_eq!(body.as_array().map(Vec::len), Some(1));
    assert_eq!(body[0]["annotations"]["summary"], "own");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_sends_a_test_to_each_notifier() {
    let data = tempfile::tempdir().expect("a directory");
    let (mut inbox, refusing) = (Inbox::start().await, Inbox::start().await);
    refusing.answer(403);
    let url = |inbox: &Inbox| format!("url = \"{}\"", inbox.url("/s3cr3t"));
    let run = async |notifiers: &str| {
        fs::create_dir_all(data.path().join("dashboards")).expect("made");
        write(&data.path().join("dashboards"), notifiers);
        let mut command = program(data.path(), &["notify", "ops", "--test"]);
        command.env("LIVE_DASHBOARD_PUBLIC_ORIGINS", "https://dash.example");
        command.stdin(Stdio::null());
        let output = tokio::task::spawn_blocking(move || command.output().expect("runs"));
        let output = output.await.expect("no panic");
        let text = [output.stdout, output.stderr].concat();
        let text = String::from_utf8(text).expect("text");
        (output.status.success(), text)
    };
    let (success, text) = run(&notifier("webhook", &url(&inbox))).await;
    assert!(success && text == "1 webhook: sent\n", "{text}");
    let body = inbox.next().await.body;
    assert_eq!(body["title"], "Operations");
    assert_eq!(body["link"], "https://dash.example/?dashboard=ops");
    assert_eq!(body["alerts"][0]["level"], "info");
    let both = [
        notifier("slack", &url(&refusing)),
        notifier("webhook", &url(&inbox)),
    ];
    let (success, text) = run(&both.concat()).await;
    let expected = "1 slack: status 403\n2 webhook: sent\n";
    assert!(!success && text.starts_with(expected), "{text}");
    assert!(
        text.contains("1 notifier failed") && !text.contains("s3cr3t"),
        "{text}"
    );
    let (success, text) = run("").await;
    assert!(!success && text.contains("has no `[[notify]]`"), "{text}");
    let (success, text) = run(&notifier("webhook", "")).await;
    assert!(
        !success && text.contains("`url` must be an address"),
        "{text}"
    );
}
