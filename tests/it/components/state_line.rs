//! The health of the dashboard, in words.

use dioxus::prelude::*;
use live_dashboard::components::StateLine;
use live_dashboard::model::format::Locale;
use live_dashboard::model::health::{Health, Reason};
use live_dashboard::model::{Connection, Problem};
use live_dashboard_protocol::layout::Format;

use super::{render, slice, text};

/// 2024-03-08 12:33:54 UTC.
const NOW: f64 = 1_709_901_234_000.0;

fn state_line(health: Health, reasons: Vec<Reason>, connection: Connection) -> String {
    render(move || {
        let locale = use_hook(|| Locale::english(0));
        rsx! {
            StateLine {
                health: Signal::new(health),
                reasons: Signal::new(reasons.clone()),
                connection: slice(connection.clone()),
                now: Signal::new(NOW),
                locale,
            }
        }
    })
}

fn latency() -> Reason {
    Reason::Value {
        label: "Avg Latency".into(),
        notation: Format::Milliseconds.into(),
        value: 112.0,
    }
}

#[test]
fn each_state_has_its_own_word_and_shape() {
    use Health::{Critical, Disconnected, Ok, Stale, Waiting, Warning};
    let mut shapes = Vec::new();
    for (state, word) in [
        (Waiting, "Waiting for data"),
        (Ok, "All systems OK"),
        (Warning, "Warning"),
        (Critical, "Critical"),
        (Stale { since: NOW }, "Stale"),
        (Disconnected, "Disconnected"),
    ] {
        let html = state_line(state, Vec::new(), Connection::Live);
        let text = text(&html);
        assert!(text.starts_with(word) && text.ends_with("12:33"), "{text}");
        assert!(html.contains(&format!(r#"data-state="{}""#, state.as_str())));
        let (_, shape) = html.split_once(" d=\"").expect("an icon");
        shapes.push(shape.split('"').next().map(str::to_owned));
    }
    let count = shapes.len();
    shapes.sort();
    shapes.dedup();
    assert_eq!(shapes.len(), count, "each state has its own shape");
}

#[test]
fn the_first_three_reasons_are_listed() {
    let html = state_line(Health::Warning, vec![latency()], Connection::Live);
    assert_eq!(
        text(&html),
        "Warning Avg Latency 112\u{a0}ms 12:33".replace('\u{a0}', " ")
    );
    let mut many = vec![latency(); 4];
    many.insert(0, Reason::Alert("Disk full".into()));
    many.push(Reason::Stale(NOW - 1_680_000.0));
    let text = text(&state_line(Health::Critical, many, Connection::Live));
    let start = "Critical Disk full · Last numbers 28 min ago · Avg Latency";
    assert!(text.starts_with(start), "{text}");
    assert!(text.ends_with("· 2 more 12:33"), "{text}");
}

#[test]
fn stale_values_among_others_are_counted_beside_the_worst() {
    let stale = Health::Stale { since: NOW };
    let html = |health, reasons| state_line(health, reasons, Connection::Live);
    let some = html(stale, vec![Reason::StaleValues(3)]);
    assert_eq!(text(&some), "Stale 3 values stale 12:33");
    assert!(
        !some.contains("data-stale"),
        "the others keep their colours: {some}"
    );
    assert!(html(stale, vec![]).contains("data-stale"));
    let both = vec![Reason::Alert("Disk full".into()), Reason::StaleValues(1)];
    let both = text(&html(Health::Critical, both));
    assert_eq!(both, "Critical Disk full · 1 value stale 12:33");
}

#[test]
fn a_state_without_reasons_has_details() {
    let stale = Health::Stale {
        since: NOW - 45_000.0,
    };
    let lost = |retry_at| Connection::Reconnecting {
        retry_at,
        problem: Problem {
            text: "No answer".into(),
            address: String::new(),
        },
    };
    let refused = Connection::Refused {
        reason: "Unknown dashboard".into(),
    };
    for (health, connection, expected) in [
        (stale, Connection::Live, "Stale Last numbers 45 s ago"),
        (Health::Waiting, Connection::Live, "Waiting for data"),
        (
            Health::Waiting,
            Connection::Connecting,
            "Waiting for data Connecting to the hub",
        ),
        (
            Health::Disconnected,
            refused,
            "Disconnected Unknown dashboard",
        ),
        (Health::Disconnected, lost(None), "Disconnected No answer"),
        (
            Health::Disconnected,
            lost(Some(NOW + 6500.0)),
            "Disconnected No answer · Retrying in 7 s",
        ),
        (Health::Ok, Connection::Live, "All systems OK"),
    ] {
        let html = state_line(health, Vec::new(), connection);
        assert_eq!(text(&html), format!("{expected} 12:33"));
    }
}

#[test]
fn a_disconnected_dashboard_tells_what_was_before() {
    let lost = Connection::Reconnecting {
        retry_at: None,
        problem: Problem {
            text: "The connection was lost".into(),
            ..Problem::default()
        },
    };
    let mut before = vec![Reason::Alert("Disk full".into())];
    for expected in ["Disk full", "Disk full · 1 more"] {
        let line = state_line(Health::Disconnected, before.clone(), lost.clone());
        let expected = format!("Disconnected Before: {expected} · The connection was lost 12:33");
        assert_eq!(text(&line), expected);
        before.push(latency());
    }
}
