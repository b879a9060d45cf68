//! The hub's dashboards: each a name, a channel and a layout. The default one
//! is in code, others are files.
//!
//! - `directory`: which files there are.
//! - `read`: a file becomes a layout, or errors with their lines.
//! - `rules`: what a layout may hold.
//! - `watch`: files that change while the hub runs.

mod directory;
mod read;
mod rules;
mod watch;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::token::DashboardName;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

pub use read::{FileError, read};
pub(crate) use watch::News;

/// The name of the dashboard that is always there.
pub const DEFAULT: &str = "default";

/// The dashboards of a hub, as of the last look at their files.
pub struct Dashboards {
    directory: PathBuf,
    /// What the default one is on, and the hub's own sources publish to.
    channel: ChannelName,
    /// What pages say beside the title of a dashboard on that channel.
    note: Option<String>,
    current: RwLock<Arc<ByName>>,
}

type ByName = BTreeMap<String, Arc<Dashboard>>;

/// One dashboard.
#[derive(Debug)]
pub struct Dashboard {
    /// Where its messages come on.
    pub channel: ChannelName,
    /// What it shows.
    pub layout: Layout,
    /// The same as JSON for pages, with the dashboard's name under
    /// `dashboard`: several may be on one channel.
    pub json: Box<RawValue>,
}

impl Dashboards {
    /// Reads all files of `directory`; the default dashboard is on `channel`,
    /// and `note` is said of each one there.
    ///
    /// # Errors
    /// Every rule that the files break.
    pub fn read(
        directory: PathBuf,
        channel: ChannelName,
        note: Option<String>,
    ) -> Result<Self, Vec<FileError>> {
        let files = directory::look(&directory).map_err(|error| vec![error])?;
        let dashboards = Self {
            directory,
            channel,
            note,
            current: RwLock::default(),
        };
        let mut read = ByName::new();
        let mut errors = Vec::new();
        for (name, file) in &files {
            match read::layout(file) {
                Ok(layout) => {
                    read.insert(name.clone(), dashboards.complete(name, layout));
                }
                Err(broken) => errors.extend(broken),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        dashboards.set(read);
        Ok(dashboards)
    }

    /// One of them by its name.
    pub fn get(&self, name: &str) -> Option<Arc<Dashboard>> {
        self.current().get(name).cloned()
    }

    /// Names and titles: the default one, then the others by their titles.
    pub fn list(&self) -> Vec<DashboardName> {
        let mut list: Vec<_> = self
            .current()
            .iter()
            .map(|(name, dashboard)| DashboardName {
                name: name.clone(),
                title: dashboard.layout.title.clone(),
            })
            .collect();
        list.sort_by_key(|one| (one.name != DEFAULT, one.title.to_lowercase()));
        list
    }

    fn current(&self) -> Arc<ByName> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Sets those of files; the default one is there even so.
    fn set(&self, mut dashboards: ByName) {
        dashboards
            .entry(DEFAULT.into())
            .or_insert_with(|| self.complete(DEFAULT, Layout::default()));
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(dashboards);
    }

    /// Adds what a file leaves open, and the note on the numbers of its channel.
    fn complete(&self, name: &str, mut layout: Layout) -> Arc<Dashboard> {
        let channel = match (&layout.channel, name) {
            (Some(channel), _) => ChannelName::new(channel),
            (None, DEFAULT) => Ok(self.channel.clone()),
            (None, name) => ChannelName::new(&format!("dashboard-{name}")),
        }
        .expect("the file's name and its channel were checked");
        layout.channel = Some(channel.to_string());
        if channel == self.channel {
            let notes = layout.note.iter().chain(&self.note).map(String::as_str);
            let notes: Vec<_> = notes.collect();
            layout.note = (!notes.is_empty()).then(|| notes.join(" · "));
        }
        let json = to_raw_value(&Named {
            dashboard: name,
            layout: &layout,
        })
        .expect("a layout is JSON");
        Arc::new(Dashboard {
            channel,
            layout,
            json,
        })
    }
}

/// A layout as pages get it.
#[derive(Serialize)]
struct Named<'a> {
    dashboard: &'a str,
    #[serde(flatten)]
    layout: &'a Layout,
}

#[cfg(test)]
mod tests;
