//! The alerts: order, severity, time, and that a message is never markup.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard::components::AlertFeed;
use live_dashboard::model::format::Locale;
use live_dashboard::model::{Action, AlertEntry, Alerts, Notes};
use live_dashboard_protocol::message::{Alert, Level, Status};

use super::{lines, render, slice, text};

/// 2024-03-08 12:33:54 UTC.
const NOW: f64 = 1_709_901_234_000.0;

fn entry(id: &str, level: Level, message: &str) -> AlertEntry {
    AlertEntry {
        id: id.into(),
        at: NOW - 125_000.0,
        alert: Alert {
            level,
            unknown_level: None,
            message: message.into(),
            key: None,
            status: None,
            url: None,
        },
    }
}

fn feed(entries: Vec<AlertEntry>) -> String {
    feed_with(entries, Notes::default(), true)
}

fn feed_with(entries: Vec<AlertEntry>, notes: Notes, interactive: bool) -> String {
    render(move || {
        rsx! {
            AlertFeed {
                alerts: slice(Alerts::from_iter(entries.clone())),
                notes: Signal::new(notes.clone()),
                new_alerts: Signal::new(Vec::new()),
                now: Signal::new(NOW),
                locale: Locale::english(60),
                interactive,
                on_action: EventHandler::new(|_| {}),
            }
        }
    })
}

#[test]
fn an_unknown_level_is_a_warning_with_its_own_word() {
    let mut fatal = entry("01", Level::Warning, "Disk gone");
    fatal.alert.unknown_level = Some("fatal".into());
    let html = feed(vec![fatal.clone()]);
    assert!(html.contains(r#"data-level="warning""#), "{html}");
    assert!(text(&html).ends_with("fatal 2 min ago Disk gone"), "{html}");
    fatal.alert.unknown_level = Some(String::new());
    assert!(text(&feed(vec![fatal])).ends_with("Warning 2 min ago Disk gone"));
}

#[test]
fn an_empty_feed_says_so() {
    assert_eq!(text(&feed(Vec::new())), "Alerts No alerts");
}

#[test]
fn alerts_are_listed_newest_first_with_level_and_age() {
    let html = feed(vec![
        entry("03", Level::Error, "Disk full"),
        entry("02", Level::Warning, "Latency spike detected"),
        entry("01", Level::Info, "Deployed"),
    ]);
    assert_eq!(
        text(&html),
        "Alerts All 3 Errors 1 Warnings 1 Info 1 \
         Error 2 min ago Disk full \
         Warning 2 min ago Latency spike detected \
         Info 2 min ago Deployed"
    );
    for level in ["error", "warning", "info"] {
        assert!(html.contains(&format!(r#"data-level="{level}""#)), "{html}");
    }
    assert!(
        html.contains(
            r#"<time datetime="2024-03-08T12:31:49Z" title="2024-03-08 13:31:49" lang="en""#
        ),
        "{html}"
    );
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn a_message_is_never_markup() {
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
    assert_eq!(
        text(&html),
        "Alerts All 1 Errors 1 Warnings Info Resolved 2 min ago Disk full"
    );
    assert!(html.contains(r#"data-level="error""#), "{html}");
    assert!(html.contains(r#"data-status="resolved""#), "{html}");
}

#[test]
fn only_new_alerts_are_announced() {
    let announced = |new: Vec<AlertEntry>| {
        let html = render(move || {
            rsx! {
                AlertFeed {
                    alerts: slice(Alerts::from_iter(new.clone())),
                    new_alerts: Signal::new(new.clone().into_iter().map(Rc::new).collect()),
                    notes: Signal::new(Notes::default()),
                    now: Signal::new(NOW),
                    locale: Locale::english(60),
                    on_action: EventHandler::new(|_| {}),
                }
            }
        });
        let (_, region) = html.split_once(r#"role="status""#).expect("a live region");
        text(&format!("<{region}"))
    };
    let disk = entry("03", Level::Error, "Disk full");
    let mut resolved = entry("02", Level::Warning, "Latency spike detected");
    resolved.alert.status = Some(Status::Resolved);
    assert_eq!(announced(Vec::new()), "");
    assert_eq!(
        announced(vec![resolved.clone()]),
        "Resolved: Latency spike detected"
    );
    assert_eq!(
        announced(vec![disk, resolved]),
        "2 new alerts. Error: Disk full"
    );
}

#[test]
fn five_alerts_are_shown_and_a_button_for_all() {
    let many = (0..12).rev();
    let many = many.map(|n| entry(&format!("{n:02}"), Level::Info, &format!("number {n}")));
    let html = feed(many.collect());
    assert_eq!(html.matches("<li").count(), 5);
    let text = text(&html);
    assert!(text.contains("All 12 Errors Warnings Info 12"), "{text}");
    assert!(text.contains("Show all 12"), "{text}");
    assert!(
        text.contains("number 11") && !text.contains("number 6"),
        "{text}"
    );
}

#[test]
fn acknowledged_alerts_are_marked_and_muted_ones_hidden() {
    let disk = entry("03", Level::Error, "Disk full");
    let fire = entry("02", Level::Warning, "Fire");
    let notes = Notes::default()
        .with(&Action::Acknowledge(disk.id.clone()))
        .with(&Action::Mute(fire.topic()));
    let html = feed_with(vec![disk, fire], notes, true);
    assert!(html.contains(r#"data-acknowledged="true""#), "{html}");
    assert!(
        html.contains(r#"aria-label="Acknowledge: Disk full" aria-pressed="true""#),
        "{html}"
    );
    let text = text(&html);
    assert!(
        text.contains("All 1 Errors 1 Warnings Info Muted 1"),
        "{text}"
    );
    assert!(!text.contains("Fire"), "{text}");
}

#[test]
fn a_wall_lists_alerts_without_buttons() {
    let html = feed_with(
        vec![entry("01", Level::Error, "Disk full")],
        Notes::default(),
        false,
    );
    assert!(
        !html.contains("<button") && !html.contains("tabindex"),
        "{html}"
    );
    assert_eq!(text(&html), "Alerts Error 2 min ago Disk full");
}

#[test]
fn a_wall_lists_the_worst_first_and_says_how_many_more() {
    let mut resolved = entry("9", Level::Error, "resolved");
    resolved.alert.status = Some(Status::Resolved);
    let html = feed_with(
        vec![
            resolved,
            entry("8", Level::Info, "info"),
            entry("7", Level::Warning, "new warning"),
            entry("6", Level::Warning, "old warning"),
            entry("5", Level::Error, "error"),
            entry("4", Level::Info, "old info"),
            entry("3", Level::Info, "older info"),
        ],
        Notes::default(),
        false,
    );
    let text = text(&html);
    let places = ["error", "new warning", "old warning", "info", "old info"];
    let places = places.map(|message| text.find(message).expect(message));
    assert!(places.is_sorted(), "{text}");
    assert!(!text.contains("resolved"), "{text}");
    for after in [
        r#"data-after-1="and 6 more""#,
        r#"data-after-5="and 2 more""#,
    ] {
        assert!(html.contains(after), "{html}");
    }
    let few = feed_with(
        vec![entry("1", Level::Info, "one")],
        Notes::default(),
        false,
    );
    assert!(!few.contains("more"), "{few}");
}
