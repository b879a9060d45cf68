//! The whole page.

use dioxus::prelude::*;
use live_dashboard::components::{Drawing, Theme};
use live_dashboard::model::format::{English, Locale, Parts, Symbols};
use live_dashboard::model::{
    AlertEntry, Connection, Event, Malformed, Message, Model, Problem, Reach, Stamp,
};
use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::message::{Alert, ChartData, Level};

use super::{render, text};

const NOW: f64 = 1_709_901_234_000.0;

#[derive(Clone)]
struct Scene {
    model: Model,
    connection: Connection,
    theme: Option<Theme>,
    newer_page: bool,
    kiosk: bool,
    right_to_left: bool,
    now: f64,
}

impl Scene {
    fn new(model: Model, connection: Connection) -> Self {
        Self {
            model,
            connection,
            theme: None,
            newer_page: false,
            kiosk: false,
            right_to_left: false,
            now: NOW,
        }
    }

    fn html(self) -> String {
        render(move || {
            let mut model = self.model.clone();
            model.apply(Event::Connection(self.connection.clone()));
            if self.newer_page {
                model.apply(Event::NewPageVersion);
            }
            let locale = Locale::new(Parts {
                tag: "en".into(),
                right_to_left: self.right_to_left,
                symbols: Symbols::default(),
                times: Box::new(English::default()),
            });
            rsx! {
                Drawing { model, now: self.now, locale, theme: self.theme, kiosk: self.kiosk }
            }
        })
    }
}

/// A model after one message of each kind, and seven alerts.
fn model() -> Model {
    let mut model = Model::new(Layout {
        note: Some("Demo data".into()),
        ..Layout::default()
    });
    let numbers = [
        ("activeUsers", 1284.0),
        ("requestsPerSec", 4521.0),
        ("errorRate", 0.02),
        ("avgLatency", 45.0),
    ];
    let numbers = numbers.map(|(key, value)| (key.to_owned(), value));
    model.apply(Event::Message(
        Message::Stats(numbers.into_iter().collect()),
        Stamp::at(NOW),
    ));
    model.apply(Event::Message(
        Message::Point(ChartData {
            timestamp: 1_709_901_234.0,
            values: [("requests".to_owned(), 4521.0), ("errors".to_owned(), 12.0)].into(),
        }),
        Stamp::at(NOW),
    ));
    for n in 1..=7 {
        let alert = Alert {
            level: Level::Info,
            unknown_level: None,
            message: format!("Alert number {n}"),
            key: None,
            status: None,
            url: None,
        };
        let entry = AlertEntry {
            id: format!("{n:02}"),
            at: NOW,
            alert,
        };
        model.apply(Event::Message(Message::Alert(entry), Stamp::at(NOW)));
    }
    model
}

