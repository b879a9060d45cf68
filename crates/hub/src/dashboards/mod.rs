//! The hub's dashboards: each has a name, a channel and a layout. The default one
//! is in code, others are files.
//!
//! - `directory`: reads the files.
//! - `read`: parses a file into a layout, or errors with their lines.
//! - `values`: its values, each of its key's type.
//! - `keys`: the keys of their tables, with their types.
//! - `rows`: the order of the panels.
//! - `rules`: the rules of layouts.
//! - `viewers`: who may see a dashboard.
//! - `watch`: reloads files that change while the hub runs.

mod directory;
mod error;
mod keys;
mod read;
mod rows;
mod rules;
mod values;
mod viewers;
mod watch;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use live_dashboard_protocol::layout::{Layout, unqualified};
use live_dashboard_protocol::name::ChannelName;
use live_dashboard_protocol::token::DashboardName;
use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::watch::{Receiver, Sender};
use tokio::time::{Instant, timeout_at};

use crate::{alerting, notify, sources};

use directory::Files;
pub use error::FileError;
pub use read::{Definition, parse, read};
pub use rules::name_error;
pub use viewers::{Known, Viewer, Viewers, Who};
pub(crate) use watch::LayoutChange;

/// The name of the dashboard that always exists.
pub const DEFAULT: &str = "default";

/// The dashboards of a hub, as of the last scan of their files.
pub struct Dashboards {
    directory: PathBuf,
    /// The channel of the default dashboard and of the hub's own sources.
    channel: ChannelName,
    /// The note beside the titles of dashboards on that channel.
    note: Option<String>,
    /// What the hub knows of viewers.
    known: Known,
    current: RwLock<Arc<ByName>>,
    /// Notified when they change.
    changed: Sender<()>,
    /// Those in code. A file of the same name replaces one.
    built_in: ByName,
}

pub(crate) type ByName = BTreeMap<String, Arc<Dashboard>>;

/// One dashboard.
#[derive(Debug)]
pub struct Dashboard {
    /// The channels of its messages: its own, then those that panels name.
    pub channels: Vec<ChannelName>,
    /// What it shows. Keys of other channels are [qualified](Layout::qualify), as in a page.
    pub layout: Layout,
    /// Who may see it.
    pub viewers: Viewers,
    /// Where its numbers come from.
    pub sources: Vec<Arc<sources::Definition>>,
    /// What alerts on it.
    pub alerting: Arc<alerting::Rules>,
    /// Who is told of its alerts.
    pub notifiers: Vec<Arc<notify::Definition>>,
    /// The layout as JSON, for pages, with the dashboard's name as `dashboard`, since
    /// several dashboards may use one channel.
    pub json: Box<RawValue>,
}

impl Dashboard {
    /// Its own channel.
    pub fn channel(&self) -> &ChannelName {
        &self.channels[0]
    }

    /// The name in messages on `channel` of a key of its layout; `None` for a key of a
    /// different channel.
    pub(crate) fn name_on<'k>(&self, channel: &ChannelName, key: &'k str) -> Option<&'k str> {
        let on = |other: &ChannelName| unqualified(key, other.as_str());
        match self.channels[1..].iter().find(|other| on(other).is_some()) {
            Some(other) => on(other).filter(|_| other == channel),
            None => Some(key).filter(|_| self.channel() == channel),
        }
    }

    /// The keys of `stats-update` on a channel that it shows.
    pub(crate) fn stat_keys<'a>(
        &'a self,
        channel: &'a ChannelName,
    ) -> impl Iterator<Item = &'a str> {
        let keys = self.layout.keys().map(|(_, key)| key);
        keys.filter_map(move |key| self.name_on(channel, key))
    }
}

impl Dashboards {
    /// Reads all files of `directory`. The default dashboard uses `channel`, and all
    /// dashboards on it show `note`. Of their viewers `known` is known.
    ///
    /// # Errors
    /// All errors in the files.
    pub fn read(
        directory: PathBuf,
        channel: ChannelName,
        note: Option<String>,
        known: Known,
    ) -> Result<Self, Vec<FileError>> {
        let files = directory::scan(&directory).map_err(|error| vec![error])?;
        let mut dashboards = Self {
            directory,
            channel,
            note,
            known,
            current: RwLock::default(),
            changed: Sender::new(()),
            built_in: ByName::new(),
        };
        dashboards.build_in(DEFAULT, Definition::default());
        let (loaded, errors) = dashboards.load(None, &files);
        if !errors.is_empty() {
            return Err(errors);
        }
        dashboards.set(loaded);
        Ok(dashboards)
    }

