//! The choice of dashboards.

use dioxus::prelude::*;
use live_dashboard::components::{DashboardIndex, Theme};
use live_dashboard_protocol::token::DashboardName;

fn index(names: &[(&str, &str)], theme: Option<Theme>) -> String {
    let dashboards: Vec<_> = names
        .iter()
        .map(|(name, title)| DashboardName {
            name: (*name).into(),
            title: (*title).into(),
        })
        .collect();
    dioxus_ssr::render_element(rsx! {
        DashboardIndex { dashboards, theme }
    })
}

#[test]
fn each_is_a_link_that_keeps_the_theme() {
    let html = index(&[("default", "Live"), ("ops", "A <b>")], Some(Theme::Dark));
    assert!(
        html.contains(r#"href="?dashboard=default&#38;theme=dark""#),
        "{html}"
    );
    assert!(
        html.contains(r#"href="?dashboard=ops&#38;theme=dark""#),
        "{html}"
    );
    assert!(html.contains("A &#60;b&#62;"), "{html}");
    let html = index(&[("ops", "Ops")], None);
    assert!(html.contains(r#"href="?dashboard=ops""#), "{html}");
}

#[test]
fn a_name_that_no_address_can_hold_is_no_link() {
    let html = index(&[("a&b", "Odd"), ("", "Empty")], None);
    assert!(!html.contains("href"), "{html}");
}