#[test]
fn a_live_page_shows_every_slice_in_its_place() {
    let html = Scene::new(model(), Connection::Live).html();
    assert!(
        html.starts_with(
            r#"<main class="live-dashboard" lang="en" dir="ltr" data-connection="live">"#
        ),
        "{html}"
    );
    let text = text(&html);
    for expected in [
        "All systems OK 12:33 Live Dashboard Demo data Connected Latest 5 min 1 h",
        "Active Users 1,284",
        "Requests/sec 4,521",
        "Error Rate 2.0 %",
        "Avg Latency 45 ms",
        "Requests 4,521 Errors 12",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    assert_eq!(html.matches(r#"class="stat""#).count(), 4);
    assert_eq!(html.matches(r#"data-series="requests""#).count(), 1);
    let order = [
        r#"class="state""#,
        r#"<header class="top">"#,
        r#"<section class="stats" data-wide="4" data-medium="4" aria-label="Current values">"#,
        r#"<section class="panel chart" aria-label="Requests">"#,
        r#"<section class="panel alerts" aria-label="Alerts" tabindex="-1">"#,
        r#"class="notices""#,
    ];
    let places = order.map(|piece| {
        html.find(piece)
            .unwrap_or_else(|| panic!("{piece}: {html}"))
    });
    assert!(places.is_sorted(), "{places:?}");
    for (role, count) in [("status", 2), ("group", 3), ("img", 1), ("alert", 0)] {
        let found = html.matches(&format!(r#"role="{role}""#)).count();
        assert_eq!(found, count, "{role}: {html}");
    }
}

#[test]
fn the_feed_shows_the_newest_five_alerts_newest_first() {
    let text = text(&Scene::new(model(), Connection::Live).html());
    let places: Vec<_> = (1..=7)
        .rev()
        .filter_map(|n| text.find(&format!("Alert number {n}")))
        .collect();
    assert_eq!(places.len(), 5);
    assert!(places.is_sorted());
    assert!(!text.contains("Alert number 2"));
}

#[test]
fn all_panels_are_there_before_the_first_message() {
    let html = Scene::new(Model::new(Layout::default()), Connection::Connecting).html();
    assert!(html.contains(r#"data-connection="connecting""#), "{html}");
    let text = text(&html);
    assert_eq!(text.matches("No value yet").count(), 4);
    assert!(text.contains("No points yet") && text.contains("No alerts"));
}

#[test]
fn the_countdown_depends_on_the_clock() {
    let connection = Connection::Reconnecting {
        retry_at: Some(NOW + 6500.0),
        problem: Problem {
            text: "The connection broke".into(),
            address: "ws://hub.example/v1".into(),
        },
    };
    let html = Scene::new(model(), connection).html();
    assert!(html.contains(r#"data-connection="reconnecting""#), "{html}");
    let text = text(&html);
    assert!(text.contains("Reconnecting in 7 s"), "{text}");
    assert!(
        text.contains("Disconnected The connection broke · Retrying in 7 s"),
        "{text}"
    );
    assert!(
        text.contains("the hub is running at ws://hub.example/v1"),
        "{text}"
    );
    assert!(text.contains("1,284"), "the last values stay: {text}");
}

#[test]
fn a_requested_theme_is_an_attribute_of_the_root() {
    for (theme, expected) in [
        (Some(Theme::Dark), Some(r#"data-theme="dark""#)),
        (Some(Theme::Light), Some(r#"data-theme="light""#)),
        (None, None),
    ] {
        let html = Scene {
            theme,
            ..Scene::new(model(), Connection::Live)
        }
        .html();
        match expected {
            Some(attribute) => assert!(html.contains(attribute), "{html}"),
            None => assert!(!html.contains("data-theme"), "{html}"),
        }
    }
}

#[test]
fn a_newer_page_is_offered() {
    let mut scene = Scene::new(model(), Connection::Live);
    assert!(!text(&scene.clone().html()).contains("A newer version"));
    scene.newer_page = true;
    let html = scene.html();
    let text = text(&html);
    assert!(text.contains("A newer version of this page is available Reload"));
    assert!(html.contains(r#"<button type="button">Reload"#), "{html}");
}

#[test]
fn messages_that_could_not_be_shown_are_told_but_not_on_a_wall() {
    let mut model = model();
    let quiet = |html: &str| html.contains(r#"class="unshown""#);
    assert!(!quiet(&Scene::new(model.clone(), Connection::Live).html()));
    let mut fail = |rule: &str, time| {
        model.apply(Event::Malformed(Malformed(rule.into()), Stamp::at(time)));
        Scene::new(model.clone(), Connection::Live)
    };
    let once = text(&fail("`a` must be a number (stats-update)", 1.0).html());
    let expected =
        "1 message could not be shown in full. Latest: a must be a number (stats-update) Hide";
    assert!(once.contains(expected), "{once}");
    let mut scene = fail("`b` is on no panel (stats-update)", 2.0);
    let html = scene.clone().html();
    let twice = text(&html);
    assert!(twice.contains("2 messages could not be shown in full. Latest: b is on no panel"));
    assert!(html.contains("<code>b</code>"), "{html}");
    assert!(quiet(&html));
    scene.kiosk = true;
    assert!(!quiet(&scene.html()));
}

#[test]
fn a_fixed_time_zone_is_beside_the_clock() {
    for (zone, clock) in [
        (None, "12:33 Live Dashboard"),
        (Some("Europe/Vienna"), "12:33 Vienna time"),
        (Some("America/New_York"), "12:33 New York time"),
        (Some("Etc/UTC"), "12:33 UTC Live"),
    ] {
        let layout = Layout {
            time_zone: zone.map(Into::into),
            ..Layout::default()
        };
        let text = text(&Scene::new(Model::new(layout), Connection::Live).html());
        assert!(text.contains(clock), "{text}");
    }
}

#[test]
fn ranges_are_offered_as_far_as_the_hub_reaches() {
    let mut model = model();
    let offered = |model: &Model| text(&Scene::new(model.clone(), Connection::Live).html());
    assert!(
        offered(&model).contains("Latest 5 min 1 h System"),
        "{}",
        offered(&model)
    );
    model.apply(Event::Reach(Reach {
        seconds: 604_800.0,
        ..Reach::default()
    }));
    assert!(offered(&model).contains("Latest 5 min 1 h 6 h 24 h 7 d System"));
}

#[test]
fn a_layout_without_cards_or_charts_has_no_empty_panels() {
    let layout = Layout {
        stat: Vec::new(),
        chart: Vec::new(),
        ..Layout::default()
    };
    let html = Scene::new(Model::new(layout), Connection::Live).html();
    assert!(!html.contains(r#"class="stats""#), "{html}");
    assert!(!html.contains(r#"class="charts""#), "{html}");
    assert!(text(&html).contains("No alerts"));
}

#[test]
fn stale_data_is_marked_everywhere() {
    let mut scene = Scene::new(model(), Connection::Live);
    scene.now = NOW + 75_000.0;
    let html = scene.html();
    assert!(html.contains(r#"data-state="stale""#), "{html}");
    let text = text(&html);
    assert!(text.contains("Stale Last numbers 1 min ago"), "{text}");
    assert!(text.contains("1,284 1 min ago"), "{text}");
}

#[test]
fn the_page_has_the_direction_of_the_language_and_charts_run_left_to_right() {
    let mut scene = Scene::new(model(), Connection::Live);
    scene.right_to_left = true;
    let html = scene.html();
    assert!(html.contains(r#"<main class="live-dashboard" lang="en" dir="rtl""#));
    assert!(html.contains(r#"class="plot" dir="ltr""#), "{html}");
}

#[test]
fn a_wall_has_no_controls() {
    let mut scene = Scene::new(model(), Connection::Live);
    scene.kiosk = true;
    scene.newer_page = true;
    let html = scene.html();
    assert!(html.contains(r#"data-kiosk="true""#), "{html}");
    for chrome in [
        "<button",
        "<input",
        "<header class=\"top\"",
        "class=\"notice\"",
    ] {
        assert!(!html.contains(chrome), "{chrome} in {html}");
    }
    let text = text(&html);
    assert!(
        text.starts_with("Live Dashboard Demo data All systems OK 12:33"),
        "{text}"
    );
    assert!(text.contains("1,284"), "{text}");
}
