//! The newest alerts.

use std::rc::Rc;

use live_dashboard_protocol::limits::MAX_ALERTS;

use crate::model::AlertEntry;

/// At most [`Alerts::CAPACITY`] alerts, newest first; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Alerts(Vec<Rc<AlertEntry>>);

impl Alerts {
    /// How many alerts are kept.
    pub const CAPACITY: usize = MAX_ALERTS;

    /// The newest alerts, newest first, at most `count`.
    pub fn newest(&self, count: usize) -> &[Rc<AlertEntry>] {
        &self.0[..count.min(self.0.len())]
    }

    /// Inserts an alert at its place by id. Of several alerts with one key only
    /// the newest is kept. Returns whether anything changed: a duplicate id
    /// changes nothing.
    pub(super) fn insert(&mut self, entry: AlertEntry) -> bool {
        if let Some(key) = &entry.alert.key {
            let earlier = |known: &Rc<AlertEntry>| known.alert.key.as_ref() == Some(key);
            if let Some(place) = self.0.iter().position(earlier) {
                if self.0[place].id >= entry.id {
                    return false;
                }
                self.0.remove(place);
            }
        }
        let place = self.0.partition_point(|known| known.id > entry.id);
        let known = self.0.get(place).is_some_and(|known| known.id == entry.id);
        if known || place == Self::CAPACITY {
            return false;
        }
        self.0.insert(place, Rc::new(entry));
        self.0.truncate(Self::CAPACITY);
        true
    }

    /// Moves the time of all alerts by this many milliseconds.
    pub(super) fn shift(&mut self, milliseconds: f64) {
        for entry in &mut self.0 {
            Rc::make_mut(entry).at += milliseconds;
        }
    }
}

impl FromIterator<AlertEntry> for Alerts {
    fn from_iter<I: IntoIterator<Item = AlertEntry>>(entries: I) -> Self {
        let mut alerts = Self::default();
        for entry in entries {
            alerts.insert(entry);
        }
        alerts
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::message::{Alert, Level, Status};

    use super::*;

    fn entry(id: &str, key: Option<&str>, status: Option<Status>) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at: 0.0,
            alert: Alert {
                level: Level::Warning,
                unknown_level: None,
                message: format!("message of {id}"),
                key: key.map(Into::into),
                status,
                url: None,
            },
        }
    }

    fn ids(alerts: &Alerts) -> Vec<&str> {
        let entries = alerts.newest(usize::MAX);
        entries.iter().map(|entry| entry.id.as_str()).collect()
    }

    #[test]
    fn alerts_are_sorted_by_id() {
        let mut alerts = Alerts::default();
        for id in ["02", "01", "03"] {
            alerts.insert(entry(id, None, None));
        }
        assert_eq!(ids(&alerts), ["03", "02", "01"]);
        assert_eq!(alerts.newest(2).len(), 2);
    }

    #[test]
    fn a_duplicate_id_changes_nothing() {
        let mut alerts = Alerts::default();
        alerts.insert(entry("01", None, None));
        let before = alerts.clone();
        let mut again = entry("01", None, None);
        again.alert.message = "another text".into();
        alerts.insert(again);
        assert_eq!(alerts, before);
    }

    #[test]
    fn a_later_alert_replaces_the_one_of_its_key() {
        let mut alerts = Alerts::default();
        alerts.insert(entry("01", Some("disk"), Some(Status::Firing)));
        alerts.insert(entry("02", None, None));
        alerts.insert(entry("03", Some("disk"), Some(Status::Resolved)));
        assert_eq!(ids(&alerts), ["03", "02"]);
        alerts.insert(entry("01", Some("disk"), Some(Status::Firing)));
        assert_eq!(ids(&alerts), ["03", "02"], "a late one does not win");
        assert_eq!(alerts.newest(1)[0].alert.status, Some(Status::Resolved));
    }

    #[test]
    fn beyond_the_capacity_the_oldest_are_dropped() {
        let mut alerts = Alerts::default();
        for n in 0..150 {
            alerts.insert(entry(&format!("{n:03}"), None, None));
        }
        assert_eq!(ids(&alerts).len(), Alerts::CAPACITY);
        assert_eq!(ids(&alerts)[0], "149");
        alerts.insert(entry("000", None, None));
        assert_eq!(ids(&alerts).last(), Some(&"050"));
    }
}
