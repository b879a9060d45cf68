//! Which alerts are new: to announce, to ring for, to count.

use std::rc::Rc;

use live_dashboard_protocol::message::{Level, Status};

use crate::model::{AlertEntry, Alerts, Notes};

/// How old an alert may be to ring as soon as the page is live, in
/// milliseconds.
const RECENT: f64 = 120_000.0;

/// How long after the page went live old alerts may still arrive from the
/// hub's store, in milliseconds.
const SETTLING: f64 = 3_000.0;

/// Remembers which alerts were observed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct AlertTracker {
    /// The greatest id so far.
    newest: Option<String>,
    live_since: Option<f64>,
}

/// The alerts since the last observation.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewAlerts {
    /// Those that are not muted, newest first.
    pub entries: Vec<Rc<AlertEntry>>,
    /// The newest error of them that is worth a sound or a notification.
    pub ringing: Option<Rc<AlertEntry>>,
}

impl AlertTracker {
    /// Observes the alerts at `now`, in milliseconds since the Unix epoch by the
    /// viewer's clock, and returns the new ones. Alerts from before the page was
    /// `live` are not new.
    pub fn observe(&mut self, alerts: &Alerts, notes: &Notes, live: bool, now: f64) -> NewAlerts {
        let entries = alerts.newest(Alerts::CAPACITY);
        let newest = entries.first().map(|entry| entry.id.clone());
        let last = self.newest.clone();
        self.newest = newest.max(last.clone());
        let Some(live_since) = self.live_since else {
            self.live_since = live.then_some(now);
            return NewAlerts::default();
        };
        let entries: Vec<_> = entries
            .iter()
            .take_while(|entry| Some(&entry.id) > last.as_ref())
            .filter(|entry| !notes.is_muted(entry))
            .cloned()
            .collect();
        let settled = now - live_since > SETTLING;
        let rings = |entry: &&Rc<AlertEntry>| {
            entry.alert.level == Level::Error
                && entry.alert.status != Some(Status::Resolved)
                && (settled || (now - entry.at).abs() < RECENT)
        };
        NewAlerts {
            ringing: entries.iter().find(rings).cloned(),
            entries,
        }
    }
}

/// The number of alerts after the one of id `seen`, except those that are
/// resolved, acknowledged or muted.
pub fn unseen(alerts: &Alerts, notes: &Notes, seen: Option<&str>) -> usize {
    let entries = alerts.newest(Alerts::CAPACITY).iter();
    entries
        .take_while(|entry| Some(entry.id.as_str()) > seen)
        .filter(|entry| {
            entry.alert.status != Some(Status::Resolved)
                && !notes.is_muted(entry)
                && !notes.is_acknowledged(entry)
        })
        .count()
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::message::Alert;

    use super::*;
    use crate::model::Action;

    fn entry(id: &str, level: Level, at: f64) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at,
            alert: Alert {
                level,
                unknown_level: None,
                message: format!("message of {id}"),
                key: None,
                status: None,
                url: None,
            },
        }
    }

    fn alerts(entries: &[AlertEntry]) -> Alerts {
        entries.iter().cloned().collect()
    }

    fn ids(entries: &[Rc<AlertEntry>]) -> Vec<&str> {
        entries.iter().map(|entry| entry.id.as_str()).collect()
    }

    #[test]
    fn alerts_are_new_once_and_only_since_the_page_is_live() {
        let mut tracker = AlertTracker::default();
        let notes = Notes::default();
        let mut all = vec![entry("01", Level::Error, 0.0)];
        assert_eq!(
            tracker.observe(&alerts(&all), &notes, false, 0.0),
            NewAlerts::default()
        );
        assert_eq!(
            tracker.observe(&alerts(&all), &notes, true, 0.0),
            NewAlerts::default()
        );
        all.push(entry("02", Level::Warning, 0.0));
        all.push(entry("03", Level::Info, 0.0));
        let new = tracker.observe(&alerts(&all), &notes, true, 1.0);
        assert_eq!(ids(&new.entries), ["03", "02"]);
        assert_eq!(new.ringing, None);
        assert_eq!(
            tracker.observe(&alerts(&all), &notes, true, 2.0),
            NewAlerts::default()
        );
    }

    #[test]
    fn errors_ring_unless_they_are_old_resolved_or_muted() {
        let minute = 60_000.0;
        let ringing = |entry: AlertEntry, notes: &Notes, live_for: f64| {
            let mut tracker = AlertTracker::default();
            let _ = tracker.observe(&Alerts::default(), notes, true, 10.0 * minute - live_for);
            let new = tracker.observe(&alerts(&[entry]), notes, true, 10.0 * minute);
            new.ringing.map(|entry| entry.id.clone())
        };
        let notes = Notes::default();
        let old = entry("01", Level::Error, minute);
        let recent = entry("02", Level::Error, 9.5 * minute);
        assert_eq!(ringing(old.clone(), &notes, 100.0), None);
        assert_eq!(ringing(old.clone(), &notes, minute).as_deref(), Some("01"));
        assert_eq!(
            ringing(recent.clone(), &notes, 100.0).as_deref(),
            Some("02")
        );
        let muted = notes.clone().with(&Action::Mute(recent.topic()));
        assert_eq!(ringing(recent.clone(), &muted, minute), None);
        let mut resolved = recent;
        resolved.alert.status = Some(Status::Resolved);
        assert_eq!(ringing(resolved, &notes, minute), None);
        assert_eq!(
            ringing(entry("03", Level::Warning, 0.0), &notes, minute),
            None
        );
    }

    #[test]
    fn unseen_counts_later_alerts_that_are_not_acknowledged() {
        let all = [
            entry("01", Level::Error, 0.0),
            entry("02", Level::Info, 0.0),
            entry("03", Level::Info, 0.0),
        ];
        let notes = Notes::default();
        assert_eq!(unseen(&alerts(&all), &notes, None), 3);
        assert_eq!(unseen(&alerts(&all), &notes, Some("01")), 2);
        assert_eq!(unseen(&alerts(&all), &notes, Some("03")), 0);
        let notes = notes.with(&Action::Acknowledge("03".into()));
        assert_eq!(unseen(&alerts(&all), &notes, Some("01")), 1);
    }
}
