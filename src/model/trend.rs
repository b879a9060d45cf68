//! What a value means: where it is going, whether that is good, and how bad it
//! is.

use live_dashboard_protocol::layout::{Better, Chart, Stat};

use crate::model::{StatValue, format};

/// A value against the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trend {
    /// Where the value went.
    pub direction: Direction,
    /// What that is worth.
    pub judgement: Judgement,
}

/// Where a value went.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// It rose.
    Up,
    /// It fell.
    Down,
    /// Nothing that its format shows has changed.
    Flat,
}

/// What a change is worth, by the metric's own good direction.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// A change for the better.
    Good,
    /// A change for the worse.
    Bad,
    /// No change.
    Neutral,
}

/// How a value stands to its thresholds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Within all.
    #[default]
    Ok,
    /// Beyond the first.
    Warning,
    /// Beyond the last.
    Critical,
}

/// A metric's trend; without a previous value it is flat. A change too small
/// to be seen in the metric's format is none.
pub fn trend(stat: &Stat, value: StatValue) -> Trend {
    let changed = value
        .previous
        .filter(|previous| !format::looks_same(stat.format, *previous, value.value));
    let Some(previous) = changed else {
        return Trend {
            direction: Direction::Flat,
            judgement: Judgement::Neutral,
        };
    };
    let rose = value.value > previous;
    Trend {
        direction: if rose { Direction::Up } else { Direction::Down },
        judgement: if rose == (stat.better == Better::Higher) {
            Judgement::Good
        } else {
            Judgement::Bad
        },
    }
}

/// How a value stands to the metric's thresholds: a threshold is passed by
/// what lies strictly beyond it, on the bad side.
pub fn severity(stat: &Stat, value: f64) -> Severity {
    passed(stat.better, stat.warning, stat.critical, value)
}

/// How a value of any of a chart's series stands to the chart's thresholds.
pub fn chart_severity(chart: &Chart, value: f64) -> Severity {
    passed(chart.better, chart.warning, chart.critical, value)
}

fn passed(better: Better, warning: Option<f64>, critical: Option<f64>, value: f64) -> Severity {
    let beyond = |threshold: Option<f64>| {
        threshold.is_some_and(|threshold| match better {
            Better::Higher => value < threshold,
            Better::Lower => value > threshold,
        })
    };
    if beyond(critical) {
        Severity::Critical
    } else if beyond(warning) {
        Severity::Warning
    } else {
        Severity::Ok
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::layout::Format;

    use super::*;

    fn stat(format: Format, better: Better) -> Stat {
        Stat {
            key: "k".into(),
            label: "K".into(),
            format,
            better,
            warning: None,
            critical: None,
        }
    }

    fn value(previous: Option<f64>, value: f64) -> StatValue {
        StatValue {
            value,
            previous,
            updated_at: 0.0,
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
            (Higher, -1.0, -2.0, Down, Bad),
        ] {
            assert_eq!(
                trend(&stat(Format::Integer, better), value(Some(from), to)),
                Trend {
                    direction,
                    judgement
                },
                "{better:?} {from} → {to}"
            );
        }
    }

    #[test]
    fn what_the_format_does_not_show_is_no_change() {
        let direction =
            |format, from, to| trend(&stat(format, Better::Lower), value(Some(from), to)).direction;
        assert_eq!(direction(Format::Percent, 0.02, 0.0204), Direction::Flat);
        assert_eq!(direction(Format::Percent, 0.02, 0.0206), Direction::Up);
        assert_eq!(direction(Format::Milliseconds, 45.0, 45.3), Direction::Flat);
        assert_eq!(direction(Format::Milliseconds, 9.9, 10.0), Direction::Up);
        assert_eq!(
            trend(&stat(Format::Integer, Better::Lower), value(None, 5.0)).direction,
            Direction::Flat
        );
    }

    #[test]
    fn thresholds_are_passed_strictly_and_on_the_bad_side() {
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
