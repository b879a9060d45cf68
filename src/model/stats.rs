//! The current value of each metric of the layout.

use live_dashboard_protocol::layout::Layout;
use live_dashboard_protocol::payload::StatsUpdate;

/// A metric's value and the one before it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StatValue {
    /// The value, in the unit that the metric is published in.
    pub value: f64,
    /// What it was before its latest update; `None` at its first.
    pub previous: Option<f64>,
    /// When its latest update arrived, in milliseconds since the Unix epoch by
    /// the viewer's clock.
    pub updated_at: f64,
}

/// How many of a metric's values are kept for its sparkline.
const RECENT: usize = 30;

/// The metrics' values by key, and the last of each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Stats(Vec<(String, StatValue, Vec<f64>)>);

impl Stats {
    /// A metric's value; `None` before its first.
    pub fn get(&self, key: &str) -> Option<StatValue> {
        let (_, value, _) = self.0.iter().find(|(known, ..)| known == key)?;
        Some(*value)
    }

    /// A metric's last values, at most 30, oldest first, the current one
    /// included.
    pub fn recent(&self, key: &str) -> Vec<f64> {
        let known = self.0.iter().find(|(known, ..)| known == key);
        known.map_or_else(Vec::new, |(_, _, recent)| recent.clone())
    }

    /// Takes over the values of metrics that the layout shows; one that the
    /// update lacks keeps its value and its age.
    pub(super) fn merge(&mut self, layout: &Layout, update: StatsUpdate, now: f64) {
        for (key, value) in update.0 {
            if !value.is_finite() {
                continue;
            }
            match self.0.iter_mut().find(|(known, ..)| *known == key) {
                Some((_, current, recent)) => {
                    recent.push(value);
                    let surplus = recent.len().saturating_sub(RECENT);
                    recent.drain(..surplus);
                    *current = StatValue {
                        value,
                        previous: Some(current.value),
                        updated_at: now,
                    }
                }
                None if layout.stat.iter().any(|stat| stat.key == key) => {
                    let first = StatValue {
                        value,
                        previous: None,
                        updated_at: now,
                    };
                    self.0.push((key, first, vec![value]));
                }
                None => {}
            }
        }
    }

    /// Forgets the metrics that the layout does not show.
    pub(super) fn keep_only(&mut self, layout: &Layout) {
        self.0
            .retain(|(key, ..)| layout.stat.iter().any(|stat| stat.key == *key));
    }
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::payload::Numbers;

    use super::*;

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
            1.0,
        );
        stats.merge(&layout, update(&[("activeUsers", 12.0)]), 2.0);
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
        for (now, value) in [(1.0, 5.0), (2.0, 7.0), (3.0, 7.0)] {
            stats.merge(&layout, update(&[("activeUsers", value)]), now);
        }
        let value = stats.get("activeUsers").expect("a value");
        assert_eq!((value.previous, value.updated_at), (Some(7.0), 3.0));
    }

    #[test]
    fn what_the_layout_does_not_show_or_is_no_number_is_not_kept() {
        let layout = Layout::default();
        let mut stats = Stats::default();
        for n in 0..1000 {
            stats.merge(&layout, update(&[(&format!("key{n}"), 1.0)]), 1.0);
        }
        stats.merge(&layout, update(&[("activeUsers", f64::NAN)]), 1.0);
        assert_eq!(stats, Stats::default());
    }
}
