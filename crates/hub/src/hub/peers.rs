//! Other hubs on the same engine: whether they are configured as this one is, and which of
//! them does what one is enough for.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::interval;

use super::Hub;

/// How often configurations are compared.
const COMPARE_INTERVAL: Duration = Duration::from_secs(30);

impl Hub {
    /// Whether this hub, of all on the same engine, does `task` until `ttl` from now.
    pub async fn leads(&self, task: &str, ttl: Duration) -> bool {
        match self.parts.engine.lease(task, ttl).await {
            Ok(leads) => leads,
            Err(error) => {
                tracing::debug!(%error, task, "cannot take a lease");
                false
            }
        }
    }

    /// Logs where other hubs are configured differently. Runs until it is dropped.
    pub(crate) async fn run_comparisons(self: Arc<Self>) {
        let mut ticks = interval(COMPARE_INTERVAL);
        let mut logged = BTreeSet::new();
        loop {
            ticks.tick().await;
            // When the engine is back, the next tick compares.
            let Ok(differing) = self.parts.engine.compare(self.digests()).await else {
                continue;
            };
            for name in differing.difference(&logged) {
                match name.strip_prefix(LAYOUT) {
                    Some(layout) => tracing::warn!(
                        layout,
                        "another hub has another layout of this name: viewers see the one of \
                         the hub that they are connected to"
                    ),
                    None => tracing::error!(
                        keys = name,
                        "another hub has other keys: it refuses what this one accepts; set the \
                         same LIVE_DASHBOARD_API_KEYS and LIVE_DASHBOARD_SIGNING_KEY on all hubs"
                    ),
                }
            }
            logged = differing;
        }
    }

    fn digests(&self) -> BTreeMap<String, String> {
        let access = self.access();
        let layouts = self.parts.dashboards.digests().into_iter();
        let mut digests: BTreeMap<_, _> = layouts
            .map(|(name, digest)| (format!("{LAYOUT}{name}"), digest))
            .collect();
        digests.insert("api_keys".into(), access.api_keys.digest());
        digests.insert("signing_key".into(), access.signer.digest().to_owned());
        digests
    }
}

/// The prefix of a layout's name.
const LAYOUT: &str = "layout ";
