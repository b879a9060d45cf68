//! Publishes over HTTP on a kept-alive connection.

use std::time::Duration;

use anyhow::{Result, bail};
use reqwest::{Client, StatusCode};
use serde_json::{Value, json};

use crate::hub::API_KEY;

/// Time limit for an answer.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause before a retry.
const RETRY_PAUSE: Duration = Duration::from_millis(20);

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
            client: Client::builder().timeout(REQUEST_TIMEOUT).build()?,
            url: format!("{hub}/publish"),
            channel: channel.to_owned(),
        })
    }

    /// Publishes once.
    ///
    /// # Errors
    /// The request failed, or the hub did not accept the message.
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

    /// Retries until the message is accepted; `deduplication_id` makes that safe.
    pub(crate) async fn publish_until_accepted(
        &self,
        event: &str,
        data: &Value,
        deduplication_id: &str,
        store: u32,
    ) {
        let fields = json!({"deduplicationId": deduplication_id, "store": store});
        while self.publish(event, data, fields.clone()).await.is_err() {
            tokio::time::sleep(RETRY_PAUSE).await;
        }
    }
}
