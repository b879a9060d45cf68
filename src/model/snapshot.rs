//! What the hub knew when it drew the page: the page starts from it.

use live_dashboard_protocol::id;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::message::ReceivedFrame;
use live_dashboard_protocol::token::Grant;

use crate::model::format::Locale;
use crate::model::{Event, Model, Order, Reach, Stamp, decode};

/// The data in a drawn page. The hub draws from it, and the page's first render is
/// equal to that drawing.
#[derive(Debug, Clone, PartialEq)]
pub struct Snapshot {
    /// The token endpoint's answer; without a token if there is no dashboard of the name.
    pub grant: Grant,
    /// Stored messages of the dashboard's channels, in any order.
    pub messages: Vec<ReceivedFrame>,
    /// The query of the page's address, without `?`.
    pub query: String,
    /// The offset from UTC of the layout's time zone, in minutes, east positive; 0
    /// without a time zone.
    pub utc_offset: i32,
    /// The same for the time zones of clocks.
    pub zones: Vec<(String, i32)>,
    /// Whether the viewer's language is written from right to left.
    pub right_to_left: bool,
}

impl Snapshot {
    /// The id of the element that contains the data.
    pub const ELEMENT_ID: &str = "live-dashboard-snapshot";

    /// Reads the data; `None` if it is not that of a drawn page.
    pub fn parse(json: &str) -> Option<Self> {
        let json = Json::parse(json)?;
        let offset = json.get("utcOffset").number().unwrap_or_default();
        let zones = json.get("zones").entries();
        Some(Self {
            grant: Grant::from_json(json.get("grant"))?,
            query: json.get("query").string()?,
            utc_offset: offset as i32,
            zones: zones
                .filter_map(|(zone, offset)| Some((zone.to_owned(), offset.number()? as i32)))
                .collect(),
            right_to_left: *json.get("rightToLeft") == Json::Bool(true),
            messages: match json.take("messages") {
                Json::Array(messages) => messages
                    .into_iter()
                    .filter_map(ReceivedFrame::from_json)
                    .collect(),
                _ => return None,
            },
        })
    }

    /// When the page was drawn, in milliseconds since the Unix epoch by the hub's
    /// clock.
    pub fn now(&self) -> f64 {
        self.grant.time.unwrap_or_default()
    }

    /// The language, the direction and the clocks that the page was drawn in.
    pub fn locale(&self) -> Locale {
        Locale::drawn(self.utc_offset, self.zones.clone(), self.right_to_left)
    }

    /// The model after all messages, with times by the hub's clock. `undecided`: the
    /// viewer named no dashboard and may choose one.
    pub fn model(&self, undecided: bool) -> Model {
        let mut model = Model::new(self.grant.layout.clone());
        model.apply(Event::Dashboards(self.grant.dashboards.clone()));
        model.apply(Event::Reach(Reach {
            seconds: self.grant.history.unwrap_or_default(),
            ..Reach::default()
        }));
        if !self.grant.is_given() || undecided && self.grant.dashboards.len() > 1 {
            model.apply(Event::ChooseDashboard);
        }
        for frame in &self.messages {
            let Some(number) = frame.id.as_deref().and_then(id::number) else {
                continue;
            };
            let published = id::unix_millis(number);
            let stamp = Stamp {
                order: Order { era: 0, number },
                at: published.min(self.now()),
            };
            let channel = frame.channel.as_deref();
            let other = channel.filter(|channel| *channel != self.grant.channel);
            if let Ok(Some(message)) = decode(frame, other, stamp) {
                model.apply(Event::Stored(message, stamp));
            }
        }
        model
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Connection;

    const HUB_TIME: f64 = 1_709_901_234_000.0;

    fn snapshot(messages: &str) -> Snapshot {
        let json = format!(
            r#"{{"grant":{{"token":"t","channel":"c","time":{HUB_TIME},"dashboards":
               [{{"name":"default","title":"D"}},{{"name":"ops","title":"O"}}]}},
               "messages":[{messages}],"query":"kiosk=1","utcOffset":-90}}"#
        );
        Snapshot::parse(&json).expect("a snapshot")
    }

    fn message(seconds_ago: f64, n: u128, event: &str, data: &str) -> String {
        let at = (HUB_TIME - seconds_ago * 1000.0) as u128;
        let id = id::encode(at << id::RANDOM_BITS | n);
        format!(r#"{{"id":"{id}","event":"{event}","channel":"c","data":{data}}}"#)
    }

    #[test]
    fn the_model_has_every_message_at_its_time() {
        let messages = [
            message(61.0, 1, "alert", r#"{"level":"error","message":"fire"}"#),
            message(5.0, 2, "stats-update", r#"{"activeUsers":3}"#),
            message(7.0, 3, "stats-update", r#"{"activeUsers":2}"#),
            message(
                0.0,
                4,
                "chart-data",
                r#"{"timestamp":1709901234,"requests":7}"#,
            ),
            message(0.0, 5, "chart-data", r#""not a point""#),
            message(0.0, 6, "another", "null"),
            r#"{"id":"no ULID","event":"stats-update","data":{"activeUsers":9}}"#.into(),
            "7".into(),
        ];
        let snapshot = snapshot(&messages.join(","));
        let model = snapshot.model(false);
        let users = model.stats().get("activeUsers").expect("a value");
        assert_eq!(
            (users.value, users.updated_at),
            (3.0, HUB_TIME - 5000.0),
            "the newest by its id"
        );
        assert_eq!(model.stats().previous().get("activeUsers"), Some(2.0));
        assert_eq!(model.alerts().newest(1)[0].at, HUB_TIME - 61_000.0);
        let chart = &model.layout().chart[0];
        assert_eq!(model.history().latest(chart).len(), 1);
        assert_eq!(*model.connection(), Connection::Connecting);
        assert_eq!(model.dashboards().len(), 2);
        assert_eq!(
            (snapshot.query.as_str(), snapshot.utc_offset),
            ("kiosk=1", -90)
        );
    }

    #[test]
    fn a_viewer_who_named_no_dashboard_must_choose_among_several() {
        let several = snapshot("");
        assert!(*several.model(true).must_choose());
        assert!(!*several.model(false).must_choose());
        let mut one = several;
        one.grant.dashboards.clear();
        assert!(!*one.model(true).must_choose());
    }

    #[test]
    fn messages_are_never_from_the_future() {
        let ahead = message(-9.0, 1, "stats-update", r#"{"activeUsers":1}"#);
        let model = snapshot(&ahead).model(false);
        assert_eq!(model.activity().numbers_at, Some(HUB_TIME));
    }

    #[test]
    fn other_texts_are_no_snapshots() {
        for text in [
            "",
            "[]",
            "{}",
            r#"{"messages":[],"query":""}"#,
            r#"{"grant":{"token":"t","channel":"c"},"query":""}"#,
            r#"{"grant":{"token":"t","channel":"c"},"messages":[]}"#,
        ] {
            assert_eq!(Snapshot::parse(text), None, "{text}");
        }
    }
}
