//! From a message's frame to what it means to the model.

use live_dashboard_protocol::frame::Frame;
use live_dashboard_protocol::id;
use live_dashboard_protocol::payload::{ALERT, CHART_DATA, STATS_UPDATE};
use serde::Deserialize;

use crate::model::{AlertEntry, Update};

/// What a message means; `None` for an event that a dashboard does not know.
/// `arrived` is in milliseconds since the Unix epoch, and an alert's time
/// where its id carries none.
pub(super) fn update(frame: &Frame<'_>, arrived: f64) -> Option<Update> {
    let update = match &*frame.event {
        STATS_UPDATE => data(frame).map(Update::Stats),
        CHART_DATA => data(frame).map(Update::Point),
        ALERT => data(frame).map(|alert| {
            let id = frame.id.as_deref().unwrap_or_default();
            Update::Alert(AlertEntry {
                id: id.into(),
                at: id::unix_millis(id).map_or(arrived, |millis| millis as f64),
                alert,
            })
        }),
        _ => return None,
    };
    Some(update.unwrap_or(Update::Malformed))
}

fn data<'a, T: Deserialize<'a>>(frame: &Frame<'a>) -> Option<T> {
    serde_json::from_str(frame.data?.get()).ok()
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::payload::Level;

    use super::*;

    fn read(text: &str) -> Option<Update> {
        update(&Frame::parse(text).expect("a frame"), 7.0)
    }

    #[test]
    fn the_three_events_are_read() {
        let Some(Update::Stats(stats)) =
            read(r#"{"id":"i","event":"stats-update","channel":"c","data":{"activeUsers":5}}"#)
        else {
            panic!("no stats");
        };
        assert_eq!(stats.0["activeUsers"], 5.0);
        let Some(Update::Point(point)) =
            read(r#"{"event":"chart-data","data":{"timestamp":9,"requests":3}}"#)
        else {
            panic!("no point");
        };
        assert_eq!((point.timestamp, point.values["requests"]), (9.0, 3.0));
        let Some(Update::Alert(entry)) = read(
            r#"{"id":"01ARYZ6S41TSV4RRFFQ69G5FAV","event":"alert","data":{"level":"error","message":"<b>"}}"#,
        ) else {
            panic!("no alert");
        };
        assert_eq!(entry.at, 1_469_918_176_385.0);
        assert_eq!(entry.alert.level, Level::Error);
        assert_eq!(entry.alert.message, "<b>");
    }

    #[test]
    fn an_alert_without_a_time_of_its_own_came_when_it_arrived() {
        let Some(Update::Alert(entry)) =
            read(r#"{"id":"17","event":"alert","data":{"message":"m"}}"#)
        else {
            panic!("no alert");
        };
        assert_eq!((entry.id.as_str(), entry.at), ("17", 7.0));
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
            assert_eq!(read(text), Some(Update::Malformed), "{text}");
        }
        assert_eq!(read(r#"{"event":"deploy","data":{}}"#), None);
    }
}
