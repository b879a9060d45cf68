//! The alerts: order, severity, time, and that text stays text.

use std::cell::RefCell;
use std::rc::Rc;

use dioxus::dioxus_core::NoOpMutations;
use dioxus::prelude::*;
use live_dashboard::components::AlertFeed;
use live_dashboard::model::AlertEntry;
use live_dashboard_protocol::payload::{Alert, Level, Status};

use super::{lines, render, text};

/// 2024-03-08 12:33:54 UTC.
const NOW: f64 = 1_709_901_234_000.0;

fn entry(id: &str, level: Level, message: &str) -> AlertEntry {
    AlertEntry {
        id: id.into(),
        at: NOW - 125_000.0,
        alert: Alert {
            level,
            message: message.into(),
            key: None,
            status: None,
            url: None,
        },
    }
}

fn feed(entries: Vec<AlertEntry>) -> String {
    render(move || {
        rsx! {
            AlertFeed { entries: entries.clone(), now: NOW, utc_offset_minutes: 60 }
        }
    })
}

#[test]
fn an_empty_feed_says_so() {
    assert_eq!(text(&feed(Vec::new())), "Alerts No alerts");
}

#[test]
fn alerts_keep_their_order_and_say_how_bad_and_how_old_they_are() {
    let html = feed(vec![
        entry("03", Level::Error, "Disk full"),
        entry("02", Level::Warning, "Latency spike detected"),
        entry("01", Level::Info, "Deployed"),
    ]);
    assert_eq!(
        text(&html),
        "Alerts Error 2 min ago Disk full \
         Warning 2 min ago Latency spike detected \
         Info 2 min ago Deployed"
    );
    for level in ["error", "warning", "info"] {
        assert!(html.contains(&format!(r#"data-level="{level}""#)), "{html}");
    }
    assert!(
        html.contains(r#"<time datetime="2024-03-08T12:31:49Z" title="2024-03-08 13:31:49">"#),
        "{html}"
    );
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn a_message_is_text_whatever_it_looks_like() {
    let html = feed(vec![entry(
        "01",
        Level::Error,
        "<img src=x onerror=alert(1)>",
    )]);
    assert!(!html.contains("<img"), "{html}");
    assert!(
        html.contains("&#60;img") || html.contains("&lt;img"),
        "{html}"
    );
}

#[test]
fn only_web_addresses_are_links() {
    let linked = |url: &str| {
        let mut entry = entry("01", Level::Info, "See the incident");
        entry.alert.url = Some(url.into());
        feed(vec![entry])
    };
    for url in ["https://status.example/1", "HTTP://status.example"] {
        let html = linked(url);
        assert!(
            html.contains(&format!(
                r#"<a href="{url}" target="_blank" rel="noopener noreferrer">"#
            )),
            "{html}"
        );
    }
    for url in [
        "javascript:alert(1)",
        " javascript:alert(1)",
        "java\nscript:alert(1)",
        "data:text/html,x",
        "//status.example",
        "https:/",
        "ähttp://x",
        "",
    ] {
        let html = linked(url);
        assert!(!html.contains("<a"), "{url:?}: {html}");
        assert!(html.contains("See the incident"), "{url:?}: {html}");
    }
}

#[test]
fn a_resolved_alert_says_so_and_keeps_its_level() {
    let mut entry = entry("01", Level::Error, "Disk full");
    entry.alert.status = Some(Status::Resolved);
    let html = feed(vec![entry]);
    assert_eq!(text(&html), "Alerts Resolved 2 min ago Disk full");
    assert!(html.contains(r#"data-level="error""#), "{html}");
    assert!(html.contains(r#"data-status="resolved""#), "{html}");
}

/// What the live region says, after each of these contents of the feed.
fn announcements(contents: Vec<Vec<AlertEntry>>) -> Vec<String> {
    #[derive(Clone)]
    struct Shown(Rc<RefCell<Vec<AlertEntry>>>);

    fn app(shown: Shown) -> Element {
        let entries = shown.0.borrow().clone();
        rsx! {
            AlertFeed { entries, now: NOW, utc_offset_minutes: 0 }
        }
    }

    let shown = Shown(Rc::new(RefCell::new(contents[0].clone())));
    let mut dom = VirtualDom::new_with_props(app, shown.clone());
    dom.rebuild_in_place();
    let mut said = Vec::new();
    for entries in contents {
        *shown.0.borrow_mut() = entries;
        dom.mark_dirty(ScopeId::APP);
        dom.render_immediate(&mut NoOpMutations);
        let html = dioxus_ssr::render(&dom);
        let (_, region) = html.split_once(r#"role="status""#).expect("a live region");
        said.push(text(&format!("<{region}")));
    }
    said
}

#[test]
fn only_new_alerts_are_announced() {
    let old = entry("01", Level::Info, "Deployed");
    let spike = entry("02", Level::Warning, "Latency spike detected");
    let disk = entry("03", Level::Error, "Disk full");
    let fire = entry("04", Level::Error, "Fire");
    let said = announcements(vec![
        vec![old.clone()],
        vec![spike.clone(), old.clone()],
        vec![spike.clone(), old.clone()],
        vec![fire, disk, spike, old],
    ]);
    assert_eq!(
        said,
        [
            "",
            "Warning: Latency spike detected",
            "Warning: Latency spike detected",
            "2 new alerts. Error: Fire",
        ]
    );
}
