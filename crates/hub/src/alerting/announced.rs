//! An alert as it is published: written, and read again by all hubs.

use jiff::Timestamp;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::Severity;
use live_dashboard_protocol::message::{Alert, Level, Status};
use serde::Serialize;
use ulid::Ulid;

/// An alert to be published. Times are by the board's clock.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Due {
    pub(super) key: String,
    /// `Ok` to resolve it.
    pub(super) severity: Severity,
    /// Since when the value has been bad.
    pub(super) since: f64,
    pub(super) message: String,
    /// Whether viewers know that it fires.
    pub(super) is_known: bool,
}

/// An alert as it was published last. Times are by the board's clock.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Announced {
    /// `Ok` if it was resolved.
    pub(super) severity: Severity,
    /// Since when the value was bad.
    pub(super) since: f64,
    pub(super) message: String,
    /// When it was published, and its message.
    pub(super) at: f64,
    pub(super) id: Ulid,
}

/// The data of `alert`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shown<'a> {
    level: Level,
    message: &'a str,
    key: &'a str,
    status: &'static str,
    starts_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    ends_at: Option<Timestamp>,
}

impl Due {
    /// What is published at `now`, which is `unix` in seconds since the Unix epoch.
    pub(super) fn shown(&self, unix: f64, now: f64) -> Shown<'_> {
        let time = |at: f64| {
            let milliseconds = (unix - (now - at)) * 1000.0;
            Timestamp::from_millisecond(milliseconds as i64).unwrap_or_default()
        };
        let (level, status) = match self.severity {
            Severity::Ok => (Level::Info, "resolved"),
            Severity::Warning => (Level::Warning, "firing"),
            Severity::Critical => (Level::Error, "firing"),
        };
        Shown {
            level,
            message: &self.message,
            key: &self.key,
            status,
            starts_at: time(self.since),
            ends_at: (self.severity == Severity::Ok).then(|| time(now)),
        }
    }

    /// What viewers know once it is published. With its key.
    pub(super) fn announced(self, at: f64, id: Ulid) -> (String, Announced) {
        let announced = Announced {
            severity: self.severity,
            since: self.since,
            message: self.message,
            at,
            id,
        };
        (self.key, announced)
    }
}

impl Announced {
    pub(super) fn fires(&self) -> bool {
        self.severity > Severity::Ok
    }

    /// What an alert, published at `at`, says.
    pub(super) fn read(alert: &Alert, data: &Json, id: Ulid, at: f64) -> Self {
        let severity = match (alert.status, alert.level) {
            (Some(Status::Resolved), _) => Severity::Ok,
            (_, Level::Error) => Severity::Critical,
            _ => Severity::Warning,
        };
        let since = data.get("startsAt").text();
        let since = since.and_then(|since| since.parse::<Timestamp>().ok());
        let before = since.map_or(0.0, |since| {
            (id.timestamp_ms() as f64 - since.as_millisecond() as f64) / 1000.0
        });
        Self {
            severity,
            since: at - before.max(0.0),
            message: alert.message.clone(),
            at,
            id,
        }
    }
}
