//! From a message to what it means to the model.

use std::collections::BTreeMap;

use live_dashboard_protocol::payload::{
    ALERT, Alert, CHART_DATA, ChartData, Level, Numbers, STATS_UPDATE, Status,
};

use super::{Frame, Json};
use crate::model::{AlertEntry, Message};

/// The field of a point that is no series.
const TIMESTAMP: &str = "timestamp";

/// A message of one of the dashboard's events whose data cannot be read.
#[derive(Debug, PartialEq)]
pub(in crate::feed) struct Malformed;

/// Decodes a message; `None` for an event that a dashboard does not know.
/// `at` is when it was published, in milliseconds since the Unix epoch.
pub(in crate::feed) fn update(frame: &Frame, at: f64) -> Result<Option<Message>, Malformed> {
    let data = &frame.data;
    let update = match frame.event.as_str() {
        STATS_UPDATE => numbers(data).map(Message::Stats),
        CHART_DATA => point(data).map(Message::Point),
        ALERT => alert(data).map(|alert| {
            let id = frame.id.clone().unwrap_or_default();
            Message::Alert(AlertEntry { id, at, alert })
        }),
        _ => return Ok(None),
    };
    update.map(Some).ok_or(Malformed)
}

fn numbers(data: &Json) -> Option<Numbers> {
    numbers_but(data, None)
}

fn point(data: &Json) -> Option<ChartData> {
    let Numbers(values) = numbers_but(data, Some(TIMESTAMP))?;
    Some(ChartData {
        timestamp: data.get(TIMESTAMP).number()?,
        values,
    })
}

/// The numbers of an object, one of its fields left out.
fn numbers_but(data: &Json, left_out: Option<&str>) -> Option<Numbers> {
    if !data.is_object() {
        return None;
    }
    let mut numbers = BTreeMap::new();
    for (key, value) in data.entries() {
        if let Some(number) = value.number()
            && Some(key) != left_out
        {
            numbers.insert(key.into(), number);
        }
    }
    Some(Numbers(numbers))
}

fn alert(data: &Json) -> Option<Alert> {
    Some(Alert {
        level: match data.get("level").text() {
            Some("warning") => Level::Warning,
            Some("error") => Level::Error,
            _ => Level::Info,
        },
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

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<Message>, Malformed> {
        update(&Frame::parse(text).expect("a frame"), 7.0)
    }

    #[test]
    fn payloads_are_read_as_the_protocol_has_them() {
        for text in [
            r#"{"activeUsers":1284,"requestsPerSec":4521,"errorRate":0.02,"avgLatency":45}"#,
            r#"{"a":1,"b":-2.5,"c":"3","d":null,"e":[1,{"x":2}],"f":{"g":1},"h":true}"#,
            r#"{"timestamp":1709901234,"requests":4521,"errors":12}"#,
            r#"{"timestamp":"now","requests":1}"#,
            r#"{"timestamp":null,"":1}"#,
            r#"{"level":"error","message":"Disk full"}"#,
            r#"{"level":"fatal","message":"m","key":"k","status":"firing","url":"https://h"}"#,
            r#"{"level":"warning","message":"<b>","status":"resolved","more":{}}"#,
            r#"{"level":"error","message":5}"#,
            r#"{"level":"error"}"#,
            "{}",
            "[]",
            "5",
            "null",
            "\"text\"",
        ] {
            let data = Json::parse(text).expect("JSON");
            assert_eq!(numbers(&data), serde_json::from_str(text).ok(), "{text}");
            assert_eq!(point(&data), serde_json::from_str(text).ok(), "{text}");
            assert_eq!(alert(&data), serde_json::from_str(text).ok(), "{text}");
        }
    }

    #[test]
    fn what_is_odd_about_an_alert_does_not_cost_its_message() {
        let data = r#"{"level":7,"message":"m","key":[],"status":"odd","url":{}}"#;
        let read = Json::parse(data)
            .as_ref()
            .and_then(alert)
            .expect("an alert");
        assert_eq!(read.message, "m");
        assert_eq!(
            (read.level, read.key, read.status, read.url),
            (Level::Info, None, None, None)
        );
    }

    #[test]
    fn a_payload_that_does_not_fit_is_malformed_and_an_unknown_event_is_none() {
        for text in [
            r#"{"event":"stats-update"}"#,
            r#"{"event":"stats-update","data":null}"#,
            r#"{"event":"stats-update","data":[1]}"#,
            r#"{"event":"chart-data","data":{"requests":3}}"#,
            r#"{"event":"alert","data":"fire"}"#,
        ] {
            assert_eq!(read(text), Err(Malformed), "{text}");
        }
        assert_eq!(read(r#"{"event":"deploy","data":{}}"#), Ok(None));
    }
}
