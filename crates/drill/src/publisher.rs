//! A backend that publishes over HTTP and keeps its connection.

use std::time::Duration;

use anyhow::{Result, bail};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::hub::API_KEY;

/// How long an answer may take before the publish is tried again.
const PATIENCE: Duration = Duration::from_secs(10);
/// The pause before it is.
const PAUSE: Duration = Duration::from_millis(20);

/// Publishes to one channel of one hub.
#[derive(Clone)]
pub(crate) struct Publisher {
    client: Client,
    url: String,
    channel: String,
}

impl Publisher {
    /// A publisher for the hub at `hub`.
    pub(crate) fn new(hub: &str, channel: &str) -> Result<Self> {
        Ok(Self {
            client: Client::builder().timeout(PATIENCE).build()?,
            url: format!("{hub}/publish"),
            channel: channel.to_owned(),
        })
    }

    /// Publishes once; an error where it was not accepted.
    pub(crate) async fn publish(&self, event: &str, data: &Value, fields: Value) -> Result<()> {
        let mut body = json!({"channel": self.channel, "event": event, "data": data});
        if let (Some(body), Value::Object(fields)) = (body.as_object_mut(), fields) {
            body.extend(fields);
        }
        let answer = self
            .client
            .post(&self.url)
            .bearer_auth(API_KEY)
            .json(&body)
            .send()
            .await?;
        if answer.status() != StatusCode::ACCEPTED {
            bail!("{}: {}", answer.status(), answer.text().await?);
        }
        Ok(())
    }

    /// Publishes until it is accepted; `deduplication_id` makes that safe.
    pub(crate) async fn publish_surely(
        &self,
        event: &str,
        data: &Value,
        deduplication_id: &str,
        store: u32,
    ) {
        let fields = json!({"deduplicationId": deduplication_id, "store": store});
        while self.publish(event, data, fields.clone()).await.is_err() {
            tokio::time::sleep(PAUSE).await;
        }
    }
}
