//! The current value of each metric of the layout.

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::payload::StatsUpdate;

use crate::model::Stamp;

/// A metric's value and the one before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatValue {
    /// The value, in the unit that the metric is published in.
    pub value: f64,
    /// What it was before its latest update; `None` at its first.
    pub previous: Option<f64>,
    /// When its latest update was published, in milliseconds since the Unix
    /// epoch by the viewer's clock.
    pub updated_at: f64,
}

/// How many of a metric's values are kept.
const RECENT: usize = 30;

/// The metrics' last values by key.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats(Vec<(String, Vec<Sample>)>);

/// A value and the message that brought it.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Sample {
    value: f64,
    stamp: Stamp,
}

impl Stats {
    /// A metric's value; `None` before its first.
    pub fn get(&self, key: &str) -> Option<StatValue> {
        let (current, earlier) = self.samples(key).split_last()?;
        Some(StatValue {
            value: current.value,
            previous: earlier.last().map(|sample| sample.value),
            updated_at: current.stamp.at,
        })
    }

    /// A metric's last values, at most 30, oldest first, the current one
    /// included.
    pub fn recent(&self, key: &str) -> Vec<f64> {
        self.samples(key)
            .iter()
            .map(|sample| sample.value)
            .collect()
    }

    fn samples(&self, key: &str) -> &[Sample] {
        let known = self.0.iter().find(|(known, _)| known == key);
        known.map_or(&[], |(_, samples)| samples)
    }

    /// Takes over the values of metrics that the layout shows; one that the
    /// update lacks keeps its value and its age. A message that came before
    /// changes nothing, and a late one takes its place among the earlier ones.
    pub(super) fn merge(&mut self, layout: &Layout, update: StatsUpdate, stamp: Stamp) {
        for (key, value) in update.0 {
            if !value.is_finite() || !layout.stat.iter().any(|stat| stat.key == key) {
                continue;
            }
            // By key, so that the order of arrival leaves no trace.
            let place = self.0.partition_point(|(known, _)| *known < key);
            if self.0.get(place).is_none_or(|(known, _)| *known != key) {
                self.0.insert(place, (key, Vec::new()));
            }
            let samples = &mut self.0[place].1;
            let place = samples.partition_point(|sample| sample.stamp.order < stamp.order);
            let known = samples
                .get(place)
                .is_some_and(|sample| sample.stamp.order == stamp.order);
            if !known {
                samples.insert(place, Sample { value, stamp });
            }
            let surplus = samples.len().saturating_sub(RECENT);
            samples.drain(..surplus);
        }
    }

    /// All values were published so many milliseconds later.
    pub(super) fn shift(&mut self, milliseconds: f64) {
        for sample in self.0.iter_mut().flat_map(|(_, samples)| samples) {
            sample.stamp.at += milliseconds;
        }
    }

    /// Forgets the metrics that the layout does not show.
    pub(super) fn keep_only(&mut self, layout: &Layout) {
        self.0
            .retain(|(key, _)| layout.stat.iter().any(|stat| stat.key == *key));
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::payload::Numbers;

    use super::*;

    fn at(time: u32) -> Stamp {
        Stamp::at(time.into())
    }

    fn update(entries: &[(&str, f64)]) -> StatsUpdate {
        Numbers(entries.iter().map(|(k, v)| ((*k).into(), *v)).collect())
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
                previous: Some(10.0),
                updated_at: 2.0
            })
        );
        assert_eq!(
            stats.get("avgLatency"),
            Some(StatValue {
                value: 45.0,
                previous: None,
                updated_at: 1.0
            })
        );
    }

    #[test]
    fn the_previous_value_is_that_of_the_latest_update_even_when_equal() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        for (time, value) in [(1, 5.0), (2, 7.0), (3, 7.0)] {
            stats.merge(&layout, update(&[("activeUsers", value)]), at(time));
        }
        let value = stats.get("activeUsers").expect("a value");
        assert_eq!((value.previous, value.updated_at), (Some(7.0), 3.0));
    }

    #[test]
    fn what_the_layout_does_not_show_or_is_no_number_is_not_kept() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        for n in 0..1000 {
            stats.merge(&layout, update(&[(&format!("key{n}"), 1.0)]), at(1));
        }
        stats.merge(&layout, update(&[("activeUsers", f64::NAN)]), at(1));
        assert_eq!(stats, Stats::default());
    }

    #[test]
    fn late_and_double_messages_change_nothing_that_is_newer() {
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
        assert_eq!((value.value, value.previous), (40.0, Some(39.0)));
        assert!(mixed.recent("errorRate").is_empty());
    }

    #[test]
    fn a_new_era_is_later_than_any_number_of_the_one_before() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        stats.merge(&layout, update(&[("activeUsers", 1.0)]), at(9));
        let mut anew = at(1);
        anew.order.era = 1;
        stats.merge(&layout, update(&[("activeUsers", 2.0)]), anew);
        assert_eq!(stats.recent("activeUsers"), [1.0, 2.0]);
    }
}
