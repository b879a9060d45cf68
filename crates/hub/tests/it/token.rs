//! The token endpoint.

use serde_json::{Value, json};

use crate::support::{Client, TestHub};

async fn ask(hub: &TestHub, body: &str, headers: &[(&str, &str)]) -> (u16, Value) {
    let mut request = reqwest::Client::new()
        .post(hub.url("/live-dashboard"))
        .body(body.to_owned());
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_viewer_gets_a_token_that_only_subscribes() {
    let hub = TestHub::with(|options| options.channel = Some("ops".into())).await;
    let (status, body) = ask(&hub, "{}", &[]).await;
    assert_eq!(status, 200);
    assert_eq!(body["channel"], "ops");
    assert_eq!(body["layout"]["stat"][0]["key"], "activeUsers");
    assert_eq!(body["history"], 3600.0, "how far back it reaches");
    let token = body["token"].as_str().expect("a token");
    let mut client = Client::open(hub.address, token).await.expect("accepted");
    client.next_event("hotsock.connected").await;
    client
        .send(json!({"event": "hotsock.subscribe", "channel": "ops"}))
        .await;
    client.next_event("hotsock.subscribed").await;
    client.send(json!({"event": "x", "channel": "ops"})).await;
    let error = client.next_event("hotsock.error").await;
    assert_eq!(error["error"]["code"], "PUBLISH_PERMISSION_DENIED");
}

#[tokio::test]
async fn the_dashboard_must_exist() {
    let hub = TestHub::start().await;
    assert_eq!(ask(&hub, r#"{"dashboard":"default"}"#, &[]).await.0, 200);
    assert_eq!(ask(&hub, "", &[]).await.0, 200);
    let (status, body) = ask(&hub, r#"{"dashboard":"nope"}"#, &[]).await;
    assert_eq!(status, 404);
    assert!(
        body["error"]["message"]
            .as_str()
            .expect("why")
            .contains("nope")
    );
    let only = json!([{"name": "default", "title": "Live Dashboard"}]);
    assert_eq!(body["dashboards"], only, "what there is instead");
    assert_eq!(ask(&hub, "[", &[]).await.0, 400);
    assert_eq!(ask(&hub, r#"{"dashboard":5}"#, &[]).await.0, 400);
}

#[tokio::test]
async fn viewer_access_is_enforced() {
    let off = TestHub::with(|options| options.viewer_access = Some("off".into())).await;
    assert_eq!(ask(&off, "{}", &[]).await.0, 403);

    let proxied = TestHub::with(|options| {
        options.viewer_access = Some("proxy-header:x-user".into());
        options.trusted_proxy = vec!["127.0.0.1".into()];
    })
    .await;
    let (status, body) = ask(&proxied, "{}", &[]).await;
    assert_eq!(status, 401);
    assert!(
        body["error"]["message"]
            .as_str()
            .expect("why")
            .contains("x-user")
    );
    let (status, body) = ask(&proxied, "{}", &[("x-user", "alice")]).await;
    assert_eq!(status, 200);
    let token = body["token"].as_str().expect("a token");
    let mut client = Client::open(proxied.address, token)
        .await
        .expect("accepted");
    let first = client.next_event("hotsock.connected").await;
    assert_eq!(first["meta"]["uid"], "alice");
    let twice = [("x-user", "alice"), ("x-user", "mallory")];
    assert_eq!(ask(&proxied, "{}", &twice).await.0, 401, "which one is it?");
}

#[tokio::test]
async fn pages_of_other_origins_get_no_token() {
    let hub = TestHub::start().await;
    let (status, _) = ask(&hub, "{}", &[("origin", "https://evil.example")]).await;
    assert_eq!(status, 403);
    assert_eq!(
        ask(&hub, "{}", &[("origin", "http://localhost:8080")])
            .await
            .0,
        200
    );
}

#[tokio::test]
async fn only_a_trusted_proxy_may_name_the_viewer() {
    let hub = TestHub::with(|options| {
        options.viewer_access = Some("proxy-header:x-user".into());
        options.groups_header = Some("x-groups".into());
        options.trusted_proxy = vec!["10.0.0.0/8".into(), "127.0.0.2".into()];
    })
    .await;
    let forged = [("x-user", "alice"), ("x-forwarded-for", "10.0.0.1")];
    let (status, body) = ask(&hub, "{}", &forged).await;
    assert_eq!(status, 403, "127.0.0.1 is not named: {body}");
    assert_eq!(body["error"]["code"], "UNTRUSTED_PROXY");
    let refused = r#"live_dashboard_refused_total{request="token",reason="untrusted_proxy"} 1"#;
    assert!(hub.metrics().await.contains(refused));
    assert_eq!(ask(&hub, "{}", &[("x-groups", "ops")]).await.0, 403);
    assert_eq!(ask(&hub, "{}", &[]).await.0, 401, "without the header");
    for path in ["/dashboards", "/", "/v1", "/connection/listMessages"] {
        let request = reqwest::Client::new().get(hub.url(path));
        let answer = request.header("x-user", "alice").send().await;
        assert_eq!(answer.expect("an answer").status(), 403, "{path}");
    }
}
