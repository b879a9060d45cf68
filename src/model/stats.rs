//! The current value of each key of `stats-update` that the layout shows.

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Layout, PanelKind};
use live_dashboard_protocol::limits::{MAX_STATES, STAT_SAMPLES};
use live_dashboard_protocol::message::StatsUpdate;

use crate::model::Stamp;

/// A metric's current value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatValue {
    /// The value, in the unit that the metric is published in.
    pub value: f64,
    /// When its latest update was published, in milliseconds since the Unix
    /// epoch by the viewer's clock.
    pub updated_at: f64,
}

/// The metrics' values before their latest update.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PreviousStats(Vec<(String, f64)>);

impl PreviousStats {
    /// A metric's previous value; `None` if it was updated less than twice.
    pub fn get(&self, key: &str) -> Option<f64> {
        let known = self.0.iter().find(|(known, _)| known == key);
        known.map(|(_, value)| *value)
    }
}

/// The metrics' latest values by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats {
    /// Sorted by key, so that the order of arrival makes no difference.
    metrics: Vec<(String, Vec<Sample>)>,
    previous: PreviousStats,
}

/// A value and the message that brought it.
#[derive(Debug, Clone, PartialEq)]
struct Sample {
    value: Json,
    stamp: Stamp,
}

impl Stats {
    /// A metric's number; `None` before its first.
    pub fn get(&self, key: &str) -> Option<StatValue> {
        let newest_first = self.samples(key).iter().rev();
        let mut numbers = newest_first.filter_map(|sample| {
            Some(StatValue {
                value: sample.value.number()?,
                updated_at: sample.stamp.at,
            })
        });
        numbers.next()
    }

    /// When the latest value of a key was published, in milliseconds since the Unix epoch
    /// by the viewer's clock.
    pub fn updated_at(&self, key: &str) -> Option<f64> {
        self.samples(key).last().map(|sample| sample.stamp.at)
    }

    /// A key's value that a panel of this kind shows.
    pub fn value(&self, kind: PanelKind, key: &str) -> Option<&Json> {
        let newest_first = self.samples(key).iter().rev();
        let mut values = newest_first.map(|sample| &sample.value);
        values.find(|value| kind.takes(value))
    }

    /// A key's latest states, at most [`MAX_STATES`], oldest first, each with the time of its
    /// publication in milliseconds since the Unix epoch by the viewer's clock.
    pub fn states(&self, key: &str) -> impl Iterator<Item = (f64, &Json)> {
        let samples = self.samples(key).iter();
        let samples = samples.filter(|sample| PanelKind::Timeline.takes(&sample.value));
        samples.map(|sample| (sample.stamp.at, &sample.value))
    }

    /// The metrics' values before their latest update.
    pub fn previous(&self) -> &PreviousStats {
        &self.previous
    }

    /// A metric's latest values, at most 30, oldest first, including the
    /// current one.
    pub fn recent(&self, key: &str) -> Vec<f64> {
        let samples = self.samples(key).iter().rev().take(STAT_SAMPLES).rev();
        samples.filter_map(|sample| sample.value.number()).collect()
    }

    fn samples(&self, key: &str) -> &[Sample] {
        let known = self.metrics.iter().find(|(known, _)| known == key);
        known.map_or(&[], |(_, samples)| samples)
    }

    /// Inserts the values of the keys that the layout shows, each at its
    /// place in the order of publishing; keys that the update lacks keep
    /// their value and age. Returns whether anything changed: a duplicate
    /// changes nothing.
    pub(super) fn merge(&mut self, layout: &Layout, update: StatsUpdate, stamp: Stamp) -> bool {
        let mut changed = false;
        // Of several fields with one name the last one counts.
        for (key, value) in update.0.into_iter().rev() {
            let kinds = || layout.keys().filter(|(_, known)| *known == key);
            if !kinds().any(|(kind, _)| kind.takes(&value)) {
                continue;
            }
            let capacity = kinds().map(|(kind, _)| capacity(kind)).max();
            let capacity = capacity.unwrap_or_default();
            let place = self.metrics.partition_point(|(known, _)| *known < key);
            if self
                .metrics
                .get(place)
                .is_none_or(|(known, _)| *known != key)
            {
                self.metrics.insert(place, (key, Vec::new()));
            }
            let samples = &mut self.metrics[place].1;
            let place = samples.partition_point(|sample| sample.stamp.order < stamp.order);
            let known = samples
                .get(place)
                .is_some_and(|sample| sample.stamp.order == stamp.order);
            // Older than all that are kept: too late.
            let too_late = place == 0 && samples.len() >= capacity;
            if known || too_late {
                continue;
            }
            samples.insert(place, Sample { value, stamp });
            let surplus = samples.len().saturating_sub(capacity);
            samples.drain(..surplus);
            changed = true;
        }
        if changed {
            self.find_previous();
        }
        changed
    }

    fn find_previous(&mut self) {
        let previous = |(key, samples): &(String, Vec<Sample>)| {
            let numbers = samples.iter().rev();
            let mut numbers = numbers.filter_map(|sample| sample.value.number());
            numbers.next();
            Some((key.clone(), numbers.next()?))
        };
        self.previous.0 = self.metrics.iter().filter_map(previous).collect();
    }

    /// Moves the time of all values by this many milliseconds.
    pub(super) fn shift(&mut self, milliseconds: f64) {
        for sample in self.metrics.iter_mut().flat_map(|(_, samples)| samples) {
            sample.stamp.at += milliseconds;
        }
    }

