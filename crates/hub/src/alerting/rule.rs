//! A value that alerts: how bad it is, as the page judges it, and what the alert says.

use live_dashboard::model::format::{Symbols, word};
use live_dashboard::model::table::ranking;
use live_dashboard::model::trend::panel_severity;
use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Better, Format, Panel, PanelKind, Severity};
use live_dashboard_protocol::name::cut;

/// The most characters of a state that an alert quotes.
const MAX_STATE_CHARS: usize = 100;

/// A value that alerts.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    /// The key of its alert.
    pub(super) key: String,
    /// The kind of its panel.
    pub(super) kind: PanelKind,
    /// Its key in messages; qualified, if it is of another channel than the dashboard's.
    pub(super) metric: String,
    /// Its name for people.
    pub(super) label: String,
    /// For how long a state must last, in seconds.
    pub(super) hold: f64,
    /// What it is judged by.
    pub(super) judge: Panel,
    /// The same with thresholds that are better by the hysteresis.
    pub(super) relaxed: Panel,
}

/// A panel with thresholds that are better by this fraction of them.
pub(super) fn relaxed(panel: &Panel, fraction: f64) -> Panel {
    let shifted = |threshold: f64| match panel.better {
        Better::Lower => threshold - threshold.abs() * fraction,
        Better::Higher => threshold + threshold.abs() * fraction,
        Better::Neither => threshold,
    };
    Panel {
        warning: panel.warning.map(shifted),
        critical: panel.critical.map(shifted),
        ..panel.clone()
    }
}

impl Rule {
    /// How bad a value is, and how bad with the hysteresis; `None` if its panel does not
    /// show it. A list is as bad as its worst entry.
    pub(super) fn severity(&self, value: &Json) -> Option<(Severity, Severity)> {
        let is_finite = value.number().is_none_or(f64::is_finite);
        // A point's values are numbers.
        let is_shown = self.kind == PanelKind::Chart || self.kind.takes(value);
        let severity = |panel| match self.kind {
            PanelKind::List => Some(ranking(panel, value).0.first()?.severity),
            _ => Some(panel_severity(panel, value).unwrap_or_default()),
        };
        let severities = severity(&self.judge).zip(severity(&self.relaxed));
        severities.filter(|_| is_finite && is_shown)
    }

    /// A value as it is kept until the next one: the worst entry of a list, and no long text.
    pub(super) fn kept(&self, value: &Json) -> Json {
        let worst = || ranking(&self.judge, value).0.into_iter().next();
        match value {
            Json::Text(text) => Json::Text(cut(text, MAX_STATE_CHARS).into()),
            Json::Array(_) | Json::Object(_) => worst().map_or(Json::Null, |entry| {
                let name = cut(&entry.name, MAX_STATE_CHARS).into();
                Json::Object(vec![(Json::Text(name), Json::Number(entry.value))])
            }),
            value => value.clone(),
        }
    }

    /// What an alert of this severity says of a value that is this bad by itself, `seconds`
    /// after it became bad.
    pub(super) fn firing(
        &self,
        severity: Severity,
        latest: Severity,
        value: &Json,
        seconds: f64,
    ) -> String {
        let (mut text, is_number) = self.state(value);
        if is_number {
            text += match (latest >= severity, self.judge.better) {
                (true, Better::Higher) => ", below ",
                (true, _) => ", above ",
                (false, Better::Higher) => ", not clearly above ",
                (false, _) => ", not clearly below ",
            };
            text += &self.threshold(severity);
        }
        if seconds >= 1.0 {
            text += &format!(" for {}", duration(seconds));
        }
        text
    }

    /// What the alert says in the end, `seconds` after the value became bad.
    pub(super) fn resolved(&self, value: &Json, seconds: f64) -> String {
        let (mut text, is_number) = self.state(value);
        if is_number {
            text += match self.judge.better {
                Better::Higher => ", no longer below ",
                _ => ", no longer above ",
            };
            text += &self.threshold(Severity::Warning);
        }
        if seconds >= 1.0 {
            text += &format!(", after {}", duration(seconds));
        }
        text
    }

    /// Error rate is 6.1%; and whether that is a number.
    fn state(&self, value: &Json) -> (String, bool) {
        let (label, value) = match value.entries().next() {
            Some((name, value)) => (&*format!("{}: {name}", self.label), value),
            None => (&*self.label, value),
        };
        match value.number() {
            Some(number) => (format!("{label} is {}", self.number(number)), true),
            None => (format!("{label} is {}", word(value)), false),
        }
    }

    /// The threshold of a severity, or else the only one.
    fn threshold(&self, severity: Severity) -> String {
        let Panel {
            warning, critical, ..
        } = self.judge;
        let threshold = match severity {
            Severity::Critical => critical.or(warning),
            _ => warning.or(critical),
        };
        threshold.map_or_else(String::new, |threshold| self.number(threshold))
    }

    fn number(&self, number: f64) -> String {
        plain(&Symbols::default().value(&self.judge.notation(), number))
    }
}

/// A length of time for people: 2 min 30 s.
pub(super) fn duration(seconds: f64) -> String {
    let text = plain(&Symbols::default().value(&Format::Duration.into(), seconds.floor()));
    let whole = [" 0 s", " 0 min", " 0 h"];
    let whole = whole.iter().find_map(|rest| text.strip_suffix(rest));
    whole.map(str::to_owned).unwrap_or(text)
}

