//! The whole page, from its props.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{
    AlertFeed, Charts, ConnectionNotice, Header, Navigation, NewerPageNotice, StatGrid, StateLine,
    Theme,
};
use crate::model::format::Locale;
use crate::model::health::Assessment;
use crate::model::{
    Action, AlertEntry, Alerts, ChartHistory, Connection, Freshness, Notes, PreviousStats, Stats,
};

/// The whole page. Each panel reads its own slice, so that a change runs only
/// the panels that show it; the page itself runs again only with the layout, the
/// locale, and the states that it has as attributes.
#[component]
pub fn DashboardView(
    layout: ReadSignal<Layout>,
    stats: ReadSignal<Stats>,
    /// The stats before their latest update.
    previous: ReadSignal<PreviousStats>,
    history: ReadSignal<ChartHistory>,
    alerts: ReadSignal<Alerts>,
    /// The alerts to announce, newest first.
    #[props(default)]
    new_alerts: ReadSignal<Vec<Rc<AlertEntry>>>,
    connection: ReadSignal<Connection>,
    freshness: ReadSignal<Freshness>,
    /// The dashboard's health; see [`Facts::assess`](crate::model::health::Facts::assess).
    assessment: ReadSignal<Assessment>,
    notes: ReadSignal<Notes>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: ReadSignal<f64>,
    locale: ReadSignal<Locale>,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Whether the page is on a wall: large, and without controls.
    #[props(default)]
    kiosk: bool,
    /// The way to the other dashboards, if there are several.
    navigation: Option<Navigation>,
    /// Whether the hub serves a newer version of the page.
    newer_page: ReadSignal<bool>,
    ui: UiState,
    on_action: EventHandler<Action>,
) -> Element {
    let retry_in = use_memo(move || connection.read().retry_in(now()));
    let detail = use_memo(move || {
        let ago = |at| locale.read().ago(at, now());
        detail(&connection.read(), freshness(), retry_in(), ago)
    });
    let clock = use_memo(move || locale.read().times.clock(now(), false));
    let range = use_memo(move || notes.read().range);
    let connection_state = use_memo(move || connection.read().as_str());
    let health = use_memo(move || assessment.read().health.as_str());
    let refused = connection_state() == "refused";
    let Layout {
        title,
        note,
        stat,
        chart,
        ..
    } = &*layout.read();
    let locale_now = locale();
    let direction = if locale_now.right_to_left {
        "rtl"
    } else {
        "ltr"
    };
    rsx! {
        main {
            class: "live-dashboard",
            lang: "en",
            dir: direction,
            "data-theme": theme.map(Theme::as_str),
            "data-connection": connection_state(),
            "data-state": health(),
            "data-kiosk": kiosk.then_some("true"),
            StateLine {
                assessment,
                title: kiosk.then(|| title.clone()),
                detail,
                clock,
                locale: locale_now.clone(),
            }
            div {
                class: "page",
                "data-stats": stat.is_empty().then_some("none"),
                "data-charts": (chart.len() > 1).then_some("several"),
                if !kiosk {
                    Header {
                        navigation,
                        title: title.clone(),
                        note: note.clone(),
                        connection,
                        retry_in,
                        notes,
                        menu: ui.menu,
                        has_charts: !chart.is_empty(),
                        on_action,
                    }
                }
                if !stat.is_empty() {
                    StatGrid { layout, stats, previous, now, locale, compact: kiosk }
                }
                div { class: "panels",
                    if !chart.is_empty() {
                        Charts {
                            layout,
                            history,
                            range,
                            locale,
                            interactive: !kiosk,
                            cursor: ui.cursor,
                            on_action,
                        }
                    }
                    AlertFeed {
                        alerts,
                        notes,
                        new_alerts,
                        now,
                        locale: locale_now,
                        interactive: !kiosk,
                        on_action,
                    }
                }
                // A wall shows in its state line that it reconnects, and loads a
                // newer page by itself.
                if !kiosk || refused {
                    div { class: "notices",
                        ConnectionNotice { connection, retry_in, kiosk }
                        if !kiosk && newer_page() {
                            NewerPageNotice { on_action }
                        }
                    }
                }
            }
        }
    }
}

/// What is open or selected on the page.
#[derive(Clone, Copy, PartialEq)]
pub struct UiState {
    /// The time under the charts' crosshair, in seconds since the Unix epoch.
    pub cursor: Signal<Option<f64>>,
    /// Whether the settings menu is open.
    pub menu: Signal<bool>,
}

impl UiState {
    /// A state with nothing open or selected; a hook's value.
    pub fn new() -> Self {
        Self {
            cursor: Signal::new(None),
            menu: Signal::new(false),
        }
    }
}

/// The details of a health that has no values or alerts as reasons.
fn detail(
    connection: &Connection,
    freshness: Freshness,
    retry_in: Option<u64>,
    ago: impl Fn(f64) -> String,
) -> Option<String> {
    match (connection, freshness) {
        (Connection::Refused { reason }, _) => Some(reason.clone()),
        (Connection::Reconnecting { problem, .. }, _) => {
            let problem = (!problem.text.is_empty()).then(|| problem.text.clone());
            let wait = retry_in.map(|seconds| format!("Retrying in {seconds} s"));
            let all: Vec<_> = [problem, wait].into_iter().flatten().collect();
            Some(all.join(" · "))
        }
        (Connection::Connecting, _) => Some("Connecting to the hub".into()),
        (_, Freshness::Stale { since }) => Some(format!("Last message {}", ago(since))),
        (_, Freshness::Empty) => Some("No messages yet".into()),
        (_, Freshness::Fresh) => None,
    }
}
