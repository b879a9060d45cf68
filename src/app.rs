//! Where hooks meet components.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{DashboardView, STYLES};
use crate::config::{Config, ConfigError};
use crate::hooks::{
    use_alerts, use_chart_history, use_connection, use_feed, use_layout, use_newer_page, use_now,
    use_stats, use_theme,
};
use crate::model::Connection;
use crate::platform;

/// A live dashboard of one hub. It keeps a connection for as long as it is
/// there.
#[component]
pub fn Dashboard(
    /// Which hub, and how it looks.
    config: Config,
    /// Whether the page is the dashboard's own, so that it sets its title.
    #[props(default)]
    owns_page: bool,
) -> Element {
    let theme = use_theme(config.theme());
    let feed = use_feed(config);
    let layout = use_layout(feed);
    let stats = use_stats(feed);
    let history = use_chart_history(feed);
    let alerts = use_alerts(feed);
    let connection = use_connection(feed);
    let newer_page = use_newer_page(feed);
    let now = use_now();
    if owns_page {
        platform::set_title(&title(&layout, &connection));
    }
    let styles = use_styles();
    rsx! {
        {styles}
        DashboardView {
            layout,
            stats,
            history,
            alerts,
            connection,
            newer_page,
            now,
            utc_offset_minutes: platform::utc_offset_minutes(),
            theme,
            on_reload: move |()| platform::reload(),
        }
    }
}

/// The page in place of a dashboard whose settings are broken: it says which,
/// and what the rule is.
#[component]
pub fn Misconfigured(problem: ConfigError) -> Element {
    let styles = use_styles();
    rsx! {
        {styles}
        main { class: "live-dashboard",
            div { class: "page",
                div { class: "notice", role: "alert", "data-tone": "error",
                    div { class: "notice-text",
                        p { strong { "This dashboard cannot be shown" } }
                        p { "{problem}." }
                    }
                }
            }
        }
    }
}

/// The stylesheet: the page adopts it, or else it is an element to draw.
fn use_styles() -> Option<Element> {
    let adopted = use_hook(|| platform::adopt_stylesheet(STYLES));
    (!adopted).then(|| {
        rsx! {
            style { dangerous_inner_html: STYLES }
        }
    })
}

/// The page's title: whether it is live, and of what.
fn title(layout: &Layout, connection: &Connection) -> String {
    let mark = match connection {
        Connection::Live => '●',
        _ => '○',
    };
    format!("{mark} {}", layout.title)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_title_tells_whether_it_is_live() {
        let layout = Layout::default();
        assert_eq!(title(&layout, &Connection::Live), "● Live Dashboard");
        assert_eq!(title(&layout, &Connection::Connecting), "○ Live Dashboard");
    }
}
