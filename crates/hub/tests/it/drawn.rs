//! The page with a drawing of its dashboard.

use std::fs;
use std::io::Read;
use std::time::Duration;

use live_dashboard::components::STYLES;
use live_dashboard::model::Snapshot;
use live_dashboard_hub::config::Options;
use live_dashboard_hub::drawing::DrawingRules;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::time::timeout;

use crate::support::{Client, PATIENCE, TestHub};

/// As both builds of the page link their script.
const SCRIPT: &str = r#"<script type="module" src="./x-0123456789abcdef.js"></script>"#;

/// A hub with the page and two dashboards, `default` and `ops`.
struct PageHub {
    hub: TestHub,
    _files: TempDir,
}

impl PageHub {
    /// Draws however long it takes.
    async fn start(change: impl FnOnce(&mut Options)) -> Self {
        let patient = DrawingRules {
            deadline: PATIENCE,
            per_second: u32::MAX,
        };
        Self::with(patient, change).await
    }

    async fn with(rules: DrawingRules, change: impl FnOnce(&mut Options)) -> Self {
        let files = tempfile::tempdir().expect("a directory");
        let path = |name: &str| files.path().join(name);
        for name in ["page", "dashboards"] {
            fs::create_dir(path(name)).expect("made");
        }
        let index = include_str!("../../../../index.html");
        let index = index.replace("</body>", &format!("{SCRIPT}</body>"));
        fs::write(path("page/index.html"), index).expect("written");
        fs::write(path("dashboards/ops.toml"), OPS).expect("written");
        let hub = TestHub::with_drawing(rules, |options| {
            options.ui = Some(path("page"));
            options.dashboards = Some(path("dashboards"));
            change(options);
        });
        Self {
            hub: hub.await,
            _files: files,
        }
    }

    async fn get(&self, query: &str) -> Page {
        self.request(Method::GET, query, &[]).await
    }

    async fn request(&self, method: Method, query: &str, headers: &[(&str, &str)]) -> Page {
        let http = reqwest::Client::new();
        let mut request = http.request(method, self.hub.url(&format!("/{query}")));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        Page::of(request.send().await.expect("an answer")).await
    }

    /// Publishes to the dashboard `ops` and stores the message.
    async fn store(&self, event: &str, data: Value) {
        let message =
            json!({"channel": "dashboard-ops", "event": event, "data": data, "store": 600});
        let (status, body) = self.hub.publish(message).await;
        assert_eq!(status, 202, "{body}");
    }

    /// Waits until the metrics have this line.
    async fn until_metric(&self, line: &str) {
        let reached = async {
            while !self.hub.metrics().await.lines().any(|other| other == line) {
                tokio::task::yield_now().await;
            }
        };
        timeout(PATIENCE, reached).await.expect(line);
    }
}

const OPS: &str = r#"
title = "Operations"
time_zone = "Asia/Kolkata"
stat = [{ key = "users", label = "Users" }]

[[chart]]
title = "Requests"
points = 3
series = [{ key = "requests" }]

[[chart]]
title = "Jobs"
points = 2
series = [{ key = "jobs" }]
"#;

/// An answer to a request for the page.
struct Page {
    status: u16,
    headers: reqwest::header::HeaderMap,
    body: Vec<u8>,
}

impl Page {
    async fn of(answer: Response) -> Self {
        Self {
            status: answer.status().as_u16(),
            headers: answer.headers().clone(),
            body: answer.bytes().await.expect("a body").into(),
        }
    }

    fn header(&self, name: &str) -> &str {
        let value = self.headers.get(name);
        value.map_or("", |value| value.to_str().expect("ASCII"))
    }

    fn html(&self) -> &str {
        std::str::from_utf8(&self.body).expect("UTF-8")
    }

    fn is_drawn(&self) -> bool {
        assert_eq!(self.status, 200);
        self.html().contains("<main")
    }

