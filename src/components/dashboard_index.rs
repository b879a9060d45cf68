//! The list of dashboards, and the links to and from it.

use dioxus::prelude::*;
use live_dashboard_protocol::token::DashboardName;

use crate::components::Theme;
use crate::components::icon::{Shape, icon};

/// How links to dashboards work.
#[derive(Debug, Clone, PartialEq)]
pub struct Navigation {
    /// The query of the page's address without the dashboard, which links keep;
    /// `None` if the page has no address to follow.
    pub query: Option<String>,
    /// Called in that case, with the dashboard's name, or with `None` for the
    /// list.
    pub go: EventHandler<Option<String>>,
}

impl Navigation {
    fn address(&self, dashboard: Option<&str>) -> String {
        let dashboard = dashboard.map(|name| format!("dashboard={name}"));
        let rest = self.query.clone().filter(|query| !query.is_empty());
        let query: Vec<String> = dashboard.into_iter().chain(rest).collect();
        format!("?{}", query.join("&"))
    }
}

/// A link to a dashboard, or with `None` to the list.
pub(super) fn dashboard_link(
    to: Option<String>,
    navigation: Navigation,
    class: Option<&'static str>,
    content: Element,
) -> Element {
    rsx! {
        a {
            class,
            href: navigation.address(to.as_deref()),
            onclick: move |event| {
                if navigation.query.is_none() {
                    event.prevent_default();
                    navigation.go.call(to.clone());
                }
            },
            {content}
        }
    }
}

/// Links to the dashboards of a hub.
#[component]
pub fn DashboardIndex(
    dashboards: Vec<DashboardName>,
    /// The name that the viewer asked for, if no dashboard has it.
    unknown: Option<String>,
    navigation: Navigation,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
) -> Element {
    rsx! {
        main {
            class: "live-dashboard",
            lang: "en",
            "data-theme": theme.map(Theme::as_str),
            "data-unknown": unknown.is_some().then_some("true"),
            div { class: "page",
                header { class: "top",
                    h1 { "Dashboards" }
                }
                if let Some(name) = &unknown {
                    p { role: "alert",
                        "No dashboard named "
                        strong { "{name}" }
                    }
                }
                if dashboards.is_empty() {
                    p { class: "empty", "There is no dashboard that you may see." }
                }
                nav { class: "index", "aria-label": "Dashboards",
                    ul {
                        for dashboard in dashboards.into_iter().filter(|one| is_plain(&one.name)) {
                            li { key: "{dashboard.name}",
                                {
                                    let content = rsx! {
                                        strong { dir: "auto", "{dashboard.title}" }
                                        span { class: "index-name", "{dashboard.name}" }
                                        {icon(Shape::Next)}
                                    };
                                    dashboard_link(Some(dashboard.name), navigation.clone(), None, content)
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Whether a name needs no encoding in an address, as those of a hub's files.
fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    !name.is_empty() && name.chars().all(plain)
}
