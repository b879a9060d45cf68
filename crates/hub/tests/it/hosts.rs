//! The names by which requests reach a hub.

use reqwest::Method;
use serde_json::Value;
use tokio_tungstenite::connect_async;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;

use crate::support::{API_KEY, TestHub, reachable, sign, viewer};

/// Status and body of a request for `host`.
async fn ask(hub: &TestHub, host: &str, method: Method, path: &str) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .request(method, hub.url(path))
        .header("host", host)
        .bearer_auth(API_KEY)
        .body(r#"{"channel":"c","event":"e"}"#)
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.unwrap_or_default())
}

/// The status of a handshake for `host`.
async fn shake_hands(hub: &TestHub, host: &str) -> u16 {
    let url = format!("ws://{}/v1?token={}", hub.address, sign(viewer("c")));
    let mut request = url.into_client_request().expect("a request");
    let host = host.parse().expect("a header's value");
    request.headers_mut().insert("host", host);
    match connect_async(request).await {
        Ok((_, answer)) => answer.status().as_u16(),
        Err(Error::Http(answer)) => answer.status().as_u16(),
        Err(error) => panic!("neither accepted nor refused: {error}"),
    }
}

#[tokio::test]
async fn a_rebound_name_gets_nothing_from_a_reachable_hub() {
    let hub = TestHub::with(reachable).await;
    let wrong = "evil.example:8400";
    for (method, path) in [
        (Method::POST, "/live-dashboard"),
        (Method::GET, "/dashboards"),
        (Method::GET, "/v1"),
        (Method::POST, "/connection/listMessages"),
        (Method::GET, "/"),
    ] {
        let (status, body) = ask(&hub, wrong, method, path).await;
        assert_eq!(
            (status, &body["error"]["code"]),
            (421, &"WRONG_HOST".into()),
            "{path}"
        );
        let message = body["error"]["message"].as_str().expect("why");
        assert!(message.contains("--public-origin"), "{message}");
    }
    assert_eq!(shake_hands(&hub, wrong).await, 421);
    let refused = r#"live_dashboard_refused_total{request="connect",reason="wrong_host"} 2"#;
    assert!(hub.metrics().await.contains(refused));

    let port = hub.address.port();
    let machine = gethostname::gethostname().into_string().expect("text");
    for name in ["127.0.0.1", "10.1.2.3", "[::1]", "localhost", &machine] {
        let name = format!("{name}:{port}");
        assert_eq!(
            ask(&hub, &name, Method::GET, "/dashboards").await.0,
            200,
            "{name}"
        );
        assert_eq!(shake_hands(&hub, &name).await, 101, "{name}");
    }
}

#[tokio::test]
async fn a_hub_answers_viewers_only_by_its_public_names() {
    let hub = TestHub::with(|options| {
        reachable(options);
        options.public_origin = vec!["https://dash.example".into(), "http://dash.lan".into()];
    })
    .await;
    let machine = gethostname::gethostname().into_string().expect("text");
    for (name, status) in [
        ("dash.example", 200),
        ("dash.lan", 200),
        ("10.1.2.3", 200),
        (machine.as_str(), 421),
        ("evil.example", 421),
    ] {
        assert_eq!(
            ask(&hub, name, Method::GET, "/dashboards").await.0,
            status,
            "{name}"
        );
    }
}

#[tokio::test]
async fn programs_use_any_name() {
    let hub = TestHub::start().await;
    for (method, path, expected) in [
        (Method::POST, "/publish", 202),
        (Method::GET, "/channels/c", 200),
        (Method::GET, "/metrics", 200),
        (Method::GET, "/healthz", 200),
        (Method::GET, "/dashboards", 421),
    ] {
        let (status, body) = ask(&hub, "hub.internal:8400", method, path).await;
        assert_eq!(status, expected, "{path}: {body}");
    }
}
