//! A metric's recent values as a small line, without scale or ticks.

use dioxus::prelude::*;
use live_dashboard_protocol::limits::STAT_SAMPLES;

use crate::components::Reactive;
use crate::model::Stats;
use crate::model::format::plain;

/// The number of steps across the width, however few values there are: the line
/// grows from the right edge.
const WIDTH: usize = STAT_SAMPLES - 1;

/// The minimum number of values for a line.
const MIN_VALUES: usize = 4;

/// The least height of a line of percentages: 10 percentage points. Smaller changes do not
/// look like a fall to zero.
const PERCENT_SPAN: f64 = 0.1;

/// A line through a metric's latest values, at most [`STAT_SAMPLES`]. A component,
/// because it is drawn less often than the number above it.
#[component]
pub(super) fn Sparkline(samples: Reactive<Stats>, metric: String, is_percent: bool) -> Element {
    let values = samples.read().recent(&metric);
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| {
            (low.min(*value), high.max(*value))
        });
    let least = if is_percent { PERCENT_SPAN } else { 0.0 };
    let span = (high - low).max(least);
    // In the middle, but within 0% and 100% if the values are.
    let top = (high + low + span) / 2.0;
    let top = top.min(high.max(1.0)).max(low.min(0.0) + span);
    // A constant value runs along the middle.
    let height = |value: f64| match span {
        span if span > 0.0 => 100.0 * (top - value) / span,
        _ => 50.0,
    };
    // A value's place from the left, counted from the newest.
    let place = |n: usize| plain(100.0 * WIDTH.saturating_sub(n) as f64 / WIDTH as f64, 1);
    let mut path = String::new();
    for (n, value) in values.iter().rev().take(WIDTH + 1).enumerate() {
        let to = if n == 0 { 'M' } else { 'L' };
        path.push(to);
        path += &place(n);
        path.push(' ');
        path += &plain(height(*value), 1);
    }
    let newest = values
        .last()
        .copied()
        .filter(|_| values.len() >= MIN_VALUES);
    let oldest = place(values.len().saturating_sub(1));
    rsx! {
        div { class: "spark",
            svg { "aria-hidden": "true",
                if let Some(newest) = newest {
                    svg { view_box: "0 0 100 100", "preserveAspectRatio": "none", width: "100%", height: "100%",
                        path { class: "spark-area", d: "{path}L{oldest} 130H100Z" }
                        path { class: "spark-line", d: "{path}" }
                    }
                    circle { cx: "100%", cy: "{plain(height(newest), 1)}%", r: "3" }
                }
            }
        }
    }
}
