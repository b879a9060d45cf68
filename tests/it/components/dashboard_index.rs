//! The list of dashboards.

use dioxus::prelude::*;
use live_dashboard::components::{DashboardIndex, Navigation, Theme};
use live_dashboard_protocol::token::DashboardName;

use super::{render, text};

fn index(names: &[(&str, &str)], query: &'static str) -> String {
    index_without(None, names, query)
}

fn index_without(
    unknown: Option<&'static str>,
    names: &[(&str, &str)],
    query: &'static str,
) -> String {
    let name = |(name, title): &(&str, &str)| DashboardName {
        name: (*name).into(),
        title: (*title).into(),
    };
    let dashboards: Vec<_> = names.iter().map(name).collect();
    render(move || {
        rsx! {
            DashboardIndex {
                dashboards: dashboards.clone(),
                unknown: unknown.map(str::to_owned),
                navigation: Navigation {
                    query: Some(query.into()),
                    go: EventHandler::new(|_| {}),
                },
                theme: Theme::Dark,
            }
        }
    })
}

#[test]
fn links_keep_the_other_settings() {
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
fn an_unknown_name_is_told_above_the_list() {
    let html = index_without(Some("<no>"), &[("default", "Live")], "");
    let text = text(&html);
    assert!(
        text.contains("No dashboard named &#60;no&#62; Live default"),
        "{text}"
    );
    assert!(!index(&[("default", "Live")], "").contains("alert"));
}

#[test]
fn an_empty_list_says_so() {
    assert!(text(&index(&[], "")).contains("There is no dashboard that you may see."));
    assert!(!index(&[("ops", "Ops")], "").contains("no dashboard"));
}

#[test]
fn a_name_that_an_address_cannot_hold_has_no_link() {
    let html = index(&[("a&b", "Odd"), ("", "Empty")], "");
    assert!(!html.contains("href"), "{html}");
}
