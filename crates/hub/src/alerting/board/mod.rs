//! The alerts of one dashboard: folds messages, and says which alerts are due because
//! viewers do not know of them.
//!
//! Times are seconds by a clock that does not go back. Every hub folds the same messages, in
//! the same order; what viewers know is folded too.

use std::collections::HashMap;
use std::sync::Arc;

use live_dashboard::model::{self, Stamp};
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{LAYOUT_CHANGED, PanelKind, Severity};
use live_dashboard_protocol::message::{Alert, ReceivedFrame};
use ulid::Ulid;

use super::announced::{Announced, Due};
use super::rule::{Rule, duration};
use super::rules::{Rules, is_own};
use super::watch::Watch;
use crate::engine::Message;

/// The least time between two changes of one alert, in seconds.
pub(super) const MIN_INTERVAL: f64 = 5.0;
/// How far a point's time may be ahead of its publication, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// What viewers know of each alert.
type Known = HashMap<String, Announced>;

/// The alerts of one dashboard.
pub(super) struct Board {
    rules: Arc<Rules>,
    /// What is known of the value of each rule.
    values: Vec<Value>,
    /// From when on a message is expected.
    start: f64,
    /// When the last message came that was not the hub's own.
    heard: Option<f64>,
    known: Known,
}

#[derive(Debug, Default)]
struct Value {
    watch: Watch,
    /// The latest value, and its place in the order of values.
    latest: Option<(Json, Place)>,
}

impl Value {
    /// The same value under another rule.
    fn judged(rule: &Rule, before: Self, known: &Known, now: f64) -> Self {
        let mut value = Self::default();
        if let Some(known) = known.get(&rule.key) {
            value.watch = Watch::firing(known.severity, known.since);
        }
        if let Some((latest, place)) = before.latest
            && let Some((strict, relaxed)) = rule.severity(&latest)
        {
            value.watch.judge(strict, relaxed, now, rule.hold);
            value.latest = Some((latest, place));
        }
        value
    }
}

/// A point's time, 0 for other values, and the message. Points may arrive late.
type Place = (f64, Ulid);

impl Board {
    /// Nothing has arrived yet.
    pub(super) fn new(rules: Arc<Rules>, now: f64) -> Self {
        Self {
            values: rules.values.iter().map(|_| Value::default()).collect(),
            rules,
            start: now,
            heard: None,
            known: Known::new(),
        }
    }

    /// Goes on with other rules for the same dashboard: judges the latest values by them.
    pub(super) fn set_rules(&mut self, rules: Arc<Rules>, now: f64) {
        if self.rules.is_empty() {
            (self.start, self.heard) = (now, None);
        }
        let before = std::mem::replace(&mut self.rules, rules);
        let mut values = std::mem::take(&mut self.values);
        let values = self.rules.values.iter().map(|rule| {
            let place = before.values.iter().position(|one| one.key == rule.key);
            let value = place.map(|place| std::mem::take(&mut values[place]));
            match value {
                Some(value) if place.is_some_and(|place| before.values[place] == *rule) => value,
                value => Value::judged(rule, value.unwrap_or_default(), &self.known, now),
            }
        });
        self.values = values.collect();
    }

