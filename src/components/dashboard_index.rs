//! The page where there is a choice of dashboards.

use dioxus::prelude::*;
use live_dashboard_protocol::token::DashboardName;

use crate::components::Theme;
use crate::components::icon::{Icon, Shape};

/// The dashboards of a hub, each a link.
#[component]
pub fn DashboardIndex(
    dashboards: Vec<DashboardName>,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
) -> Element {
    rsx! {
        main { class: "live-dashboard", "data-theme": theme.map(Theme::as_str),
            div { class: "page",
                header { class: "top",
                    h1 { "Dashboards" }
                }
                nav { class: "index", "aria-label": "Dashboards",
                    ul {
                        for dashboard in dashboards.iter().filter(|one| is_plain(&one.name)) {
                            li { key: "{dashboard.name}",
                                a { href: address(Some(&dashboard.name), theme),
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

/// The page's address for a dashboard, or for the choice of them.
pub(super) fn address(dashboard: Option<&str>, theme: Option<Theme>) -> String {
    let theme = theme.map(|theme| format!("theme={}", theme.as_str()));
    let dashboard = dashboard.map(|name| format!("dashboard={name}"));
    let query: Vec<String> = dashboard.into_iter().chain(theme).collect();
    format!("?{}", query.join("&"))
}

/// Whether a name can stand in an address as it is. Those of a hub's files can.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(plain)
}
