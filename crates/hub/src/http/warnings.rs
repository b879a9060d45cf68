//! What a publisher probably did not mean: the message is accepted, but some of it is
//! ignored, or nobody sees it.

use std::sync::Arc;

use live_dashboard::model;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::message::{
    ALERT, Alert, CHART_DATA, EVENTS, ReceivedFrame, TIMESTAMP,
};
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::publish::PublishRequest;

use crate::dashboards::Dashboard;
use crate::hub::{Hub, unix_seconds};
use crate::nearest::did_you_mean;

/// The most keys of a message that are told.
const MAX_KEYS: usize = 5;
/// The most characters of a key that are told.
const MAX_KEY_CHARS: usize = 64;

/// The warnings for the answer to a publisher.
pub(super) fn of(hub: &Hub, request: &PublishRequest) -> Vec<String> {
    let unknown = request.unknown_fields.iter().map(|name| {
        let hint = did_you_mean(name, PublishRequest::FIELDS);
        format!("the unknown field `{name}` was ignored{hint}")
    });
    let (channel, event) = (&request.channel, &request.event);
    let dashboards = hub.dashboards().on(channel);
    let unseen = if dashboards.is_empty() {
        vec![format!("no dashboard shows the channel `{channel}`")]
    } else if !EVENTS.contains(&event.as_str()) {
        let known = EVENTS.join("`, `");
        let hint = did_you_mean(event.as_str(), EVENTS);
        vec![format!(
            "dashboards do not show the event `{event}`, only `{known}`{hint}"
        )]
    } else {
        of_data(&dashboards, request)
    };
    unknown.chain(unseen).collect()
}

/// Keys that no dashboard of the channel shows; if there are none, the rule that the
/// message breaks on all dashboards.
fn of_data(dashboards: &[Arc<Dashboard>], request: &PublishRequest) -> Vec<String> {
    let data = request.data.as_ref();
    let frame = ReceivedFrame {
        id: None,
        event: request.event.to_string(),
        channel: Some(request.channel.to_string()),
        alias: None,
        data: data
            .and_then(|data| Json::parse(data.get()))
            .unwrap_or_default(),
        error: None,
    };
    let channel = &request.channel;
    let known = dashboards.iter();
    let known = known.flat_map(|dashboard| known_keys(dashboard, channel, &frame.event));
    let known: Vec<_> = known.collect();
    let keys = frame.data.entries().map(|(key, _)| key);
    let unknown = keys.filter(|key| !known.is_empty() && !known.contains(key));
    let mut warnings: Vec<_> = unknown
        .take(MAX_KEYS)
        .map(|key| {
            let hint = did_you_mean(key, known.iter().copied());
            let end = key.char_indices().nth(MAX_KEY_CHARS);
            let key = end.map_or(key, |(end, _)| &key[..end]);
            format!("no dashboard shows `{key}` ({}){hint}", frame.event)
        })
        .collect();
    if warnings.is_empty() {
        let now = unix_seconds() * 1000.0;
        let rules = dashboards.iter();
        let rules = rules.map(|dashboard| {
            let other = (dashboard.channel() != channel).then_some(channel.as_str());
            model::broken_rule(&frame, other, now, &dashboard.layout)
        });
        let rules: Option<Vec<_>> = rules.collect();
        warnings.extend(rules.into_iter().flatten().next());
    }
    warnings
}

/// The keys in the data of an event on a channel that a dashboard shows; empty if it has no
/// panel for the event.
fn known_keys<'a>(dashboard: &'a Dashboard, channel: &'a ChannelName, event: &str) -> Vec<&'a str> {
    match event {
        ALERT => Alert::FIELDS.into(),
        CHART_DATA => {
            let series = dashboard
                .layout
                .chart
                .iter()
                .flat_map(|chart| &chart.series);
            let keys = series.filter_map(|series| dashboard.name_on(channel, &series.key));
            let mut keys: Vec<_> = keys.collect();
            if !keys.is_empty() {
                keys.push(TIMESTAMP);
            }
            keys
        }
        _ => dashboard.stat_keys(channel).collect(),
    }
}
