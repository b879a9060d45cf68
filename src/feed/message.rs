//! Decodes a received frame into a message for the model.

use live_dashboard_protocol::frame::ReceivedFrame;
use live_dashboard_protocol::payload::{
    ALERT, Alert, CHART_DATA, ChartData, Numbers, STATS_UPDATE,
};

use crate::model::{AlertEntry, Message};

/// A message of one of the dashboard's events whose data cannot be read.
#[derive(Debug, PartialEq)]
pub(super) struct Malformed;

/// Decodes a message; `None` for an event that a dashboard does not know.
/// `at` is when it was published, in milliseconds since the Unix epoch.
pub(super) fn decode(frame: &ReceivedFrame, at: f64) -> Result<Option<Message>, Malformed> {
    let data = &frame.data;
    let message = match frame.event.as_str() {
        STATS_UPDATE => Numbers::from_json(data).map(Message::Stats),
        CHART_DATA => ChartData::from_json(data).map(Message::Point),
        ALERT => Alert::from_json(data).map(|alert| {
            let id = frame.id.clone().unwrap_or_default();
            Message::Alert(AlertEntry { id, at, alert })
        }),
        _ => return Ok(None),
    };
    message.map(Some).ok_or(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_that_does_not_fit_is_malformed_and_unknown_events_are_none() {
        let decode = |text| decode(&ReceivedFrame::parse(text).expect("a frame"), 7.0);
        for text in [
            r#"{"event":"stats-update"}"#,
            r#"{"event":"stats-update","data":null}"#,
            r#"{"event":"stats-update","data":[1]}"#,
            r#"{"event":"chart-data","data":{"requests":3}}"#,
            r#"{"event":"alert","data":"fire"}"#,
        ] {
            assert_eq!(decode(text), Err(Malformed), "{text}");
        }
        assert_eq!(decode(r#"{"event":"deploy","data":{}}"#), Ok(None));
    }
}
