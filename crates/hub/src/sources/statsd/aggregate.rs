//! The values of metrics since the previous reading.

use std::collections::{HashMap, HashSet};

use super::line::{Line, Value};

/// The most times of a metric that are kept for its quantiles; further ones only count.
const MAX_TIMES: usize = 10_000;
/// The most members of a set that are told apart.
const MAX_MEMBERS: usize = 10_000;

/// A number that a key shows.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Wanted {
    /// The metric, unless it is a number of a timer.
    name: String,
    timer: Option<(String, Statistic)>,
}

/// A number of a timer.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Statistic {
    Mean,
    Min,
    Max,
    /// In a second.
    Rate,
    Quantile(f64),
}

const STATISTICS: [(&str, Statistic); 8] = [
    (".mean", Statistic::Mean),
    (".min", Statistic::Min),
    (".max", Statistic::Max),
    (".rate", Statistic::Rate),
    (".p50", Statistic::Quantile(0.5)),
    (".p90", Statistic::Quantile(0.9)),
    (".p95", Statistic::Quantile(0.95)),
    (".p99", Statistic::Quantile(0.99)),
];

impl Wanted {
    /// Reads `metric`, or `timer.p95`.
    pub(super) fn of(name: &str) -> Self {
        let statistics = STATISTICS.into_iter();
        let mut timers = statistics.filter_map(|(suffix, statistic)| {
            let timer = name.strip_suffix(suffix)?;
            Some((timer.to_owned(), statistic))
        });
        Self {
            name: name.to_owned(),
            timer: timers.next(),
        }
    }
}

/// The metrics that keys show, by their names.
#[derive(Default)]
pub(super) struct Aggregate(HashMap<String, Option<Metric>>);

enum Metric {
    Count(f64),
    Gauge(f64),
    Times { kept: Vec<f64>, count: f64 },
    Set(HashSet<String>),
}

impl Aggregate {
    /// Keeps what is wanted, and nothing else.
    pub(super) fn of<'a>(wanted: impl Iterator<Item = &'a Wanted>) -> Self {
        let names = wanted.flat_map(|wanted| {
            let timer = wanted.timer.as_ref().map(|(name, _)| name);
            [Some(&wanted.name), timer].into_iter().flatten()
        });
        Self(names.map(|name| (name.clone(), None)).collect())
    }

    /// Adds values. Returns whether a key shows the metric.
    pub(super) fn add(&mut self, line: &Line<'_>) -> bool {
        let Some(metric) = self.0.get_mut(line.name) else {
            return false;
        };
        for value in &line.values {
            add(metric, *value, line.weight);
        }
        true
    }

    /// The number of the last `seconds`; `None` if there is none.
    pub(super) fn value(&self, wanted: &Wanted, seconds: f64) -> Option<f64> {
        let metric = |name: &str| self.0.get(name)?.as_ref();
        match (metric(&wanted.name), &wanted.timer) {
            (Some(Metric::Count(sum)), _) => Some(sum / seconds),
            (Some(Metric::Gauge(value)), _) => Some(*value),
            (Some(Metric::Set(members)), _) => Some(members.len() as f64),
            (Some(Metric::Times { kept, count }), _) => {
                of_times(kept, *count, Statistic::Mean, seconds)
            }
            (None, Some((timer, statistic))) => match metric(timer)? {
                Metric::Times { kept, count } => of_times(kept, *count, *statistic, seconds),
                _ => None,
            },
            (None, None) => None,
        }
    }

    /// Begins the next interval: gauges stay.
    pub(super) fn begin(&mut self) {
        for metric in self.0.values_mut().flatten() {
            match metric {
                Metric::Count(sum) => *sum = 0.0,
                Metric::Gauge(_) => {}
                Metric::Times { kept, count } => {
                    kept.clear();
                    *count = 0.0;
                }
                Metric::Set(members) => members.clear(),
            }
        }
    }
}

