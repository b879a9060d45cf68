//! The current value of each metric of the layout.

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::limits::STAT_SAMPLES;
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
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    value: f64,
    stamp: Stamp,
}

impl Stats {
    /// A metric's value; `None` before its first.
    pub fn get(&self, key: &str) -> Option<StatValue> {
        self.samples(key).last().map(|current| StatValue {
            value: current.value,
            updated_at: current.stamp.at,
        })
    }

    /// The metrics' values before their latest update.
    pub fn previous(&self) -> &PreviousStats {
        &self.previous
    }

    /// A metric's latest values, at most 30, oldest first, including the
    /// current one.
    pub fn recent(&self, key: &str) -> Vec<f64> {
        self.samples(key)
            .iter()
            .map(|sample| sample.value)
            .collect()
    }

    fn samples(&self, key: &str) -> &[Sample] {
        let known = self.metrics.iter().find(|(known, _)| known == key);
        known.map_or(&[], |(_, samples)| samples)
    }

    /// Inserts the values of the metrics that the layout shows, each at its
    /// place in the order of publishing; metrics that the update lacks keep
    /// their value and age. Returns whether anything changed: a duplicate
    /// changes nothing.
    pub(super) fn merge(&mut self, layout: &Layout, update: StatsUpdate, stamp: Stamp) -> bool {
        let mut changed = false;
        for (key, value) in update.0 {
            if !value.is_finite() || !layout.stat.iter().any(|stat| stat.key == key) {
                continue;
            }
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
            let too_late = place == 0 && samples.len() == STAT_SAMPLES;
            if known || too_late {
                continue;
            }
            samples.insert(place, Sample { value, stamp });
            let surplus = samples.len().saturating_sub(STAT_SAMPLES);
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
            let (_, earlier) = samples.split_last()?;
            Some((key.clone(), earlier.last()?.value))
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
            .retain(|(key, _)| layout.stat.iter().any(|stat| stat.key == *key));
        self.find_previous();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: u32) -> Stamp {
        Stamp::at(time.into())
    }

    fn update(entries: &[(&str, f64)]) -> StatsUpdate {
        StatsUpdate(entries.iter().map(|(k, v)| ((*k).into(), *v)).collect())
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
        stats.merge(&layout, update(&[("activeUsers", f64::NAN)]), at(1));
        assert_eq!(stats, Stats::default());
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
