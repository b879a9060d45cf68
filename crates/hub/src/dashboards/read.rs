//! Parses a file into a layout, or errors with their lines.

use std::ops::Range;
use std::path::Path;

use live_dashboard_protocol::layout::Layout;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::directory::{LayoutFile, dashboard_name};
use super::error::FileError;
use super::keys::Table;
use super::rows;
use super::rules::{self, Step, Violation};
use super::values::{Values, quoted};
use super::viewers::Viewers;
use crate::{alerting, notify, sources};

/// The contents of a layout file.
#[derive(Debug, Default)]
pub struct Definition {
    /// What the dashboard shows.
    pub layout: Layout,
    /// Who may see it; never sent to pages.
    pub viewers: Viewers,
    /// Where its numbers come from; never sent to pages.
    pub sources: Vec<sources::Definition>,
    /// What it says about alerts; never sent to pages.
    pub alerting: alerting::Definition,
    /// Who is told of its alerts; never sent to pages.
    pub notifiers: Vec<notify::Definition>,
}

/// The part of a file that is not for pages.
#[derive(Default, Deserialize)]
struct Private {
    #[serde(default)]
    viewers: Viewers,
}

/// Reads one file.
///
/// # Errors
/// All errors in it.
pub fn read(path: &Path) -> Result<Definition, Vec<FileError>> {
    layout(&LayoutFile::read(path))
}

/// Parses a file's text.
pub(super) fn layout(file: &LayoutFile) -> Result<Definition, Vec<FileError>> {
    let error = |line, rule| FileError {
        path: file.path.clone(),
        line,
        rule,
    };
    if let Some(rule) = rules::name_error(dashboard_name(&file.path).unwrap_or_default()) {
        return Err(vec![error(None, rule)]);
    }
    let text = file.text.as_ref();
    let text = text.map_err(|rule| vec![error(None, rule.clone())])?;
    parse(text).map_err(|errors| {
        let errors = errors.into_iter();
        errors.map(|(line, rule)| error(line, rule)).collect()
    })
}

/// Parses a layout's text.
///
/// # Errors
/// All errors in it, most with their line.
pub fn parse(text: &str) -> Result<Definition, Vec<(Option<usize>, String)>> {
    let line = |span: Range<usize>| 1 + text[..span.start.min(text.len())].matches('\n').count();
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        let errors = errors.into_iter();
        let told = errors.map(|error| (error.span().map(line), error.message().to_owned()));
        let mut told: Vec<_> = told.collect();
        told.sort_by_key(|(line, _)| *line);
        // What follows in a line follows from its first error.
        told.dedup_by_key(|(line, _)| *line);
        return Err(told);
    }
    let table = table.get_ref();
    let mut values = Values::new(text);
    let layout = values.table(table, Table::Layout, 0..0);
    let Values {
        mut errors,
        unusable,
        ..
    } = values;
    let Private { viewers } = Private::deserialize(&layout).unwrap_or_else(|error| {
        let span = span_of(table, &[Step::Key("viewers")]);
        errors.push((span.unwrap_or_default(), error.to_string()));
        Private::default()
    });
    let sources: Vec<Option<sources::Definition>> = tables(&layout, "source");
    let notifiers: Vec<Option<notify::Definition>> = tables(&layout, "notify");
    let alerting = alerting::Definition::read(&layout);
    let mut layout = Layout::deserialize(&layout).expect("all values have the types of their keys");
    rows::arrange(&mut layout, table);
    if let Some(start) = rows::before_rows(table) {
        let rule = "panels must follow a `[[row]]` in a file that has one";
        errors.push((start..start, rule.to_owned()));
    }
    let mut violations = rules::check(&layout);
    violations.extend(rules::check_sources(&sources, &layout));
    violations.extend(rules::check_alerting(&alerting, &layout));
    violations.extend(rules::check_notifiers(&notifiers));
    for Violation { place, mut rule } in violations {
        // Their errors are known, and panels that cannot be read are missing in rows.
        let follows = |unusable: &Vec<Step>| {
            place.starts_with(unusable)
                || (unusable.len() == 1 && place.first() == Some(&Step::Key("row")))
        };
        if unusable.iter().any(follows) {
            continue;
        }
        let is_secret =
            matches!(place.last(), Some(Step::Key(key)) if sources::SECRETS.contains(key));
        let value = value_at(table, &place).filter(|value| is_scalar(value.get_ref()));
        if let Some(value) = value.filter(|_| !is_secret) {
            rule = format!("{rule}; it is {}", quoted(text, value.span()));
        }
        errors.push((span_of(table, &place).unwrap_or_default(), rule));
    }
    if errors.is_empty() {
        return Ok(Definition {
            layout,
            viewers,
            sources: sources.into_iter().flatten().collect(),
            alerting,
            notifiers: notifiers.into_iter().flatten().collect(),
        });
    }
    let errors = errors.into_iter();
    let mut errors: Vec<_> = errors
        .map(|(span, rule)| (Some(line(span)), rule))
        .collect();
    errors.sort();
    Err(errors)
}

fn is_scalar(value: &DeValue<'_>) -> bool {
    !value.is_array() && !value.is_table()
}

/// The value at a place.
fn value_at<'t, 'i>(layout: &'t DeTable<'i>, place: &[Step]) -> Option<&'t Spanned<DeValue<'i>>> {
    let mut found: Option<&Spanned<DeValue<'_>>> = None;
    for step in place {
        found = Some(match (step, found.map(Spanned::get_ref)) {
            (Step::Key(key), None) => layout.get(*key)?,
            (Step::Key(key), Some(parent)) => parent.get(*key)?,
            (Step::Item(n), parent) => parent?.get(*n)?,
        });
    }
    found
}

/// The tables of a name; `None` for one without a usable `kind`.
fn tables<T: DeserializeOwned>(file: &Value, name: &str) -> Vec<Option<T>> {
    let tables = file[name].as_array().into_iter().flatten();
    tables.map(|table| T::deserialize(table).ok()).collect()
}

/// The span of a place, or of its closest parent that exists in the text.
fn span_of(layout: &DeTable<'_>, place: &[Step]) -> Option<Range<usize>> {
    let mut parents = (1..=place.len()).rev().map(|length| &place[..length]);
    parents
        .find_map(|place| value_at(layout, place))
        .map(Spanned::span)
}
