//! The health of the dashboard, in words.

use dioxus::prelude::*;
use live_dashboard::components::StateLine;
use live_dashboard::model::format::Locale;
use live_dashboard::model::health::{Assessment, Health, Reason};
use live_dashboard_protocol::layout::Format;

use super::{render, text};

fn state_line(health: Health, reasons: Vec<Reason>, detail: Option<&'static str>) -> String {
    render(move || {
        let locale = use_hook(|| Locale::english(0));
        let assessment = Assessment {
            health,
            reasons: reasons.clone(),
        };
        rsx! {
            StateLine { assessment, detail: detail.map(str::to_owned), clock: "12:33", locale }
        }
    })
}

fn latency() -> Reason {
    Reason::Value {
        label: "Avg Latency".into(),
        format: Format::Milliseconds,
        value: 112.0,
    }
}

#[test]
fn each_state_has_its_own_word_and_shape() {
    use Health::{Critical, Disconnected, Ok, Stale, Waiting, Warning};
    let mut shapes = Vec::new();
    for (state, word) in [
        (Waiting, "Waiting"),
        (Ok, "All systems OK"),
        (Warning, "Warning"),
        (Critical, "Critical"),
        (Stale, "Stale"),
        (Disconnected, "Disconnected"),
    ] {
        let html = state_line(state, Vec::new(), None);
        assert_eq!(text(&html), format!("{word} 12:33"));
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
    let html = state_line(Health::Warning, vec![latency()], Some("not shown"));
    assert_eq!(
        text(&html),
        "Warning Avg Latency 112\u{a0}ms 12:33".replace('\u{a0}', " ")
    );
    let mut many = vec![latency(); 4];
    many.insert(0, Reason::Alert("Disk full".into()));
    let text = text(&state_line(Health::Critical, many, None));
    assert!(text.contains("Disk full · Avg Latency"), "{text}");
    assert!(text.ends_with("· 2 more 12:33"), "{text}");
}

#[test]
fn a_state_without_reasons_has_details() {
    let html = state_line(Health::Stale, Vec::new(), Some("Last message 45 s ago"));
    assert_eq!(text(&html), "Stale Last message 45 s ago 12:33");
}
