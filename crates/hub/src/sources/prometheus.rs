//! `kind = "prometheus"`: the HTTP API of Prometheus, or of another server that has it.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::Deserialize;
use tokio::time::Instant;

use super::client::{Client, Response};
use super::collector::{Collector, Problem, READ_TIMEOUT};
use super::reading::Reading;

/// The most bytes of an answer.
const MAX_ANSWER_BYTES: u64 = 4 * 1024 * 1024;

/// Queries a Prometheus.
pub(super) struct Prometheus {
    client: Arc<Client>,
    queries: Arc<[(String, String)]>,
}

impl Prometheus {
    pub(super) fn new(client: Client, wanted: Vec<(String, String)>) -> Self {
        Self {
            client: Arc::new(client),
            queries: wanted.into(),
        }
    }
}

#[async_trait]
impl Collector for Prometheus {
    async fn collect(&mut self, reading: &mut Reading) -> Result<(), Problem> {
        let (client, queries) = (Arc::clone(&self.client), Arc::clone(&self.queries));
        let read = tokio::task::spawn_blocking(move || current(&client, &queries));
        let Ok((values, result)) = read.await else {
            return Err(Problem("the reading was stopped".into()));
        };
        for (key, value) in values {
            reading.number(key, value);
        }
        result
    }

    async fn earlier(
        &mut self,
        keys: &[String],
        times: Range<f64>,
        step: Duration,
    ) -> Result<Vec<Reading>, Problem> {
        let (client, queries) = (Arc::clone(&self.client), Arc::clone(&self.queries));
        let keys = keys.to_vec();
        let read = tokio::task::spawn_blocking(move || {
            let wanted = queries.iter().filter(|(key, _)| keys.contains(key));
            earlier(&client, wanted, times, step)
        });
        read.await
            .unwrap_or_else(|_| Err(Problem("the reading was stopped".into())))
    }
}

/// The current values, and the first problem. Blocks.
fn current(
    client: &Client,
    queries: &[(String, String)],
) -> (Vec<(String, f64)>, Result<(), Problem>) {
    let deadline = Instant::now() + READ_TIMEOUT;
    let mut values = Vec::new();
    let mut first = Ok(());
    for (key, query) in queries {
        let parameters = [("query", query.as_str())];
        let answer = client.get(
            "/api/v1/query",
            &parameters,
            "application/json",
            MAX_ANSWER_BYTES,
            deadline,
        );
        let response = match answer {
            Ok(response) => response,
            // The others would fail in the same way.
            Err(problem) => return (values, first.and(Err(problem))),
        };
        let value = Data::read(client, response).and_then(Data::value);
        match value {
            Ok(Some(value)) => values.push((key.clone(), value)),
            Ok(None) => {}
            Err(problem) if first.is_ok() => first = Err(Problem(format!("`{key}`: {problem}"))),
            Err(_) => {}
        }
    }
    (values, first)
}

/// The values of queries in a time range, oldest first. Blocks.
fn earlier<'a>(
    client: &Client,
    queries: impl Iterator<Item = &'a (String, String)>,
    times: Range<f64>,
    step: Duration,
) -> Result<Vec<Reading>, Problem> {
    let deadline = Instant::now() + READ_TIMEOUT;
    let (start, end) = (times.start.to_string(), times.end.to_string());
    let step = step.as_secs_f64().to_string();
    // By milliseconds, so that they are in order.
    let mut readings = BTreeMap::<u64, Reading>::new();
    for (key, query) in queries {
        let parameters = [
            ("query", query.as_str()),
            ("start", &start),
            ("end", &end),
            ("step", &step),
        ];
        let response = client.get(
            "/api/v1/query_range",
            &parameters,
            "application/json",
            MAX_ANSWER_BYTES,
            deadline,
        )?;
        for (at, value) in Data::read(client, response)?.range()? {
            let reading = readings.entry((at * 1000.0) as u64);
            reading
                .or_insert_with(|| Reading::at(at))
                .number(key.as_str(), value);
        }
    }
    Ok(readings.into_values().collect())
}

/// An answer of the API.
#[derive(Deserialize)]
struct Answer {
    data: Option<Data>,
    #[serde(default)]
    error: String,
}