    /// Adds the dashboard of a layout file in code. A file of the same name replaces it.
    #[must_use]
    pub(crate) fn with_built_in(mut self, name: &str, text: &str) -> Self {
        let definition = read::parse(text).expect("a test reads the layouts in code");
        self.build_in(name, definition);
        let current = self.current();
        self.set(ByName::clone(&current));
        self
    }

    fn build_in(&mut self, name: &str, definition: Definition) {
        let dashboard = self.complete(name, definition);
        self.built_in.insert(name.to_owned(), dashboard);
    }

    /// The dashboard of this name that `viewer` may see. Without a name the default one,
    /// or else the first of [`Self::list`].
    pub fn find(&self, name: Option<&str>, viewer: &Viewer) -> Option<Arc<Dashboard>> {
        let current = self.current();
        let visible = |name: &str| {
            let dashboard = current.get(name)?;
            dashboard.viewers.include(viewer).then(|| dashboard.clone())
        };
        match name {
            Some(name) => visible(name),
            None => visible(DEFAULT).or_else(|| visible(&self.list(viewer).first()?.name)),
        }
    }

    /// Whether a dashboard shows this channel.
    pub fn shows(&self, channel: &ChannelName) -> bool {
        self.current()
            .values()
            .any(|dashboard| dashboard.channels.contains(channel))
    }

    /// The dashboards that show this channel.
    pub(crate) fn on(&self, channel: &ChannelName) -> Vec<Arc<Dashboard>> {
        let current = self.current();
        let dashboards = current.values();
        let on_it = dashboards.filter(|dashboard| dashboard.channels.contains(channel));
        on_it.cloned().collect()
    }

    /// Whether something on a dashboard alerts by what arrives on this channel.
    pub(crate) fn alert_on(&self, channel: &ChannelName) -> bool {
        let current = self.current();
        current.values().any(|one| one.alerting.need(channel))
    }

    /// Names and titles of those that `viewer` may see: the default dashboard, then the
    /// others by title.
    pub fn list(&self, viewer: &Viewer) -> Vec<DashboardName> {
        let current = self.current();
        let visible = current.iter();
        let visible = visible.filter(|(_, dashboard)| dashboard.viewers.include(viewer));
        let names = visible.map(|(name, dashboard)| DashboardName {
            name: name.clone(),
            title: dashboard.layout.title.clone(),
        });
        let mut list: Vec<_> = names.collect();
        list.sort_by_key(|one| (one.name != DEFAULT, one.title.to_lowercase()));
        list
    }

    /// A digest of each layout, by its name.
    pub fn digests(&self) -> BTreeMap<String, String> {
        let current = self.current();
        let digests = current.iter().map(|(name, dashboard)| {
            let Dashboard {
                viewers,
                sources,
                alerting,
                notifiers,
                ..
            } = &**dashboard;
            let private = format!("{viewers:?}{sources:?}{alerting:?}{notifiers:?}");
            let text = [dashboard.json.get(), &private].concat();
            let hash = digest(&SHA256, text.as_bytes());
            (name.clone(), URL_SAFE_NO_PAD.encode(hash))
        });
        digests.collect()
    }

    /// All of them by name.
    pub(crate) fn current(&self) -> Arc<ByName> {
        let current = self.current.read();
        Arc::clone(&current.unwrap_or_else(PoisonError::into_inner))
    }

    /// Notified when they change.
    pub(crate) fn changes(&self) -> Receiver<()> {
        self.changed.subscribe()
    }

    /// A dashboard by its name. Waits a moment for one whose file has just been written.
    pub(crate) async fn awaited(&self, name: &str) -> Option<Arc<Dashboard>> {
        let mut changes = self.changes();
        let file = self.directory.join(format!("{name}.toml"));
        let end = Instant::now() + 3 * watch::INTERVAL;
        loop {
            if let Some(dashboard) = self.current().get(name) {
                return Some(dashboard.clone());
            }
            let is_written = name_error(name).is_none() && file.is_file();
            if !is_written || timeout_at(end, changes.changed()).await.is_err() {
                return None;
            }
        }
    }

