//! Reads the key sets of token issuers: from time to time, and when a token names a key
//! that is in none.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use std::{fs, io};

use futures_util::future::join_all;
use tokio::sync::Mutex;
use tokio::time::{Instant, MissedTickBehavior, interval};
use ureq::Agent;

use crate::auth::token::{KeySet, KeySetError, KeySource};
use crate::tls;

/// The interval of regular reads: after it, withdrawn keys are no longer accepted.
const INTERVAL: Duration = Duration::from_secs(10 * 60);
/// The least time between two reads for tokens with unknown keys, which anybody can make
/// up.
const RETRY_INTERVAL: Duration = Duration::from_secs(30);
/// How long an answer may take.
const TIMEOUT: Duration = Duration::from_secs(5);
/// The most bytes of a set.
const MAX_BYTES: u64 = 256 * 1024;

/// Why a key set was not read: the previous keys stay.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be read.
    #[error("cannot read the key set `{path}`: {error}", path = path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// There is no answer, or an error.
    #[error("cannot get the key set {url}: {error}")]
    Url {
        /// Its address.
        url: String,
        /// Why.
        error: Box<ureq::Error>,
    },
    /// It cannot be used.
    #[error("cannot use the key set {set}: {error}")]
    Unfit {
        /// Where it is.
        set: KeySource,
        /// Why.
        error: KeySetError,
    },
}

/// Reads a set and replaces its keys. Blocks for at most 5 seconds.
///
/// # Errors
/// It cannot be read or used.
pub fn read(set: &KeySet) -> Result<(), ReadError> {
    let json = match set.source() {
        KeySource::File(path) => fs::read(path).map_err(|error| ReadError::File {
            path: path.clone(),
            error,
        }),
        KeySource::Url(url) => get(url).map_err(|error| ReadError::Url {
            url: url.clone(),
            error: Box::new(error),
        }),
    }?;
    set.replace(&json).map_err(|error| ReadError::Unfit {
        set: set.source().clone(),
        error,
    })
}

fn get(url: &str) -> Result<Vec<u8>, ureq::Error> {
    let config = Agent::config_builder()
        .tls_config(tls::client())
        .timeout_global(Some(TIMEOUT))
        .max_redirects(0);
    let mut response = config.build().new_agent().get(url).call()?;
    response
        .body_mut()
        .with_config()
        .limit(MAX_BYTES)
        .read_to_vec()
}

/// Reads key sets, not too often.
#[derive(Default)]
pub(crate) struct KeySetReader {
    /// When each was read last for an unknown key. Locked while they are read, so that
    /// others wait for the result.
    last: Mutex<HashMap<KeySource, Instant>>,
}

impl KeySetReader {
    /// Reads those sets that were not read within 30 seconds, because a token has an
    /// unknown key. Returns when they have been read, by whomever.
    pub(crate) async fn look_for_key(&self, sets: &[Arc<KeySet>]) {
        let mut last = self.last.lock().await;
        let now = Instant::now();
        last.retain(|_, at| now < *at + RETRY_INTERVAL);
        let due = sets.iter().filter(|set| !last.contains_key(set.source()));
        let due: Vec<_> = due.cloned().collect();
        last.extend(due.iter().map(|set| (set.source().clone(), now)));
        read_all(due).await;
    }

    /// Reads the sets that `current` returns: now, and every 10 minutes. Runs until it is
    /// dropped.
    pub(crate) async fn run(&self, current: impl Fn() -> Vec<Arc<KeySet>>) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let _others_wait = self.last.lock().await;
            read_all(current()).await;
        }
    }
}

async fn read_all(sets: Vec<Arc<KeySet>>) {
    let read = |set: Arc<KeySet>| tokio::task::spawn_blocking(move || read(&set));
    for result in join_all(sets.into_iter().map(read)).await {
        if let Ok(Err(error)) = result {
            tracing::error!(%error, "keeping the previous keys");
        }
    }
}

#[cfg(test)]
mod tests;
