//! Which alerts are news: to say, to ring, to count.

use live_dashboard_protocol::payload::{Level, Status};

use crate::model::{AlertEntry, Alerts, Notes};

/// How old an alert may be to ring as soon as the page is live, in
/// milliseconds.
const RECENT: f64 = 120_000.0;

/// For how long after the page went live old alerts may still come in from
/// the hub's store, in milliseconds.
const SETTLING: f64 = 3_000.0;

/// What has been heard so far.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct News {
    newest: Option<String>,
    live_since: Option<f64>,
}

/// What there is to do about new alerts.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Bulletin {
    /// The new alerts that are not muted, newest first.
    pub fresh: Vec<AlertEntry>,
    /// The newest of those that is an error worth ringing for.
    pub ringing: Option<AlertEntry>,
}

impl News {
    /// Hears the feed's alerts at `now`, in milliseconds since the Unix epoch
    /// by the viewer's clock. What stood there before the page was live is no
    /// news.
    pub fn hear(&mut self, alerts: &Alerts, notes: &Notes, live: bool, now: f64) -> Bulletin {
        let entries = alerts.newest(Alerts::CAPACITY);
        let began = self.live_since.is_some();
        if live && !began {
            self.live_since = Some(now);
        }
        let last = self.newest.clone();
        self.newest = entries
            .first()
            .map(|entry| entry.id.clone())
            .max(last.clone());
        if !began {
            return Bulletin::default();
        }
        let settled = self.live_since.is_some_and(|since| now - since > SETTLING);
        let fresh: Vec<_> = entries
            .iter()
            .take_while(|entry| Some(&entry.id) > last.as_ref())
            .filter(|entry| !notes.is_muted(entry))
            .cloned()
            .collect();
        let rings = |entry: &&AlertEntry| {
            entry.alert.level == Level::Error
                && entry.alert.status != Some(Status::Resolved)
                && (settled || (now - entry.at).abs() < RECENT)
        };
        Bulletin {
            ringing: fresh.iter().find(rings).cloned(),
            fresh,
        }
    }
}

/// How many alerts came after the one that was seen last, other than those
/// that are over, acknowledged or muted.
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
    use live_dashboard_protocol::payload::Alert;

    use super::*;

    fn entry(id: &str, level: Level, at: f64) -> AlertEntry {
        AlertEntry {
            id: id.into(),
            at,
            alert: Alert {
                level,
                message: format!("message of {id}"),
                key: None,
                status: None,
                url: None,
            },
        }
    }

    fn alerts(entries: &[AlertEntry]) -> Alerts {
        let mut alerts = Alerts::default();
        for entry in entries {
            alerts.insert(entry.clone());
        }
        alerts
    }

    fn ids(entries: &[AlertEntry]) -> Vec<&str> {
        entries.iter().map(|entry| entry.id.as_str()).collect()
    }

    #[test]
    fn what_stood_there_before_is_no_news_and_nothing_is_news_twice() {
        let mut news = News::default();
        let notes = Notes::default();
        let mut all = vec![entry("01", Level::Error, 0.0)];
        assert_eq!(
            news.hear(&alerts(&all), &notes, false, 0.0),
            Bulletin::default()
        );
        assert_eq!(
            news.hear(&alerts(&all), &notes, true, 0.0),
            Bulletin::default()
        );
        all.push(entry("02", Level::Warning, 0.0));
        all.push(entry("03", Level::Info, 0.0));
        let heard = news.hear(&alerts(&all), &notes, true, 1.0);
        assert_eq!(ids(&heard.fresh), ["03", "02"]);
        assert_eq!(heard.ringing, None);
        assert_eq!(
            news.hear(&alerts(&all), &notes, true, 2.0),
            Bulletin::default()
        );
    }

    #[test]
    fn errors_ring_unless_they_are_old_news_over_or_muted() {
        let minute = 60_000.0;
        let ringing = |entry: AlertEntry, notes: &Notes, live_for: f64| {
            let mut news = News::default();
            let _ = news.hear(&Alerts::default(), notes, true, 10.0 * minute - live_for);
            let heard = news.hear(&alerts(&[entry]), notes, true, 10.0 * minute);
            heard.ringing.map(|entry| entry.id)
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
        let muted = notes.clone().with_muted(&recent, true);
        assert_eq!(ringing(recent.clone(), &muted, minute), None);
        let mut over = recent;
        over.alert.status = Some(Status::Resolved);
        assert_eq!(ringing(over, &notes, minute), None);
        assert_eq!(
            ringing(entry("03", Level::Warning, 0.0), &notes, minute),
            None
        );
    }

    #[test]
    fn the_unseen_are_those_that_still_matter() {
        let all = [
            entry("01", Level::Error, 0.0),
            entry("02", Level::Info, 0.0),
            entry("03", Level::Info, 0.0),
        ];
        let notes = Notes::default();
        assert_eq!(unseen(&alerts(&all), &notes, None), 3);
        assert_eq!(unseen(&alerts(&all), &notes, Some("01")), 2);
        assert_eq!(unseen(&alerts(&all), &notes, Some("03")), 0);
        let notes = notes.with_acknowledged(&all[2], true);
        assert_eq!(unseen(&alerts(&all), &notes, Some("01")), 1);
    }
}
