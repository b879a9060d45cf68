//! A query: `name`, `name{label="value"}`, `avg(…)`, `min(…)`, `max(…)`, `sum(…)` or
//! `quantile(0.95, …)`.

use std::borrow::Cow;

use regex::Regex;

use super::text::{Cursor, Labels};

/// How several series become one number.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    /// Of a histogram.
    Quantile(f64),
}

impl Aggregate {
    /// The number of these values; `None` if there are none.
    pub(super) fn of(self, values: impl Iterator<Item = f64>) -> Option<f64> {
        let mut count = 0_u32;
        let values = values.inspect(|_| count += 1);
        let value = match self {
            Self::Min => values.reduce(f64::min),
            Self::Max => values.reduce(f64::max),
            Self::Sum | Self::Avg | Self::Quantile(_) => values.reduce(|a, b| a + b),
        }?;
        Some(match self {
            Self::Avg => value / f64::from(count),
            _ => value,
        })
    }
}

/// Which series a query selects.
#[derive(Debug, Clone)]
pub(crate) struct Selector {
    name: String,
    matchers: Vec<Matcher>,
    pub(super) aggregate: Aggregate,
}

#[derive(Debug, Clone)]
struct Matcher {
    label: String,
    test: Test,
    negated: bool,
}

#[derive(Debug, Clone)]
enum Test {
    Equal(String),
    Matches(Regex),
}

const RULE: &str = "a query must be a metric's name, such as `node_load1` or \
                    `http_requests_total{status=~\"5..\"}`, in `sum`, `avg`, `min` or `max`, or in \
                    `quantile(0.95, …)` for a histogram";

impl Selector {
    /// Reads a query.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn parse(query: &str) -> Result<Self, String> {
        let query = query.trim();
        let (aggregate, selector) = match query.strip_suffix(')').and_then(|it| it.split_once('('))
        {
            None => (Aggregate::Sum, query),
            Some((function, inside)) => match function.trim() {
                "sum" => (Aggregate::Sum, inside),
                "avg" => (Aggregate::Avg, inside),
                "min" => (Aggregate::Min, inside),
                "max" => (Aggregate::Max, inside),
                "quantile" => {
                    let (quantile, selector) = inside.split_once(',').ok_or(RULE)?;
                    let quantile: Option<f64> = quantile.trim().parse().ok();
                    let quantile = quantile.filter(|quantile| (0.0..=1.0).contains(quantile));
                    let quantile = quantile.ok_or("the quantile must be from 0 to 1")?;
                    (Aggregate::Quantile(quantile), selector)
                }
                _ => return Err(RULE.to_owned()),
            },
        };
        let mut rest = Cursor(selector.trim());
        let name = rest.name().to_owned();
        rest.spaces();
        let matchers = matchers(&mut rest)?;
        if name.is_empty() || !rest.0.is_empty() {
            return Err(RULE.to_owned());
        }
        Ok(Self {
            name,
            matchers,
            aggregate,
        })
    }

    /// The name of its samples.
    pub(super) fn sample_name(&self) -> String {
        match self.aggregate {
            Aggregate::Quantile(_) => format!("{}_bucket", self.name),
            _ => self.name.clone(),
        }
    }

    /// Whether it selects a series with these labels. A label that is not there is empty.
    pub(super) fn matches(&self, labels: &Labels<'_>) -> bool {
        self.matchers.iter().all(|matcher| {
            let value = labels.iter().find(|(label, _)| *label == matcher.label);
            let value = value.map_or("", |(_, value)| value);
            let matches = match &matcher.test {
                Test::Equal(text) => value == text,
                Test::Matches(regex) => regex.is_match(value),
            };
            matches != matcher.negated
        })
    }
}

fn matchers(rest: &mut Cursor<'_>) -> Result<Vec<Matcher>, String> {
    let mut matchers = Vec::new();
    if !rest.take("{") {
        return Ok(matchers);
    }
    loop {
        rest.spaces();
        if rest.take("}") {
            return Ok(matchers);
        }
        let label = rest.name().to_owned();
        rest.spaces();
        let operators = [
            ("=~", true, false),
            ("!~", true, true),
            ("!=", false, true),
            ("=", false, false),
        ];
        let operator = operators
            .into_iter()
            .find(|(operator, ..)| rest.take(operator));
        let (_, is_regex, negated) = operator.filter(|_| !label.is_empty()).ok_or(RULE)?;
        rest.spaces();
        let value: Cow<'_, str> = rest.text().ok_or(RULE)?;
        let test = match is_regex {
            false => Test::Equal(value.into_owned()),
            // As in Prometheus, it must match all of the value.
            true => Test::Matches(
                Regex::new(&format!("^(?:{value})$"))
                    .map_err(|_| format!("`{value}` is not a regular expression"))?,
            ),
        };
        matchers.push(Matcher {
            label,
            test,
            negated,
        });
        rest.spaces();
        if !rest.take(",") && !rest.0.starts_with('}') {
            return Err(RULE.to_owned());
        }
    }
}

/// A quantile by the buckets of a histogram, upper bound and cumulative count; between the
/// bounds of a bucket, values are taken to be spread evenly. `None` without observations.
pub(super) fn quantile(quantile: f64, mut buckets: Vec<(f64, f64)>) -> Option<f64> {
    buckets.sort_by(|(a, _), (b, _)| a.total_cmp(b));
    // Of several histograms.
    let mut merged: Vec<(f64, f64)> = Vec::new();
    for (bound, count) in buckets {
        match merged.last_mut() {
            Some((last, sum)) if *last == bound => *sum += count,
            _ => merged.push((bound, count)),
        }
    }
    let (last, total) = *merged.last()?;
    let is_whole = last == f64::INFINITY && total.is_finite() && total > 0.0;
    if !is_whole {
        return None;
    }
    let rank = quantile * total;
    let place = merged.iter().position(|(_, count)| *count >= rank)?;
    let (upper, count) = merged[place];
    let below = place.checked_sub(1).map(|place| merged[place]);
    if upper == f64::INFINITY {
        // Beyond the greatest bound.
        return below.map(|(bound, _)| bound);
    }
    let (lower, before) = below.unwrap_or((upper.min(0.0), 0.0));
    if count <= before {
        return Some(upper);
    }
    Some(lower + (upper - lower) * (rank - before) / (count - before))
}
