//! What a dashboard's notifiers have told and have still to tell, as records that survive the
//! hub.

use std::collections::{BTreeMap, VecDeque};

use live_dashboard_protocol::name::ChannelName;
use serde::Serialize;
use serde::de::DeserializeOwned;
use ulid::Ulid;

use super::entry::Entry;
use super::queue::Queue;
use super::told::Told;

/// The records of a dashboard.
type Records = BTreeMap<String, String>;

/// What a notifier has told and has still to tell.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Target {
    pub(super) told: Told,
    pub(super) queue: Queue,
}

/// What a dashboard's notifiers have told and have still to tell.
#[derive(Debug, Default)]
pub(super) struct State {
    /// In the order of their names.
    pub(super) targets: Vec<Target>,
    /// The last message of each channel that was considered.
    pub(super) considered: BTreeMap<ChannelName, Ulid>,
    names: Vec<String>,
    saved: Records,
}

impl State {
    /// Reads what was kept of the notifiers with these names, at `now` in milliseconds since
    /// the Unix epoch. The rest is deleted with the next change.
    pub(super) fn load(saved: Records, names: Vec<String>, now: u64) -> Self {
        let target = |name: &String| Target {
            told: Told(below(&saved, name, "told").collect()),
            queue: Queue::resume(
                below(&saved, name, "waiting")
                    .map(|(_, it)| it)
                    .collect::<VecDeque<Entry>>(),
                below(&saved, name, "batch").map(|(_, it)| it).next(),
                below(&saved, name, "last")
                    .map(|(_, it)| it)
                    .next()
                    .unwrap_or(0),
                now,
            ),
        };
        let considered = below::<String>(&saved, "", "considered");
        let considered = considered
            .filter_map(|(channel, id)| Some((ChannelName::new(&channel).ok()?, id.parse().ok()?)));
        Self {
            targets: names.iter().map(target).collect(),
            considered: considered.collect(),
            names,
            saved,
        }
    }

    /// How many alerts wait or are being sent.
    pub(super) fn waiting(&self) -> usize {
        self.targets.iter().map(|target| target.queue.len()).sum()
    }

    /// What has changed since [`State::saved`].
    pub(super) fn changes(&self) -> BTreeMap<String, Option<String>> {
        let current = self.records();
        let gone = self
            .saved
            .keys()
            .filter(|name| !current.contains_key(*name));
        let gone = gone.map(|name| (name.clone(), None)).collect::<Vec<_>>();
        let changed = current.into_iter();
        let changed = changed.filter(|(name, value)| self.saved.get(name) != Some(value));
        let changed = changed.map(|(name, value)| (name, Some(value)));
        changed.chain(gone).collect()
    }

    /// Takes it that the changes were made.
    pub(super) fn saved(&mut self, changes: BTreeMap<String, Option<String>>) {
        for (name, value) in changes {
            match value {
                Some(value) => drop(self.saved.insert(name, value)),
                None => drop(self.saved.remove(&name)),
            }
        }
    }

    fn records(&self) -> Records {
        let mut records = Records::new();
        for (channel, id) in &self.considered {
            add(
                &mut records,
                "",
                "considered",
                channel.as_str(),
                &id.to_string(),
            );
        }
        for (name, Target { told, queue }) in self.names.iter().zip(&self.targets) {
            for (key, last) in &told.0 {
                add(&mut records, name, "told", key, last);
            }
            for entry in &queue.waiting {
                add(&mut records, name, "waiting", &entry.id, entry);
            }
            if let Some(batch) = &queue.batch {
                add(&mut records, name, "batch", "", batch);
            }
            if queue.last > 0 {
                add(&mut records, name, "last", "", &queue.last);
            }
        }
        records
    }
}

fn add(records: &mut Records, name: &str, kind: &str, key: &str, value: &impl Serialize) {
    let value = serde_json::to_string(value).expect("texts, numbers and times are JSON");
    records.insert(format!("{name}/{kind}/{key}"), value);
}

/// The records `NAME/KIND/KEY` of a name and a kind, by key. Those that cannot be read, such
/// as of another version, are left out.
fn below<T: DeserializeOwned>(
    records: &Records,
    name: &str,
    kind: &str,
) -> impl Iterator<Item = (String, T)> {
    let start = format!("{name}/{kind}/");
    let of_kind = records.iter().filter_map(move |(name, value)| {
        let key = name.strip_prefix(&start)?.to_owned();
        Some((key, serde_json::from_str(value).ok()?))
    });
    of_kind.collect::<Vec<_>>().into_iter()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use live_dashboard_protocol::message::{Level, Status};

    use super::*;
    use crate::notify::queue::Rate;

    const NOW: u64 = 1_800_000_000_000;
    const RATE: Rate = Rate {
        group: Duration::ZERO,
        interval: Duration::ZERO,
    };

    fn names() -> Vec<String> {
        vec!["1 slack".into(), "10 slack".into()]
    }

    #[test]
    fn what_is_saved_is_loaded_again() {
        let mut state = State::load(Records::new(), names(), NOW);
        let channel = ChannelName::new("c/d").expect("valid");
        state.considered.insert(channel, Ulid::generate());
        for (n, target) in state.targets.iter_mut().enumerate() {
            for (place, key) in ["a/b", "ü"].into_iter().enumerate() {
                let mut entry = Entry {
                    // They are loaded in this order.
                    id: format!("{place:026}"),
                    level: Level::Error,
                    status: Some(Status::Firing),
                    key: Some(key.into()),
                    ..Entry::test()
                };
                assert!(target.told.observe(&mut entry, Level::Info, true));
                target.queue.push(entry, NOW);
                if key == "a/b" && n == 1 {
                    target.queue.begin(RATE, NOW, || "id".into()).expect("due");
                    target.queue.sent(NOW);
                    target.queue.push(Entry::test(), NOW);
                    target.queue.begin(RATE, NOW, || "id".into()).expect("due");
                }
            }
        }
        let mut records = Records::new();
        let changes = state.changes();
        for (name, value) in changes.clone() {
            records.insert(name, value.expect("all are new"));
        }
        state.saved(changes);
        assert!(state.changes().is_empty());

        let mut loaded = State::load(records, names(), NOW);
        assert_eq!(loaded.considered, state.considered);
        assert_eq!(loaded.targets[0], state.targets[0]);
        assert_eq!(loaded.targets[1].told, state.targets[1].told);
        assert_eq!(loaded.waiting(), state.waiting());
        loaded.targets[1].queue.sent(NOW);
        let changed: Vec<_> = loaded.changes().into_keys().collect();
        assert_eq!(changed, ["10 slack/batch/"]);
        loaded.targets.pop();
        loaded.names.pop();
        let deleted = loaded.changes();
        assert!(deleted.keys().all(|name| name.starts_with("10 slack/")));
        assert!(deleted.len() > 3 && deleted.values().all(Option::is_none));
    }
}
