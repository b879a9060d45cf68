//! Files that change while the hub runs.
//!
//! They are read anew every second rather than watched by the system: that
//! sees what is on network drives, and files that are swapped by links as in a
//! container's mounts; and it costs next to nothing for files of this size. A
//! change counts once two looks in a row saw the same, so that a file which is
//! being written is not read by half.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::name::ChannelName;
use serde_json::value::RawValue;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::directory::{Files, look};
use super::read::{self, FileError};
use super::{ByName, Dashboards};

/// How often the files are looked at.
const INTERVAL: Duration = Duration::from_secs(1);
/// When a change is told again: whoever was given a token just before it had
/// to subscribe by then.
const AGAIN: Duration = Duration::from_secs(75);

/// A dashboard that open pages know as it was before.
#[derive(Debug)]
pub(crate) struct News {
    /// Where they are.
    pub(crate) channel: ChannelName,
    /// The layout as it is now, for pages.
    pub(crate) json: Box<RawValue>,
}

/// Which dashboards changed, by name, and the channels of the pages that know
/// them as they were.
type Changed = Vec<(String, ChannelName)>;

impl Dashboards {
    /// Looks for changes, for ever, and tells of each twice. A file that is
    /// wrong leaves its dashboard as it was, and is logged once.
    pub(crate) async fn keep_watching<F: Future<Output = ()>>(
        self: Arc<Self>,
        mut tell: impl FnMut(News) -> F,
    ) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        let mut taken: Option<Files> = None;
        let mut unreadable = None;
        let mut again = BTreeMap::new();
        loop {
            ticks.tick().await;
            let directory = self.directory.clone();
            let Ok(seen) = tokio::task::spawn_blocking(move || look(&directory)).await else {
                continue;
            };
            let now = Instant::now();
            let mut due: Changed = again
                .extract_if(.., |_, at| *at <= now)
                .map(|(changed, _)| changed)
                .collect();
            match seen {
                Ok(seen) => {
                    unreadable = None;
                    if last.as_ref() == Some(&seen) && taken.as_ref() != Some(&seen) {
                        let changed = self.take_over(taken.as_ref(), &seen);
                        again.extend(changed.iter().cloned().map(|one| (one, now + AGAIN)));
                        due.extend(changed);
                        taken = Some(seen.clone());
                    }
                    last = Some(seen);
                }
                Err(error) => log_once(&mut unreadable, error),
            }
            for (name, channel) in due {
                if let Some(dashboard) = self.get(&name) {
                    let json = dashboard.json.clone();
                    tell(News { channel, json }).await;
                }
            }
        }
    }

    /// Takes over the files that are not as they were `before`; all, where that
    /// is not known.
    fn take_over(&self, before: Option<&Files>, files: &Files) -> Changed {
        let current = self.current();
        let mut next = ByName::new();
        for (name, file) in files {
            let known = current.get(name).cloned();
            let before = before.and_then(|before| before.get(name));
            let layout = if before == Some(file) {
                known
            } else {
                match read::layout(file) {
                    Ok(layout) => Some(self.complete(name, layout)),
                    Err(errors) => {
                        for error in errors {
                            tracing::error!(%error, "this dashboard stays as it was");
                        }
                        known
                    }
                }
            };
            next.extend(layout.map(|layout| (name.clone(), layout)));
        }
        self.set(next);
        let next = self.current();
        let changed = |name: &String| {
            let (before, now) = (current.get(name)?, next.get(name)?);
            (before.layout != now.layout).then(|| {
                tracing::info!(dashboard = name, "a layout changed");
                (name.clone(), before.channel.clone())
            })
        };
        next.keys().filter_map(changed).collect()
    }
}

fn log_once(known: &mut Option<FileError>, error: FileError) {
    if known.as_ref() != Some(&error) {
        tracing::error!(%error, "the dashboards stay as they were");
        *known = Some(error);
    }
}

#[cfg(test)]
mod tests;
