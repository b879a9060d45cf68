//! The whole page, from its props.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{
    AlertFeed, Charts, ConnectionNotice, Header, Navigation, NewerPageNotice, Reactive, StatGrid,
    StateLine, Theme,
};
use crate::model::format::Locale;
use crate::model::health::Assessment;
use crate::model::{
    Action, AlertEntry, Alerts, ChartHistory, Connection, Notes, PreviousStats, Stats,
};

/// What the page shows, as signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Slices {
    /// What is shown, and how.
    pub layout: Reactive<Layout>,
    /// The metrics' values.
    pub stats: Reactive<Stats>,
    /// The metrics' values before their latest update.
    pub previous: Reactive<PreviousStats>,
    /// The charts' points.
    pub history: Reactive<ChartHistory>,
    /// The alerts.
    pub alerts: Reactive<Alerts>,
    /// The alerts to announce, newest first.
    pub new_alerts: Reactive<Vec<Rc<AlertEntry>>>,
    /// The state of the connection.
    pub connection: Reactive<Connection>,
    /// The dashboard's health.
    pub assessment: Reactive<Assessment>,
    /// What the viewer acknowledged, muted and set.
    pub notes: Reactive<Notes>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    pub now: Reactive<f64>,
    /// The viewer's language and time zone.
    pub locale: Reactive<Locale>,
    /// Whether the hub serves a newer version of the page.
    pub newer_page: Reactive<bool>,
}

/// The whole page. Each panel reads its own slices, so that a change runs only
/// the panels that show it; the page itself runs again only with the layout, the
/// locale, and the states that it has as attributes.
#[component]
pub fn DashboardView(
    slices: Slices,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Whether the page is on a wall: large, and without controls.
    #[props(default)]
    kiosk: bool,
    /// The way to the other dashboards, if there are several.
    navigation: Option<Navigation>,
    ui: UiState,
    on_action: EventHandler<Action>,
) -> Element {
    let Slices {
        layout,
        stats,
        previous,
        history,
        alerts,
        new_alerts,
        connection,
        assessment,
        notes,
        now,
        locale,
        newer_page,
    } = slices;
    let states = use_memo(move || {
        let health = assessment.read().health;
        (connection.read().as_str(), health.as_str())
    });
    let (connection_state, health) = states();
    let Layout {
        title,
        note,
        stat,
        chart,
        ..
    } = &*layout.read();
    let current_locale = locale();
    let direction = if current_locale.right_to_left {
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
            "data-connection": connection_state,
            "data-state": health,
            "data-kiosk": kiosk.then_some("true"),
            StateLine {
                assessment,
                connection,
                now,
                locale: current_locale.clone(),
                title: kiosk.then(|| title.clone()),
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
                        now,
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
                            notes,
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
                        locale: current_locale,
                        interactive: !kiosk,
                        on_action,
                    }
                }
                // A wall shows in its state line that it reconnects, and loads a
                // newer page by itself.
                if !kiosk || connection_state == "refused" {
                    div { class: "notices",
                        ConnectionNotice { connection, now, kiosk }
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
