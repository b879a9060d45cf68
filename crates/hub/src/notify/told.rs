//! What a notifier has told of alerts with keys, and what is to be told next.

use std::collections::BTreeMap;

use live_dashboard_protocol::message::{Level, Status};
use serde::{Deserialize, Serialize};

use super::entry::Entry;

/// The most alerts with keys that are remembered; those that were told longest ago are
/// forgotten.
pub(super) const MAX_TOLD: usize = 1_000;

/// What was told last of each key.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Told(pub(super) BTreeMap<String, Last>);

/// What was told last of a key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct Last {
    /// The id of its message.
    id: String,
    level: Level,
    /// The text of an alert without a status.
    text: Option<String>,
}

impl Told {
    /// Whether to tell an alert: one of at least `level` that is new or has another level, one
    /// that was told and now has a lower level, and its end if ends are told. Without a key,
    /// each is new.
    pub(super) fn observe(&mut self, entry: &mut Entry, level: Level, resolved: bool) -> bool {
        let is_severe = entry.level >= level;
        let Some(key) = &entry.key else {
            return is_severe && (resolved || !entry.is_resolved());
        };
        let channel = entry.channel.as_ref();
        let key = channel.map_or_else(|| key.clone(), |channel| format!("{channel}#{key}"));
        let known = self.0.get(&key);
        entry.previous_level = known.map(|last| last.level);
        if entry.is_resolved() {
            return self.0.remove(&key).is_some() && resolved;
        }
        entry.previous_level = entry.previous_level.filter(|known| *known != entry.level);
        // Whoever gives no status has no end to tell, but another text.
        let text = match entry.status {
            Some(Status::Firing) => None,
            _ => Some(entry.message.clone()),
        };
        let is_same = known.is_some_and(|last| last.level == entry.level && last.text == text);
        if is_same || (known.is_none() && !is_severe) {
            return false;
        }
        let last = Last {
            id: entry.id.clone(),
            level: entry.level,
            text,
        };
        self.0.insert(key, last);
        if self.0.len() > MAX_TOLD {
            let oldest = self.0.iter().min_by_key(|(_, last)| &last.id);
            let oldest = oldest.map(|(key, _)| key.clone());
            oldest.map(|key| self.0.remove(&key));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(key: Option<&str>, level: Level, status: Option<Status>, text: &str) -> Entry {
        Entry {
            level,
            status,
            message: text.into(),
            key: key.map(Into::into),
            ..Entry::test()
        }
    }

    const FIRING: Option<Status> = Some(Status::Firing);
    const RESOLVED: Option<Status> = Some(Status::Resolved);

    #[test]
    fn begin_level_and_end_of_a_key_are_told_once() {
        let mut told = Told::default();
        let mut tell = |level, status, text| {
            let mut entry = entry(Some("k"), level, status, text);
            let is_told = told.observe(&mut entry, Level::Warning, true);
            (is_told, entry.previous_level)
        };
        use Level::{Error, Info, Warning};
        assert_eq!(tell(Warning, RESOLVED, "never began"), (false, None));
        assert_eq!(tell(Info, FIRING, "too low"), (false, None));
        assert_eq!(tell(Warning, FIRING, "a"), (true, None));
        assert_eq!(tell(Warning, FIRING, "another text"), (false, None));
        assert_eq!(tell(Error, FIRING, "a"), (true, Some(Warning)));
        assert_eq!(tell(Info, FIRING, "a"), (true, Some(Error)));
        assert_eq!(tell(Info, FIRING, "a"), (false, None));
        assert_eq!(tell(Info, RESOLVED, "a"), (true, Some(Info)));
        assert_eq!(tell(Info, RESOLVED, "a"), (false, None));
        assert_eq!(tell(Warning, FIRING, "again"), (true, None));
    }

    #[test]
    fn without_a_status_each_other_text_is_told_and_without_a_key_each_alert() {
        let mut told = Told::default();
        let mut tell = |key, level, status, text| {
            told.observe(&mut entry(key, level, status, text), Level::Warning, false)
        };
        let key = Some("deploy");
        assert!(tell(key, Level::Warning, None, "1"));
        assert!(!tell(key, Level::Warning, None, "1"));
        assert!(tell(key, Level::Warning, None, "2"));
        assert!(!tell(key, Level::Info, RESOLVED, "2"), "ends are not told");
        assert!(tell(key, Level::Warning, None, "2"), "but known");
        for _ in 0..2 {
            assert!(tell(None, Level::Error, FIRING, "once"));
        }
        assert!(!tell(None, Level::Info, None, "too low"));
        assert!(!tell(None, Level::Error, RESOLVED, "an end"));
    }

    #[test]
    fn channels_have_keys_of_their_own_and_the_oldest_are_forgotten() {
        let mut told = Told::default();
        let mut other = entry(Some("k"), Level::Error, FIRING, "");
        other.channel = live_dashboard_protocol::name::ChannelName::new("c").ok();
        assert!(told.observe(&mut other.clone(), Level::Info, true));
        assert!(!told.observe(&mut other, Level::Info, true));
        let mut tell = |n: usize| {
            let mut entry = entry(Some(&n.to_string()), Level::Error, FIRING, "");
            entry.id = format!("{n:026}");
            told.observe(&mut entry, Level::Info, true)
        };
        assert!((0..MAX_TOLD + 1).all(&mut tell));
        assert!(tell(0), "is new again");
        assert!(!tell(MAX_TOLD));
        assert_eq!(told.0.len(), MAX_TOLD);
    }
}
