//! Files that change while the hub runs.
//!
//! They are read anew every other second rather than watched by the system:
//! that works on network drives, and for files that are swapped by links as in
//! a container's mounts, and costs next to nothing for files of this size.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::layout::Layout;
use tokio::time::{MissedTickBehavior, interval};

use super::{Dashboard, Dashboards, FileError, read_all};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(2);

/// A dashboard that is not as it was.
#[derive(Debug)]
pub(crate) struct Changed {
    /// As pages still know it.
    pub(crate) before: Arc<Dashboard>,
    /// As it is now.
    pub(crate) now: Arc<Dashboard>,
}

impl Dashboards {
    /// Looks for changes, for ever, and tells of those to dashboards that were
    /// there before. A file that is wrong changes nothing.
    pub(crate) async fn keep_watching<F: Future<Output = ()>>(
        self: Arc<Self>,
        mut changed: impl FnMut(Changed) -> F,
    ) {
        let Some(directory) = self.directory.clone() else {
            return std::future::pending().await;
        };
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut known: Option<Result<BTreeMap<String, Layout>, Vec<FileError>>> = None;
        loop {
            ticks.tick().await;
            let directory = directory.clone();
            let read = tokio::task::spawn_blocking(move || read_all(&directory)).await;
            let Ok(read) = read else {
                continue;
            };
            if known.as_ref() == Some(&read) {
                continue;
            }
            match &read {
                Ok(layouts) => {
                    for change in self.take_over(layouts.clone()) {
                        changed(change).await;
                    }
                }
                Err(errors) => {
                    for error in errors {
                        tracing::error!(%error, "the dashboards stay as they were");
                    }
                }
            }
            known = Some(read);
        }
    }

    fn take_over(&self, layouts: BTreeMap<String, Layout>) -> Vec<Changed> {
        let before = self.current();
        let now = self.complete(layouts);
        let changes = now
            .iter()
            .filter_map(|(name, now)| {
                let before = before.get(name)?;
                (before.layout != now.layout).then(|| Changed {
                    before: Arc::clone(before),
                    now: Arc::clone(now),
                })
            })
            .collect();
        self.set(now);
        changes
    }
}
