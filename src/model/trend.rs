//! What a value means: its trend and its severity.

use live_dashboard_protocol::json::Json;
pub use live_dashboard_protocol::layout::Severity;
use live_dashboard_protocol::layout::{Better, Chart, Format, Panel, Stat};
use live_dashboard_protocol::limits::MIN_CHANGE;

use crate::model::format;

/// A value compared to the previous one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trend {
    /// Whether the value rose or fell.
    pub direction: Direction,
    /// Whether that is good.
    pub judgement: Judgement,
}

/// Whether a value rose or fell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// No change that its format shows.
    Flat,
}

/// Whether a change is good, by the metric's own good direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// Better.
    Good,
    /// Worse.
    Bad,
    /// No change, or too small a one.
    Neutral,
}

/// A metric's trend against its previous value. Flat without one, or if the
/// metric's format does not show the change; neutral if neither direction is better, or
/// if the change is less than the metric's [`min_change`](Stat::min_change): of the previous
/// value, or of 100% for percentages.
pub fn trend(stat: &Stat, previous: Option<f64>, value: f64) -> Trend {
    let notation = stat.notation();
    let changed = previous.filter(|previous| !format::looks_same(&notation, *previous, value));
    let Some(previous) = changed else {
        return Trend {
            direction: Direction::Flat,
            judgement: Judgement::Neutral,
        };
    };
    let rose = value > previous;
    let whole = match stat.format {
        Format::Percent => 1.0,
        _ => previous.abs(),
    };
    let min_change = stat.min_change.unwrap_or(MIN_CHANGE) * whole;
    let is_news = (value - previous).abs() >= min_change;
    let is_good = match stat.better {
        Better::Higher => Some(rose),
        Better::Lower => Some(!rose),
        Better::Neither => None,
    };
    let judgement = match is_good {
        Some(true) if is_news => Judgement::Good,
        Some(false) if is_news => Judgement::Bad,
        _ => Judgement::Neutral,
    };
    Trend {
        direction: if rose { Direction::Up } else { Direction::Down },
        judgement,
    }
}

/// The severity of a metric's value: a value strictly beyond a threshold, on the
/// bad side, exceeds it.
pub fn severity(stat: &Stat, value: f64) -> Severity {
    beyond(stat.better, stat.warning, stat.critical, value)
}

/// The severity of a value of any of a chart's series.
pub fn chart_severity(chart: &Chart, value: f64) -> Severity {
    beyond(chart.better, chart.warning, chart.critical, value)
}

/// The severity of a number or a state on a panel; `None` for a state that is neither
/// good nor bad, and for a number without thresholds.
pub fn panel_severity(panel: &Panel, value: &Json) -> Option<Severity> {
    let Some(number) = value.number() else {
        return panel.state(&value.word());
    };
    panel.warning.or(panel.critical)?;
    Some(beyond(panel.better, panel.warning, panel.critical, number))
}

