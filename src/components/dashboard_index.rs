//! The page where there is a choice of dashboards, and the way there and back.

use dioxus::prelude::*;
use live_dashboard_protocol::token::DashboardName;

use crate::components::Theme;
use crate::components::icon::{Icon, Shape};

/// How the viewer gets from one dashboard to another.
#[derive(Debug, Clone, PartialEq)]
pub struct Ways {
    /// The query of the page's address but for the dashboard, so that links
    /// keep it; `None` where the page has no address that could change.
    pub query: Option<String>,
    /// Called there instead, with the dashboard's name, or with `None` for the
    /// choice.
    pub go: EventHandler<Option<String>>,
}

impl Ways {
    fn address(&self, dashboard: Option<&str>) -> String {
        let dashboard = dashboard.map(|name| format!("dashboard={name}"));
        let rest = self.query.clone().filter(|query| !query.is_empty());
        let query: Vec<String> = dashboard.into_iter().chain(rest).collect();
        format!("?{}", query.join("&"))
    }
}

/// A link to a dashboard, or with `None` to the choice.
#[component]
pub(super) fn DashboardLink(
    to: Option<String>,
    ways: Ways,
    class: Option<&'static str>,
    children: Element,
) -> Element {
    rsx! {
        a {
            class,
            href: ways.address(to.as_deref()),
            onclick: move |event| {
                if ways.query.is_none() {
                    event.prevent_default();
                    ways.go.call(to.clone());
                }
            },
            {children}
        }
    }
}

/// The dashboards of a hub, each a link.
#[component]
pub fn DashboardIndex(
    dashboards: Vec<DashboardName>,
    ways: Ways,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
) -> Element {
    rsx! {
        main {
            class: "live-dashboard",
            lang: "en",
            "data-theme": theme.map(Theme::as_str),
            div { class: "page",
                header { class: "top",
                    h1 { "Dashboards" }
                }
                nav { class: "index", "aria-label": "Dashboards",
                    ul {
                        for dashboard in dashboards.into_iter().filter(|one| is_plain(&one.name)) {
                            li { key: "{dashboard.name}",
                                DashboardLink { to: dashboard.name.clone(), ways: ways.clone(),
                                    strong { dir: "auto", "{dashboard.title}" }
                                    span { class: "index-name", "{dashboard.name}" }
                                    Icon { shape: Shape::Next }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a name can stand in an address as it is. Those of a hub's files can.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(plain)
}
