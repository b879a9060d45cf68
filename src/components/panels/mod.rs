//! Panels in rows, each in its cell. Cards, charts and alerts have rooms of their own;
//! the others are here, as plain functions, because each component makes the page
//! larger.

mod clock;
mod gauge;
mod list;
mod status;
mod table;
mod text;
mod timeline;

use dioxus::prelude::*;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Layout, Panel, PanelKind, PanelRef, Row};
use live_dashboard_protocol::limits::ROW_COLUMNS;

use crate::components::chart::{ages, points};
use crate::components::icon::{Shape, icon};
use crate::components::stat_card::severity_name;
use crate::components::time_text::TimeText;
use crate::components::{
    ActionHandler, AlertFeed, ChartPanel, Slices, StatCard, UiState, export_buttons,
};
use crate::model::format::{Locale, word};
use crate::model::markdown::is_web_address;
use crate::model::trend::Severity;

/// From this many rows on, a wall's text does not become smaller.
const MANY_ROWS: usize = 5;

/// The narrowest panel of those that share the rest of a row; more wrap.
const NARROWEST: u32 = 2;

/// The layout's rows. It does not run for a message.
#[component]
pub fn Rows(
    slices: Slices,
    kiosk: bool,
    /// The only panel to show, by key, heading or kind.
    panel: Option<String>,
    ui: UiState,
    on_action: ActionHandler,
) -> Element {
    let layout = slices.layout.read();
    let alone: Vec<Row>;
    let rows = match &panel {
        Some(name) => {
            let Some(panel) = layout.panel_named(name) else {
                return rsx! {
                    p { class: "empty", "This dashboard has no panel “{name}”." }
                };
            };
            let panels = vec![panel];
            alone = vec![Row {
                title: String::new(),
                panels,
            }];
            &alone
        }
        None => &layout.row,
    };
    rsx! {
        div { class: "rows", "data-rows": rows.len().min(MANY_ROWS).to_string(),
            for row in rows {
                section { class: "row", "data-height": height(row),
                    if !row.title.is_empty() {
                        h2 { class: "row-title", dir: "auto", "{row.title}" }
                    }
                    div { class: "cells",
                        for (panel , span) in spans(&layout, row) {
                            div { class: "cell", "data-kind": panel.kind.name(), "data-span": "{span}",
                                Cell { panel, slices, kiosk, ui, on_action }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// A row's panels, and how many columns each takes: what the layout says, and an equal
/// share of the rest.
fn spans(layout: &Layout, row: &Row) -> Vec<(PanelRef, u32)> {
    let given = |panel: &PanelRef| match panel.kind {
        PanelKind::Stat => layout.stat.get(panel.index)?.span,
        PanelKind::Chart => layout.chart.get(panel.index)?.span,
        kind => layout.panels(kind).get(panel.index)?.span,
    };
    let taken: u32 = row.panels.iter().filter_map(given).sum();
    let others = row.panels.iter().filter(|panel| given(panel).is_none());
    let share = ROW_COLUMNS.saturating_sub(taken) / others.count().max(1) as u32;
    let span = |panel: &PanelRef| given(panel).unwrap_or(share.max(NARROWEST));
    let spans = row.panels.iter().map(|panel| (*panel, span(panel)));
    spans.collect()
}

/// How much of a wall's height a row takes: panels that show a number or a line of
/// text need half as much as pictures and lists.
fn height(row: &Row) -> &'static str {
    use PanelKind::{Clock, Gauge, Stat, Text};
    let is_low = |panel: &PanelRef| matches!(panel.kind, Stat | Gauge | Clock | Text);
    if row.panels.iter().all(is_low) {
        "low"
    } else {
        "high"
    }
}

/// One panel. It runs when a slice changes that panels of its kind show.
#[component]
fn Cell(
    panel: PanelRef,
    slices: Slices,
    kiosk: bool,
    ui: UiState,
    on_action: ActionHandler,
) -> Element {
    let s = slices;
    let layout = s.layout.read();
    let locale = s.locale.cloned();
    let index = panel.index;
    match panel.kind {
        PanelKind::Stat => {
            let Some(stat) = layout.stat.get(index).cloned() else {
                return rsx! {};
            };
            rsx! {
                StatCard {
                    value: s.stats.read().get(&stat.key).map(|known| known.value),
                    previous: s.previous.read().get(&stat.key),
                    samples: s.samples,
                    stale_since: s.stale.read().get(index).copied().flatten(),
                    now: s.now,
                    kiosk,
                    locale,
                    stat,
                }
            }
        }
        PanelKind::Chart => {
            let Some(chart) = layout.chart.get(index).cloned() else {
                return rsx! {};
            };
            let (history, range) = (s.history.read(), s.notes.read().range);
            rsx! {
                ChartPanel {
                    range,
                    points: points(&history, &chart, range),
                    gaps: history.gaps(&chart),
                    stale_since: ages(&layout, &s.stale.read()).get(index).copied().flatten(),
                    now: s.now,
                    locale,
                    interactive: !kiosk,
                    cursor: ui.cursor,
                    on_action,
                    chart,
                }
            }
        }
        PanelKind::Alerts => {
            let panel = layout.alerts.get(index);
            rsx! {
                AlertFeed {
                    title: panel.map(|panel| panel.title.clone()).unwrap_or_default(),
                    link: panel.and_then(|panel| panel.link.clone()),
                    alerts: s.alerts,
                    notes: s.notes,
                    new_alerts: s.new_alerts,
                    now: s.now,
                    locale,
                    interactive: !kiosk,
                    on_action,
                }
            }
        }
        kind => {
            let panels = layout.panels(kind);
            let Some(panel) = panels.get(index) else {
                return rsx! {};
            };
            let scene = Scene {
                kind,
                panel,
                slices: s,
                locale: &locale,
            };
            let place = stale_place(&layout, kind, index);
            let stale_since = s.stale.read().get(place).copied().flatten();
            let on_copy = (!kiosk).then_some(on_action);
            scene.draw(stale_since, on_copy)
        }
    }
}

/// The place of a panel among those whose age is known; see
/// [`Assessment::stale`](crate::model::health::Assessment::stale).
fn stale_place(layout: &Layout, kind: PanelKind, index: usize) -> usize {
    let before = PanelKind::ALL.into_iter().map(|(_, other)| other);
    let before = before.take_while(|other| *other != kind);
    let panels: usize = before.map(|other| layout.panels(other).len()).sum();
    layout.stat.len() + panels + index
}

/// What a panel is drawn from.
struct Scene<'a> {
    kind: PanelKind,
    panel: &'a Panel,
    slices: Slices,
    locale: &'a Locale,
}

impl Scene<'_> {
    /// The panel with its heading, and with buttons that hand out its data.
    fn draw(&self, stale_since: Option<f64>, on_copy: Option<ActionHandler>) -> Element {
        let panel = self.panel;
        let (severity, content, data) = match self.kind {
            PanelKind::Gauge => gauge::gauge(self),
            PanelKind::Table => table::table(self),
            PanelKind::List => list::list(self),
            PanelKind::Status => status::status(self),
            PanelKind::Timeline => timeline::timeline(self),
            PanelKind::Text => text::text(self),
            _ => clock::clock(self),
        };
        let kind = self.kind.name();
        let name = match panel.title.is_empty() {
            true => kind,
            false => &panel.title,
        };
        rsx! {
            section {
                class: "panel {kind}",
                "aria-label": "{name}",
                "data-severity": severity_name(severity),
                "data-stale": stale_since.map(|_| "true"),
                if !panel.title.is_empty() {
                    header { class: "panel-head",
                        h2 { dir: "auto", {heading(&panel.title, panel.link.as_deref())} }
                        {age(stale_since, self.slices.now, self.locale)}
                        if let Some(on_action) = on_copy.filter(|_| !data.is_empty()) {
                            {export_buttons(name, data, on_action)}
                        }
                    }
                }
                {content}
            }
        }
    }

    /// The value of the panel's own key.
    fn value(&self, show: impl FnOnce(&Json) -> Content) -> Content {
        let stats = self.slices.stats.read();
        let key = self.panel.key.as_deref().unwrap_or_default();
        match stats.value(self.kind, key) {
            Some(value) => show(value),
            None => (Severity::Ok, empty(), String::new()),
        }
    }

    /// A number or a state for people.
    fn word(&self, value: &Json) -> String {
        match value.number() {
            Some(number) => self.locale.value(&self.panel.notation(), number),
            None => word(value),
        }
    }
}

/// How bad a panel is, what it shows, and its data as tab-separated text.
type Content = (Severity, Element, String);

fn empty() -> Element {
    rsx! {
        p { class: "empty", "No data yet" }
    }
}

/// A text whose length may change beside others: a new element for each length, since
/// one that moves would be a layout shift.
fn changing_word(class: &'static str, text: &str) -> Element {
    rsx! {
        for length in [text.len()] {
            strong { key: "{length}", class, dir: "auto", "{text}" }
        }
    }
}

/// The age of a stale value in the heading of its panel.
pub(super) fn age(since: Option<f64>, now: Signal<f64>, locale: &Locale) -> Element {
    rsx! {
        if let Some(since) = since {
            span { class: "age",
                {icon(Shape::Clock)}
                TimeText { since, now, locale: locale.clone() }
            }
        }
    }
}

/// A heading's text, as a link if it has an address, of the web or on the hub: a publisher
/// can send a layout that no hub has checked.
pub(super) fn heading(title: &str, link: Option<&str>) -> Element {
    rsx! {
        if let Some(link) = link.filter(|link| is_web_address(link) || link.starts_with(['/', '?'])) {
            a { href: "{link}", target: "_top", "{title}" }
        } else {
            "{title}"
        }
    }
}
