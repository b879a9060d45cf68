//! The whole page, from its props.

use std::rc::Rc;

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::asides::Asides;
use crate::components::notice::newer_page_notice;
use crate::components::stat_card::WIDE;
use crate::components::{
    ActionHandler, AlertFeed, Charts, ConnectionNotice, Header, Navigation, Reactive, Rows,
    StatGrid, StateLine, Theme,
};
use crate::model::format::Locale;
use crate::model::health::{Health, Reason};
use crate::model::{
    AlertEntry, Alerts, ChartHistory, Connection, Notes, PreviousStats, Reach, Stats, Unshown,
};

/// What the page shows, as signals.
#[derive(Clone, Copy, PartialEq)]
pub struct Slices {
    /// What is shown, and how.
    pub layout: Reactive<Layout>,
    /// The metrics' values.
    pub stats: Reactive<Stats>,
    /// The same, for pictures of them: a signal that changes less often.
    pub samples: Reactive<Stats>,
    /// The metrics' values before their latest update.
    pub previous: Reactive<PreviousStats>,
    /// The charts' points.
    pub history: Reactive<ChartHistory>,
    /// The alerts.
    pub alerts: Reactive<Alerts>,
    /// The alerts to announce, newest first.
    pub new_alerts: Signal<Vec<Rc<AlertEntry>>>,
    /// The messages that could not be shown in full.
    pub unshown: Reactive<Unshown>,
    /// How far back the hub's stored points reach.
    pub reach: Reactive<Reach>,
    /// The state of the connection.
    pub connection: Reactive<Connection>,
    /// The dashboard's health.
    pub health: Signal<Health>,
    /// The reasons for it.
    pub reasons: Signal<Vec<Reason>>,
    /// For each card, when its value was published if it is stale.
    pub stale: Signal<Vec<Option<f64>>>,
    /// What the viewer acknowledged, muted and set.
    pub notes: Signal<Notes>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    pub now: Signal<f64>,
    /// The viewer's language and time zone.
    pub locale: Signal<Locale>,
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
    #[props(default)] slot: Slot,
    /// The way to the other dashboards, if there are several.
    navigation: Option<Navigation>,
    /// The address of a hub that the viewer may publish to.
    publish_to: Option<String>,
    ui: UiState,
    on_action: ActionHandler,
) -> Element {
    let s = slices;
    let layout = s.layout.read();
    let locale = s.locale.cloned();
    let panel = slot.panel.as_deref();
    let in_rows = panel.is_some() || !layout.row.is_empty();
    // A wall divides its height between cards and the rest.
    let card_rows = match in_rows {
        true => 0,
        false => layout.stat.len().div_ceil(WIDE),
    };
    let feed = layout.alerts.first();
    let connection_state = s.connection.read().as_str();
    rsx! {
        main {
            class: "live-dashboard",
            lang: "en",
            dir: if locale.right_to_left { "rtl" } else { "ltr" },
            "data-theme": theme.map(Theme::as_str),
            "data-connection": connection_state,
            "data-kiosk": kiosk.then_some("true"),
            "data-compact": slot.compact.then_some("true"),
            "data-panel": panel,
            StateLine {
                health: s.health,
                reasons: s.reasons,
                connection: s.connection,
                now: s.now,
                locale: locale.clone(),
                time_zone: layout.time_zone.clone(),
                title: kiosk.then(|| layout.title.clone()),
                note: layout.note.clone(),
            }
            div {
                class: "page",
                "data-card-rows": card_rows.to_string(),
                if !kiosk {
                    Header {
                        title: layout.title.clone(),
                        note: layout.note.clone(),
                        navigation,
                        unshown: s.unshown,
                        connection: s.connection,
                        now: s.now,
                        notes: s.notes,
                        reach: s.reach,
                        menu: ui.menu,
                        has_charts: !layout.chart.is_empty(),
                        on_action,
                    }
                }
                if in_rows {
                    Rows { slices, kiosk, panel: slot.panel.clone(), ui, on_action }
                } else if !layout.stat.is_empty() {
                    StatGrid {
                        layout: s.layout,
                        stats: s.stats,
                        samples: s.samples,
                        previous: s.previous,
                        stale: s.stale,
                        now: s.now,
                        locale: s.locale,
                        kiosk,
                    }
                }
                if !in_rows {
                    div { class: "panels",
                        if !layout.chart.is_empty() {
                            Charts {
                                layout: s.layout,
                                history: s.history,
                                notes: s.notes,
                                locale: s.locale,
                                stale: s.stale,
                                now: s.now,
                                interactive: !kiosk,
                                cursor: ui.cursor,
                                on_action,
                            }
                        }
                        AlertFeed {
                            title: feed.map(|panel| panel.title.clone()).unwrap_or_default(),
                            link: feed.and_then(|panel| panel.link.clone()),
                            alerts: s.alerts,
                            notes: s.notes,
                            new_alerts: s.new_alerts,
                            now: s.now,
                            locale: locale.clone(),
                            interactive: !kiosk,
                            on_action,
                        }
                    }
                }
                // A wall shows in its state line that it reconnects, and loads a
                // newer page by itself.
                if !kiosk || connection_state == "refused" {
                    div { class: "notices",
                        if !kiosk {
                            Asides { slices, publish_to, on_action }
                        }
                        ConnectionNotice { connection: s.connection, now: s.now, kiosk }
                        if !kiosk && *s.newer_page.read() {
                            {newer_page_notice(on_action)}
                        }
                    }
                }
            }
        }
    }
}

/// What a part of another page shows of a dashboard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Slot {
    /// The only panel, by key, heading or kind.
    pub panel: Option<String>,
    /// Whether the slot is narrow: without controls, and with less space.
    pub compact: bool,
}

/// What is open or selected on the page: at first nothing. A hook's value.
#[derive(Clone, Copy, PartialEq, Default)]
pub struct UiState {
    /// The time under the charts' crosshair, in seconds since the Unix epoch.
    pub cursor: Signal<Option<f64>>,
    /// Whether the settings menu is open.
    pub menu: Signal<bool>,
}