    /// Takes a message, published or received at `at`. Returns whether an alert may be due
    /// at once. A message that is late or was taken before changes nothing.
    pub(super) fn hear(&mut self, message: &Message, at: f64) -> bool {
        if message.event.as_str() == LAYOUT_CHANGED {
            return false;
        }
        let is_own_channel = message.channel == self.rules.channel;
        let frame = ReceivedFrame {
            event: message.event.to_string(),
            data: Json::parse(message.data.get()).unwrap_or_default(),
            ..ReceivedFrame::default()
        };
        let other = (!is_own_channel).then(|| message.channel.as_str());
        let published = message.id.timestamp_ms() as f64;
        let changed = match model::decode(&frame, other, Stamp::at(published)) {
            Ok(Some(model::Message::Alert(entry))) if is_own_channel => {
                let key = entry.alert.key.clone().unwrap_or_default();
                if is_own(&key) {
                    return self.hear_own(key, &entry.alert, &frame.data, message.id, at);
                }
                false
            }
            Ok(Some(model::Message::Stats(update))) => {
                // Of several fields with one name the last one counts.
                let values = update.0.into_iter().rev();
                values.fold(false, |changed, (key, value)| {
                    self.judge(false, &key, &value, (0.0, message.id), at) | changed
                })
            }
            Ok(Some(model::Message::Point(point)))
                if (0.0..published / 1000.0 + CLOCK_SKEW).contains(&point.timestamp) =>
            {
                let place = (point.timestamp, message.id);
                point.values.iter().fold(false, |changed, (key, value)| {
                    self.judge(true, key, &Json::Number(*value), place, at) | changed
                })
            }
            _ => false,
        };
        if !is_own_channel {
            return changed;
        }
        self.heard = Some(self.heard.map_or(at, |last| last.max(at)));
        let silence = self.known.get(&self.rules.no_data_key);
        changed || silence.is_some_and(Announced::fires)
    }

    /// Takes an alert of the hub itself, perhaps of another hub. Those of earlier rules
    /// count only when the board begins: others may publish any key.
    fn hear_own(&mut self, key: String, alert: &Alert, data: &Json, id: Ulid, at: f64) -> bool {
        let is_watched = || self.rules.values.iter().any(|rule| rule.key == key);
        let is_known = self.known.contains_key(&key) || key == self.rules.no_data_key;
        if is_known || is_watched() {
            self.learn(key, Announced::read(alert, data, id, at));
        }
        true
    }

    /// Takes a stored alert, which may be firing since before this board.
    pub(super) fn restore(&mut self, message: &Message, at: f64) {
        let data = Json::parse(message.data.get()).unwrap_or_default();
        let Some(alert) = Alert::from_json(&data) else {
            return;
        };
        let key = alert.key.clone().unwrap_or_default();
        if self.rules.owns(&key) {
            self.learn(key, Announced::read(&alert, &data, message.id, at));
        }
    }

    /// Takes over what viewers know of an alert. What has had no value yet goes on as it
    /// was.
    pub(super) fn learn(&mut self, key: String, announced: Announced) {
        let known = self.known.get(&key);
        if known.is_some_and(|known| known.id > announced.id) {
            return;
        }
        let mut all = self.rules.values.iter().zip(&mut self.values);
        if let Some((_, value)) = all.find(|(rule, _)| rule.key == key)
            && value.latest.is_none()
        {
            value.watch = Watch::firing(announced.severity, announced.since);
        }
        self.known.insert(key, announced);
    }

    /// Judges the value of a key; returns whether something else fires.
    fn judge(&mut self, is_point: bool, key: &str, value: &Json, place: Place, at: f64) -> bool {
        let mut all = self.rules.values.iter().zip(&mut self.values);
        let found =
            all.find(|(rule, _)| rule.metric == key && (rule.kind == PanelKind::Chart) == is_point);
        let Some((rule, known)) = found else {
            return false;
        };
        let Some((strict, relaxed)) = rule.severity(value) else {
            return false;
        };
        if known
            .latest
            .as_ref()
            .is_some_and(|(_, last)| place <= *last)
        {
            return false;
        }
        known.latest = Some((rule.kept(value), place));
        let before = known.watch.fired(at, rule.hold);
        known.watch.judge(strict, relaxed, at, rule.hold);
        known.watch.fired(at, rule.hold) != before
    }

