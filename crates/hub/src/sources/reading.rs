//! Values by key, and the messages that make a dashboard's panels show them.

use std::collections::{BTreeMap, BTreeSet};

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Layout, PanelKind, is_qualified};
use live_dashboard_protocol::message::{CHART_DATA, STATS_UPDATE};
use live_dashboard_protocol::name::ChannelName;
use serde_json::{Map, Value};

use crate::engine::{EngineError, NewMessage};
use crate::hub::{Hub, unix_seconds};

/// The keys that a dashboard shows of its own channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shown {
    /// Those of `stats-update`, with the kinds of their panels.
    values: BTreeMap<String, Vec<PanelKind>>,
    /// Those of `chart-data`.
    series: BTreeSet<String>,
}

impl Shown {
    pub(crate) fn of(layout: &Layout) -> Self {
        let mut values = BTreeMap::<_, Vec<_>>::new();
        for (kind, key) in layout.keys().filter(|(_, key)| !is_qualified(key)) {
            values.entry(key.to_owned()).or_default().push(kind);
        }
        let series = layout.chart.iter().flat_map(|chart| &chart.series);
        Self {
            values,
            series: series
                .map(|series| series.key.clone())
                .filter(|key| !is_qualified(key))
                .collect(),
        }
    }

    pub(crate) fn contains(&self, key: &str) -> bool {
        self.values.contains_key(key) || self.series.contains(key)
    }

    /// All keys, in order.
    pub(crate) fn keys(&self) -> BTreeSet<&str> {
        let values = self.values.keys();
        values.chain(&self.series).map(String::as_str).collect()
    }

    /// Whether a chart shows the key.
    pub(crate) fn is_series(&self, key: &str) -> bool {
        self.series.contains(key)
    }

    /// The rule that a value breaks; `None` if one of the key's panels shows it.
    pub(crate) fn rule(&self, key: &str, value: &Value) -> Option<&'static str> {
        let kinds = self.values.get(key).into_iter().flatten();
        let json = Json::parse(&value.to_string()).unwrap_or(Json::Null);
        let mut rule = match self.series.contains(key) {
            true if value.is_number() => return None,
            true => Some(PanelKind::Chart.rule()),
            false => None,
        };
        for kind in kinds {
            if kind.takes(&json) {
                return None;
            }
            rule = Some(kind.rule());
        }
        rule
    }
}

/// What a source has read, at one time.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reading {
    /// When, in seconds since the Unix epoch.
    pub(crate) at: f64,
    values: BTreeMap<String, Value>,
}

impl Reading {
    /// Nothing so far, at this time.
    pub(crate) fn at(at: f64) -> Self {
        Self {
            at,
            values: BTreeMap::new(),
        }
    }

    pub(crate) fn now() -> Self {
        Self::at(unix_seconds())
    }

    /// Adds a value.
    pub(crate) fn insert(&mut self, key: impl Into<String>, value: impl Into<Value>) {
        self.values.insert(key.into(), value.into());
    }

    /// Adds a number. NaN and infinity stand for a missing one.
    pub(crate) fn number(&mut self, key: impl Into<String>, number: f64) {
        if let Some(number) = serde_json::Number::from_f64(number) {
            self.insert(key, number);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The data of `stats-update`, if there is a value for a panel.
    fn values(&self, shown: &Shown) -> Option<Map<String, Value>> {
        let values = self.values.iter();
        let values = values.filter(|(key, _)| shown.values.contains_key(*key));
        let values: Map<_, _> = values.map(|(k, v)| (k.clone(), v.clone())).collect();
        (!values.is_empty()).then_some(values)
    }

    /// The data of `chart-data`, if there is a number for a chart.
    fn point(&self, shown: &Shown) -> Option<Map<String, Value>> {
        let values = self.values.iter();
        let values = values.filter(|(key, value)| shown.is_series(key) && value.is_number());
        let mut point: Map<_, _> = values.map(|(k, v)| (k.clone(), v.clone())).collect();
        if point.is_empty() {
            return None;
        }
        let milliseconds = (self.at * 1000.0).round() / 1000.0;
        point.insert("timestamp".into(), milliseconds.into());
        Some(point)
    }

    /// The bytes of what the dashboard's panels show, as JSON.
    pub(crate) fn bytes(&self, shown: &Shown) -> usize {
        let values = self.values(shown).map(Value::from);
        values.map_or(0, |values| values.to_string().len())
    }

    /// What the dashboard shows, as messages.
    pub(crate) fn messages(
        &self,
        hub: &Hub,
        channel: &ChannelName,
        shown: &Shown,
    ) -> Vec<NewMessage> {
        let values = self.values_message(hub, channel, shown).into_iter();
        values
            .chain(self.point_message(hub, channel, shown))
            .collect()
    }

    /// What the dashboard's panels but charts show: the newest values.
    pub(crate) fn values_message(
        &self,
        hub: &Hub,
        channel: &ChannelName,
        shown: &Shown,
    ) -> Option<NewMessage> {
        let values = self.values(shown)?;
        Some(hub.event(channel, STATS_UPDATE, &values))
    }

    /// What the dashboard's charts show: also values of the past.
    pub(crate) fn point_message(
        &self,
        hub: &Hub,
        channel: &ChannelName,
        shown: &Shown,
    ) -> Option<NewMessage> {
        let point = self.point(shown)?;
        Some(hub.event(channel, CHART_DATA, &point))
    }
}

/// Publishes messages in order.
///
/// # Errors
/// The engine failed for one of them.
pub(crate) async fn publish(hub: &Hub, messages: Vec<NewMessage>) -> Result<(), EngineError> {
    let results = hub.publish_all(messages).await;
    results.into_iter().try_for_each(|result| result.map(drop))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown() -> Shown {
        let layout = r#"
            title = "T"
            stat = [{ key = "a", label = "A" }, { key = "both", label = "B" }]
            status = [{ items = [{ key = "state" }] }]
            chart = [{ title = "C", series = [{ key = "both" }, { key = "c" }] }]
        "#;
        Shown::of(&toml::from_str(layout).expect("a layout"))
    }

    #[test]
    fn values_go_to_the_panels_that_show_them() {
        let mut reading = Reading::at(1_700_000_000.123_4);
        reading.number("a", 1.5);
        reading.number("both", 2.0);
        reading.number("c", f64::NAN);
        reading.number("other", 3.0);
        reading.insert("state", "up");
        let values = reading.values(&shown()).map(Value::from);
        assert_eq!(values, Some(json!({"a": 1.5, "both": 2.0, "state": "up"})));
        let point = reading.point(&shown()).map(Value::from);
        let expected = json!({"timestamp": 1_700_000_000.123, "both": 2.0});
        assert_eq!(point, Some(expected));
        let mut reading = Reading::at(0.0);
        reading.number("other", 3.0);
        reading.insert("c", "text");
        assert_eq!(reading.values(&shown()), None);
        assert_eq!(reading.point(&shown()), None);
    }

    #[test]
    fn a_value_that_no_panel_takes_breaks_a_rule() {
        let rule = |key, value| shown().rule(key, &value);
        assert_eq!(rule("a", json!(1)), None);
        assert_eq!(rule("a", json!("x")), Some("must be a number"));
        assert_eq!(rule("both", json!(true)), Some("must be a number"));
        assert_eq!(rule("c", json!([])), Some("must be a number"));
        assert_eq!(rule("state", json!("x")), None);
        assert!(rule("state", json!([])).is_some_and(|rule| rule.contains("a text")));
    }
}
