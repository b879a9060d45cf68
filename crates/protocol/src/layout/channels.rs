//! Panels of other channels than the dashboard's own.
//!
//! Their keys are qualified: `payments#errorRate` is the key `errorRate` of the channel
//! `payments`. So each key of a dashboard names one metric, wherever it comes from.

use super::{Layout, Series};

/// Between a channel and a key; channels cannot contain it.
const SEPARATOR: &str = "#";

/// The key of another channel's metric on a dashboard.
pub fn qualified(channel: &str, key: &str) -> String {
    [channel, SEPARATOR, key].concat()
}

/// The key by which its channel has a metric; `None` for a key of a different channel.
pub fn unqualified<'k>(key: &'k str, channel: &str) -> Option<&'k str> {
    key.strip_prefix(channel)?.strip_prefix(SEPARATOR)
}

/// Whether a key is that of another channel's metric.
pub fn is_qualified(key: &str) -> bool {
    key.contains(SEPARATOR)
}

impl Layout {
    /// The channels that its panels name, each once: what the dashboard subscribes to
    /// beside its own channel.
    pub fn other_channels(&self) -> Vec<String> {
        let mut channels = Vec::new();
        let mut add = |channel: &Option<String>| {
            if let Some(channel) = channel
                && !channels.contains(channel)
            {
                channels.push(channel.clone());
            }
        };
        for stat in &self.stat {
            add(&stat.channel);
        }
        for chart in &self.chart {
            add(&chart.channel);
        }
        for (_, panel) in self.all_panels() {
            add(&panel.channel);
        }
        channels
    }

    /// Qualifies the keys of panels that name a channel other than the dashboard's `own`;
    /// series without a label keep their key as one. Panels forget the name of the own one.
    #[must_use]
    pub fn qualify(mut self, own: &str) -> Self {
        let visit =
            |channel: &mut Option<String>, key: Option<&mut String>, series: &mut [Series]| {
                channel.take_if(|channel| channel == own);
                let Some(channel) = channel else {
                    return;
                };
                for one in series {
                    let own = qualified(channel, &one.key);
                    let key = std::mem::replace(&mut one.key, own);
                    one.label.get_or_insert(key);
                }
                if let Some(key) = key {
                    *key = qualified(channel, key);
                }
            };
        for stat in &mut self.stat {
            visit(&mut stat.channel, Some(&mut stat.key), &mut []);
        }
        for chart in &mut self.chart {
            visit(&mut chart.channel, None, &mut chart.series);
        }
        for panels in [
            &mut self.gauge,
            &mut self.table,
            &mut self.list,
            &mut self.status,
            &mut self.timeline,
            &mut self.text,
        ] {
            for panel in panels {
                visit(&mut panel.channel, panel.key.as_mut(), &mut panel.items);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_of_other_channels_are_qualified() {
        let layout = r#"{"title":"T",
            "stat":[{"key":"a","label":"A"},{"key":"a","label":"A","channel":"shop"}],
            "chart":[{"title":"C","channel":"payments","series":[{"key":"s"},{"key":"t","label":"T"}]}],
            "gauge":[{"title":"G","key":"a","channel":"shop"}],
            "status":[{"items":[{"key":"db"}]}],"text":[{"text":"x","channel":"notes"}]}"#;
        let layout: Layout = serde_json::from_str(layout).expect("a layout");
        assert_eq!(layout.other_channels(), ["shop", "payments", "notes"]);
        let layout = layout.qualify("notes");
        assert_eq!(layout.other_channels(), ["shop", "payments"]);
        let keys: Vec<_> = layout.keys().map(|(_, key)| key).collect();
        assert_eq!(keys, ["a", "shop#a", "shop#a", "db"]);
        let series = layout.chart[0].series.iter();
        let series: Vec<_> = series.map(|one| (one.key.as_str(), one.label())).collect();
        assert_eq!(series, [("payments#s", "s"), ("payments#t", "T")]);
        assert_eq!(unqualified("shop#a", "shop"), Some("a"));
        assert_eq!(unqualified("shops#a", "shop"), None);
    }
}
