//! What all kinds of sources have in common: they read values, or say why they cannot.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use super::definition::{Definition, Kind};
use super::reading::{Reading, Shown};
use super::system::System;
use super::variables::VariableError;

/// How long a reading may take.
pub(super) const READ_TIMEOUT: Duration = Duration::from_secs(10);

/// Why a source has no values, in words for viewers. Contains no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(super) struct Problem(pub(super) String);

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
}

/// The collector of a source on a dashboard that shows these keys.
///
/// # Errors
/// What it reads is not configured.
pub(super) fn collector(
    definition: &Arc<Definition>,
    shown: &Shown,
) -> Result<Box<dyn Collector>, Problem> {
    let wanted = definition.wanted(shown);
    Ok(match definition.kind {
        Kind::System => Box::new(System::new(wanted)),
    })
}
