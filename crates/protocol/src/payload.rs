//! The data of the dashboard's three events. They read what they can use of
//! anything, skip what they do not know, and fail only where nothing is left.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// `stats-update`: current values by metric key.
pub const STATS_UPDATE: &str = "stats-update";
/// `chart-data`: one point in time of a chart.
pub const CHART_DATA: &str = "chart-data";
/// `alert`: one line for the alert feed.
pub const ALERT: &str = "alert";

/// The numbers of a JSON object by key; entries that are no numbers are not
/// there.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Numbers(pub BTreeMap<String, f64>);

/// The data of [`STATS_UPDATE`]: a metric that is not there keeps its value.
pub type StatsUpdate = Numbers;

/// A JSON value of which only a number is of interest.
struct MaybeNumber(Option<f64>);

impl<'de> Deserialize<'de> for MaybeNumber {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = MaybeNumber;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_f64<E>(self, value: f64) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(value.is_finite().then_some(value)))
            }

            fn visit_i64<E>(self, value: i64) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(Some(value as f64)))
            }

            fn visit_u64<E>(self, value: u64) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(Some(value as f64)))
            }

            fn visit_bool<E>(self, _: bool) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(None))
            }

            fn visit_str<E>(self, _: &str) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(None))
            }

            fn visit_unit<E>(self) -> Result<MaybeNumber, E> {
                Ok(MaybeNumber(None))
            }

            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<MaybeNumber, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(MaybeNumber(None))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<MaybeNumber, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(MaybeNumber(None))
            }
        }

        deserializer.deserialize_any(Reader)
    }
}

impl<'de> Deserialize<'de> for Numbers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Reader;

        impl<'de> Visitor<'de> for Reader {
            type Value = Numbers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of numbers")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Numbers, A::Error> {
                let mut numbers = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<String, MaybeNumber>()? {
                    if let Some(number) = value.0 {
                        numbers.insert(key, number);
                    }
                }
                Ok(Numbers(numbers))
            }
        }

        deserializer.deserialize_map(Reader)
    }
}

/// The data of [`CHART_DATA`]: a moment and the series' values at it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Numbers")]
pub struct ChartData {
    /// When, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// The values by series key.
    pub values: BTreeMap<String, f64>,
}

/// A point without a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`timestamp` must be a number: seconds since the Unix epoch")]
pub struct NoTimestamp;

impl TryFrom<Numbers> for ChartData {
    type Error = NoTimestamp;

    fn try_from(Numbers(mut values): Numbers) -> Result<Self, NoTimestamp> {
        let timestamp = values.remove("timestamp").ok_or(NoTimestamp)?;
        Ok(Self { timestamp, values })
    }
}

/// The data of [`ALERT`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Alert {
    /// How bad it is; a level that is not known counts as [`Level::Info`].
    #[serde(default)]
    pub level: Level,
    /// What happened, as plain text.
    pub message: String,
    /// A later alert with the same key replaces this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// Whether it still holds, where the publisher says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Where to read more; only `http:` and `https:` addresses are links.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// An alert's severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// Worth knowing.
    #[default]
    Info,
    /// Worth looking at.
    Warning,
    /// Worth getting up for.
    Error,
}

impl<'de> Deserialize<'de> for Level {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let level = Option::<String>::deserialize(deserializer)?;
        Ok(match level.as_deref() {
            Some("warning") => Self::Warning,
            Some("error") => Self::Error,
            _ => Self::Info,
        })
    }
}

/// Whether an alert still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Firing,
    /// It is over.
    Resolved,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<T: serde::de::DeserializeOwned>(json: &str) -> Result<T, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn stats_keep_their_numbers_and_skip_the_rest() {
        let stats: StatsUpdate =
            read(r#"{"a":1,"b":-2.5,"c":"3","d":null,"e":[1,{"x":2}],"f":{"g":1},"h":true}"#)
                .expect("an object");
        assert_eq!(
            stats.0,
            BTreeMap::from([("a".into(), 1.0), ("b".into(), -2.5)])
        );
        for bad in ["null", "[1]", "5", "\"a\"", "{\"a\":1e999}"] {
            assert!(read::<StatsUpdate>(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_point_needs_its_time() {
        let point: ChartData =
            read(r#"{"timestamp":1709901234,"requests":4521,"errors":12}"#).expect("a point");
        assert_eq!(point.timestamp, 1_709_901_234.0);
        assert_eq!(point.values["requests"], 4521.0);
        assert!(!point.values.contains_key("timestamp"));
        let error = read::<ChartData>(r#"{"timestamp":"now","requests":1}"#).expect_err("no time");
        assert!(error.to_string().contains("`timestamp` must be a number"));
    }

    #[test]
    fn an_alert_of_an_unknown_level_is_information() {
        let level = |json: &str| read::<Alert>(json).map(|alert| alert.level).ok();
        assert_eq!(
            level(r#"{"level":"error","message":"m"}"#),
            Some(Level::Error)
        );
        assert_eq!(
            level(r#"{"level":"fatal","message":"m"}"#),
            Some(Level::Info)
        );
        assert_eq!(level(r#"{"message":"m"}"#), Some(Level::Info));
        assert_eq!(level(r#"{"level":"error"}"#), None);
        assert_eq!(level(r#"{"level":"error","message":5}"#), None);
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC*") {
            let _ = read::<StatsUpdate>(&text);
            let _ = read::<ChartData>(&text);
            let _ = read::<Alert>(&text);
            let _ = crate::frame::Frame::parse(&text);
        }
    }
}