/// Adds a value to a metric, which becomes one of its type.
fn add(metric: &mut Option<Metric>, value: Value<'_>, weight: f64) {
    match (value, metric) {
        (Value::Count(number), Some(Metric::Count(sum))) => *sum += number * weight,
        (Value::Count(number), metric) => *metric = Some(Metric::Count(number * weight)),
        (Value::Gauge(number), metric) => *metric = Some(Metric::Gauge(number)),
        (Value::Change(number), Some(Metric::Gauge(value))) => *value += number,
        (Value::Change(number), metric) => *metric = Some(Metric::Gauge(number)),
        (Value::Time(number), Some(Metric::Times { kept, count })) => {
            *count += weight;
            if kept.len() < MAX_TIMES {
                kept.push(number);
            }
        }
        (Value::Time(number), metric) => {
            *metric = Some(Metric::Times {
                kept: vec![number],
                count: weight,
            });
        }
        (Value::Member(member), Some(Metric::Set(members))) => {
            if members.len() < MAX_MEMBERS {
                members.insert(member.to_owned());
            }
        }
        (Value::Member(member), metric) => {
            *metric = Some(Metric::Set([member.to_owned()].into()));
        }
    }
}

fn of_times(kept: &[f64], count: f64, statistic: Statistic, seconds: f64) -> Option<f64> {
    if statistic == Statistic::Rate {
        return Some(count / seconds);
    }
    let mut sorted = kept.to_vec();
    sorted.sort_by(f64::total_cmp);
    let (first, last) = (*sorted.first()?, *sorted.last()?);
    Some(match statistic {
        Statistic::Mean => sorted.iter().sum::<f64>() / sorted.len() as f64,
        Statistic::Min => first,
        Statistic::Max => last,
        Statistic::Quantile(quantile) => {
            // The least value that so many are not above.
            let rank = (quantile * sorted.len() as f64).ceil() as usize;
            sorted[rank.clamp(1, sorted.len()) - 1]
        }
        Statistic::Rate => count / seconds,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The values of the wanted names after some lines in 10 seconds.
    fn values<const N: usize>(
        aggregate: &mut Aggregate,
        names: [&str; N],
        lines: &[String],
    ) -> [Option<f64>; N] {
        for line in lines {
            aggregate.add(&Line::parse(line.as_bytes()).expect("valid"));
        }
        let values = names.map(|name| aggregate.value(&Wanted::of(name), 10.0));
        aggregate.begin();
        values
    }

    fn lines<const N: usize>(lines: [&str; N]) -> [String; N] {
        lines.map(str::to_owned)
    }

    #[test]
    fn numbers_are_those_of_an_interval_and_gauges_stay() {
        let names = [
            "jobs",
            "queue",
            "users",
            "took.p90",
            "took.rate",
            "took",
            "never",
        ];
        let wanted = names.map(Wanted::of);
        let mut aggregate = Aggregate::of(wanted.iter());
        let mut first = lines([
            "jobs:3|c",
            "jobs:2|c|@0.1",
            "queue:5|g",
            "queue:-2|g",
            "users:a|s",
            "users:b|s",
            "users:a|s",
        ])
        .to_vec();
        first.extend((1..=10).rev().map(|time| format!("took:{time}|ms")));
        assert_eq!(
            values(&mut aggregate, names, &first),
            [
                Some(2.3),
                Some(3.0),
                Some(2.0),
                Some(9.0),
                Some(1.0),
                Some(5.5),
                None
            ]
        );
        let after = [Some(0.0), Some(3.0), Some(0.0), None, Some(0.0), None, None];
        assert_eq!(values(&mut aggregate, names, &[]), after);
    }

    #[test]
    fn a_metric_may_be_called_like_a_statistic() {
        let names = ["cpu.max", "took.max"];
        let wanted = names.map(Wanted::of);
        let mut aggregate = Aggregate::of(wanted.iter());
        let sent = lines(["cpu.max:7|g", "took:1|ms", "took:4|ms"]);
        assert_eq!(values(&mut aggregate, names, &sent), [Some(7.0), Some(4.0)]);
        let unused = Line::parse(b"other:1|c").expect("valid");
        assert!(!aggregate.add(&unused));
    }

    #[test]
    fn what_is_kept_is_bounded() {
        let names = ["took.rate", "took.max", "users"];
        let wanted = names.map(Wanted::of);
        let mut aggregate = Aggregate::of(wanted.iter());
        let times = (0..20_000).map(|time| format!("took:{time}|ms"));
        let members = (0..20_000).map(|user| format!("users:{user}|s"));
        let sent: Vec<_> = times.chain(members).collect();
        let kept = values(&mut aggregate, names, &sent);
        assert_eq!(kept, [Some(2000.0), Some(9_999.0), Some(10_000.0)]);
    }
}
