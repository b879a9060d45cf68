//! The client API, `GET /connection/summarizePoints`: the points of a time range,
//! thinned to a few buckets.

use serde::{Serialize, Serializer};

use crate::json::Json;

/// The hub's answer.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Summary {
    /// The length of a bucket, in seconds. Each begins at a multiple of it.
    pub seconds: f64,
    /// If there was too much to read: only points published after this time were, in
    /// seconds since the Unix epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<f64>,
    /// The buckets by series key, oldest first, without empty ones.
    #[serde(serialize_with = "as_object")]
    pub series: Vec<(String, Vec<Bucket>)>,
}

/// The values of a series in one bucket: its beginning in seconds since the Unix epoch,
/// the least, the greatest and the mean value, and how many there are.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Bucket(pub f64, pub f64, pub f64, pub f64, pub u64);

impl Summary {
    /// Reads an answer's body; `None` if it is not one. Buckets that cannot be read are
    /// left out.
    pub fn parse(body: &str) -> Option<Self> {
        let json = Json::parse(body)?;
        let series = json.get("series").entries().map(|(key, buckets)| {
            let buckets = buckets.items().iter().filter_map(Bucket::from_json);
            (key.to_owned(), buckets.collect())
        });
        Some(Self {
            seconds: json.get("seconds").number().filter(|it| *it > 0.0)?,
            since: json.get("since").number(),
            series: series.collect(),
        })
    }
}

fn as_object<S: Serializer>(
    series: &[(String, Vec<Bucket>)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(series.iter().map(|(key, buckets)| (key, buckets)))
}

impl Bucket {
    fn from_json(bucket: &Json) -> Option<Self> {
        let [at, min, max, mean, count] = bucket.items() else {
            return None;
        };
        Some(Self(
            at.number()?,
            min.number()?,
            max.number()?,
            mean.number()?,
            count.number()? as u64,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_as_it_is_written() {
        let series = [("a".to_owned(), vec![Bucket(60.0, -1.0, 2.5, 0.5, 3)])];
        let mut summary = Summary {
            seconds: 60.0,
            since: Some(7.5),
            series: series.into(),
        };
        for since in [Some(7.5), None] {
            summary.since = since;
            let body = serde_json::to_string(&summary).expect("JSON");
            assert_eq!(Summary::parse(&body), Some(summary.clone()), "{body}");
        }
    }

    #[test]
    fn other_texts_are_no_summaries() {
        for body in ["", "[]", "{}", r#"{"seconds":0,"series":{}}"#] {
            assert_eq!(Summary::parse(body), None, "{body}");
        }
        let odd = r#"{"seconds":1,"series":{"a":[[1,2],7,[1,2,3,4,"5"]],"b":5}}"#;
        let odd = Summary::parse(odd).expect("a summary");
        assert!(odd.series.iter().all(|(_, buckets)| buckets.is_empty()));
    }
}
