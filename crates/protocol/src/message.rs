//! What a viewer receives: frames, and the data of the dashboard's three events.
//! The readers take what they can use and keep of the rest that it was there; they
//! return `None` if a required part is missing.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::error::ErrorDetail;
use crate::json::Json;
use crate::layout::qualified;

/// `stats-update`: current values by metric key.
pub const STATS_UPDATE: &str = "stats-update";
/// `chart-data`: one point in time of a chart.
pub const CHART_DATA: &str = "chart-data";
/// `alert`: one line for the alert feed.
pub const ALERT: &str = "alert";
/// The events that a dashboard shows.
pub const EVENTS: [&str; 3] = [STATS_UPDATE, CHART_DATA, ALERT];

/// The field of a point that is not a series.
pub const TIMESTAMP: &str = "timestamp";
/// Timestamps in this range are milliseconds: as seconds, they would be in the year 5138
/// or later; as milliseconds, they are after March 1973.
const MILLISECONDS: Range<f64> = 1e11..1e14;
/// The most bytes that are kept of an unknown alert level.
const MAX_LEVEL_BYTES: usize = 24;

/// A frame as a viewer receives it, live or from the client API.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ReceivedFrame {
    /// A message's id.
    pub id: Option<String>,
    /// The event's name.
    pub event: String,
    /// The channel by its real name.
    pub channel: Option<String>,
    /// The channel by the token's name for it.
    pub alias: Option<String>,
    /// The event's data.
    pub data: Json,
    /// What failed, in [`event::ERROR`](crate::frame::event::ERROR).
    pub error: Option<ErrorDetail>,
}

impl ReceivedFrame {
    /// Reads a text frame; `None` if it is not an object with an `event`, or
    /// its `id` or `channel` is not a string.
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_json(Json::parse(text)?)
    }

    /// Reads a frame's object; `None` as for [`ReceivedFrame::parse`].
    pub fn from_json(frame: Json) -> Option<Self> {
        Some(Self {
            id: frame.get("id").optional_string()?,
            event: frame.get("event").string()?,
            channel: frame.get("channel").optional_string()?,
            alias: frame.get("meta").get("channelAlias").string(),
            error: ErrorDetail::from_json(frame.get("error")),
            data: frame.take("data"),
        })
    }
}

/// The data of [`STATS_UPDATE`], values by key: a key that is not among them keeps its
/// value. A card shows a number; other panels also take texts, booleans, and arrays or
/// objects.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatsUpdate(pub Vec<(String, Json)>);

impl StatsUpdate {
    /// Reads an object; fields that are `null` are left out.
    pub fn from_json(data: &Json) -> Option<Self> {
        if !data.is_object() {
            return None;
        }
        let known = data.entries().filter(|(_, value)| **value != Json::Null);
        Some(Self(
            known
                .map(|(key, value)| (key.into(), value.clone()))
                .collect(),
        ))
    }
}

impl FromIterator<(String, f64)> for StatsUpdate {
    fn from_iter<I: IntoIterator<Item = (String, f64)>>(numbers: I) -> Self {
        let numbers = numbers.into_iter();
        Self(
            numbers
                .map(|(key, number)| (key, Json::Number(number)))
                .collect(),
        )
    }
}

/// The data of [`CHART_DATA`]: a moment and the series' values at it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartData {
    /// The moment, in seconds since the Unix epoch.
    pub timestamp: f64,
    /// The values by series key, as they were published: of several with one key the last
    /// one counts. NaN stands for a value that is not a number.
    pub values: Vec<(String, f64)>,
}

impl ChartData {
    /// Reads an object with a `timestamp` in seconds, or unmistakably in milliseconds.
    pub fn from_json(data: &Json) -> Option<Self> {
        let timestamp = data.get(TIMESTAMP).number()?;
        let values = data.entries();
        let values = values.filter(|(key, value)| *key != TIMESTAMP && **value != Json::Null);
        let values = values.map(|(key, value)| (key.into(), value.number().unwrap_or(f64::NAN)));
        Some(Self {
            timestamp: match MILLISECONDS.contains(&timestamp) {
                true => timestamp / 1000.0,
                false => timestamp,
            },
            values: values.collect(),
        })
    }

    /// The number of a series.
    pub fn number(&self, key: &str) -> Option<f64> {
        let values = self.values.iter();
        let known = values.rev().find(|(known, _)| known == key);
        known
            .map(|(_, value)| *value)
            .filter(|value| value.is_finite())
    }
}

