//! What all kinds of sources have in common: they read values, or say why they cannot.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::client::Client;
use super::definition::Kind;
use super::prometheus::Prometheus;
use super::reading::Reading;
use super::runner::Declared;
use super::scrape::Scrape;
use super::statsd::{self, Statsd};
use super::system::System;
use super::variables::{VariableError, Variables};
use crate::metrics::Metrics;

/// How long a reading may take.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Why something does not work, in words for viewers. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Problem(pub(crate) String);

impl From<VariableError> for Problem {
    fn from(error: VariableError) -> Self {
        Self(error.to_string())
    }
}

/// Reads the values of a source.
#[async_trait]
pub(super) trait Collector: Send {
    /// Adds the current values to `reading`.
    ///
    /// # Errors
    /// Some of them cannot be read. The others have been added.
    async fn collect(&mut self, reading: &mut Reading) -> Result<(), Problem>;

    /// The values of these keys in the past, oldest first; none unless the source keeps
    /// them. In seconds since the Unix epoch.
    ///
    /// # Errors
    /// They cannot be read.
    async fn earlier(
        &mut self,
        _keys: &[String],
        _times: Range<f64>,
        _step: Duration,
    ) -> Result<Vec<Reading>, Problem> {
        Ok(Vec::new())
    }
}

/// The collector of a source.
///
/// # Errors
/// What it reads is not configured.
pub(super) async fn collector(
    source: &Declared,
    metrics: Arc<Metrics>,
    variables: &Variables,
) -> Result<Box<dyn Collector>, Problem> {
    let definition = &*source.definition;
    let wanted = definition.wanted(&source.shown);
    let client = || Client::new(&definition.server, variables);
    Ok(match definition.kind {
        Kind::System => Box::new(System::new(wanted)),
        Kind::Scrape => Box::new(Scrape::new(client()?, wanted)?),
        Kind::Prometheus => Box::new(Prometheus::new(client()?, wanted)),
        Kind::Statsd => {
            let listen = definition.listen.as_deref();
            let listen = variables.expand(listen.unwrap_or(statsd::DEFAULT_LISTEN))?;
            Box::new(Statsd::bind(&listen, wanted, &source.dashboard, metrics).await?)
        }
    })
}
