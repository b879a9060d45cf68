//! The whole page, from its props.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{
    AlertFeed, ConnectionNotice, Header, NewerPageNotice, RequestChart, StatCard, Theme,
};
use crate::model::{Alerts, ChartHistory, Connection, Stats};

/// How many alerts stand in the feed.
const ALERTS: usize = 5;

/// The whole page. Each part is given its own slice, so that only the parts
/// that something changed for are drawn anew.
#[component]
pub fn DashboardView(
    layout: Layout,
    stats: Stats,
    history: ChartHistory,
    alerts: Alerts,
    connection: Connection,
    /// Milliseconds since the Unix epoch by the viewer's clock.
    now: f64,
    /// The viewer's offset from UTC in minutes, east positive.
    utc_offset_minutes: i32,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Whether the hub serves a newer version of the page.
    newer_page: bool,
    /// Called when the viewer asks for the newer page.
    on_reload: EventHandler<()>,
) -> Element {
    let state = connection.as_str();
    let retry_in = connection.retry_in(now);
    rsx! {
        main {
            class: "live-dashboard",
            "data-theme": theme.map(Theme::as_str),
            "data-connection": state,
            div { class: "page",
                Header {
                    title: layout.title,
                    note: layout.note,
                    connection: connection.clone(),
                    retry_in,
                }
                if !layout.stat.is_empty() {
                    section { class: "stats", "aria-label": "Current values",
                        for stat in layout.stat {
                            StatCard { value: stats.get(&stat.key), stat }
                        }
                    }
                }
                div { class: "panels",
                    if !layout.chart.is_empty() {
                        div { class: "charts",
                            for chart in layout.chart {
                                RequestChart {
                                    points: history.latest(&chart),
                                    chart,
                                    utc_offset_minutes,
                                }
                            }
                        }
                    }
                    AlertFeed { entries: alerts.newest(ALERTS).to_vec(), now, utc_offset_minutes }
                }
                div { class: "notices",
                    ConnectionNotice { connection, retry_in }
                    if newer_page {
                        NewerPageNotice { on_reload }
                    }
                }
            }
        }
    }
}
