//! Several dashboards in one hub.

use std::path::Path;

use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, TestHub};

fn write(directory: &Path, name: &str, text: &str) {
    std::fs::write(directory.join(name), text).expect("written");
}

async fn hub(directory: &Path) -> TestHub {
    TestHub::with(|options| options.dashboards = Some(directory.to_owned())).await
}

async fn token(hub: &TestHub, body: Value) -> (u16, Value) {
    let answer = reqwest::Client::new()
        .post(hub.url("/live-dashboard"))
        .body(body.to_string())
        .send()
        .await
        .expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

#[tokio::test]
async fn a_token_response_has_the_dashboard_s_channel_and_layout() {
    let directory = tempfile::tempdir().expect("a directory");
    write(
        directory.path(),
        "ops.toml",
        "title = \"Operations\"\nstale_after = \"1m\"\n",
    );
    let hub = hub(directory.path()).await;
    let (status, ops) = token(&hub, json!({"dashboard": "ops"})).await;
    assert_eq!(status, 200);
    assert_eq!(ops["channel"], "dashboard-ops");
    assert_eq!(ops["layout"]["title"], "Operations");
    assert_eq!(ops["layout"]["stale_after"], 60.0);
    let (status, none) = token(&hub, json!({"dashboard": "nope"})).await;
    assert_eq!(
        (status, &none["error"]["code"]),
        (404, &json!("UNKNOWN_DASHBOARD"))
    );
    let (_, default) = token(&hub, json!({})).await;
    assert_eq!(default["channel"], "dashboard");
    let both = json!([{"name": "default", "title": "Live Dashboard"},
                      {"name": "ops", "title": "Operations"}]);
    assert_eq!(default["dashboards"], both);
    assert_eq!(ops["dashboards"], both);
    let listed: Value = reqwest::get(hub.url("/dashboards"))
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    assert_eq!(listed, json!({"dashboards": both}));
}

#[tokio::test]
async fn a_token_grants_only_its_dashboard_s_channel() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "ops.toml", "title = \"Operations\"\n");
    let hub = hub(directory.path()).await;
    let (_, ops) = token(&hub, json!({"dashboard": "ops"})).await;
    let token = ops["token"].as_str().expect("a token");
    let mut client = Client::open(hub.address, token).await.expect("accepted");
    client.next_event("hotsock.connected").await;
    for (channel, event) in [
        ("dashboard", "hotsock.error"),
        ("dashboard-ops", "hotsock.subscribed"),
    ] {
        client
            .send(json!({"event": "hotsock.subscribe", "channel": channel}))
            .await;
        client.next_event(event).await;
    }
}

#[tokio::test]
async fn a_token_grants_the_channels_of_all_panels() {
    let directory = tempfile::tempdir().expect("a directory");
    let layout = "title = \"O\"\n[[gauge]]\ntitle = \"G\"\nkey = \"load\"\nchannel = \"machines\"\n\
                  [[stat]]\nkey = \"users\"\nlabel = \"U\"\nchannel = \"dashboard-ops\"\n";
    write(directory.path(), "ops.toml", layout);
    let hub = hub(directory.path()).await;
    let (_, ops) = token(&hub, json!({"dashboard": "ops"})).await;
    let token = ops["token"].as_str().expect("a token");
    let mut client = Client::open(hub.address, token).await.expect("accepted");
    client.next_event("hotsock.connected").await;
    for channel in ["dashboard-ops", "machines"] {
        let subscribe = json!({"event": "hotsock.subscribe", "channel": channel});
        client.send(subscribe).await;
        client.next_event("hotsock.subscribed").await;
    }
    let warnings = async |channel: &str, data| {
        let body = json!({"channel": channel, "event": "stats-update", "data": data});
        hub.publish(body).await.1["warnings"].clone()
    };
    assert!(warnings("machines", json!({"load": 1})).await.is_null());
    assert!(
        warnings("dashboard-ops", json!({"users": 1}))
            .await
            .is_null()
    );
    assert_eq!(
        warnings("machines", json!({"load": 1, "users": 1})).await,
        json!(["no dashboard shows `users` (stats-update)"])
    );
}

#[tokio::test]
async fn listing_dashboards_needs_viewer_access() {
    let hub = TestHub::with(|options| options.viewer_access = Some("off".into())).await;
    let answer = reqwest::get(hub.url("/dashboards"))
        .await
        .expect("an answer");
    assert_eq!(answer.status().as_u16(), 403);
}