/// Without no-break spaces, which not every receiver of an alert shows.
fn plain(formatted: &impl ToString) -> String {
    formatted.to_string().replace('\u{a0}', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(kind: PanelKind, toml: &str) -> Rule {
        let judge: Panel = toml::from_str(toml).expect("a panel");
        Rule {
            key: "k".into(),
            kind,
            metric: "m".into(),
            label: "Free".into(),
            hold: 0.0,
            relaxed: relaxed(&judge, 0.1),
            judge,
        }
    }

    #[test]
    fn the_hysteresis_is_on_the_good_side() {
        use Severity::{Critical, Ok as Good, Warning};
        let lower = "better = \"lower\"\nwarning = 100\ncritical = 200";
        let higher = "better = \"higher\"\nwarning = 0.9\ncritical = -10";
        for (toml, value, expected) in [
            (lower, 90.0, (Good, Good)),
            (lower, 91.0, (Good, Warning)),
            (lower, 101.0, (Warning, Warning)),
            (lower, 181.0, (Warning, Critical)),
            (lower, 201.0, (Critical, Critical)),
            (higher, 0.99, (Good, Good)),
            (higher, 0.95, (Good, Warning)),
            (higher, 0.8, (Warning, Warning)),
            (higher, -9.5, (Warning, Critical)),
            (higher, -11.0, (Critical, Critical)),
        ] {
            let severity = rule(PanelKind::Gauge, toml).severity(&Json::Number(value));
            assert_eq!(severity, Some(expected), "{toml}: {value}");
        }
        for other in [Json::Null, Json::Text("90".into()), Json::Number(f64::NAN)] {
            assert_eq!(rule(PanelKind::Stat, lower).severity(&other), None);
        }
    }

    #[test]
    fn states_are_judged_as_on_the_page() {
        let rule = rule(PanelKind::Status, "states = { odd = \"warning\" }");
        let severity = |value| rule.severity(&value).map(|(strict, _)| strict);
        for (word, expected) in [
            ("down", Severity::Critical),
            ("Odd", Severity::Warning),
            ("up", Severity::Ok),
            ("purple", Severity::Ok),
        ] {
            assert_eq!(severity(Json::Text(word.into())), Some(expected), "{word}");
        }
        assert_eq!(severity(Json::Bool(false)), Some(Severity::Critical));
        assert_eq!(severity(Json::Array(Vec::new())), None);
    }

    #[test]
    fn a_list_is_as_bad_as_its_worst_entry() {
        let list = rule(
            PanelKind::List,
            "better = \"lower\"\nwarning = 80\ncritical = 90\nlimit = 1",
        );
        use Severity::{Critical, Ok as Good, Warning};
        for (value, expected, text) in [
            (
                r#"{"/": 95, "/var": 20}"#,
                Some((Critical, Critical)),
                "Free: / is 95, above 90",
            ),
            (
                r#"{"/": 85, "/var": 81}"#,
                Some((Warning, Critical)),
                "Free: / is 85, not clearly below 90",
            ),
            (
                r#"[{"label": "a", "value": 10}]"#,
                Some((Good, Good)),
                "Free: a is 10, not clearly below 90",
            ),
            ("{}", None, ""),
            (r#"{"a": "95"}"#, None, ""),
            ("95", None, ""),
        ] {
            let value = Json::parse(value).expect("JSON");
            let severity = list.severity(&value);
            assert_eq!(severity, expected, "{value:?}");
            if let Some((strict, _)) = severity {
                let kept = list.kept(&value);
                assert_eq!(list.severity(&kept), severity, "{kept:?}");
                assert_eq!(list.firing(Critical, strict, &kept, 0.0), text);
            }
        }
    }

    #[test]
    fn texts_say_value_threshold_and_time() {
        let free = rule(
            PanelKind::Gauge,
            "format = \"bytes\"\nunit = \"/s\"\nbetter = \"higher\"\nwarning = 2048\ncritical = 1024",
        );
        let number = Json::Number(1000.0);
        use Severity::{Critical, Ok as Good, Warning};
        assert_eq!(
            free.firing(Critical, Critical, &number, 150.4),
            "Free is 1,000 B/s, below 1.0 KiB/s for 2 min 30 s"
        );
        assert_eq!(
            free.firing(Warning, Good, &Json::Number(2100.0), 0.3),
            "Free is 2.1 KiB/s, not clearly above 2.0 KiB/s"
        );
        assert_eq!(
            free.resolved(&Json::Number(4096.0), 60.0),
            "Free is 4.0 KiB/s, no longer below 2.0 KiB/s, after 1 min"
        );
        let state = rule(PanelKind::Status, "");
        let down = Json::Text("down".into());
        assert_eq!(
            state.firing(Critical, Critical, &down, 7.0),
            "Free is down for 7 s"
        );
        assert_eq!(state.resolved(&Json::Bool(true), 0.0), "Free is Yes");
        let long = state.kept(&Json::Text("x".repeat(5000)));
        assert_eq!(long.text().map(str::len), Some(MAX_STATE_CHARS));
    }
}
