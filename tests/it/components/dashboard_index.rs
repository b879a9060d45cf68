//! The choice of dashboards.

use dioxus::prelude::*;
use live_dashboard::components::{DashboardIndex, Theme, Ways};
use live_dashboard_protocol::token::DashboardName;

use super::render;

fn index(names: &[(&str, &str)], query: &'static str) -> String {
    let name = |(name, title): &(&str, &str)| DashboardName {
        name: (*name).into(),
        title: (*title).into(),
    };
    let dashboards: Vec<_> = names.iter().map(name).collect();
    render(move || {
        rsx! {
            DashboardIndex {
                dashboards: dashboards.clone(),
                ways: Ways {
                    query: Some(query.into()),
                    go: EventHandler::new(|_| {}),
                },
                theme: Theme::Dark,
            }
        }
    })
}

#[test]
fn each_is_a_link_that_keeps_the_other_settings() {
    let html = index(&[("default", "Live"), ("ops", "A <b>")], "hub=x&theme=dark");
    assert!(html.contains(r#"data-theme="dark""#), "{html}");
    for name in ["default", "ops"] {
        let link = format!(r#"href="?dashboard={name}&#38;hub=x&#38;theme=dark""#);
        assert!(html.contains(&link), "{html}");
    }
    assert!(html.contains("A &#60;b&#62;"), "{html}");
    let html = index(&[("ops", "Ops")], "");
    assert!(html.contains(r#"href="?dashboard=ops""#), "{html}");
}

#[test]
fn a_name_that_no_address_can_hold_is_no_link() {
    let html = index(&[("a&b", "Odd"), ("", "Empty")], "");
    assert!(!html.contains("href"), "{html}");
}
