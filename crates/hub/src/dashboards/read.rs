//! A file becomes a layout, or errors with their lines.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use live_dashboard_protocol::layout::Layout;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::directory::{LayoutFile, name_of};
use super::rules::{self, Broken};

/// The keys that a layout's tables know.
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

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// The file.
    pub path: PathBuf,
    /// The line, from 1; `None` where it is about the file as a whole.
    pub line: Option<usize>,
    /// The rule that it breaks.
    pub rule: String,
}

impl std::error::Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.path.display())?;
        if let Some(line) = self.line {
            write!(f, "{line}:")?;
        }
        write!(f, " {}", self.rule)
    }
}

/// Reads one file.
///
/// # Errors
/// All that is wrong with it.
pub fn read(path: &Path) -> Result<Layout, Vec<FileError>> {
    layout(&LayoutFile::read(path))
}

/// The layout of a file that was found.
pub(super) fn layout(file: &LayoutFile) -> Result<Layout, Vec<FileError>> {
    let error = |line, rule| FileError {
        path: file.path.clone(),
        line,
        rule,
    };
    if let Some(rule) = rules::name(name_of(&file.path)) {
        return Err(vec![error(None, rule)]);
    }
    let text = file.text.as_ref();
    let text = text.map_err(|rule| vec![error(None, rule.clone())])?;
    parse(text).map_err(|broken| {
        let located = |(line, rule)| error(line, rule);
        broken.into_iter().map(located).collect()
    })
}

/// What the reader calls things, and what people call them.
const PEOPLES_WORDS: [(&str, &str); 3] = [
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list"),
    ("expected struct Series", "expected a table with a `key`"),
];

/// Reads a layout's text; what is wrong comes with its line.
fn parse(text: &str) -> Result<Layout, Vec<(Option<usize>, String)>> {
    let line = |span: Range<usize>| 1 + text[..span.start.min(text.len())].matches('\n').count();
    let syntax = |error: toml::de::Error| {
        let mut rule = error.message().to_owned();
        for (word, people) in PEOPLES_WORDS {
            rule = rule.replace(word, people);
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
            for Broken { place, rule } in rules::check(&layout) {
                let span = span_of(table.get_ref(), &place);
                errors.push((span.map(line), rule));
            }
            if errors.is_empty() {
                return Ok(layout);
            }
        }
        Ok(_) => {}
        // A required key may be missing because of its typing error: said once.
        Err(error) if errors.is_empty() => errors.extend(syntax(error)),
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
            let rule = format!("there may be several, so that it must be `[[{name}]]`");
            unknown.push((key.span(), rule));
        }
    }
    let mut look = |table: &DeTable<'_>, known: &[&str]| {
        for (key, _) in table {
            if !known.contains(&key.get_ref().as_ref()) {
                let known = known.join("`, `");
                let rule = format!("`{}` is not known here; there are `{known}`", key.get_ref());
                unknown.push((key.span(), rule));
            }
        }
    };
    look(layout, LAYOUT);
    for stat in tables(layout.get("stat")) {
        look(stat, STAT);
    }
    for chart in tables(layout.get("chart")) {
        look(chart, CHART);
        for series in tables(chart.get("series")) {
            look(series, SERIES);
        }
    }
    unknown
}

/// The tables of an array; none of anything else.
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

/// Where a place is in the text: the deepest part of it that stands there.
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