#[tokio::test]
async fn a_changed_layout_reaches_open_pages_unless_it_is_invalid() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "ops.toml", "title = \"One\"\n");
    let hub = hub(directory.path()).await;
    let mut page = hub.subscribed("dashboard-ops").await;
    write(directory.path(), "ops.toml", "title = \"\"\n");
    write(directory.path(), "other.toml", "title = \"Other\"\n");
    write(directory.path(), "ops.toml", "title = \"Two\"\n");
    let changed = page.next_event("live-dashboard.layout").await;
    assert_eq!(changed["data"]["title"], "Two");
    assert_eq!(changed["data"]["dashboard"], "ops");
    let (_, other) = token(&hub, json!({"dashboard": "other"})).await;
    assert_eq!(other["channel"], "dashboard-other", "a new file is there");
    // The channel moves: those on the old one hear of it there.
    write(
        directory.path(),
        "ops.toml",
        "title = \"Two\"\nchannel = \"elsewhere\"\n",
    );
    let moved = page.next_event("live-dashboard.layout").await;
    assert_eq!(moved["data"]["channel"], "elsewhere");
    let (_, ops) = token(&hub, json!({"dashboard": "ops"})).await;
    assert_eq!(ops["channel"], "elsewhere");
}

#[tokio::test]
async fn the_sources_note_is_only_on_their_channel() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "ops.toml", "title = \"Operations\"\n");
    write(
        directory.path(),
        "wall.toml",
        "title = \"Wall\"\nchannel = \"numbers\"\n",
    );
    let hub = TestHub::with(|options| {
        options.dashboards = Some(directory.path().to_owned());
        options.source = vec!["demo".into()];
        options.channel = Some("numbers".into());
    })
    .await;
    for (name, channel, note) in [
        ("default", "numbers", json!("Demo data")),
        ("wall", "numbers", json!("Demo data")),
        ("ops", "dashboard-ops", Value::Null),
    ] {
        let (_, body) = token(&hub, json!({"dashboard": name})).await;
        assert_eq!(body["channel"], channel);
        assert_eq!(body["layout"]["note"], note, "{name}");
        assert_eq!(body["layout"]["dashboard"], name);
    }
}

