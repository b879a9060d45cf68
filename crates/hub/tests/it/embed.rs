//! What pages of other origins use: the script for embedding, and one list of those that may.

use std::fs;

use reqwest::Response;
use tempfile::TempDir;

use crate::support::{Client, TestHub, sign, viewer};

/// The most bytes of the custom element, compressed with brotli.
const MAX_EMBED_BYTES: usize = 3 * 1024;

/// A hub with a page, and pages of others that may embed it.
async fn hub(allowed: &[&str]) -> (TestHub, TempDir) {
    let page = tempfile::tempdir().expect("a directory");
    fs::write(page.path().join("index.html"), "<p>page").expect("written");
    let hub = TestHub::with(|options| {
        options.viewer_access = Some("open".into());
        options.ui = Some(page.path().to_owned());
        options.allowed_origin = allowed.iter().map(ToString::to_string).collect();
    })
    .await;
    (hub, page)
}

async fn get(hub: &TestHub, path: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = reqwest::Client::new().get(hub.url(path));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.send().await.expect("an answer")
}

fn header<'a>(answer: &'a Response, name: &str) -> &'a str {
    let value = answer.headers().get(name);
    value.map_or("", |value| value.to_str().expect("ASCII"))
}

#[tokio::test]
async fn the_scripts_are_small_and_cached_for_a_short_time() {
    let (hub, _page) = hub(&[]).await;
    for (path, caching) in [
        ("/embed.js", "public, max-age=300"),
        ("/frame.js", "no-cache"),
    ] {
        let answer = get(&hub, path, &[("accept-encoding", "br")]).await;
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        assert_eq!(header(&answer, "cache-control"), caching, "{path}");
        assert_eq!(
            header(&answer, "content-type"),
            "text/javascript; charset=utf-8"
        );
        assert_eq!(header(&answer, "content-encoding"), "br", "{path}");
        assert_eq!(header(&answer, "x-content-type-options"), "nosniff");
        let etag = header(&answer, "etag").to_owned();
        let size = answer.bytes().await.expect("a body").len();
        assert!(size <= MAX_EMBED_BYTES, "{path} has {size} bytes");
        let again = get(&hub, path, &[("if-none-match", &etag)]).await;
        assert_eq!(again.status().as_u16(), 304, "{path}");
        let plain = get(&hub, &format!("{path}?1"), &[]).await;
        let text = plain.text().await.expect("a body");
        assert!(
            !text.contains("import ") && !text.contains("eval("),
            "{path}"
        );
    }
}

#[tokio::test]
async fn one_list_governs_handshake_cors_and_frames() {
    let (hub, _page) = hub(&["https://portal.example", "https://*.apps.example"]).await;
    let token = sign(viewer("c"));
    for (origin, is_allowed) in [
        ("https://portal.example", true),
        ("https://a.apps.example", true),
        ("http://localhost:3000", true),
        ("https://apps.example", false),
        ("https://a.b.apps.example", false),
        ("http://a.apps.example", false),
        ("https://evil.example", false),
        ("https://apps.example.evil.example", false),
    ] {
        let opened = Client::open_from(hub.address, &token, Some(origin)).await;
        assert_eq!(opened.is_ok(), is_allowed, "handshake of {origin}");
        let expected = if is_allowed { origin } else { "" };
        for path in ["/embed.js", "/dashboards"] {
            let answer = get(&hub, path, &[("origin", origin)]).await;
            let allowed = header(&answer, "access-control-allow-origin");
            assert_eq!(allowed, expected, "{path} for {origin}");
            let vary = answer.headers().get_all("vary").iter();
            let names: Vec<_> = vary.filter_map(|value| value.to_str().ok()).collect();
            assert!(names.join(",").contains("origin"), "{path}: {names:?}");
        }
    }
    let answer = get(&hub, "/", &[]).await;
    let policy = header(&answer, "content-security-policy").to_owned();
    let (_, ancestors) = policy.split_once("frame-ancestors ").expect("a rule");
    assert_eq!(
        ancestors,
        "'self' http://localhost:* http://127.0.0.1:* https://portal.example https://*.apps.example"
    );
}
