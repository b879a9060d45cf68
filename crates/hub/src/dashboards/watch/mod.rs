//! Reloads files that change while the hub runs.
//!
//! They are read every second rather than watched by the system: this also works on
//! network drives and with symbolic links as in a container's mounts, and costs
//! little for files of this size. A change counts once two scans in a row agree, so
//! that a half-written file is not used.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

use live_dashboard_protocol::name::ChannelName;
use serde_json::value::RawValue;
use tokio::time::{Instant, MissedTickBehavior, interval};

use super::directory::{Files, dashboard_name, scan};
use super::{Dashboards, Viewers};

/// The interval of scans.
pub(super) const INTERVAL: Duration = Duration::from_secs(1);
/// After this time a change is published again: a page that got its token just
/// before the change has subscribed by then.
const REPEAT_AFTER: Duration = Duration::from_secs(75);

/// A changed layout, for open pages.
#[derive(Debug)]
pub(crate) struct LayoutChange {
    /// The channel that those pages are subscribed to.
    pub(crate) channel: ChannelName,
    /// The new layout.
    pub(crate) json: Box<RawValue>,
}

/// The pages that show a changed dashboard, as it was before.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct OpenPages {
    dashboard: String,
    channel: ChannelName,
    viewers: Viewers,
}

impl Dashboards {
    /// Watches the files and publishes each change twice. If not all who could see a
    /// dashboard before may still do so, withdraws its channel. An invalid file is logged
    /// once and leaves its dashboard unchanged. Runs until it is dropped.
    pub(crate) async fn watch<F: Future<Output = ()>>(
        self: Arc<Self>,
        mut publish: impl FnMut(LayoutChange) -> F,
        withdraw: impl Fn(ChannelName),
    ) {
        let mut ticks = interval(INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last = None;
        let mut applied: Option<Files> = None;
        let mut logged = None;
        let mut repeats = BTreeMap::new();
        loop {
            ticks.tick().await;
            let directory = self.directory.clone();
            let Ok(scanned) = tokio::task::spawn_blocking(move || scan(&directory)).await else {
                continue;
            };
            let now = Instant::now();
            let repeated = repeats.extract_if(.., |_, at| *at <= now);
            let mut due: Vec<OpenPages> = repeated.map(|(pages, _)| pages).collect();
            match scanned {
                Ok(files) => {
                    logged = None;
                    if last.as_ref() == Some(&files) && applied.as_ref() != Some(&files) {
                        let changed = self.apply(applied.as_ref(), &files, &withdraw);
                        let repeat_at = now + REPEAT_AFTER;
                        repeats.extend(changed.iter().cloned().map(|one| (one, repeat_at)));
                        due.extend(changed);
                        applied = Some(files.clone());
                    }
                    last = Some(files);
                }
                Err(error) if logged.as_ref() != Some(&error) => {
                    tracing::error!(%error, "cannot read the layout files; keeping the previous layouts");
                    logged = Some(error);
                }
                Err(_) => {}
            }
            for pages in due {
                if let Some(json) = self.layout_for(&pages) {
                    let channel = pages.channel;
                    publish(LayoutChange { channel, json }).await;
                }
            }
        }
    }

    /// Applies the files that differ from `before`; all, if it is `None`.
    fn apply(
        &self,
        before: Option<&Files>,
        files: &Files,
        withdraw: impl Fn(ChannelName),
    ) -> Vec<OpenPages> {
        let current = self.current();
        let (next, errors) = self.load(before, files);
        for error in &errors {
            tracing::error!(%error, "invalid layout file; keeping the previous layout");
        }
        let invalid = errors
            .iter()
            .filter_map(|error| dashboard_name(&error.path));
        let invalid: HashSet<&str> = invalid.collect();
        self.set(next);
        let next = self.current();
        for name in next.keys().filter(|name| !current.contains_key(*name)) {
            tracing::info!(dashboard = name, "layout added");
        }
        for name in current.keys().filter(|name| !next.contains_key(*name)) {
            tracing::info!(dashboard = name, "layout removed");
        }
        let changed = |name: &String| {
            let (before, now) = (current.get(name)?, next.get(name)?);
            if before.viewers != now.viewers {
                tracing::info!(dashboard = name, "viewers changed");
                if !now.viewers.include_all(&before.viewers) {
                    withdraw(before.channel().clone());
                }
            }
            (before.layout != now.layout).then(|| {
                // Of an invalid one, only the note changed.
                if !invalid.contains(name.as_str()) {
                    tracing::info!(dashboard = name, "layout changed");
                }
                OpenPages {
                    dashboard: name.clone(),
                    channel: before.channel().clone(),
                    viewers: before.viewers.clone(),
                }
            })
        };
        next.keys().filter_map(changed).collect()
    }

    /// The layout that open pages get as JSON; `None` if the dashboard is gone, or if not
    /// all who receive what is published on their channel may see it.
    fn layout_for(&self, pages: &OpenPages) -> Option<Box<RawValue>> {
        let current = self.current();
        let dashboard = current.get(&pages.dashboard)?;
        let others = current.values();
        let others = others.filter(|one| one.channels.contains(&pages.channel));
        let mut viewers = others.map(|one| &one.viewers).chain([&pages.viewers]);
        let all_may = dashboard.viewers == Viewers::Everybody
            || viewers.all(|viewers| *viewers == dashboard.viewers);
        all_may.then(|| dashboard.json.clone())
    }
}

#[cfg(test)]
mod tests;
