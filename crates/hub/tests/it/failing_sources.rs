//! What a dashboard shows of sources that answer nothing, or nothing good.

use std::time::Duration;

use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::time::timeout;

use crate::certificate::TestCertificate;
use crate::declared_sources::{hub, write};
use crate::support::{Client, PATIENCE, TestHub};
use crate::web::Web;

fn layout(url: &str, more: &str) -> String {
    format!(
        r#"
title = "Operations"
stale_after = "1m"
stat = [{{ key = "load", label = "Load" }}]
[[source]]
kind = "scrape"
interval = "1s"
url = "{url}"
query = {{ load = "node_load1" }}
{more}
"#
    )
}

/// The next alert's status and message, and that it is the source's.
async fn next_alert(viewer: &mut Client) -> (String, String) {
    let wait = async {
        loop {
            let frame = viewer.next().await;
            if frame["event"] == "alert" {
                let data = &frame["data"];
                assert_eq!(data["key"], "source ops 1 scrape");
                let text = |field: &Value| field.as_str().expect("text").to_owned();
                break (text(&data["status"]), text(&data["message"]));
            }
        }
    };
    timeout(PATIENCE, wait).await.expect("an alert")
}

async fn next_load(viewer: &mut Client) -> Value {
    loop {
        let frame = viewer.next().await;
        if frame["event"] == "stats-update" {
            return frame["data"]["load"].clone();
        }
    }
}

#[tokio::test]
async fn each_failure_is_an_alert_that_resolves_itself() {
    let directory = tempfile::tempdir().expect("a directory");
    let web = Web::with("node_load1 0.5\n").await;
    let url = format!("http://{}/metrics", web.address);
    let hub = hub(directory.path(), &layout(&url, "")).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    assert_eq!(next_load(&mut viewer).await, 0.5);
    let cases: [(StatusCode, &[u8], &str); 6] = [
        (StatusCode::NOT_FOUND, b"", "status 404"),
        (StatusCode::FOUND, b"", "status 302"),
        (
            StatusCode::OK,
            b"node_load1 \xff\n",
            "the page is not UTF-8",
        ),
        (
            StatusCode::OK,
            b"<html>\n",
            "line 1 is not a metric: `<html>`",
        ),
        (
            StatusCode::OK,
            b"node_load1 1\nnode_",
            "line 2 is not a metric: `node_`",
        ),
        (
            StatusCode::OK,
            b"node_load1 1\nnode_load5 12",
            "the page is cut off",
        ),
    ];
    for (status, body, reason) in cases {
        web.set_status(status, body.to_vec());
        let (status, message) = next_alert(&mut viewer).await;
        assert_eq!(status, "firing");
        assert_eq!(
            message,
            format!("Source 1 (scrape): cannot read {url}: {reason}")
        );
        web.set("node_load1 NaN\n");
        let (status, message) = next_alert(&mut viewer).await;
        assert_eq!(
            (&*status, &*message),
            ("resolved", "Source 1 (scrape) works again")
        );
    }
    web.set("node_load1 1.5\n");
    assert_eq!(
        next_load(&mut viewer).await,
        1.5,
        "no value was made up meanwhile"
    );
}

#[tokio::test]
async fn a_huge_page_is_refused() {
    let directory = tempfile::tempdir().expect("a directory");
    let web = Web::with("").await;
    web.set_status(StatusCode::OK, vec![b'#'; 17 * 1024 * 1024]);
    let url = format!("http://{}", web.address);
    let hub = hub(directory.path(), &layout(&url, "")).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let (_, message) = next_alert(&mut viewer).await;
    assert!(message.contains("more than 16777216 bytes"), "{message}");
}

#[tokio::test]
async fn a_source_that_is_gone_is_reported_once_and_found_again() {
    let directory = tempfile::tempdir().expect("a directory");
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("bound");
    drop(listener);
    let hub = hub(directory.path(), &layout(&format!("http://{address}"), "")).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let (status, message) = next_alert(&mut viewer).await;
    assert_eq!(status, "firing");
    assert!(message.ends_with("connection refused"), "{message}");
    let failed = r#"source_readings_total{dashboard="ops",kind="scrape",result="failed"}"#;
    hub.until_metric(failed, 3).await;
    let listener = TcpListener::bind(address).await.expect("still free");
    let _web = Web::on(listener, "node_load1 2\n").await;
    // The next frame: there was no second alert.
    let frame = viewer.next().await;
    assert_eq!(
        (&frame["event"], &frame["data"]["load"]),
        (&json!("stats-update"), &json!(2.0))
    );
    assert_eq!(next_alert(&mut viewer).await.0, "resolved");
}

