//! `kind = "scrape"`: a page of metrics in Prometheus' text format or OpenMetrics.
//! Counters become rates, histograms quantiles.
//!
//! - `text`: the samples of a page.
//! - `selector`: what a query selects, and how its series become one number.
//! - `rates`: what counters have counted since the previous reading.

mod rates;
mod selector;
mod text;

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::client::Client;
use super::collector::{Collector, Problem, READ_TIMEOUT};
use super::reading::Reading;
use rates::Rates;
use selector::Aggregate;
pub(super) use selector::Selector;
use text::{Sample, Types};

/// The most bytes of a page.
const MAX_PAGE_BYTES: u64 = 16 * 1024 * 1024;
const ACCEPT: &str = "application/openmetrics-text;version=1.0.0;q=0.9,text/plain;version=0.0.4";

/// Reads a page of metrics.
pub(super) struct Scrape {
    client: Arc<Client>,
    queries: Arc<[(String, Selector)]>,
    rates: Rates,
}

/// The series of a page that a query selects.
#[derive(Debug, Default)]
struct Selected {
    /// Whether they count, so that only their change means something.
    counts: bool,
    series: Vec<Series>,
}

#[derive(Debug)]
struct Series {
    /// Name and labels: equal for the same series.
    identity: String,
    /// The upper bound of a histogram's bucket.
    bound: Option<f64>,
    value: f64,
}

impl Scrape {
    /// Reads these keys; the rules of sources say that the queries are valid.
    pub(super) fn new(client: Client, wanted: Vec<(String, String)>) -> Result<Self, Problem> {
        let parsed = wanted.into_iter().map(|(key, query)| {
            let selector = Selector::parse(&query).map_err(Problem)?;
            Ok((key, selector))
        });
        let queries: Result<Vec<_>, Problem> = parsed.collect();
        Ok(Self {
            client: Arc::new(client),
            queries: queries?.into(),
            rates: Rates::default(),
        })
    }
}

#[async_trait]
impl Collector for Scrape {
    async fn collect(&mut self, reading: &mut Reading) -> Result<(), Problem> {
        let (client, queries) = (Arc::clone(&self.client), Arc::clone(&self.queries));
        let read = tokio::task::spawn_blocking(move || read(&client, &queries));
        let selected = match read.await {
            Ok(selected) => selected?,
            Err(_) => return Err(Problem("the reading was stopped".into())),
        };
        self.rates.begin(Instant::now());
        for ((key, selector), selected) in self.queries.iter().zip(selected) {
            if let Some(value) = value(&mut self.rates, selector, selected) {
                reading.number(key.as_str(), value);
            }
        }
        self.rates.end();
        Ok(())
    }
}

/// Gets the page and selects each query's series. Blocks.
fn read(client: &Client, queries: &[(String, Selector)]) -> Result<Vec<Selected>, Problem> {
    let deadline = tokio::time::Instant::now() + READ_TIMEOUT;
    let response = client.get("", &[], ACCEPT, MAX_PAGE_BYTES, deadline)?;
    if response.status != 200 {
        return Err(client.problem(&format!("status {}", response.status)));
    }
    let Ok(page) = std::str::from_utf8(&response.body) else {
        return Err(client.problem("the page is not UTF-8"));
    };
    let open_metrics = response
        .content_type
        .starts_with("application/openmetrics-text");
    select(page, open_metrics, queries).map_err(|rule| client.problem(&rule))
}

/// The series of each query.
fn select(
    page: &str,
    open_metrics: bool,
    queries: &[(String, Selector)],
) -> Result<Vec<Selected>, String> {
    let mut selected: Vec<Selected> = Vec::new();
    selected.resize_with(queries.len(), Selected::default);
    let mut by_name = HashMap::<String, Vec<usize>>::new();
    for (number, (_, selector)) in queries.iter().enumerate() {
        by_name
            .entry(selector.sample_name())
            .or_default()
            .push(number);
    }
    text::read(
        page,
        open_metrics,
        |sample: &Sample<'_>, types: &Types<'_>| {
            for number in by_name.get(&*sample.name).into_iter().flatten() {
                let selector = &queries[*number].1;
                if selector.matches(&sample.labels) {
                    let one = &mut selected[*number];
                    one.counts = types.is_counter(&sample.name);
                    one.series.push(Series {
                        identity: sample.identity(),
                        bound: sample.label("le").and_then(|bound| bound.parse().ok()),
                        value: sample.value,
                    });
                }
            }
        },
    )?;
    Ok(selected)
}

/// The number of a query; `None` if there is none, or none yet.
fn value(rates: &mut Rates, selector: &Selector, selected: Selected) -> Option<f64> {
    let Selected { counts, series } = selected;
    if let Aggregate::Quantile(quantile) = selector.aggregate {
        let buckets = series.into_iter().filter_map(|series| {
            let increase = rates.increase(series.identity, series.value)?;
            Some((series.bound?, increase))
        });
        return selector::quantile(quantile, buckets.collect());
    }
    let values = series.into_iter().filter_map(|series| match counts {
        true => rates.rate(series.identity, series.value),
        false => Some(series.value),
    });
    selector
        .aggregate
        .of(values.filter(|value| value.is_finite()))
}

#[cfg(test)]
mod tests;
