//! The stat cards.

use dioxus::prelude::*;
use live_dashboard_protocol::layout::Layout;

use crate::components::{Reactive, StatCard};
use crate::model::format::Locale;
use crate::model::{PreviousStats, Stats};

/// A card for each metric of the layout. Only the cards run again whose metric,
/// or its age, changed.
#[component]
pub fn StatGrid(
    layout: Reactive<Layout>,
    stats: Reactive<Stats>,
    /// The stats before their latest update.
    previous: Reactive<PreviousStats>,
    /// The viewer's clock: milliseconds since the Unix epoch.
    now: Reactive<f64>,
    locale: Reactive<Locale>,
    /// Whether large numbers are abbreviated.
    #[props(default)]
    compact: bool,
) -> Element {
    // The ages of the metrics that are stale.
    let ages = use_memo(move || {
        let (layout, stats, now) = (layout.read(), stats.read(), now());
        let age = |key: &str| {
            let updated_at = stats.get(key)?.updated_at;
            let stale = now - updated_at > layout.stale_after * 1000.0;
            stale.then(|| locale.read().ago(updated_at, now))
        };
        let ages = layout.stat.iter().map(|stat| age(&stat.key));
        ages.collect::<Vec<_>>()
    });
    let (layout, stats, previous) = (layout.read(), stats.read(), previous.read());
    rsx! {
        section {
            class: "stats",
            "data-columns": columns(layout.stat.len()),
            "aria-label": "Current values",
            for (stat , age) in layout.stat.iter().zip(ages()) {
                StatCard {
                    value: stats.get(&stat.key).map(|known| known.value),
                    previous: previous.get(&stat.key),
                    recent: stats.recent(&stat.key),
                    age,
                    compact,
                    locale: locale(),
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
