//! The alert by which a source or a notifier tells viewers that it fails, until it no longer
//! does.

use std::sync::Arc;

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::message::{ALERT, Alert, Level, Status};
use live_dashboard_protocol::name::ChannelName;
use serde_json::json;
use tokio::time::Instant;

use super::collector::Problem;
use crate::hub::Hub;

/// One alert of a dashboard.
pub(crate) struct Alarm {
    hub: Arc<Hub>,
    channel: ChannelName,
    key: String,
    /// What fails, for people.
    name: String,
    firing: Option<Firing>,
}

/// The problem that was published last, and when; unknown if a previous run did.
struct Firing {
    problem: Option<Problem>,
    at: Instant,
}

impl Alarm {
    /// The alert of this key, which may be firing since a previous run of the hub.
    pub(crate) async fn new(
        hub: Arc<Hub>,
        channel: ChannelName,
        key: String,
        name: String,
    ) -> Self {
        let stored = hub.stored_alerts(&channel).await.unwrap_or_default();
        let alerts = stored.iter().filter_map(|message| {
            let data = Json::parse(message.data.get())?;
            Alert::from_json(&data)
        });
        let mut own = alerts.filter(|alert| alert.key.as_ref() == Some(&key));
        let fires = own
            .next()
            .is_some_and(|alert| alert.status == Some(Status::Firing));
        Self {
            firing: fires.then(|| Firing {
                problem: None,
                at: Instant::now(),
            }),
            hub,
            channel,
            key,
            name,
        }
    }

    /// The key of the alert.
    pub(crate) fn key(&self) -> &str {
        &self.key
    }

    /// Publishes a problem, unless viewers know of it. Again while it is stored, so that
    /// new viewers learn of it too.
    pub(crate) async fn raise(&mut self, problem: &Problem) {
        if let Some(Firing { problem: known, at }) = &self.firing {
            let window = self.hub.history_window();
            let is_stored = window.is_none_or(|window| at.elapsed() < window / 2);
            if known.as_ref() == Some(problem) && is_stored {
                return;
            }
        } else {
            tracing::warn!(key = self.key, %problem, "{} fails", self.name);
        }
        let message = format!("{}: {problem}", self.name);
        self.publish(Level::Error, "firing", message).await;
        self.firing = Some(Firing {
            problem: Some(problem.clone()),
            at: Instant::now(),
        });
    }

    /// Publishes that there is no longer a problem, if there was one.
    pub(crate) async fn resolve(&mut self) {
        if self.firing.take().is_some() {
            tracing::info!(key = self.key, "{} works again", self.name);
            let message = format!("{} works again", self.name);
            self.publish(Level::Info, "resolved", message).await;
        }
    }

    async fn publish(&self, level: Level, status: &str, message: String) {
        let data = json!({
            "level": level,
            "key": self.key,
            "status": status,
            "message": message,
        });
        // The hub logs that itself.
        let _ = self.hub.publish_event(&self.channel, ALERT, &data).await;
    }
}
