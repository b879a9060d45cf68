//! The charts of a layout.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::{Chart, Layout};

use super::ChartPanel;
use crate::components::stat_card::columns;
use crate::components::{ActionHandler, Reactive};
use crate::model::format::Locale;
use crate::model::{ChartHistory, Notes, Point, Range};

/// The most charts in a row of a wall.
const SIDE_BY_SIDE: usize = 3;

/// A panel for each chart of the layout. Only the panels run again whose points
/// changed.
#[component]
pub fn Charts(
    layout: Reactive<Layout>,
    history: Reactive<ChartHistory>,
    /// The viewer's notes, for how far back the charts reach.
    notes: Signal<Notes>,
    locale: Signal<Locale>,
    /// See [`Assessment::stale`](crate::model::health::Assessment::stale).
    stale: Signal<Vec<Option<f64>>>,
    /// The viewer's clock.
    now: Signal<f64>,
    /// Whether single values can be read and copied.
    #[props(default = true)]
    interactive: bool,
    /// The time under the crosshair, in seconds since the Unix epoch, which all
    /// charts share.
    cursor: Signal<Option<f64>>,
    on_action: ActionHandler,
) -> Element {
    let (layout, history) = (layout.read(), history.read());
    let range = notes.read().range;
    rsx! {
        div { class: "charts", "data-wide": columns(layout.chart.len(), SIDE_BY_SIDE).to_string(),
            for (chart , stale_since) in layout.chart.iter().zip(ages(&layout, &stale.read())) {
                ChartPanel {
                    stale_since,
                    now,
                    chart: chart.clone(),
                    range,
                    points: points(&history, chart, range),
                    gaps: history.gaps(chart),
                    locale: locale.cloned(),
                    interactive,
                    cursor,
                    on_action,
                }
            }
        }
    }
}

/// When the latest values of the charts were published if they are stale: the last of all
/// ages.
pub(crate) fn ages(layout: &Layout, stale: &[Option<f64>]) -> Vec<Option<f64>> {
    let others = stale.len().saturating_sub(layout.chart.len());
    let mut ages = stale.get(others..).unwrap_or_default().to_vec();
    ages.resize(layout.chart.len(), None);
    ages
}

/// The points of a range: the newest, as many as the chart shows, or those of
/// the range's time up to the newest.
pub(crate) fn points(history: &ChartHistory, chart: &Chart, range: Range) -> Vec<Point> {
    let newest = history.newest(chart);
    match range.seconds().zip(newest) {
        Some((seconds, newest)) => history.since(chart, newest.timestamp - seconds),
        None => history.latest(chart),
    }
}
