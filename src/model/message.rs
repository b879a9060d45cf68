//! Decodes a received frame into a message for the model.

use live_dashboard_protocol::frame::ReceivedFrame;
use live_dashboard_protocol::id;
use live_dashboard_protocol::payload::{
    ALERT, Alert, CHART_DATA, ChartData, STATS_UPDATE, StatsUpdate,
};

use crate::model::{AlertEntry, Message, Stamp};

/// A message of one of the dashboard's events whose data cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Malformed;

/// Decodes a message; `None` for an event that a dashboard does not know.
///
/// # Errors
/// The data does not fit the event.
pub fn decode(frame: &ReceivedFrame, stamp: Stamp) -> Result<Option<Message>, Malformed> {
    let data = &frame.data;
    let message = match frame.event.as_str() {
        STATS_UPDATE => StatsUpdate::from_json(data).map(Message::Stats),
        CHART_DATA => ChartData::from_json(data).map(Message::Point),
        ALERT => Alert::from_json(data).map(|alert| {
            // The model identifies alerts by their ids.
            let id = frame.id.clone();
            let id = id.unwrap_or_else(|| id::encode(stamp.order.number));
            let at = stamp.at;
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
        let decode = |text| {
            let frame = ReceivedFrame::parse(text).expect("a frame");
            decode(&frame, Stamp::at(7.0))
        };
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