fn beyond(better: Better, warning: Option<f64>, critical: Option<f64>, value: f64) -> Severity {
    let exceeds = |threshold: Option<f64>| {
        threshold.is_some_and(|threshold| match better {
            Better::Higher => value < threshold,
            Better::Lower => value > threshold,
            Better::Neither => false,
        })
    };
    if exceeds(critical) {
        Severity::Critical
    } else if exceeds(warning) {
        Severity::Warning
    } else {
        Severity::Ok
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stat(format: Format, better: Better) -> Stat {
        Stat {
            key: "k".into(),
            label: "K".into(),
            format,
            better,
            ..Stat::default()
        }
    }

    #[test]
    fn a_change_is_judged_by_the_metrics_own_direction() {
        use {Better::*, Direction::*, Judgement::*};
        for (better, from, to, direction, judgement) in [
            (Higher, 1.0, 2.0, Up, Good),
            (Higher, 2.0, 1.0, Down, Bad),
            (Lower, 1.0, 2.0, Up, Bad),
            (Lower, 2.0, 1.0, Down, Good),
            (Lower, 2.0, 2.0, Flat, Neutral),
            (Neither, 1.0, 2.0, Up, Neutral),
            (Neither, 2.0, 1.0, Down, Neutral),
            (Higher, -1.0, -2.0, Down, Bad),
        ] {
            assert_eq!(
                trend(&stat(Format::Integer, better), Some(from), to),
                Trend {
                    direction,
                    judgement
                },
                "{better:?} {from} → {to}"
            );
        }
    }

    #[test]
    fn a_change_that_the_format_does_not_show_is_flat() {
        let direction =
            |format, from, to| trend(&stat(format, Better::Lower), Some(from), to).direction;
        assert_eq!(direction(Format::Percent, 0.02, 0.0204), Direction::Flat);
        assert_eq!(direction(Format::Percent, 0.02, 0.0206), Direction::Up);
        assert_eq!(direction(Format::Milliseconds, 45.0, 45.3), Direction::Flat);
        assert_eq!(direction(Format::Milliseconds, 9.9, 10.0), Direction::Up);
        assert_eq!(
            trend(&stat(Format::Integer, Better::Lower), None, 5.0).direction,
            Direction::Flat
        );
    }

    #[test]
    fn a_small_change_is_neither_good_nor_bad() {
        let judged = |min_change, from, to| {
            let stat = Stat {
                min_change,
                ..stat(Format::Integer, Better::Higher)
            };
            let trend = trend(&stat, Some(from), to);
            assert_ne!(trend.direction, Direction::Flat, "{from} → {to}");
            trend.judgement
        };
        use Judgement::{Bad, Good, Neutral};
        for (min_change, from, to, expected) in [
            (None, 1000.0, 1009.0, Neutral),
            (None, 1000.0, 991.0, Neutral),
            (None, 1000.0, 1010.0, Good),
            (None, 1000.0, 990.0, Bad),
            (None, -1000.0, -1009.0, Neutral),
            (None, 0.0, 1.0, Good),
            (Some(0.05), 1000.0, 1049.0, Neutral),
            (Some(0.05), 1000.0, 1050.0, Good),
            (Some(0.0), 1000.0, 1001.0, Good),
        ] {
            assert_eq!(judged(min_change, from, to), expected, "{from} → {to}");
        }
    }

    #[test]
    fn a_change_of_a_percentage_is_judged_in_percentage_points() {
        for (min_change, from, to, expected) in [
            (None, 0.004, 0.007, Judgement::Neutral),
            (None, 0.9, 0.909, Judgement::Neutral),
            (None, 0.004, 0.015, Judgement::Bad),
            (None, 0.9, 0.889, Judgement::Good),
            (Some(0.001), 0.004, 0.007, Judgement::Bad),
        ] {
            let stat = Stat {
                min_change,
                ..stat(Format::Percent, Better::Lower)
            };
            let judgement = trend(&stat, Some(from), to).judgement;
            assert_eq!(judgement, expected, "{from} → {to}");
        }
    }

    #[test]
    fn thresholds_are_exceeded_strictly_and_on_the_bad_side() {
        let mut lower = stat(Format::Decimal, Better::Lower);
        (lower.warning, lower.critical) = (Some(10.0), Some(20.0));
        let mut higher = stat(Format::Decimal, Better::Higher);
        (higher.warning, higher.critical) = (Some(20.0), Some(10.0));
        let only_critical = Stat {
            warning: None,
            ..lower.clone()
        };
        for (stat, value, expected) in [
            (&lower, 10.0, Severity::Ok),
            (&lower, 10.1, Severity::Warning),
            (&lower, 20.0, Severity::Warning),
            (&lower, 20.1, Severity::Critical),
            (&lower, -99.0, Severity::Ok),
            (&higher, 20.0, Severity::Ok),
            (&higher, 19.0, Severity::Warning),
            (&higher, 10.0, Severity::Warning),
            (&higher, 9.0, Severity::Critical),
            (&only_critical, 15.0, Severity::Ok),
        ] {
            assert_eq!(severity(stat, value), expected, "{value}");
        }
    }
}