/// The data of [`ALERT`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alert {
    /// Its severity; an unknown level counts as [`Level::Warning`].
    pub level: Level,
    /// The publisher's word for an unknown level, cut to 24 bytes.
    pub unknown_level: Option<String>,
    /// What happened, as plain text.
    pub message: String,
    /// A later alert with the same key replaces this one.
    pub key: Option<String>,
    /// Whether it still holds, if the publisher says so.
    pub status: Option<Status>,
    /// A page about it; only `http:` and `https:` addresses become links.
    pub url: Option<String>,
}

impl StatsUpdate {
    /// The same of another channel than the dashboard's own.
    pub fn qualify(&mut self, channel: &str) {
        for (key, _) in &mut self.0 {
            *key = qualified(channel, key);
        }
    }
}

impl ChartData {
    /// The same of another channel than the dashboard's own.
    pub fn qualify(&mut self, channel: &str) {
        for (key, _) in &mut self.values {
            *key = qualified(channel, key);
        }
    }
}

impl Alert {
    /// The same of another channel than the dashboard's own.
    pub fn qualify(&mut self, channel: &str) {
        if let Some(key) = &mut self.key {
            *key = qualified(channel, key);
        }
    }

    /// The keys of its data.
    pub const FIELDS: [&str; 5] = ["level", "message", "key", "status", "url"];

    /// Reads an object with a `message`.
    pub fn from_json(data: &Json) -> Option<Self> {
        let mut unknown_level = None;
        let level = match data.get("level") {
            Json::Null => Level::Info,
            level => match level.text().unwrap_or_default() {
                "info" => Level::Info,
                "warning" => Level::Warning,
                "error" => Level::Error,
                other => {
                    let end = other.floor_char_boundary(MAX_LEVEL_BYTES);
                    unknown_level = Some(other[..end].into());
                    Level::Warning
                }
            },
        };
        Some(Self {
            level,
            unknown_level,
            message: data.get("message").string()?,
            key: data.get("key").string(),
            status: match data.get("status").text() {
                Some("firing") => Some(Status::Firing),
                Some("resolved") => Some(Status::Resolved),
                _ => None,
            },
            url: data.get("url").string(),
        })
    }
}

/// An alert's severity.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// For information.
    #[default]
    Info,
    /// Needs attention.
    Warning,
    /// Needs action.
    Error,
}