    /// What is drawn.
    fn drawing(&self) -> &str {
        let (_, rest) = self.html().split_once(r#"<div id="main">"#).expect("#main");
        let (drawing, _) = rest.split_once(r#"<div id="shell">"#).expect("#shell");
        drawing
    }

    /// The data beside the drawing.
    fn data(&self) -> &str {
        let open = r#"<script type="application/json" id="live-dashboard-snapshot">"#;
        let (_, rest) = self.html().split_once(open).expect("data");
        rest.split_once("</script>").expect("its end").0
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.data()).expect("JSON")
    }
}

#[tokio::test]
async fn a_drawn_page_shows_what_is_stored() {
    let hub = PageHub::start(|_| {}).await;
    hub.store("stats-update", json!({"users": 41})).await;
    hub.store("stats-update", json!({"users": 1284})).await;
    hub.store("alert", json!({"level": "error", "message": "Disk full"}))
        .await;
    let page = hub.get("?dashboard=ops").await;
    assert!(page.is_drawn());
    for piece in ["Operations", "1,284", "Disk full", "now", "Connecting"] {
        assert!(page.drawing().contains(piece), "{piece}: {}", page.html());
    }
    assert!(page.drawing().contains(r#"data-connection="connecting""#));
    assert_eq!(page.header("content-type"), "text/html; charset=utf-8");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("etag"), "");
    assert!(page.html().contains(SCRIPT));
    hub.until_metric("live_dashboard_pages_drawn_total 1").await;
}

#[tokio::test]
async fn a_drawn_page_has_the_messages_of_all_channels() {
    let hub = PageHub::start(|_| {}).await;
    let layout = "title = \"All\"\n[[stat]]\nkey = \"users\"\nlabel = \"Users\"\n\
                  [[stat]]\nkey = \"users\"\nlabel = \"Of ops\"\nchannel = \"dashboard-ops\"\n\
                  [[chart]]\ntitle = \"Jobs\"\nseries = [{ key = \"jobs\" }]\nchannel = \"dashboard-ops\"\n\
                  [[clock]]\ntime_zone = \"Asia/Tokyo\"\n";
    fs::write(hub._files.path().join("dashboards/all.toml"), layout).expect("written");
    let there = async {
        while !hub.get("?dashboard=all").await.html().contains("Of ops") {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    timeout(PATIENCE, there).await.expect("the new dashboard");
    hub.store("stats-update", json!({"users": 1284})).await;
    hub.store(
        "chart-data",
        json!({"timestamp": 1_700_000_000, "jobs": 77}),
    )
    .await;
    let own = json!({"channel": "dashboard-all", "event": "stats-update", "data": {"users": 5}});
    assert_eq!(hub.hub.publish(own).await.0, 202);
    let page = hub.get("?dashboard=all").await;
    assert_eq!(page.json()["zones"], json!({"Asia/Tokyo": 540}));
    for piece in [">5<", "1,284", "77", "Asia/Tokyo"] {
        assert!(page.drawing().contains(piece), "{piece}: {}", page.html());
    }
    let json = page.json();
    assert_eq!(json["channels"], json!(["dashboard-all", "dashboard-ops"]));
    let messages = json["messages"].as_array().expect("messages");
    assert_eq!(messages.len(), 3);
}

#[tokio::test]
async fn a_drawn_page_shows_what_is_rarely_published() {
    let hub = PageHub::start(|_| {}).await;
    hub.store("stats-update", json!({"users": 7171})).await;
    for n in 0..150 {
        hub.store("stats-update", json!({"other": n})).await;
    }
    let page = hub.get("?dashboard=ops").await;
    assert!(page.drawing().contains("7,171"), "{}", page.html());
    // The index goes on from there.
    hub.store("stats-update", json!({"users": 8282})).await;
    for n in 0..150 {
        hub.store("stats-update", json!({"other": n, "users": null}))
            .await;
    }
    let page = hub.get("?dashboard=ops").await;
    assert!(page.drawing().contains("8,282"), "{}", page.html());
}

#[tokio::test]
async fn it_is_drawn_in_the_direction_of_the_browser_s_language() {
    let hub = PageHub::start(|_| {}).await;
    for (languages, direction) in [
        ("ar-EG,ar;q=0.9,en;q=0.8", "rtl"),
        ("fa", "rtl"),
        ("he,en;q=0.8", "rtl"),
        ("ur;q=0.9", "rtl"),
        ("en-US,ar;q=0.9", "ltr"),
        ("", "ltr"),
    ] {
        let headers = [("accept-language", languages)];
        let page = hub.request(Method::GET, "?dashboard=ops", &headers).await;
        let expected = format!(r#"dir="{direction}" data-"#);
        assert!(
            page.drawing().contains(&expected),
            "{languages}: {}",
            page.html()
        );
        assert_eq!(page.json()["rightToLeft"], json!(direction == "rtl"));
    }
}

#[tokio::test]
async fn a_panel_is_drawn_alone() {
    let hub = PageHub::start(|_| {}).await;
    hub.store("stats-update", json!({"users": 1284})).await;
    let page = hub.get("?dashboard=ops&panel=users&compact=1").await;
    assert!(page.is_drawn());
    let drawing = page.drawing();
    for piece in ["1,284", r#"data-panel="users""#, r#"data-compact="true""#] {
        assert!(drawing.contains(piece), "{piece}: {drawing}");
    }
    for piece in ["Jobs", r#"class="panel"#] {
        assert!(!drawing.contains(piece), "{piece}: {drawing}");
    }
    let page = hub.get("?dashboard=ops&panel=jobs").await;
    assert!(page.drawing().contains("Jobs"));
    assert!(!page.drawing().contains("1,284"), "{}", page.drawing());
    let page = hub.get("?dashboard=ops&panel=%3Cb%3E").await;
    assert!(
        page.drawing().contains("has no panel “&#60;b&#62;”"),
        "{}",
        page.drawing()
    );
}

#[tokio::test]
async fn its_styles_are_allowed_and_nothing_else_is() {
    let hub = PageHub::start(|_| {}).await;
    let page = hub.get("?dashboard=ops").await;
    let styles = format!("<style id=\"live-dashboard-styles\">{STYLES}</style>");
    assert!(page.html().contains(&styles));
    let policy = page.header("content-security-policy");
    let style_src = policy
        .split("; ")
        .find(|rule| rule.starts_with("style-src"));
    let sources: Vec<_> = style_src.expect("a rule").split(' ').skip(1).collect();
    assert_eq!(sources[0], "'self'");
    // The page's own, and those of the drawing.
    assert_eq!(sources.len(), 3, "{sources:?}");
    assert!(
        sources[1..]
            .iter()
            .all(|source| source.starts_with("'sha256-"))
    );
    let script_src = policy
        .split("; ")
        .find(|rule| rule.starts_with("script-src"));
    let hashes = script_src.expect("a rule").matches("'sha256-").count();
    let shell = hub.get("index.html").await;
    assert_eq!(hashes, shell.html().matches("<script>").count());
    assert!(policy.contains("script-src 'self' 'wasm-unsafe-eval'"));
    assert!(!policy.contains("unsafe-inline"));
}

#[tokio::test]
async fn the_page_can_start_from_its_data() {
    let hub = PageHub::start(|_| {}).await;
    hub.store("stats-update", json!({"users": 7})).await;
    hub.store("other", json!("not shown")).await;
    let query = "?dashboard=ops&theme=dark&x=a%20b";
    let page = hub.get(query).await;
    let snapshot = Snapshot::parse(page.data()).expect("a snapshot");
    assert_eq!(snapshot.query, query.trim_start_matches('?'));
    assert_eq!(snapshot.utc_offset, 330);
    let model = snapshot.model(false);
    assert_eq!(
        model.stats().get("users").map(|users| users.value),
        Some(7.0)
    );
    assert_eq!(snapshot.messages.len(), 1);
    let mut client = Client::open(hub.hub.address, &snapshot.grant.token)
        .await
        .expect("accepted");
    client.next_event("hotsock.connected").await;
    client
        .send(json!({"event": "hotsock.subscribe", "channel": snapshot.grant.channel}))
        .await;
    client.next_event("hotsock.subscribed").await;

    let asked = reqwest::Client::new().post(hub.hub.url("/live-dashboard"));
    let asked = asked
        .body(r#"{"dashboard":"ops"}"#)
        .send()
        .await
        .expect("an answer");
    let asked: Value = asked.json().await.expect("JSON");
    let given = &page.json()["grant"];
    for key in ["channel", "layout", "pageVersion", "dashboards"] {
        assert_eq!(given[key], asked[key], "{key}");
    }
    let later = hub.get("?dashboard=ops&kiosk=1").await.json();
    assert_eq!(later["grant"]["pageVersion"], given["pageVersion"]);
    let whole = asked.as_object().map(|answer| answer.keys().count());
    assert_eq!(given.as_object().map(|answer| answer.keys().count()), whole);
}

#[tokio::test]
async fn every_chart_gets_its_points_and_no_more() {
    let hub = PageHub::start(|_| {}).await;
    for n in 0..5 {
        hub.store("chart-data", json!({"timestamp": n, "jobs": n}))
            .await;
    }
    for n in 10..17 {
        hub.store("chart-data", json!({"timestamp": n, "requests": n}))
            .await;
    }
    let page = hub.get("?dashboard=ops").await;
    for (series, points) in [("requests", 3), ("jobs", 2)] {
        let bars = page
            .drawing()
            .matches(&format!(r#"data-series="{series}""#))
            .count();
        assert_eq!(bars, points, "{series}");
    }
    let times: Vec<_> = page.json()["messages"]
        .as_array()
        .expect("messages")
        .iter()
        .map(|message| message["data"]["timestamp"].as_u64())
        .collect();
    assert_eq!(times, [3, 4, 14, 15, 16].map(Some), "oldest first");
}

#[tokio::test]
async fn a_page_is_compressed_as_the_browser_accepts() {
    let hub = PageHub::start(|_| {}).await;
    hub.store("stats-update", json!({"users": 1284})).await;
    for (accepted, encoding) in [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("identity", ""),
    ] {
        let page = hub
            .request(
                Method::GET,
                "?dashboard=ops",
                &[("accept-encoding", accepted)],
            )
            .await;
        assert_eq!(page.header("content-encoding"), encoding);
        assert_eq!(page.header("vary"), "accept-encoding, accept-language");
        let mut html = String::new();
        match encoding {
            "br" => brotli::Decompressor::new(&*page.body, 4096).read_to_string(&mut html),
            "gzip" => flate2::read::GzDecoder::new(&*page.body).read_to_string(&mut html),
            _ => (&*page.body).read_to_string(&mut html),
        }
        .expect("text");
        assert!(
            html.contains("1,284") && html.ends_with("</html>\n"),
            "{html}"
        );
    }
}

#[tokio::test]
async fn published_text_cannot_become_markup() {
    let hostile = r#"</script><!--<script><img src=x onerror="alert(1)">"#;
    let hub = PageHub::start(|_| {}).await;
    hub.store(
        "alert",
        json!({"level": hostile, "message": hostile, "url": "https://h/\"><b>"}),
    )
    .await;
    hub.store("stats-update", json!({hostile: 1, "users": 5}))
        .await;
    let page = hub
        .get(&format!("?dashboard=ops&x={}", "</script><img%3E"))
        .await;
    assert!(page.is_drawn());
    assert!(!page.html().contains("<img") && !page.html().contains("<b>"));
    let shell = hub.get("index.html").await;
    for tag in ["<script", "</script"] {
        let own = shell.html().matches(tag).count();
        let all = page.html().matches(tag).count();
        assert_eq!(
            all,
            own + 1,
            "{tag}: the page's and the data's in {}",
            page.html()
        );
    }
    assert!(!page.html().contains("<!--<script"));
    assert!(!page.data().contains('<'));
    assert!(page.drawing().contains("&#60;img src=x"));
    let snapshot = Snapshot::parse(page.data()).expect("a snapshot");
    let model = snapshot.model(false);
    assert_eq!(model.alerts().newest(1)[0].alert.message, hostile);
}

#[tokio::test]
async fn who_gets_no_token_gets_no_drawing() {
    type Access = Option<&'static str>;
    let modes: [Access; 3] = [None, Some("off"), Some("proxy-header:x-user")];
    let senders: [&[(&str, &str)]; 6] = [
        &[],
        &[("x-user", "alice")],
        &[("x-user", "alice"), ("x-user", "mallory")],
        &[("x-user", " ")],
        &[("origin", "https://evil.example"), ("x-user", "alice")],
        &[("origin", "http://localhost:1"), ("x-user", "alice")],
    ];
    let mut outcomes = Vec::new();
    for mode in modes {
        let hub = PageHub::start(|options| {
            options.viewer_access = mode.map(Into::into);
            options.trusted_proxy = vec!["127.0.0.1".into()];
        })
        .await;
        hub.store("stats-update", json!({"users": 1284})).await;
        for headers in senders {
            for name in ["ops", "default", "nope"] {
                let mut ask = reqwest::Client::new()
                    .post(hub.hub.url("/live-dashboard"))
                    .body(json!({"dashboard": name}).to_string());
                for (name, value) in headers {
                    ask = ask.header(*name, *value);
                }
                let status = ask.send().await.expect("an answer").status();
                let granted = status == 200;
                let query = format!("?dashboard={name}");
                let page = hub.request(Method::GET, &query, headers).await;
                // Instead of an unknown dashboard, the list is drawn.
                let is_listed = status == 404;
                let drawn = granted || is_listed;
                assert_eq!(page.is_drawn(), drawn, "{mode:?} {headers:?} {name}");
                assert_eq!(page.html().contains("No dashboard named"), is_listed);
                assert_eq!(page.html().contains(r#""token":"ey"#), granted);
                assert_eq!(page.html().contains("1,284"), granted && name == "ops");
                outcomes.push(granted);
            }
        }
    }
    assert_eq!(outcomes.iter().filter(|granted| **granted).count(), 14);
}

#[tokio::test]
async fn a_forbidden_dashboard_is_not_drawn() {
    let hub = PageHub::start(|options| {
        let file = format!("viewers = [\"user:eve\"]\n{OPS}");
        let directory = options.dashboards.as_ref().expect("given");
        fs::write(directory.join("ops.toml"), file).expect("written");
        options.viewer_access = Some("proxy-header:x-user".into());
        options.trusted_proxy = vec!["127.0.0.1".into()];
    })
    .await;
    hub.store("stats-update", json!({"users": 1284})).await;
    for (user, sees) in [("eve", true), ("mallory", false)] {
        for query in ["?dashboard=ops", ""] {
            let page = hub.request(Method::GET, query, &[("x-user", user)]).await;
            assert_eq!(page.html().contains("Operations"), sees, "{user} {query}");
            assert!(page.is_drawn(), "{user} {query}");
            assert!(!page.html().contains("viewers"), "{query}");
        }
    }
}

#[tokio::test]
async fn an_unknown_dashboard_is_drawn_as_the_list_of_those_that_exist() {
    let hub = PageHub::start(|_| {}).await;
    for query in [
        "?dashboard=nosuch&theme=dark",
        "?dashboard=nosuch&theme=dark&kiosk=1",
    ] {
        let page = hub.get(query).await;
        assert!(page.is_drawn(), "{query}");
        for piece in [
            "No dashboard named",
            "nosuch",
            "?dashboard=ops&#38;theme=dark",
            "Operations",
        ] {
            assert!(page.drawing().contains(piece), "{piece}: {}", page.html());
        }
        assert!(
            !page.drawing().contains("stat-value"),
            "no card of another one"
        );
        assert_eq!(page.json()["connects"], false);
        let snapshot = Snapshot::parse(page.data()).expect("a snapshot");
        assert!(*snapshot.model(false).must_choose());
    }
}

#[tokio::test]
async fn other_hosts_get_nothing() {
    let hub = PageHub::start(|_| {}).await;
    let page = hub
        .request(Method::GET, "?dashboard=ops", &[("host", "evil.example")])
        .await;
    assert_eq!(page.status, 421);
    assert!(!page.html().contains("Operations"));
}

#[tokio::test]
async fn what_is_not_drawn_is_the_page_without_a_drawing() {
    let hub = PageHub::start(|_| {}).await;
    let settings = "live_dashboard_pages_not_drawn_total{reason=\"settings\"} 5";
    for query in [
        "?dashboard=ops&hub=https://hub.example",
        "?token_url=https://backend.example/token",
        "?socket_url=wss://hub.example/v1",
        "?api_url=https://hub.example",
        "?dashboard=ops&theme=blue",
        "index.html?dashboard=ops",
    ] {
        let page = hub.get(query).await;
        assert!(!page.is_drawn(), "{query}");
        assert_eq!(page.header("cache-control"), "no-cache");
        assert_ne!(page.header("etag"), "");
    }
    hub.until_metric(settings).await;
    let head = hub.request(Method::HEAD, "?dashboard=ops", &[]).await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_ne!(head.header("etag"), "");

    let other = tempfile::tempdir().expect("a directory");
    let index = r#"<head></head><body><div id="root"></div><script src="a.js"></script></body>"#;
    fs::write(other.path().join("index.html"), index).expect("written");
    let other = PageHub::start(|options| options.ui = Some(other.path().into())).await;
    assert_eq!(other.get("?dashboard=ops").await.html(), index);
}

#[tokio::test]
async fn beyond_the_limits_pages_are_not_drawn() {
    let rules = |per_second, deadline| DrawingRules {
        per_second,
        deadline,
    };
    let capped = PageHub::with(rules(0, PATIENCE), |_| {}).await;
    assert!(!capped.get("?dashboard=ops").await.is_drawn());
    capped
        .until_metric("live_dashboard_pages_not_drawn_total{reason=\"limit\"} 1")
        .await;
    // A timer may be late by a millisecond, in which a page may be drawn.
    let late = PageHub::with(rules(u32::MAX, Duration::ZERO), |_| {}).await;
    timeout(PATIENCE, async {
        while late.get("?dashboard=ops").await.is_drawn() {}
    })
    .await
    .expect("a page that is not drawn");
    late.until_metric("live_dashboard_pages_not_drawn_total{reason=\"slow\"} 1")
        .await;
}

#[tokio::test]
async fn a_wall_and_a_theme_are_drawn_as_such() {
    let hub = PageHub::start(|_| {}).await;
    let wall = hub.get("?dashboard=ops&kiosk=1&theme=dark").await;
    assert!(wall.drawing().contains(r#"data-kiosk="true""#));
    assert!(wall.drawing().contains(r#"data-theme="dark""#));
    assert!(!wall.drawing().contains("<button"));
    let list = hub.get("?theme=light").await;
    assert!(
        list.drawing()
            .contains(r#"href="?dashboard=ops&#38;theme=light""#)
    );
    assert!(!list.drawing().contains("data-connection"));
    let default_wall = hub.get("?kiosk=1").await;
    assert!(default_wall.drawing().contains("Live Dashboard"));
    assert!(default_wall.drawing().contains("Active Users"));
}

#[tokio::test]
async fn nothing_is_drawn_from_before_the_window_of_viewers() {
    for history in ["0", "1s"] {
        let hub = PageHub::start(|options| options.history = Some(history.into())).await;
        hub.store("stats-update", json!({"users": 1284})).await;
        timeout(PATIENCE, async {
            while hub.get("?dashboard=ops").await.drawing().contains("1,284") {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the window ends");
        assert!(hub.get("?dashboard=ops").await.is_drawn());
    }
}

#[tokio::test]
async fn the_first_example_of_the_readme_is_there_for_pages_opened_later() {
    let readme = include_str!("../../../../README.md");
    let (_, example) = readme.split_once("-d '").expect("an example");
    let (body, _) = example.split_once('\'').expect("its end");
    let hub = PageHub::start(|_| {}).await;
    let message = serde_json::from_str(body).expect("JSON");
    assert_eq!(hub.hub.publish(message).await.0, 202);
    let page = hub.get("?dashboard=default").await;
    let values: Vec<_> = page
        .drawing()
        .split(r#"<p class="stat-value""#)
        .skip(1)
        .map(|rest| rest.split_once("</p>").expect("its end").0)
        .collect();
    assert_eq!(values.len(), 4, "{}", page.drawing());
    for (value, expected) in values.iter().zip(["1,284", "4,521", "2.0", "45"]) {
        assert!(value.contains(expected), "{expected} in {value}");
    }
}
