//! Parses a file into a layout, or errors with their lines.

use std::ops::Range;
use std::path::Path;

use live_dashboard_protocol::layout::Layout;
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::directory::{LayoutFile, dashboard_name};
use super::error::FileError;
use super::rules::{self, Step, Violation};
use super::viewers::Viewers;
use super::{keys, rows};
use crate::sources;

/// The contents of a layout file.
#[derive(Debug, Default)]
pub struct Definition {
    /// What the dashboard shows.
    pub layout: Layout,
    /// Who may see it; never sent to pages.
    pub viewers: Viewers,
    /// Where its numbers come from; never sent to pages.
    pub sources: Vec<sources::Definition>,
}

/// The part of a file that is not for pages.
#[derive(Deserialize)]
struct Private {
    #[serde(default)]
    viewers: Viewers,
    #[serde(default)]
    source: Vec<sources::Definition>,
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

/// Rust terms in the parser's messages, and what to say instead.
const TERMS: [(&str, &str); 4] = [
    ("expected u32", "expected a whole number"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list"),
    ("expected struct Series", "expected a table with a `key`"),
];

/// Parses a layout's text. Errors have their lines.
pub(super) fn parse(text: &str) -> Result<Definition, Vec<(Option<usize>, String)>> {
    let line = |span: Range<usize>| 1 + text[..span.start.min(text.len())].matches('\n').count();
    let syntax = |error: toml::de::Error| {
        let mut rule = error.message().to_owned();
        for (term, replacement) in TERMS {
            rule = rule.replace(term, replacement);
        }
        vec![(error.span().map(line), rule)]
    };
    let table = DeTable::parse(text).map_err(syntax)?;
    let mut unknown = Vec::new();
    unknown_keys(table.get_ref(), keys::LAYOUT, &mut unknown);
    let unknown = unknown.into_iter();
    let mut errors: Vec<_> = unknown
        .map(|(span, rule)| (Some(line(span)), rule))
        .collect();
    let read = || -> Result<_, toml::de::Error> {
        let private: Private = toml::from_str(text)?;
        Ok((toml::from_str::<Layout>(text)?, private))
    };
    match read() {
        Ok((mut layout, Private { viewers, source })) if errors.is_empty() => {
            rows::arrange(&mut layout, table.get_ref());
            if let Some(start) = rows::before_rows(table.get_ref()) {
                let rule = "panels must follow a `[[row]]` in a file that has one";
                errors.push((Some(line(start..start)), rule.to_owned()));
            }
            let violations = rules::check(&layout).into_iter();
            for Violation { place, rule } in
                violations.chain(rules::check_sources(&source, &layout))
            {
                let span = span_of(table.get_ref(), &place);
                errors.push((span.map(line), rule));
            }
            if errors.is_empty() {
                return Ok(Definition {
                    layout,
                    viewers,
                    sources: source,
                });
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

/// Adds the unknown keys of a table and of those in it.
fn unknown_keys(table: &DeTable<'_>, known: &[&str], errors: &mut Vec<(Range<usize>, String)>) {
    for (key, value) in table {
        let name = key.get_ref().as_ref();
        if !known.contains(&name) {
            let known = known.join("`, `");
            let rule = format!("unknown key `{name}`: the keys here are `{known}`");
            errors.push((key.span(), rule));
            continue;
        }
        let Some(known) = keys::of_table(name) else {
            continue;
        };
        match value.get_ref() {
            DeValue::Array(items) => {
                for item in items.iter() {
                    if let DeValue::Table(table) = item.get_ref() {
                        unknown_keys(table, known, errors);
                    }
                }
            }
            DeValue::Table(_) if !matches!(name, "series" | "items" | "columns") => {
                let rule = format!("must be `[[{name}]]`, as there may be several");
                errors.push((key.span(), rule));
            }
            _ => {}
        }
    }
}

/// The span of a place, or of its closest parent that exists in the text.
fn span_of(layout: &DeTable<'_>, place: &[Step]) -> Option<Range<usize>> {
    let mut found: Option<&Spanned<DeValue<'_>>> = None;
    for step in place {
        let next = match (step, found.map(Spanned::get_ref)) {
            (Step::Key(key), None) => layout.get(*key),
            (Step::Key(key), Some(parent)) => parent.get(*key),
            (Step::Item(n), parent) => parent.and_then(|parent| parent.get(*n)),
        };
        if next.is_none() {
            break;
        }
        found = next;
    }
    found.map(Spanned::span)
}