/// What a query results in.
#[derive(Debug, Deserialize)]
#[serde(tag = "resultType", content = "result", rename_all = "lowercase")]
enum Data {
    #[serde(alias = "string")]
    Scalar(Point),
    Vector(Vec<Series>),
    Matrix(Vec<Series>),
}

/// A time and a number as text.
#[derive(Debug, Deserialize)]
struct Point(f64, String);

impl Point {
    fn number(&self) -> Result<f64, Problem> {
        let number = self.1.parse();
        number.map_err(|_| Problem(format!("`{}` is not a number", self.1)))
    }
}

#[derive(Debug, Deserialize)]
struct Series {
    value: Option<Point>,
    #[serde(default)]
    values: Vec<Point>,
}

impl Data {
    fn read(client: &Client, response: Response) -> Result<Self, Problem> {
        let answer = serde_json::from_slice(&response.body);
        let answer: Option<Answer> = answer.ok();
        match answer {
            Some(Answer {
                data: Some(data), ..
            }) if response.status == 200 => Ok(data),
            Some(Answer { error, .. }) if !error.is_empty() => Err(Problem(error)),
            _ if response.status != 200 => {
                Err(client.problem(&format!("status {}", response.status)))
            }
            _ => Err(client.problem("this is not the answer of a Prometheus")),
        }
    }

    /// The number; `None` if there is no series.
    fn value(self) -> Result<Option<f64>, Problem> {
        let point =
            match self {
                Self::Scalar(point) => Some(point),
                Self::Vector(mut series) => {
                    one_series(series.len())?;
                    series.pop().and_then(|series| series.value)
                }
                Self::Matrix(_) => return Err(Problem(
                    "the query has a time range: leave it out, or use a function such as `rate`"
                        .into(),
                )),
            };
        point.map(|point| point.number()).transpose()
    }

    /// The times and numbers of a range.
    fn range(self) -> Result<Vec<(f64, f64)>, Problem> {
        let Self::Matrix(mut series) = self else {
            return Err(Problem("the query has no range".into()));
        };
        one_series(series.len())?;
        let points = series.pop().map_or(Vec::new(), |series| series.values);
        points
            .iter()
            .map(|point| Ok((point.0, point.number()?)))
            .collect()
    }
}

fn one_series(count: usize) -> Result<(), Problem> {
    match count {
        0 | 1 => Ok(()),
        _ => Err(Problem(format!(
            "the query has {count} series: make them one, such as by `sum(…)`"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(data: &str) -> Result<Option<f64>, Problem> {
        serde_json::from_str::<Data>(data).expect(data).value()
    }

    #[test]
    fn a_query_results_in_one_number_or_none() {
        let vector = |series: &str| format!(r#"{{"resultType":"vector","result":[{series}]}}"#);
        let one = r#"{"metric":{"a":"b"},"value":[1700000000.5,"1.5"]}"#;
        assert_eq!(value(&vector(one)), Ok(Some(1.5)));
        assert_eq!(value(&vector("")), Ok(None));
        let scalar = r#"{"resultType":"scalar","result":[1700000000,"-2"]}"#;
        assert_eq!(value(scalar), Ok(Some(-2.0)));
        let infinite = one.replace("1.5\"", "+Inf\"");
        assert_eq!(value(&vector(&infinite)), Ok(Some(f64::INFINITY)));
        assert!(value(&vector(&one.replace("1.5\"", "x\""))).is_err());
        let two = value(&vector(&format!("{one},{one}"))).expect_err("refused");
        assert!(two.0.contains("2 series"), "{two}");
        assert!(value(r#"{"resultType":"matrix","result":[]}"#).is_err());
        assert!(value(r#"{"resultType":"string","result":[1,"x"]}"#).is_err());
    }

    #[test]
    fn a_range_has_times_and_numbers() {
        let matrix =
            r#"{"resultType":"matrix","result":[{"metric":{},"values":[[10,"1"],[20,"NaN"]]}]}"#;
        let data: Data = serde_json::from_str(matrix).expect("valid");
        let range = data.range().expect("one series");
        assert_eq!(range[0], (10.0, 1.0));
        assert!(range[1].0 == 20.0 && range[1].1.is_nan());
    }
}
