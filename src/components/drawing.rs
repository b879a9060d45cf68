//! The page as the hub draws it: without a feed, without timers.

use dioxus::prelude::*;

use crate::components::{
    DashboardIndex, DashboardView, Navigation, Reactive, Slices, Slot, Theme, UiState,
};
use crate::model::format::Locale;
use crate::model::{Model, Notes};

/// The page of a model at one moment. Its markup is that of the page's first render,
/// so that the page can take it over.
#[component]
pub fn Drawing(
    model: Model,
    /// Milliseconds since the Unix epoch by the clock of the model's times.
    now: f64,
    locale: Locale,
    /// The colour scheme; the system's when `None`.
    theme: Option<Theme>,
    /// Whether the page is on a wall.
    #[props(default)]
    kiosk: bool,
    #[props(default)] slot: Slot,
    /// The dashboard that the page's address names.
    dashboard: Option<String>,
    /// The query of the page's address without the dashboard, which links to other
    /// dashboards keep.
    #[props(default)]
    query: String,
) -> Element {
    let ui = use_hook(UiState::default);
    let on_action = use_callback(|_| {});
    let navigation = use_hook(|| Navigation {
        query: Some(query),
        go: EventHandler::new(|_| {}),
    });
    let slices = use_hook(|| slices(&model, now, locale));
    let dashboards = model.dashboards().clone();
    if *model.must_choose() {
        return rsx! {
            DashboardIndex { dashboards, unknown: dashboard, navigation, theme }
        };
    }
    rsx! {
        DashboardView {
            slices,
            theme,
            kiosk,
            slot,
            navigation: (!kiosk && dashboards.len() > 1).then_some(navigation),
            ui,
            on_action,
        }
    }
}

fn slices(model: &Model, now: f64, locale: Locale) -> Slices {
    let notes = Notes::default();
    let assessment = model.assess(&notes, now);
    Slices {
        layout: slice(model.layout()),
        stats: slice(model.stats()),
        samples: slice(model.stats()),
        previous: slice(model.stats().previous()),
        history: slice(model.history()),
        alerts: slice(model.alerts()),
        new_alerts: Signal::new(Vec::new()),
        unshown: slice(model.unshown()),
        reach: slice(model.reach()),
        connection: slice(model.connection()),
        health: Signal::new(assessment.health),
        reasons: Signal::new(assessment.reasons),
        stale: Signal::new(assessment.stale),
        notes: Signal::new(notes),
        now: Signal::new(now),
        locale: Signal::new(locale),
        newer_page: slice(model.new_page_version()),
    }
}

fn slice<T: Clone + 'static>(value: &T) -> Reactive<T> {
    Signal::new(value.clone()).into()
}