    /// Removes the metrics that the layout does not show.
    pub(super) fn keep_only(&mut self, layout: &Layout) {
        self.metrics
            .retain(|(key, _)| layout.keys().any(|(_, known)| known == key));
        self.find_previous();
    }
}

/// How many values of a key a panel needs.
fn capacity(kind: PanelKind) -> usize {
    match kind {
        PanelKind::Stat => STAT_SAMPLES,
        PanelKind::Timeline => MAX_STATES,
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: u32) -> Stamp {
        Stamp::at(time.into())
    }

    fn update(entries: &[(&str, f64)]) -> StatsUpdate {
        let entries = entries.iter().map(|(key, value)| ((*key).into(), *value));
        entries.collect()
    }

    #[test]
    fn an_update_merges_key_by_key() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        assert_eq!(stats.get("activeUsers"), None);
        stats.merge(
            &layout,
            update(&[("activeUsers", 10.0), ("avgLatency", 45.0)]),
            at(1),
        );
        stats.merge(&layout, update(&[("activeUsers", 12.0)]), at(2));
        assert_eq!(
            stats.get("activeUsers"),
            Some(StatValue {
                value: 12.0,
                updated_at: 2.0
            })
        );
        assert_eq!(stats.previous().get("activeUsers"), Some(10.0));
        assert_eq!(
            stats.get("avgLatency"),
            Some(StatValue {
                value: 45.0,
                updated_at: 1.0
            })
        );
        assert_eq!(stats.previous().get("avgLatency"), None);
    }

    #[test]
    fn an_equal_update_has_an_equal_previous_value() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        for (time, value) in [(1, 5.0), (2, 7.0), (3, 7.0)] {
            stats.merge(&layout, update(&[("activeUsers", value)]), at(time));
        }
        let value = stats.get("activeUsers").expect("a value");
        assert_eq!(value.updated_at, 3.0);
        assert_eq!(stats.previous().get("activeUsers"), Some(7.0));
    }

    #[test]
    fn values_that_are_not_shown_or_not_finite_are_dropped() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        for n in 0..1000 {
            stats.merge(&layout, update(&[(&format!("key{n}"), 1.0)]), at(1));
        }
        for data in [r#"{"activeUsers":"12"}"#, r#"{"activeUsers":null}"#] {
            let data = Json::parse(data).expect("JSON");
            let update = StatsUpdate::from_json(&data).expect("an object");
            stats.merge(&layout, update, at(1));
        }
        assert_eq!(stats, Stats::default());
    }

    #[test]
    fn each_panel_gets_the_values_that_it_can_show() {
        let layout = r#"{"title":"T","stat":[{"key":"db","label":"L"}],"table":[{"key":"rows"}],
            "status":[{"items":[{"key":"db"}]}],"timeline":[{"items":[{"key":"mode"}]}]}"#;
        let layout = Json::parse(layout).and_then(|json| Layout::from_json(&json));
        let layout = layout.expect("a layout");
        let mut stats = Stats::default();
        for (time, data) in [
            (1, r#"{"db":5,"rows":[{"a":1}],"mode":"day"}"#),
            (2, r#"{"db":"down","rows":"none","mode":["x"]}"#),
            (4, r#"{"mode":"night"}"#),
            (3, r#"{"mode":true}"#),
        ] {
            let update = StatsUpdate::from_json(&Json::parse(data).expect("JSON"));
            stats.merge(&layout, update.expect("an object"), at(time));
        }
        assert_eq!(stats.get("db").map(|known| known.value), Some(5.0));
        let down = Json::Text("down".into());
        assert_eq!(stats.value(PanelKind::Status, "db"), Some(&down));
        let rows = stats.value(PanelKind::Table, "rows").expect("rows");
        assert_eq!(rows.items().len(), 1);
        let states: Vec<_> = stats.states("mode").collect();
        let [day, night] = ["day", "night"].map(|word| Json::Text(word.into()));
        assert_eq!(
            states,
            [(1.0, &day), (3.0, &Json::Bool(true)), (4.0, &night)]
        );
    }

    #[test]
    fn the_last_of_several_fields_with_one_name_counts() {
        let mut stats = Stats::default();
        let twice = update(&[("activeUsers", 1.0), ("activeUsers", 2.0)]);
        stats.merge(&Layout::default(), twice, at(1));
        assert_eq!(stats.recent("activeUsers"), [2.0]);
    }

    #[test]
    fn late_and_duplicate_messages_do_not_replace_newer_values() {
        let layout = Layout::default();
        let mut in_order = Stats::default();
        for time in 1..=40 {
            in_order.merge(&layout, update(&[("activeUsers", time.into())]), at(time));
        }
        let mut mixed = Stats::default();
        for time in [40, 3, 39, 40, 1].into_iter().chain((1..=39).rev()) {
            mixed.merge(&layout, update(&[("activeUsers", time.into())]), at(time));
        }
        assert_eq!(mixed, in_order);
        let recent = mixed.recent("activeUsers");
        assert_eq!((recent.len(), recent[0], recent[29]), (30, 11.0, 40.0));
        let value = mixed.get("activeUsers").expect("a value");
        assert_eq!(value.value, 40.0);
        assert_eq!(mixed.previous().get("activeUsers"), Some(39.0));
        assert!(mixed.recent("errorRate").is_empty());
    }

    #[test]
    fn a_new_era_is_later_than_any_message_of_the_previous_one() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        stats.merge(&layout, update(&[("activeUsers", 1.0)]), at(9));
        let mut next_era = at(1);
        next_era.order.era = 1;
        stats.merge(&layout, update(&[("activeUsers", 2.0)]), next_era);
        assert_eq!(stats.recent("activeUsers"), [1.0, 2.0]);
    }
}