#[tokio::test]
async fn a_slow_source_delays_no_other() {
    let directory = tempfile::tempdir().expect("a directory");
    // Accepts, and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}", silent.local_addr().expect("bound"));
    let more = "[[source]]\nkind = \"system\"\ninterval = \"1s\"\n[[gauge]]\ntitle = \"M\"\nkey = \"memory\"";
    let hub = hub(directory.path(), &layout(&url, more)).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    for _ in 0..3 {
        viewer.next_event("stats-update").await;
    }
    let (_, message) = next_alert(&mut viewer).await;
    assert!(message.ends_with("no answer within 10 s"), "{message}");
}

#[tokio::test]
async fn an_alert_of_a_previous_run_or_file_is_resolved() {
    let directory = tempfile::tempdir().expect("a directory");
    let url = "http://127.0.0.1:1";
    let hub = hub(directory.path(), &layout(url, "")).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    assert_eq!(next_alert(&mut viewer).await.0, "firing");
    write(directory.path(), "title = \"Operations\"\n");
    assert_eq!(next_alert(&mut viewer).await.0, "resolved");
    // As a hub that was killed leaves it.
    let alert =
        json!({"level": "error", "key": "source ops 1 scrape", "status": "firing", "message": "m"});
    hub.publish(json!({"channel": "dashboard-ops", "event": "alert", "data": alert}))
        .await;
    assert_eq!(next_alert(&mut viewer).await.0, "firing");
    let web = Web::with("node_load1 1\n").await;
    write(
        directory.path(),
        &layout(&format!("http://{}", web.address), ""),
    );
    assert_eq!(next_alert(&mut viewer).await.0, "resolved");
}

#[tokio::test]
async fn secrets_come_from_variables_and_are_shown_to_nobody() {
    let directory = tempfile::tempdir().expect("a directory");
    let web = Web::with("node_load1 1\n").await;
    let text = layout(
        "${node}/metrics",
        "username = \"hub\"\npassword = \"${pass_word}\"",
    );
    write(directory.path(), &text);
    let (address, path) = (web.address, directory.path().to_owned());
    let hub = TestHub::with(|options| {
        options.dashboards = Some(path);
        options
            .variables
            .insert("node".into(), format!("http://{address}"));
    })
    .await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let (_, message) = next_alert(&mut viewer).await;
    assert!(
        message.contains("LIVE_DASHBOARD_VARIABLE_PASS_WORD"),
        "{message}"
    );
    assert_eq!(
        web.requests(),
        [""; 0],
        "nothing was sent without the password"
    );
    drop(hub);

    let path = directory.path().to_owned();
    let hub = TestHub::with(|options| {
        options.dashboards = Some(path);
        options
            .variables
            .insert("node".into(), format!("http://{address}"));
        options
            .variables
            .insert("pass_word".into(), "secret".into());
    })
    .await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    next_load(&mut viewer).await;
    assert_eq!(web.requests()[0], "/metrics Basic aHViOnNlY3JldA==");
    web.answer_by(|_| StatusCode::UNAUTHORIZED.into_response());
    let (_, message) = next_alert(&mut viewer).await;
    assert!(
        message.ends_with("cannot read ${node}/metrics: status 401"),
        "{message}"
    );
}

#[tokio::test]
async fn tls_trusts_only_the_given_certificates() {
    let directory = tempfile::tempdir().expect("a directory");
    let files = tempfile::tempdir().expect("a directory");
    let path = |name: &str| files.path().join(name);
    let certificate = TestCertificate::new("localhost");
    certificate.write(&path("cert.pem"), &path("key.pem"));
    // Another hub is a page of metrics with TLS.
    let server = TestHub::with(|options| {
        options.tls_cert = Some(path("cert.pem"));
        options.tls_key = Some(path("key.pem"));
    })
    .await;
    let url = format!("https://localhost:{}/metrics", server.address.port());
    let layout = |ca: &str| {
        let text = layout(&url, &format!("token = \"t\"\n{ca}"));
        text.replace("node_load1", "live_dashboard_connections")
    };
    let hub = hub(directory.path(), &layout("")).await;
    let mut viewer = hub.subscribed("dashboard-ops").await;
    let (status, message) = next_alert(&mut viewer).await;
    assert!(
        status == "firing" && message.contains("certificate"),
        "{message}"
    );
    let ca = format!("ca = \"{}\"", path("cert.pem").display());
    write(directory.path(), &layout(&ca));
    loop {
        if next_load(&mut viewer).await == 0.0 {
            break;
        }
    }
    std::fs::remove_file(path("cert.pem")).expect("removed");
    write(directory.path(), &layout(&format!("{ca}\nalways = true")));
    let cannot = async {
        loop {
            let (status, message) = next_alert(&mut viewer).await;
            if status == "firing" {
                break message;
            }
        }
    };
    let message = timeout(Duration::from_secs(30), cannot)
        .await
        .expect("an alert");
    assert!(message.contains("cannot use the certificates"), "{message}");
}
