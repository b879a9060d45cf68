//! The page, the headers of every answer, and what operators ask.

use std::fs;

use reqwest::{Method, Response};

use crate::support::{API_KEY, TestHub};

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    answer
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().expect("ASCII"))
}

fn assert_strict(answer: &Response) {
    let policy = header(answer, "content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{policy}");
    assert!(
        policy.contains("script-src 'self' 'wasm-unsafe-eval'"),
        "{policy}"
    );
    assert!(policy.contains("frame-ancestors 'self'"), "{policy}");
    assert!(!policy.contains("unsafe-inline"), "{policy}");
    assert_eq!(header(answer, "x-content-type-options"), "nosniff");
    assert_eq!(header(answer, "referrer-policy"), "no-referrer");
}

#[tokio::test]
async fn every_response_has_the_security_headers() {
    let hub = TestHub::start().await;
    for (path, status, for_pages) in [
        ("/", 404, true),
        ("/nothing/here", 404, true),
        ("/v1", 401, true),
        ("/healthz", 200, false),
        ("/metrics", 200, false),
        ("/publish", 405, false),
    ] {
        let answer = reqwest::get(hub.url(path)).await.expect("an answer");
        assert_eq!(answer.status().as_u16(), status, "{path}");
        match for_pages {
            true => assert_strict(&answer),
            false => assert_eq!(header(&answer, "content-security-policy"), "", "{path}"),
        }
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        assert_eq!(header(&answer, "cache-control"), "no-store", "{path}");
    }
}

#[tokio::test]
async fn programs_may_have_an_address_of_their_own() {
    let hub = TestHub::with(|options| options.admin_listen = Some("127.0.0.1:0".into())).await;
    let status = async |url: String, method| {
        let request = reqwest::Client::new().request(method, url);
        let request = request
            .bearer_auth(API_KEY)
            .body(r#"{"channel":"c","event":"e"}"#);
        request.send().await.expect("an answer").status().as_u16()
    };
    for (method, path, admin, public) in [
        (Method::POST, "/publish", 202, 404),
        (Method::GET, "/channels/c", 200, 404),
        (Method::GET, "/schedules", 200, 404),
        (Method::GET, "/metrics", 200, 404),
        (Method::GET, "/healthz", 200, 404),
        (Method::GET, "/dashboards", 404, 200),
        (Method::POST, "/live-dashboard", 404, 200),
        (Method::GET, "/v1", 404, 401),
        (Method::POST, "/connection/listMessages", 404, 401),
        (Method::GET, "/", 404, 404),
    ] {
        let answered = status(hub.admin_url(path), method.clone()).await;
        assert_eq!(answered, admin, "{path} for programs");
        assert_eq!(status(hub.url(path), method).await, public, "{path}");
    }
    let mut client = hub.subscribed("c").await;
    assert_eq!(
        hub.publish(serde_json::json!({"channel": "c", "event": "e"}))
            .await
            .0,
        202
    );
    client.next_event("e").await;
    hub.stop().await;
}

#[tokio::test]
async fn the_page_is_served_precompressed_and_cached_by_hash() {
    let directory = tempfile::tempdir().expect("a directory");
    let write = |path: &str, content: &[u8]| {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("below")).expect("made");
        fs::write(path, content).expect("written");
    };
    write("index.html", b"<style>a{}</style><p>page");
    write("index.html.br", b"brotli");
    write("assets/x-0123456789abcdef.wasm", b"\0asm");
    write("assets/x-0123456789abcdef.wasm.gz", b"gzip");
    write("assets/x-0123456789abcdef.js", b"go()");
    write(".env", b"SECRET=1");
    write(".git/config", b"[core]");
    let page = directory.path().to_owned();
    let hub = TestHub::with(|options| options.ui = Some(page)).await;
    let get = |path: &str, encoding: &'static str| {
        reqwest::Client::new()
            .get(hub.url(path))
            .header("accept-encoding", encoding)
            .send()
    };

    let index = get("/", "gzip, br").await.expect("an answer");
    assert_strict(&index);
    assert!(header(&index, "content-security-policy").contains("style-src 'self' 'sha256-"));
    assert_eq!(header(&index, "content-type"), "text/html; charset=utf-8");
    assert_eq!(header(&index, "content-encoding"), "br");
    assert_eq!(header(&index, "cache-control"), "no-cache");
    let etag = header(&index, "etag").to_owned();
    assert_eq!(index.bytes().await.expect("a body"), "brotli");

    let again = reqwest::Client::new()
        .get(hub.url("/index.html"))
        .header("if-none-match", &etag)
        .send()
        .await
        .expect("an answer");
    assert_eq!(again.status().as_u16(), 304);

    let wasm = get("/assets/x-0123456789abcdef.wasm", "gzip")
        .await
        .expect("an answer");
    assert_eq!(header(&wasm, "content-type"), "application/wasm");
    assert_eq!(header(&wasm, "content-encoding"), "gzip");
    assert!(header(&wasm, "cache-control").contains("immutable"));

    let script = get("/assets/x-0123456789abcdef.js", "br")
        .await
        .expect("an answer");
    assert_eq!(
        header(&script, "content-type"),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(header(&script, "content-encoding"), "");

    for path in [
        "/index.html.br",
        "/assets/",
        "/../Cargo.toml",
        "/%2e%2e/x",
        "/.env",
        "/.git/config",
    ] {
        let answer = get(path, "identity").await.expect("an answer");
        assert_eq!(answer.status().as_u16(), 404, "{path}");
    }
}

#[tokio::test]
async fn the_metrics_count_connections_and_messages() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    hub.publish(serde_json::json!({"channel": "c", "event": "e"}))
        .await;
    client.next_event("e").await;
    let text = reqwest::get(hub.url("/metrics"))
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    for line in [
        "live_dashboard_connections 1",
        "live_dashboard_subscriptions 1",
        "live_dashboard_messages_published_total 1",
        "live_dashboard_messages_delivered_total 1",
        "live_dashboard_connections_closed_as_slow_total 0",
        "live_dashboard_publish_seconds_count 1",
        "live_dashboard_waiting_limit_bytes 268435456",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
}

#[tokio::test]
async fn the_metrics_tell_how_long_commits_and_writes_to_viewers_take() {
    let hub = TestHub::start().await;
    let mut client = hub.subscribed("c").await;
    let count = async |name: &str| {
        let text = reqwest::get(hub.url("/metrics")).await.expect("an answer");
        let text = text.text().await.expect("text");
        let name = format!("live_dashboard_{name}_seconds_count ");
        let count = text.lines().find_map(|line| line.strip_prefix(&name));
        let count = count.unwrap_or_else(|| panic!("{name} is not in\n{text}"));
        count.parse::<u64>().expect("a number")
    };
    let (commits, written) = (count("commit").await, count("written").await);
    hub.publish(serde_json::json!({"channel": "c", "event": "e"}))
        .await;
    client.next_event("e").await;
    assert_eq!(count("commit").await, commits, "nothing was stored");
    while count("written").await == written {}
    hub.publish(serde_json::json!({"channel": "c", "event": "e", "store": 60}))
        .await;
    assert!(count("commit").await > commits);
}
