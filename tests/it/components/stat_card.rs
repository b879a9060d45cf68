//! One card in each of its states.

use dioxus::prelude::*;
use live_dashboard::components::StatCard;
use live_dashboard::model::format::{English, Locale, Parts, Symbols};
use live_dashboard::model::{self, Message, Model, Stamp, Stats};
use live_dashboard_protocol::layout::{Layout, Stat};
use live_dashboard_protocol::message::StatsUpdate;

use super::{lines, render, text};

fn english() -> Locale {
    Locale::english(0)
}

/// The default layout's card for this metric.
fn stat(key: &str) -> Stat {
    let stats = Layout::default().stat;
    let stat = stats.into_iter().find(|stat| stat.key == key);
    stat.expect("a metric of the default layout")
}

fn card(key: &str, previous: Option<f64>, value: f64) -> String {
    let stat = stat(key);
    render(move || {
        rsx! {
            StatCard { stat: stat.clone(), value, previous, now: Signal::new(0.0), locale: english() }
        }
    })
}

#[test]
fn a_dash_stands_in_for_a_missing_value() {
    let html = render(|| {
        rsx! {
            StatCard { stat: stat("activeUsers"), value: None, now: Signal::new(0.0), locale: english() }
        }
    });
    assert_eq!(text(&html), "Active Users – No value yet");
    assert!(html.contains(r#"data-severity="ok""#), "{html}");
    assert!(!html.contains("data-trend"), "{html}");
    assert!(html.contains(r#"<p class="stat-change">"#), "{html}");
}

#[test]
fn values_are_written_for_people() {
    assert_eq!(
        text(&card("activeUsers", None, 1284.0)),
        "Active Users 1,284"
    );
    assert_eq!(
        text(&card("requestsPerSec", None, 4521.0)),
        "Requests/sec 4,521"
    );
    assert_eq!(text(&card("errorRate", None, 0.02)), "Error Rate 2.0 %");
    assert_eq!(text(&card("avgLatency", None, 45.0)), "Avg Latency 45 ms");
}

#[test]
fn a_wide_value_is_abbreviated_and_in_full_for_tooltip_and_screen_readers() {
    let html = card("activeUsers", None, 1_284_567_890.0);
    assert_eq!(text(&html), "Active Users 1.28 B");
    for attribute in ["title", "aria-label"] {
        let full = format!(r#"{attribute}="1,284,567,890""#);
        assert!(html.contains(&full), "{html}");
    }
    assert!(!html.contains("long"), "in the size of all others: {html}");
    let percent = card("errorRate", None, 12.5);
    assert!(text(&percent).ends_with("1,250 %"), "{percent}");
    let short = card("activeUsers", None, 1284.0);
    assert!(!short.contains(r#"title="1,284""#), "{short}");
}

#[test]
fn a_lower_error_rate_is_good() {
    let html = card("errorRate", Some(0.034), 0.02);
    assert!(html.contains(r#"data-direction="down""#), "{html}");
    assert!(html.contains(r#"data-trend="good""#), "{html}");
    assert_eq!(text(&html), "Error Rate 2.0 % −1.4 pp");
    assert!(
        html.contains("aria-label=\"−1.4\u{a0}pp better\""),
        "{html}"
    );
    assert!(html.contains(r#"title="better""#), "{html}");
    insta::assert_snapshot!(lines(&html));
}

#[test]
fn fewer_users_are_bad() {
    let html = card("activeUsers", Some(1300.0), 1284.0);
    assert!(html.contains(r#"data-direction="down""#), "{html}");
    assert!(html.contains(r#"data-trend="bad""#), "{html}");
    assert_eq!(text(&html), "Active Users 1,284 −16");
    assert!(html.contains(r#"aria-label="−16 worse""#), "{html}");
}

#[test]
fn an_equal_value_is_no_change() {
    let html = card("avgLatency", Some(45.2), 45.4);
    assert!(html.contains(r#"data-direction="flat""#), "{html}");
    assert!(html.contains(r#"data-trend="neutral""#), "{html}");
    assert_eq!(text(&html), "Avg Latency 45 ms ±0");
    assert!(html.contains(r#"aria-label="±0 no change""#), "{html}");
}

#[test]
fn a_small_change_is_neutral_and_has_its_amount() {
    let html = card("activeUsers", Some(1290.0), 1284.0);
    assert!(html.contains(r#"data-direction="down""#), "{html}");
    assert!(html.contains(r#"data-trend="neutral""#), "{html}");
    assert!(html.contains(r#"aria-label="−6""#), "{html}");
    assert_eq!(text(&html), "Active Users 1,284 −6");
}

#[test]
fn an_exceeded_threshold_is_shown_in_words() {
    let critical = card("errorRate", None, 0.051);
    assert!(
        critical.contains(r#"data-severity="critical""#),
        "{critical}"
    );
    assert!(critical.contains(r#"title="above 5.0%""#), "{critical}");
    assert_eq!(text(&critical), "Error Rate Critical 5.1 %");

    let warning = card("avgLatency", None, 101.0);
    assert!(warning.contains(r#"data-severity="warning""#), "{warning}");
    assert_eq!(text(&warning), "Avg Latency Warning 101 ms");

    for at_the_threshold in [
        card("errorRate", None, 0.05),
        card("avgLatency", None, 100.0),
    ] {
        assert!(at_the_threshold.contains(r#"data-severity="ok""#));
    }
}

#[test]
fn recent_values_are_a_line_to_the_newest() {
    let html = render(|| {
        let mut model = Model::default();
        for (n, users) in [5.0, 1.0, 2.0, 3.0].into_iter().enumerate() {
            let update = [("activeUsers".to_owned(), users)]
                .into_iter()
                .collect::<StatsUpdate>();
            let event = model::Event::Message(Message::Stats(update), Stamp::at(n as f64));
            model.apply(event);
        }
        let samples: ReadSignal<Stats> = Signal::new(model.stats().clone()).into();
        rsx! {
            StatCard { stat: stat("activeUsers"), value: 3.0, samples, now: Signal::new(0.0), locale: english() }
        }
    });
    assert!(
        html.contains(r#"d="M100.0 50.0L96.6 75.0L93.1 100.0L89.7 0.0""#),
        "{html}"
    );
    assert!(!card("activeUsers", None, 1.0).contains("spark-line"));
}

#[test]
fn small_changes_of_percentages_look_small() {
    for (values, line) in [
        (
            [1.0, 0.98, 0.99, 1.0],
            "M100.0 0.0L96.6 10.0L93.1 20.0L89.7 0.0",
        ),
        (
            [0.5, 0.5, 0.5, 0.5],
            "M100.0 50.0L96.6 50.0L93.1 50.0L89.7 50.0",
        ),
        (
            [0.0, 0.02, 0.01, 0.0],
            "M100.0 100.0L96.6 90.0L93.1 80.0L89.7 100.0",
        ),
        (
            [-0.2, 0.0, 1.8, 1.3],
            "M100.0 25.0L96.6 0.0L93.1 90.0L89.7 100.0",
        ),
    ] {
        let html = render(move || {
            let mut model = Model::default();
            for (n, value) in values.into_iter().enumerate() {
                let update = [("errorRate".to_owned(), value)].into_iter();
                let message = Message::Stats(update.collect::<StatsUpdate>());
                model.apply(model::Event::Message(message, Stamp::at(n as f64)));
            }
            let samples: ReadSignal<Stats> = Signal::new(model.stats().clone()).into();
            rsx! {
                StatCard { stat: stat("errorRate"), value: 1.0, samples, now: Signal::new(0.0), locale: english() }
            }
        });
        assert!(
            html.contains(&format!("d=\"{line}\"")),
            "{values:?}: {html}"
        );
    }
}

#[test]
fn a_stale_value_has_its_age_instead_of_its_change() {
    let html = render(|| {
        rsx! {
            StatCard { stat: stat("activeUsers"), value: 5.0, previous: 4.0, stale_since: 0.0, now: Signal::new(45_000.0), locale: english() }
        }
    });
    assert!(html.contains(r#"data-stale="true""#), "{html}");
    assert_eq!(text(&html), "Active Users 5 45 s ago");
}

#[test]
fn numbers_are_written_in_the_viewers_language() {
    let german = |key: &'static str, value| {
        render(move || {
            let symbols = Symbols::read_off("1.234", "-1.234.567,8", "50\u{a0}%", &[]);
            let locale = Locale::new(Parts {
                tag: "de".into(),
                right_to_left: false,
                symbols,
                times: Box::new(English::default()),
            });
            rsx! {
                StatCard { stat: stat(key), value, now: Signal::new(0.0), locale }
            }
        })
    };
    assert_eq!(text(&german("activeUsers", 1284.0)), "Active Users 1.284");
    assert!(german("errorRate", 0.02).contains("2,0"));
}
