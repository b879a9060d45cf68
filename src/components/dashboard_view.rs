//! The whole page, from its props.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, Layout};

use crate::components::dashboard_index::Ways;
use crate::components::{
    AlertFeed, ChartPanel, ConnectionNotice, Header, NewerPageNotice, Setting, StatCard, StateLine,
    Theme,
};
use crate::model::format::Locale;
use crate::model::state::Assessment;
use crate::model::{
    AlertEntry, Alerts, ChartHistory, Connection, Freshness, Notes, Point, StatValue, Stats,
};

/// The whole page. Each part is given its own slice, so that only the parts
/// that something changed for are drawn anew.
#[component]
pub fn DashboardView(
    layout: Layout,
    stats: Stats,
    history: ChartHistory,
    alerts: Alerts,
    /// The alerts that are news, newest first.
    #[props(default)]
    fresh: Vec<AlertEntry>,
    connection: Connection,
    freshness: Freshness,
    /// The state of the whole page; see [`assess`](crate::model::state::assess).
    assessment: Assessment,
    notes: Notes,
    /// Milliseconds since the Unix epoch by the viewer's clock.
    now: f64,
    locale: Locale,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Whether the page hangs on a wall: large, and without anything to click.
    #[props(default)]
    kiosk: bool,
    /// The way to the other dashboards, where there are several.
    ways: Option<Ways>,
    /// Whether the hub serves a newer version of the page.
    newer_page: bool,
    /// What the viewer has open.
    looking: Looking,
    /// What the viewer wants.
    on: Wishes,
) -> Element {
    let state = connection.as_str();
    let retry_in = connection.retry_in(now);
    let detail = detail(&connection, freshness, retry_in, now, &locale);
    let stale_after = layout.stale_after * 1000.0;
    let age = |value: StatValue| {
        let stale = now - value.updated_at > stale_after;
        stale.then(|| locale.ago(value.updated_at, now))
    };
    let direction = if locale.right_to_left { "rtl" } else { "ltr" };
    let page_state = assessment.state.as_str();
    let columns = columns(layout.stat.len());
    let no_stats = layout.stat.is_empty();
    let several_charts = layout.chart.len() > 1;
    let points = |chart: &Chart| points(&history, chart, notes.range.seconds());
    rsx! {
        main {
            class: "live-dashboard",
            lang: "en",
            dir: direction,
            "data-theme": theme.map(Theme::as_str),
            "data-connection": state,
            "data-state": page_state,
            "data-kiosk": kiosk.then_some("true"),
            StateLine {
                assessment,
                title: kiosk.then(|| layout.title.clone()),
                detail,
                clock: locale.times.clock(now, false),
                locale: locale.clone(),
            }
            div {
                class: "page",
                "data-stats": no_stats.then_some("none"),
                "data-charts": several_charts.then_some("several"),
                if !kiosk {
                    Header {
                        ways,
                        title: layout.title,
                        note: layout.note,
                        connection: connection.clone(),
                        retry_in,
                        notes: notes.clone(),
                        menu: looking.menu,
                        charts: !layout.chart.is_empty(),
                        on_notes: on.notes,
                        on_set: on.set,
                    }
                }
                if !no_stats {
                    section {
                        class: "stats",
                        "data-columns": columns,
                        "aria-label": "Current values",
                        for stat in layout.stat {
                            StatCard {
                                value: stats.get(&stat.key),
                                recent: stats.recent(&stat.key),
                                age: stats.get(&stat.key).and_then(age),
                                compact: kiosk,
                                locale: locale.clone(),
                                stat,
                            }
                        }
                    }
                }
                div { class: "panels",
                    if !layout.chart.is_empty() {
                        div { class: "charts",
                            for chart in layout.chart {
                                ChartPanel {
                                    points: points(&chart),
                                    range: notes.range,
                                    gaps: history.gaps().to_vec(),
                                    locale: locale.clone(),
                                    interactive: !kiosk,
                                    cursor: looking.cursor,
                                    on_copy: on.copy,
                                    chart,
                                }
                            }
                        }
                    }
                    AlertFeed {
                        entries: alerts.newest(Alerts::CAPACITY).to_vec(),
                        notes,
                        fresh,
                        now,
                        locale,
                        interactive: !kiosk,
                        on_notes: on.notes,
                        on_mute: on.mute,
                    }
                }
                // A wall says by its top edge that it tries again; a newer page
                // it takes by itself.
                if !kiosk || matches!(connection, Connection::Refused { .. }) {
                    div { class: "notices",
                        ConnectionNotice { connection, retry_in, kiosk }
                        if newer_page && !kiosk {
                            NewerPageNotice { on_reload: on.reload }
                        }
                    }
                }
            }
        }
    }
}

/// What the viewer looks at for the moment.
#[derive(Clone, Copy, PartialEq)]
pub struct Looking {
    /// The moment under the charts' crosshair, in seconds since the Unix epoch.
    pub cursor: Signal<Option<f64>>,
    /// Whether the menu of settings is open.
    pub menu: Signal<bool>,
}

/// What the viewer may do, and who hears of it.
#[derive(Clone, Copy, PartialEq)]
pub struct Wishes {
    /// The notes as the viewer changed them.
    pub notes: EventHandler<Notes>,
    /// The same, where an alert's line goes with it.
    pub mute: EventHandler<Notes>,
    /// A setting and whether it shall be on.
    pub set: EventHandler<(Setting, bool)>,
    /// A text for the clipboard.
    pub copy: EventHandler<String>,
    /// The newer page.
    pub reload: EventHandler<()>,
}

/// The points of a range: the newest as far as the chart shows them, or those
/// of the seconds up to the newest.
fn points(history: &ChartHistory, chart: &Chart, seconds: Option<f64>) -> Vec<Point> {
    let latest = history.latest(chart);
    match (seconds, latest.last()) {
        (Some(seconds), Some(newest)) => history.since(chart, newest.timestamp - seconds),
        _ => latest,
    }
}

/// What is behind a state that no value is the reason of.
fn detail(
    connection: &Connection,
    freshness: Freshness,
    retry_in: Option<u64>,
    now: f64,
    locale: &Locale,
) -> Option<String> {
    let wait = retry_in.map(|seconds| format!("next try in {seconds} s"));
    match (connection, freshness) {
        (Connection::Refused { reason }, _) => Some(reason.clone()),
        (Connection::Reconnecting { problem, .. }, _) => {
            let problem = (!problem.text.is_empty()).then(|| problem.text.clone());
            let all: Vec<_> = [problem, wait].into_iter().flatten().collect();
            Some(all.join(" · "))
        }
        (Connection::Connecting, _) => Some("Connecting to the hub".into()),
        (_, Freshness::Stale { since }) => Some(format!("Last message {}", locale.ago(since, now))),
        (_, Freshness::Empty) => Some("No message has come yet".into()),
        (_, Freshness::Fresh) => None,
    }
}

/// How many columns a wall's cards stand in.
fn columns(cards: usize) -> &'static str {
    match cards {
        0 | 1 => "1",
        2..=4 => "2",
        5..=9 => "3",
        _ => "4",
    }
}
