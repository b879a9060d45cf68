//! The hub's dashboards: each a name, a channel and a layout. The default one
//! is in code, others are files.
//!
//! - [`mod@read`]: a file becomes a layout, or errors with their lines.
//! - [`rules`]: what a layout may hold.
//! - [`watch`]: files that change while the hub runs.

mod read;
mod rules;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::token::DashboardName;
use serde_json::value::{RawValue, to_raw_value};

pub use read::{FileError, read, read_all};
pub(crate) use watch::Changed;

/// The name of the dashboard that is always there.
pub const DEFAULT: &str = "default";

/// The dashboards of a hub, as of the last look at their files.
pub struct Dashboards {
    directory: Option<PathBuf>,
    /// What the default one is on, and the hub's own sources publish to.
    channel: ChannelName,
    /// What pages say beside the title of a dashboard on that channel.
    note: Option<String>,
    current: RwLock<Arc<BTreeMap<String, Arc<Dashboard>>>>,
}

/// One dashboard.
#[derive(Debug)]
pub struct Dashboard {
    /// Where its messages come on.
    pub channel: ChannelName,
    /// What it shows.
    pub layout: Layout,
    /// The same as JSON, for pages.
    pub json: Box<RawValue>,
}

impl Dashboards {
    /// Reads all files of `directory`; with `None` there is the default one
    /// alone.
    ///
    /// # Errors
    /// Every rule that the files break.
    pub fn read(
        directory: Option<PathBuf>,
        channel: ChannelName,
        note: Option<String>,
    ) -> Result<Self, Vec<FileError>> {
        let layouts = match &directory {
            Some(directory) => read_all(directory)?,
            None => BTreeMap::new(),
        };
        let dashboards = Self {
            directory,
            channel,
            note,
            current: RwLock::default(),
        };
        let current = dashboards.complete(layouts);
        dashboards.set(current);
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

    fn current(&self) -> Arc<BTreeMap<String, Arc<Dashboard>>> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    fn set(&self, dashboards: BTreeMap<String, Arc<Dashboard>>) {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(dashboards);
    }

    /// Adds the default dashboard, unless a file took its name, and what files
    /// leave open.
    fn complete(&self, mut layouts: BTreeMap<String, Layout>) -> BTreeMap<String, Arc<Dashboard>> {
        layouts.entry(DEFAULT.into()).or_default();
        let complete = |(name, mut layout): (String, Layout)| {
            let channel = match (&layout.channel, name.as_str()) {
                (Some(channel), _) => ChannelName::new(channel),
                (None, DEFAULT) => Ok(self.channel.clone()),
                (None, name) => ChannelName::new(&format!("dashboard-{name}")),
            };
            // The files' names and channels were checked.
            let channel = channel.unwrap_or_else(|_| self.channel.clone());
            layout.channel = Some(channel.to_string());
            if channel == self.channel {
                layout.note = layout.note.or_else(|| self.note.clone());
            }
            let json = to_raw_value(&layout).expect("a layout is JSON");
            let dashboard = Dashboard {
                channel,
                layout,
                json,
            };
            (name, Arc::new(dashboard))
        };
        layouts.into_iter().map(complete).collect()
    }
}

/// A dashboard's name by its file; `None` where that is no layout's.
fn name_of(path: &Path) -> Option<&str> {
    let name = path.file_name()?.to_str()?.strip_suffix(".toml")?;
    (!name.starts_with('.')).then_some(name)
}

#[cfg(test)]
mod tests;