/// Whether an alert still holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It holds.
    Firing,
    /// It no longer holds.
    Resolved,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).expect(text)
    }

    #[test]
    fn received_frames_are_read_whatever_else_they_contain() {
        let read = |text| ReceivedFrame::parse(text).expect(text);
        let message = read(
            r#"{"other":[{}],"id":"01","data":null,"event":"e","channel":"\u0061","meta":[]}"#,
        );
        assert_eq!(message.id.as_deref(), Some("01"));
        assert_eq!(message.event, "e");
        assert_eq!(message.channel.as_deref(), Some("a"));
        assert_eq!((message.alias, message.data), (None, Json::Null));
        let subscribed = read(
            r#"{"event":"hotsock.subscribed","channel":"c","data":{},"meta":{"uid":"u","umd":{"a":1},"channelAlias":"x"}}"#,
        );
        assert_eq!(subscribed.alias.as_deref(), Some("x"));
        assert!(subscribed.data.is_object());
        let pong = read(r#"{"event":"hotsock.pong","data":"{}"}"#);
        assert_eq!(pong.data.text(), Some("{}"));
        let error = |text| read(text).error;
        assert_eq!(
            error(r#"{"event":"hotsock.error","error":{"code":"A","message":"m","x":1}}"#),
            Some(ErrorDetail::new("A", "m"))
        );
        assert_eq!(
            error(r#"{"event":"hotsock.error","error":{}}"#),
            Some(ErrorDetail::new("", ""))
        );
        assert_eq!(error(r#"{"event":"hotsock.error","error":"x"}"#), None);
    }

    #[test]
    fn other_texts_are_not_frames() {
        for text in [
            "",
            "[]",
            "{}",
            "null",
            r#"["e"]"#,
            r#"{"event":1}"#,
            r#"{"event":null}"#,
            r#"{"event":"e","id":5}"#,
            r#"{"event":"e","channel":{}}"#,
        ] {
            assert_eq!(ReceivedFrame::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_update_has_all_values_but_null() {
        let read = |text| StatsUpdate::from_json(&json(text));
        let values = read(r#"{"a":1,"b":"3","c":null,"d":[1,{"x":2}],"e":true}"#);
        let values = values.expect("an object").0;
        let keys: Vec<_> = values.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["a", "b", "d", "e"]);
        assert_eq!(values[1].1, Json::Text("3".into()));
        assert_eq!(read("{}"), Some(StatsUpdate::default()));
        for other in ["null", "[1]", "5", "\"a\""] {
            assert_eq!(read(other), None, "{other}");
        }
    }

    #[test]
    fn timestamps_in_milliseconds_are_recognized() {
        for (sent, expected) in [
            ("1709901234", 1_709_901_234.0),
            ("1709901234567", 1_709_901_234.567),
            ("0", 0.0),
            ("99999999999", 99_999_999_999.0),
            ("100000000000", 1e8),
        ] {
            let data = format!(r#"{{"timestamp":{sent},"requests":1}}"#);
            let data = Json::parse(&data).expect("JSON");
            let point = ChartData::from_json(&data).expect("a point");
            assert_eq!(point.timestamp, expected, "{sent}");
        }
    }

    #[test]
    fn a_point_requires_a_timestamp() {
        let point = |text| ChartData::from_json(&json(text));
        let read = point(r#"{"timestamp":1709901234,"requests":4521,"errors":12,"x":null}"#);
        assert_eq!(
            read,
            Some(ChartData {
                timestamp: 1_709_901_234.0,
                values: vec![("requests".into(), 4521.0), ("errors".into(), 12.0)],
            })
        );
        let read = point(r#"{"timestamp":1,"a":"x","b":1,"b":2}"#).expect("a point");
        assert_eq!(
            ["a", "b", "c"].map(|key| read.number(key)),
            [None, Some(2.0), None]
        );
        for other in [
            r#"{"timestamp":"now","requests":1}"#,
            r#"{"timestamp":null,"":1}"#,
            r#"{"requests":1}"#,
            "[]",
            "null",
        ] {
            assert_eq!(point(other), None, "{other}");
        }
    }

    #[test]
    fn an_alert_requires_only_a_message() {
        let alert = |text: &str| Alert::from_json(&json(text));
        let plain = |message: &str, level| Alert {
            level,
            unknown_level: None,
            message: message.into(),
            key: None,
            status: None,
            url: None,
        };
        let level = |level: &str| {
            alert(&format!(r#"{{"level":"{level}","message":"m"}}"#)).expect("an alert")
        };
        assert_eq!(level("info"), plain("m", Level::Info));
        assert_eq!(level("warning"), plain("m", Level::Warning));
        assert_eq!(level("error"), plain("m", Level::Error));
        let unknown = |word: &str| Alert {
            unknown_level: Some(word.into()),
            ..plain("m", Level::Warning)
        };
        assert_eq!(level("fatal"), unknown("fatal"));
        let long = "ü".repeat(5_000);
        assert_eq!(level(&long), unknown(&long[..24]), "and only its beginning");
        let full = r#"{"message":"<b>","key":"k","status":"firing","url":"https://h","more":{}}"#;
        assert_eq!(
            alert(full),
            Some(Alert {
                key: Some("k".into()),
                status: Some(Status::Firing),
                url: Some("https://h".into()),
                ..plain("<b>", Level::Info)
            })
        );
        let resolved = alert(r#"{"message":"m","status":"resolved"}"#).expect("an alert");
        assert_eq!(resolved.status, Some(Status::Resolved));
        let wrong_types = r#"{"level":7,"message":"m","key":[],"status":"odd","url":{}}"#;
        assert_eq!(alert(wrong_types), Some(unknown("")));
        for other in [
            r#"{"level":"error"}"#,
            r#"{"level":"error","message":5}"#,
            "[]",
            "\"text\"",
        ] {
            assert_eq!(alert(other), None, "{other}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_frame_panics(text in "\\PC*", data in "\\PC*") {
            let _ = ReceivedFrame::parse(&text);
            let _ = crate::command::Command::parse(&text);
            let data = Json::parse(&data).unwrap_or(Json::Text(data));
            let _ = StatsUpdate::from_json(&data);
            let _ = ChartData::from_json(&data);
            let _ = Alert::from_json(&data);
        }
    }
}