    /// The alerts that viewers do not know as they are. Those that fire are due again after
    /// `refresh` seconds, if there is such a time.
    pub(super) fn due(&mut self, now: f64, refresh: Option<f64>) -> Vec<Due> {
        let mut due = Vec::new();
        let mut add = |key: &str, known: Option<&Announced>, severity, since, message: String| {
            let is_known = known.is_some_and(Announced::fires);
            due.push(Due {
                key: key.to_owned(),
                severity,
                since,
                message,
                is_known,
            });
        };
        for (rule, value) in self.rules.values.iter().zip(&mut self.values) {
            let severity = value.watch.fired(now, rule.hold);
            let known = self.known.get(&rule.key);
            if !is_due(known, severity, now, refresh) {
                continue;
            }
            let latest = value.watch.latest();
            let since = value.watch.since();
            let since = since.or(known.map(|known| known.since)).unwrap_or(now);
            let message = match (&value.latest, severity) {
                (None, _) => known.map_or_else(String::new, |known| known.message.clone()),
                (Some((value, _)), Severity::Ok) => {
                    rule.resolved(value, now - known.map_or(now, |known| known.since))
                }
                (Some((value, _)), _) => rule.firing(severity, latest, value, now - since),
            };
            add(&rule.key, known, severity, since, message);
        }
        let silence = self.silence(now);
        let no_data_key = &self.rules.no_data_key;
        if let Some((severity, since)) = silence {
            let known = self.known.get(no_data_key);
            // What arrives ends it at once, or the next silence may hide that.
            let ends = severity == Severity::Ok && known.is_some_and(Announced::fires);
            if ends || is_due(known, severity, now, refresh) {
                let title = &self.rules.title;
                let message = match (severity, known) {
                    (Severity::Ok, Some(known)) if since > known.since => {
                        let silent = duration(since - known.since);
                        format!("Data from {title} arrives again, after {silent}")
                    }
                    (Severity::Ok, Some(known)) => no_longer(known),
                    _ => format!("No data from {title} for {}", duration(now - since)),
                };
                let began = known.filter(|_| severity == Severity::Ok);
                let since = began.map_or(since, |known| known.since);
                add(no_data_key, known, severity, since, message);
            }
        }
        for (key, known) in &self.known {
            let is_present = (silence.is_some() && key == no_data_key)
                || self.rules.values.iter().any(|rule| rule.key == *key);
            if !is_present && is_due(Some(known), Severity::Ok, now, refresh) {
                add(
                    key,
                    Some(known),
                    Severity::Ok,
                    known.since,
                    no_longer(known),
                );
            }
        }
        due
    }

    /// How bad it is that nothing arrives, and since when nothing has; `None` if that does
    /// not matter.
    fn silence(&self, now: f64) -> Option<(Severity, f64)> {
        let known = self.known.get(&self.rules.no_data_key);
        let known = known.filter(|known| known.fires());
        // What was heard before the start counts only if it has been an alert since then.
        let start = known.map_or(self.start, |known| known.since.min(self.start));
        let since = self.heard.map_or(start, |heard| heard.max(start));
        let severity = match now - since >= self.rules.no_data_after? {
            true => Severity::Critical,
            false => Severity::Ok,
        };
        Some((severity, since))
    }

    /// Whether viewers know of an alert that fires.
    pub(super) fn is_firing(&self) -> bool {
        self.known.values().any(Announced::fires)
    }
}

/// What an alert says in the end if the dashboard's file no longer has it.
fn no_longer(known: &Announced) -> String {
    format!("No longer watched: {}", known.message)
}

/// Whether viewers must be told that an alert is this bad.
fn is_due(known: Option<&Announced>, severity: Severity, now: f64, refresh: Option<f64>) -> bool {
    let Some(known) = known else {
        return severity > Severity::Ok;
    };
    let wait = match (known.severity == severity, severity) {
        (false, _) => Some(MIN_INTERVAL),
        (true, Severity::Ok) => None,
        (true, _) => refresh,
    };
    wait.is_some_and(|wait| now - known.at >= wait)
}

#[cfg(test)]
mod tests;
