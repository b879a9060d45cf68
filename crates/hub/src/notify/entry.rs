//! An alert, as notifiers tell it.

use jiff::Timestamp;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::message::{Alert, Level, Status};
use live_dashboard_protocol::name::{ChannelName, cut};
use serde::{Deserialize, Serialize};

use crate::engine::Message;

/// The most characters of an alert's text; longer ones are cut.
const MAX_MESSAGE_CHARS: usize = 1_000;
/// The most characters of a key; longer ones are cut.
const MAX_KEY_CHARS: usize = 256;
/// The most characters of an address; longer ones are left out.
const MAX_URL_CHARS: usize = 2_000;

/// One alert of a message to a notifier, as in the JSON of a webhook.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry {
    /// The id of the alert's message: later ones are greater.
    pub(super) id: String,
    /// When it was published.
    pub(super) at: Timestamp,
    pub(super) level: Level,
    /// The level that was told before, if it is another.
    pub(super) previous_level: Option<Level>,
    pub(super) status: Option<Status>,
    pub(super) message: String,
    pub(super) key: Option<String>,
    pub(super) url: Option<String>,
    /// The channel, if it is not that of the dashboard.
    pub(super) channel: Option<ChannelName>,
    /// When it began, of an alert that came from Alertmanager.
    pub(super) starts_at: Option<String>,
}

impl Entry {
    /// Reads an alert of a dashboard whose own channel is `own`; `None` if it is not one that
    /// pages show.
    pub(super) fn of(message: &Message, own: &ChannelName) -> Option<Self> {
        let data = Json::parse(message.data.get())?;
        let alert = Alert::from_json(&data)?;
        let millis = i64::try_from(message.id.timestamp_ms()).ok()?;
        let is_web = |url: &String| {
            let is_web = ["http://", "https://"];
            is_web.iter().any(|start| url.starts_with(start)) && url.len() <= MAX_URL_CHARS
        };
        Some(Self {
            id: message.id.to_string(),
            at: Timestamp::from_millisecond(millis).ok()?,
            level: alert.level,
            previous_level: None,
            status: alert.status,
            message: cut(&alert.message, MAX_MESSAGE_CHARS).to_owned(),
            key: alert.key.map(|key| cut(&key, MAX_KEY_CHARS).to_owned()),
            url: alert.url.filter(is_web),
            channel: (message.channel != *own).then(|| message.channel.clone()),
            starts_at: data.get("startsAt").string(),
        })
    }

    /// The alert that a message of `live-dashboard-hub notify` has.
    pub(super) fn test() -> Self {
        Self {
            id: ulid::Ulid::generate().to_string(),
            at: Timestamp::now(),
            level: Level::Info,
            previous_level: None,
            status: None,
            message: "This is a test: alerts of the dashboard will arrive here.".into(),
            key: None,
            url: None,
            channel: None,
            starts_at: None,
        }
    }

    pub(super) fn is_resolved(&self) -> bool {
        self.status == Some(Status::Resolved)
    }

    /// What it is, in a word.
    pub(super) fn word(&self) -> &'static str {
        match self.level {
            _ if self.is_resolved() => "Resolved",
            Level::Error => "Error",
            Level::Warning => "Warning",
            Level::Info => "Info",
        }
    }

    /// Word and text, in one line.
    pub(super) fn line(&self) -> String {
        let text: Vec<_> = self.message.split_whitespace().collect();
        format!("{}: {}", self.word(), text.join(" "))
    }
}