#[tokio::test]
async fn a_removed_dashboard_is_not_listed_but_its_viewers_stay() {
    let directory = tempfile::tempdir().expect("a directory");
    write(directory.path(), "ops.toml", "title = \"Operations\"\n");
    let hub = hub(directory.path()).await;
    let mut page = hub.subscribed("dashboard-ops").await;
    std::fs::remove_file(directory.path().join("ops.toml")).expect("removed");
    timeout(PATIENCE, async {
        while token(&hub, json!({"dashboard": "ops"})).await.0 != 404 {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("goes");
    let (_, default) = token(&hub, json!({})).await;
    assert_eq!(default["dashboards"], Value::Null, "nothing to choose");
    hub.publish(json!({"channel": "dashboard-ops", "event": "e"}))
        .await;
    page.next_event("e").await;
}

#[tokio::test]
async fn pages_of_allowed_origins_may_list() {
    let hub = TestHub::with(|options| {
        options.viewer_access = Some("open".into());
        options.allowed_origin = vec!["https://portal.example".into()];
    })
    .await;
    let ask = |origin: &'static str| {
        reqwest::Client::new()
            .get(hub.url("/dashboards"))
            .header("origin", origin)
            .send()
    };
    let answer = ask("https://portal.example").await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 200);
    assert_eq!(
        answer.headers()["access-control-allow-origin"],
        "https://portal.example"
    );
    let answer = ask("https://evil.example").await.expect("an answer");
    assert_eq!(answer.status().as_u16(), 403);
}

#[tokio::test]
async fn a_forbidden_dashboard_is_as_unknown_as_none() {
    let directory = tempfile::tempdir().expect("a directory");
    let secret = "title = \"Secret\"\nviewers = [\"group:ops\", \"user:eve\"]\n";
    write(directory.path(), "secret.toml", secret);
    let hub = TestHub::with(|options| {
        options.dashboards = Some(directory.path().to_owned());
        options.viewer_access = Some("proxy-header:x-user".into());
        options.groups_header = Some("x-groups".into());
        options.trusted_proxy = vec!["127.0.0.1".into()];
    })
    .await;
    let ask = async |headers: &[(&str, &str)], name: &str| -> (u16, Value) {
        let client = reqwest::Client::new();
        let body = json!({"dashboard": name}).to_string();
        let mut request = client.post(hub.url("/live-dashboard")).body(body);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = request.send().await.expect("an answer");
        let status = answer.status().as_u16();
        (status, answer.json().await.expect("JSON"))
    };
    for (headers, sees) in [
        (&[("x-user", "eve")][..], true),
        (&[("x-user", "bob"), ("x-groups", "dev, ops")], true),
        (&[("x-user", "bob")], false),
        (&[("x-user", "bob"), ("x-groups", "dev")], false),
        (&[("x-user", "ops"), ("x-groups", "eve,ops2")], false),
        (
            &[("x-user", "bob"), ("x-groups", "ops"), ("x-groups", "dev")],
            false,
        ),
    ] {
        let (status, body) = ask(headers, "secret").await;
        assert_eq!(status, if sees { 200 } else { 404 }, "{headers:?}");
        let (_, none) = ask(headers, "nope").await;
        let unknown = none.to_string().replace("nope", "secret");
        let looks_unknown = body == serde_json::from_str::<Value>(&unknown).expect("JSON");
        assert_eq!(looks_unknown, !sees, "{body}");
        let (_, default) = ask(headers, "default").await;
        assert_eq!(default["dashboards"].is_array(), sees, "{default}");
        assert!(!body.to_string().contains("viewers"), "{body}");
        let mut request = reqwest::Client::new().get(hub.url("/dashboards"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let listed = request.send().await.expect("an answer").text().await;
        assert_eq!(listed.expect("text").contains("Secret"), sees);
    }
}

#[tokio::test]
async fn without_signed_in_viewers_nobody_sees_a_dashboard_with_viewers() {
    let directory = tempfile::tempdir().expect("a directory");
    let secret = "title = \"Secret\"\nviewers = [\"user:eve\"]\n";
    write(directory.path(), "secret.toml", secret);
    let hub = hub(directory.path()).await;
    assert_eq!(token(&hub, json!({"dashboard": "secret"})).await.0, 404);
    let (_, default) = token(&hub, json!({})).await;
    assert_eq!(default["dashboards"], Value::Null);
}

#[tokio::test]
async fn who_is_no_longer_a_viewer_loses_the_connection() {
    let directory = tempfile::tempdir().expect("a directory");
    let save = |viewers: &str| {
        let text = format!("title = \"Secret\"\nviewers = {viewers}\n");
        write(directory.path(), "secret.toml", &text);
    };
    save(r#"["user:eve", "group:ops"]"#);
    let hub = TestHub::with(|options| {
        options.dashboards = Some(directory.path().to_owned());
        options.viewer_access = Some("proxy-header:x-user".into());
        options.groups_header = Some("x-groups".into());
        options.trusted_proxy = vec!["127.0.0.1".into()];
    })
    .await;
    let ask = async |user: &str, dashboard: &str| {
        let request = reqwest::Client::new()
            .post(hub.url("/live-dashboard"))
            .header("x-user", user)
            .header("x-groups", if user == "bob" { "ops" } else { "" })
            .body(json!({"dashboard": dashboard}).to_string());
        let answer = request.send().await.expect("an answer");
        let body: Value = answer.json().await.expect("JSON");
        body["token"].as_str().map(str::to_owned)
    };
    let open = async |token: &str| {
        let mut client = Client::open(hub.address, token).await.expect("accepted");
        client.next_event("hotsock.connected").await;
        client
    };
    let (eve, bob) = (ask("eve", "secret").await, ask("bob", "secret").await);
    let (eve, bob) = (eve.expect("a viewer"), bob.expect("a viewer"));
    let other = ask("bob", "default").await.expect("a viewer");
    let (mut of_eve, mut of_bob) = (open(&eve).await, open(&bob).await);
    let mut of_other = open(&other).await;

    save(r#"["user:eve"]"#);
    assert_eq!(of_bob.closed().await, 1008);
    // Who still is one comes back with another token.
    assert_eq!(of_eve.closed().await, 1008);
    for token in [&eve, &bob] {
        assert_eq!(hub.refusal(token).await, (401, "WITHDRAWN".to_owned()));
    }
    assert_eq!(ask("bob", "secret").await, None);
    let token = ask("eve", "secret").await.expect("still a viewer");
    of_eve = open(&token).await;

    // More viewers, and other dashboards, change nothing for those who watch.
    save(r#"["user:eve", "group:ops"]"#);
    while ask("bob", "secret").await.is_none() {
        tokio::task::yield_now().await;
    }
    for client in [&mut of_eve, &mut of_other] {
        client.send(json!({"event": "hotsock.ping"})).await;
        client.next_event("hotsock.pong").await;
    }
}