    /// Replaces the dashboards of files. Adds those in code that no file defines.
    fn set(&self, mut dashboards: ByName) {
        for (name, dashboard) in &self.built_in {
            dashboards
                .entry(name.clone())
                .or_insert_with(|| dashboard.clone());
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(dashboards);
        drop(current);
        self.changed.send_replace(());
    }

    /// Parses the files that differ from `before`; all, if it is `None`. The dashboard
    /// of an invalid file stays as it is, and its note says so.
    fn load(&self, before: Option<&Files>, files: &Files) -> (ByName, Vec<FileError>) {
        let current = self.current();
        let mut loaded = ByName::new();
        let mut errors = Vec::new();
        for (name, file) in files {
            let mut dashboard = current.get(name).cloned();
            if before.and_then(|before| before.get(name)) != Some(file) {
                match read::layout(file) {
                    Ok(definition) => {
                        let known = dashboard.as_ref().map(|before| &before.viewers);
                        if known != Some(&definition.viewers) {
                            self.warn_if_unseen(name, &definition.viewers);
                        }
                        dashboard = Some(self.complete(name, definition));
                    }
                    Err(of_file) => {
                        errors.extend(of_file);
                        dashboard = dashboard.map(|before| outdated(&before, &file.path));
                    }
                }
            }
            loaded.extend(dashboard.map(|dashboard| (name.clone(), dashboard)));
        }
        (loaded, errors)
    }

    fn warn_if_unseen(&self, dashboard: &str, viewers: &Viewers) {
        if !viewers.can_exist(self.known) {
            tracing::warn!(
                dashboard,
                "nobody can see this dashboard: `viewers` need --viewer-access \
                 proxy-header:NAME, and groups --groups-header"
            );
        }
    }

    /// Fills in the channels and the note.
    fn complete(&self, name: &str, definition: Definition) -> Arc<Dashboard> {
        let Definition {
            mut layout,
            viewers,
            sources,
            alerting,
            notifiers,
        } = definition;
        let channel = match (&layout.channel, name) {
            (Some(channel), _) => ChannelName::new(channel),
            (None, DEFAULT) => Ok(self.channel.clone()),
            (None, name) => ChannelName::new(&format!("dashboard-{name}")),
        }
        .expect("the file's name and channel are valid");
        layout.channel = Some(channel.to_string());
        if channel == self.channel {
            layout.note = match (layout.note, &self.note) {
                (Some(own), Some(note)) => Some(format!("{own} · {note}")),
                (own, note) => own.or_else(|| note.clone()),
            };
        }
        let json = to_raw_value(&Named {
            dashboard: name,
            layout: &layout,
        })
        .expect("a layout is JSON");
        let layout = layout.qualify(channel.as_str());
        let others = layout.other_channels().into_iter();
        let others = others.map(|other| ChannelName::new(&other).expect("the channel is valid"));
        Arc::new(Dashboard {
            alerting: Arc::new(alerting::Rules::new(name, &channel, &layout, &alerting)),
            channels: [channel].into_iter().chain(others).collect(),
            layout,
            viewers,
            sources: sources.into_iter().map(Arc::new).collect(),
            notifiers: notifiers.into_iter().map(Arc::new).collect(),
            json,
        })
    }
}

/// A dashboard whose file became invalid: its note says so.
fn outdated(dashboard: &Arc<Dashboard>, file: &Path) -> Arc<Dashboard> {
    let name = file.file_name().unwrap_or_default().display();
    let outdated = format!("{name} is invalid, this is its previous layout");
    let note = match &dashboard.layout.note {
        Some(note) if note.ends_with(&outdated) => return Arc::clone(dashboard),
        Some(note) => format!("{note} · {outdated}"),
        None => outdated,
    };
    let mut json: BTreeMap<&str, Box<RawValue>> =
        serde_json::from_str(dashboard.json.get()).expect("a layout is an object");
    let as_json = to_raw_value(&note).expect("a text is JSON");
    json.insert("note", as_json);
    Arc::new(Dashboard {
        channels: dashboard.channels.clone(),
        layout: Layout {
            note: Some(note),
            ..dashboard.layout.clone()
        },
        viewers: dashboard.viewers.clone(),
        sources: dashboard.sources.clone(),
        alerting: Arc::clone(&dashboard.alerting),
        notifiers: dashboard.notifiers.clone(),
        json: to_raw_value(&json).expect("a layout is JSON"),
    })
}

/// A layout, for pages.
#[derive(Serialize)]
struct Named<'a> {
    dashboard: &'a str,
    #[serde(flatten)]
    layout: &'a Layout,
}

#[cfg(test)]
mod tests;
