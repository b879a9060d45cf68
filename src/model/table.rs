//! What tables and rankings show of a value.

use std::cmp::Ordering;

use live_dashboard_protocol::json::Json;
use live_dashboard_protocol::layout::{Column, Panel};
use live_dashboard_protocol::limits::{LIST_ROWS, MAX_TABLE_COLUMNS, MAX_TABLE_ROWS};

use crate::model::trend::{Severity, panel_severity};

/// A table's columns: the layout's, or the keys of the first row.
pub fn columns(panel: &Panel, rows: &Json) -> Vec<Column> {
    if !panel.columns.is_empty() {
        return panel.columns.clone();
    }
    let first = rows.items().first().into_iter().flat_map(Json::entries);
    let columns = first.map(|(key, _)| Column {
        key: key.into(),
        ..Column::default()
    });
    columns.take(MAX_TABLE_COLUMNS).collect()
}

/// A table's rows in the layout's order, and how many more there are.
pub fn rows<'a>(panel: &Panel, rows: &'a Json) -> (Vec<&'a Json>, usize) {
    let mut sorted: Vec<_> = rows.items().iter().filter(|row| row.is_object()).collect();
    if let Some(sort) = &panel.sort {
        let (key, descending) = match sort.strip_prefix('-') {
            Some(key) => (key, true),
            None => (sort.as_str(), false),
        };
        let order = in_order(sorted.len(), &|a, b| {
            let order = compare(sorted[a].get(key), sorted[b].get(key));
            if descending { order.reverse() } else { order }
        });
        sorted = order.into_iter().map(|n| sorted[n]).collect();
    }
    let more = sorted.len();
    sorted.truncate(panel.limit.unwrap_or(MAX_TABLE_ROWS).min(MAX_TABLE_ROWS));
    let more = more - sorted.len();
    (sorted, more)
}

/// Numbers before texts, each in their own order.
fn compare(a: &Json, b: &Json) -> Ordering {
    match (a.number(), b.number()) {
        (Some(a), Some(b)) => a.total_cmp(&b),
        (a_number, b_number) => {
            let by_type = a_number.is_none().cmp(&b_number.is_none());
            by_type.then_with(|| a.word().cmp(&b.word()))
        }
    }
}

/// An entry of a ranking: its name and its number, and how bad that is.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Its name.
    pub name: String,
    /// Its number.
    pub value: f64,
    /// Whether the number is beyond a threshold of the panel.
    pub severity: Severity,
}

/// A ranking's entries, and how many more there are: the worst first, and of equally bad
/// ones the largest. The value is an object of numbers, or an array of objects with `label`
/// and `value`.
pub fn ranking(panel: &Panel, value: &Json) -> (Vec<Entry>, usize) {
    let of_object = value.entries();
    let of_array = value.items().iter();
    let of_array = of_array.filter_map(|item| Some((item.get("label").text()?, item.get("value"))));
    let entries = of_object.chain(of_array).filter_map(|(name, number)| {
        Some(Entry {
            name: name.to_owned(),
            value: number.number()?,
            severity: panel_severity(panel, number).unwrap_or_default(),
        })
    });
    let entries: Vec<_> = entries.collect();
    let order = in_order(entries.len(), &|a, b| {
        let (a, b) = (&entries[a], &entries[b]);
        let worst = b.severity.cmp(&a.severity);
        worst.then_with(|| b.value.total_cmp(&a.value))
    });
    let shown = panel.limit.unwrap_or(LIST_ROWS).min(MAX_TABLE_ROWS);
    let first = order.iter().take(shown).map(|n| entries[*n].clone());
    (first.collect(), order.len().saturating_sub(shown))
}

/// The places of `count` items in order. The standard library's sorting would cost the page
/// 3 KB for each type.
fn in_order(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order = Vec::new();
    for new in 0..count {
        let place = order.partition_point(|known| compare(*known, new).is_le());
        order.insert(place, new);
    }
    order
}

#[cfg(test)]
mod tests {
    use live_dashboard_protocol::layout::Better;

    use super::*;

    fn json(text: &str) -> Json {
        Json::parse(text).expect("JSON")
    }

    fn first_cells(sort: Option<&str>, limit: Option<usize>) -> (Vec<String>, usize) {
        let panel = Panel {
            sort: sort.map(Into::into),
            limit,
            ..Panel::default()
        };
        let value = json(r#"[{"n":"b","v":2},7,{"n":"a","v":10},{"n":"c"},{"n":"d","v":"x"}]"#);
        let (rows, more) = rows(&panel, &value);
        (rows.iter().map(|row| row.get("n").word()).collect(), more)
    }

    #[test]
    fn rows_are_sorted_and_limited() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(first_cells(None, None), (names(&["b", "a", "c", "d"]), 0));
        assert_eq!(
            first_cells(Some("v"), None),
            (names(&["b", "a", "c", "d"]), 0)
        );
        assert_eq!(
            first_cells(Some("-n"), Some(3)),
            (names(&["d", "c", "b"]), 1)
        );
        assert_eq!(first_cells(Some("-v"), Some(1)).0, names(&["d"]));
    }

    #[test]
    fn columns_are_the_layout_s_or_those_of_the_first_row() {
        let value = json(r#"[{"n":"b","v":2},{"x":1}]"#);
        let keys = |panel: &Panel| -> Vec<String> {
            columns(panel, &value)
                .into_iter()
                .map(|column| column.key)
                .collect()
        };
        assert_eq!(keys(&Panel::default()), ["n", "v"]);
        let own = Panel {
            columns: vec![Column {
                key: "x".into(),
                ..Column::default()
            }],
            ..Panel::default()
        };
        assert_eq!(keys(&own), ["x"]);
        assert!(columns(&Panel::default(), &json("[]")).is_empty());
    }

    #[test]
    fn a_ranking_has_the_largest_first() {
        let panel = Panel {
            limit: Some(2),
            ..Panel::default()
        };
        let ranked = |value: &str| {
            let (entries, more) = ranking(&panel, &json(value));
            let named = entries.into_iter().map(|entry| (entry.name, entry.value));
            (named.collect::<Vec<_>>(), more)
        };
        let expected = (vec![("b".to_owned(), 9.0), ("c".to_owned(), 4.0)], 1);
        assert_eq!(ranked(r#"{"a":1,"b":9,"c":4,"d":"x"}"#), expected);
        let array = r#"[{"label":"a","value":1},{"label":"b","value":9},{"label":"c","value":4},{"value":5},7]"#;
        assert_eq!(ranked(array), expected);
        assert_eq!(ranked("[]"), (Vec::new(), 0));
    }

    #[test]
    fn entries_beyond_thresholds_are_first() {
        let panel = Panel {
            better: Better::Higher,
            warning: Some(20.0),
            critical: Some(5.0),
            limit: Some(3),
            ..Panel::default()
        };
        let free = r#"{"a":80,"b":19,"c":60,"d":4,"e":90}"#;
        let (entries, more) = ranking(&panel, &json(free));
        let all = entries
            .iter()
            .map(|entry| (entry.name.as_str(), entry.severity));
        use Severity::{Critical, Ok, Warning};
        let expected = [("d", Critical), ("b", Warning), ("e", Ok)];
        assert_eq!(all.collect::<Vec<_>>(), expected);
        assert_eq!(more, 2);
    }
}
