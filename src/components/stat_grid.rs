//! The stat cards.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{Reactive, StatCard};
use crate::model::format::Locale;
use crate::model::{PreviousStats, Stats};

/// A card for each metric of the layout. Only the cards run again whose metric
/// changed.
#[component]
pub fn StatGrid(
    layout: Reactive<Layout>,
    stats: Reactive<Stats>,
    /// The same stats, for the sparklines: a signal that changes less often.
    samples: Reactive<Stats>,
    /// The stats before their latest update.
    previous: Reactive<PreviousStats>,
    /// For each card, when its value was published if it is stale.
    stale: Signal<Vec<Option<f64>>>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: Signal<f64>,
    locale: Signal<Locale>,
    /// Whether large numbers are abbreviated.
    #[props(default)]
    compact: bool,
) -> Element {
    let (layout, stats) = (layout.read(), stats.read());
    let (previous, stale) = (previous.read(), stale.read());
    rsx! {
        section {
            class: "stats",
            "data-columns": columns(layout.stat.len()),
            "aria-label": "Current values",
            for (n , stat) in layout.stat.iter().enumerate() {
                StatCard {
                    value: stats.get(&stat.key).map(|known| known.value),
                    previous: previous.get(&stat.key),
                    samples,
                    stale_since: stale.get(n).copied().flatten(),
                    now,
                    compact,
                    locale: locale.cloned(),
                    stat: stat.clone(),
                }
            }
        }
    }
}

/// The number of columns on a wall.
fn columns(cards: usize) -> &'static str {
    match cards {
        0 | 1 => "1",
        2..=4 => "2",
        5..=9 => "3",
        _ => "4",
    }
}
