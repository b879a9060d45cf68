//! Parses a file into a layout, or errors with their lines.

use std::ops::Range;
use std::path::Path;

use live_dashboard_protocol::layout::Layout;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::directory::{LayoutFile, dashboard_name};
use super::error::FileError;
use super::rules::{self, Violation};

/// The keys of a layout's tables.
pub(super) const LAYOUT: &[&str] = &[
    "title",
    "note",
    "channel",
    "stale_after",
    "time_zone",
    "stat",
    "chart",
];
pub(super) const STAT: &[&str] = &["key", "label", "format", "better", "warning", "critical"];
pub(super) const CHART: &[&str] = &[
    "title", "points", "kind", "format", "better", "warning", "critical", "series",
];
pub(super) const SERIES: &[&str] = &["key", "label"];

/// Reads one file.
///
/// # Errors
/// All errors in it.
pub fn read(path: &Path) -> Result<Layout, Vec<FileError>> {
    layout(&LayoutFile::read(path))
}

/// Parses a file's text.
pub(super) fn layout(file: &LayoutFile) -> Result<Layout, Vec<FileError>> {
    let error = |line, rule| FileError {
        path: file.path.clone(),
        line,
        rule,
    };
    if let Some(rule) = rules::check_name(dashboard_name(&file.path)) {
        return Err(vec![error(None, rule)]);
    }
    let text = file.text.as_ref();
    let text = text.map_err(|rule| vec![error(None, rule.clone())])?;
    parse(text).map_err(|errors| {
        let errors = errors.into_iter();
        errors.map(|(line, rule)| error(line, rule)).collect()
    })
}

/// Rust terms in the parser's messages, and what to say instead.
const TERMS: [(&str, &str); 3] = [
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list"),
    ("expected struct Series", "expected a table with a `key`"),
];

/// Parses a layout's text. Errors have their lines.
fn parse(text: &str) -> Result<Layout, Vec<(Option<usize>, String)>> {
    let line = |span: Range<usize>| 1 + text[..span.start.min(text.len())].matches('\n').count();
    let syntax = |error: toml::de::Error| {
        let mut rule = error.message().to_owned();
        for (term, replacement) in TERMS {
            rule = rule.replace(term, replacement);
        }
        vec![(error.span().map(line), rule)]
    };
    let table = DeTable::parse(text).map_err(syntax)?;
    let mut errors: Vec<(Option<usize>, String)> = unknown_keys(table.get_ref())
        .into_iter()
        .map(|(span, rule)| (Some(line(span)), rule))
        .collect();
    match toml::from_str::<Layout>(text) {
        Ok(layout) if errors.is_empty() => {
            for Violation { place, rule } in rules::check(&layout) {
                let span = span_of(table.get_ref(), &place);
                errors.push((span.map(line), rule));
            }
            if errors.is_empty() {
                return Ok(layout);
            }
        }
        Ok(_) => {}
        Err(error) if errors.is_empty() => errors.extend(syntax(error)),
        // A required key may be missing only because it is misspelled.
        Err(_) => {}
    }
    errors.sort();
    Err(errors)
}

fn unknown_keys(layout: &DeTable<'_>) -> Vec<(Range<usize>, String)> {
    let mut unknown = Vec::new();
    for name in ["stat", "chart"] {
        if let Some((key, value)) = layout.get_key_value(name)
            && matches!(value.get_ref(), DeValue::Table(_))
        {
            let rule = format!("must be `[[{name}]]`, as there may be several");
            unknown.push((key.span(), rule));
        }
    }
    let mut check = |table: &DeTable<'_>, known: &[&str]| {
        for (key, _) in table {
            if !known.contains(&key.get_ref().as_ref()) {
                let known = known.join("`, `");
                let rule = format!(
                    "unknown key `{}`: the keys here are `{known}`",
                    key.get_ref()
                );
                unknown.push((key.span(), rule));
            }
        }
    };
    check(layout, LAYOUT);
    for stat in tables(layout.get("stat")) {
        check(stat, STAT);
    }
    for chart in tables(layout.get("chart")) {
        check(chart, CHART);
        for series in tables(chart.get("series")) {
            check(series, SERIES);
        }
    }
    unknown
}

/// The tables of an array; of other values none.
fn tables<'a, 'i>(
    value: Option<&'a Spanned<DeValue<'i>>>,
) -> impl Iterator<Item = &'a DeTable<'i>> {
    let array = match value.map(Spanned::get_ref) {
        Some(DeValue::Array(array)) => &array[..],
        _ => &[],
    };
    array.iter().filter_map(|item| match item.get_ref() {
        DeValue::Table(table) => Some(table),
        _ => None,
    })
}

/// The span of a place, or of its closest parent that exists in the text.
fn span_of(layout: &DeTable<'_>, place: &[rules::Step]) -> Option<Range<usize>> {
    let mut span = None;
    let mut table = layout;
    let mut array: &[Spanned<DeValue<'_>>] = &[];
    for step in place {
        let value = match step {
            rules::Step::Key(key) => {
                let (name, value) = table.get_key_value(*key)?;
                span = Some(name.span());
                value
            }
            rules::Step::Item(n) => {
                let value = array.get(*n)?;
                span = Some(value.span());
                value
            }
        };
        match value.get_ref() {
            DeValue::Table(inner) => table = inner,
            DeValue::Array(inner) => array = &inner[..],
            _ => return span,
        }
    }
    span
}
