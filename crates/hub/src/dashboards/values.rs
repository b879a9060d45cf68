//! Reads the values of a file: each has the type of its key. Goes on after errors, so
//! that all are found at once.

use std::ops::Range;

use live_dashboard_protocol::layout::{PanelKind, parse_seconds};
use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::keys::{self, SEVERITIES, Table, Type};
use super::rules::Step;
use crate::nearest::{did_you_mean, nearest};
use crate::sources;

/// The most characters of a value that a message quotes.
const MAX_QUOTED: usize = 40;

/// The values of a file, and what is wrong with them.
pub(super) struct Values<'t> {
    text: &'t str,
    /// The place of what is being read.
    place: Vec<Step>,
    /// The errors, with their places in the text.
    pub(super) errors: Vec<(Range<usize>, String)>,
    /// The keys that have no usable value. Required ones are empty in the result.
    pub(super) unusable: Vec<Vec<Step>>,
}

impl<'t> Values<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            place: Vec::new(),
            errors: Vec::new(),
            unusable: Vec::new(),
        }
    }

    /// Reads a table, which `span` names in errors.
    pub(super) fn table(&mut self, table: &DeTable<'_>, kind: Table, span: Range<usize>) -> Value {
        let mut values = Map::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let known = kind.keys().iter();
            let Some(name) = known.copied().find(|known| *known == name) else {
                self.unknown(key.span(), name, kind, table);
                continue;
            };
            self.place.push(Step::Key(name));
            match self.value(name, kind.type_of(name), key.span(), value) {
                Some(value) => {
                    values.insert(name.into(), value);
                }
                None => self.unusable.push(self.place.clone()),
            }
            self.place.pop();
        }
        for name in kind.required() {
            if values.contains_key(*name) {
                continue;
            }
            let mut place = self.place.clone();
            place.push(Step::Key(name));
            if !self.unusable.contains(&place) {
                let error = (span.clone(), format!("`{name}` is missing"));
                self.errors.push(error);
                self.unusable.push(place);
            }
            let nothing = match kind.type_of(name) {
                Type::Tables(_) => Value::Array(Vec::new()),
                _ => "".into(),
            };
            values.insert((*name).into(), nothing);
        }
        Value::Object(values)
    }

    fn unknown(&mut self, span: Range<usize>, name: &str, kind: Table, table: &DeTable<'_>) {
        let keys = kind.keys();
        let rule = match nearest(name, keys.iter().copied()) {
            Some(meant) => format!(": did you mean `{meant}`?"),
            None => {
                let others = PanelKind::ALL.into_iter();
                let others = others.filter(|(_, other)| keys::of(*other).contains(&name));
                let others: Vec<_> = others.map(|(other, _)| other).collect();
                let elsewhere = match (kind, others.is_empty()) {
                    (Table::Panel(_), false) => format!("it is one of `{}`; ", others.join("`, `")),
                    _ => String::new(),
                };
                format!(": {elsewhere}the keys here are `{}`", keys.join("`, `"))
            }
        };
        // A required key that is misspelled is not missing, too.
        let meant = nearest(name, kind.required().iter().copied());
        if let Some(meant) = meant.filter(|meant| table.get(*meant).is_none()) {
            let mut place = self.place.clone();
            place.push(Step::Key(meant));
            self.unusable.push(place);
        }
        let name = cut(name);
        self.errors
            .push((span, format!("unknown key `{name}`{rule}")));
    }

    /// Reads the value of a key; adds an error and returns `None` if it has another type.
    fn value(
        &mut self,
        name: &str,
        of: Type,
        key: Range<usize>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<Value> {
        let read = match (of, value.get_ref()) {
            (Type::Tables(kind), DeValue::Array(tables)) => return Some(self.tables(kind, tables)),
            (Type::States, DeValue::Table(states)) => {
                return Some(self.map(states, Type::Word(SEVERITIES)));
            }
            (Type::Queries, DeValue::Table(queries)) => return Some(self.map(queries, Type::Text)),
            (Type::Flag, DeValue::Boolean(flag)) => Some((*flag).into()),
            (Type::Text, DeValue::String(text)) => Some(text.as_ref().into()),
            (Type::Word(words), DeValue::String(word)) if words.contains(&word.as_ref()) => {
                Some(word.as_ref().into())
            }
            (Type::Number, value) => number(value).map(Value::from),
            (Type::Whole, DeValue::Integer(whole)) => {
                let whole = u32::from_str_radix(whole.as_str(), whole.radix());
                whole.ok().map(Value::from)
            }
            (Type::Duration, DeValue::String(text)) => parse_seconds(text).map(Value::from),
            (Type::Duration, value) => number(value).filter(|time| *time > 0.0).map(Value::from),
            (Type::Texts, DeValue::Array(texts)) => {
                let texts = texts.iter().map(|text| text.get_ref().as_str());
                texts.map(|text| text.map(Value::from)).collect()
            }
            _ => None,
        };
        if read.is_none() {
            let rule = self.rule(name, of, value);
            self.errors.push((key, rule));
        }
        read
    }

    fn tables(&mut self, kind: Table, tables: &DeArray<'_>) -> Value {
        let read = tables.iter().enumerate().map(|(n, table)| {
            self.place.push(Step::Item(n));
            let span = table.span();
            let read = match table.get_ref() {
                DeValue::Table(table) => self.table(table, kind, span),
                _ => {
                    let found = quoted(self.text, span.clone());
                    let rule = format!("must be a table such as {{ key = \"…\" }}, not {found}");
                    let errors = self.errors.len();
                    let empty = self.table(&DeTable::new(), kind, span.clone());
                    self.errors.truncate(errors);
                    self.errors.push((span, rule));
                    empty
                }
            };
            self.place.pop();
            read
        });
        Value::Array(read.collect())
    }

    /// Reads a table with values of one type.
    fn map(&mut self, table: &DeTable<'_>, of: Type) -> Value {
        let mut read = Map::new();
        for (key, value) in table {
            let name = key.get_ref();
            let value = self.value(name, of, key.span(), value);
            read.extend(value.map(|value| (name.to_string(), value)));
        }
        Value::Object(read)
    }

    fn rule(&self, name: &str, of: Type, value: &Spanned<DeValue<'_>>) -> String {
        let found = match sources::SECRETS.contains(&name) {
            true => "another value",
            false => quoted(self.text, value.span()),
        };
        let name = cut(name);
        let expected = match of {
            Type::Text => "a text in quotes",
            Type::Number => "a finite number",
            Type::Whole => "a whole number, 0 or more",
            Type::Duration => {
                "a length of time above zero, such as \"10s\", \"2m\" or \"1h\", or a number of \
                 seconds"
            }
            Type::Texts => "a list of texts in quotes",
            Type::Flag => "`true` or `false`",
            Type::Queries => "a table such as { load = \"node_load1\" }",
            Type::States => "a table such as { healthy = \"ok\", odd = \"warning\" }",
            Type::Word(words) => {
                let near = value.get_ref().as_str();
                let near = near.map(|word| did_you_mean(word, words.iter().copied()));
                let near = near.unwrap_or_default();
                let words = words.join("\", \"");
                return format!("`{name}` must be one of \"{words}\", not {found}{near}");
            }
            Type::Tables(Table::Row | Table::Panel(_) | Table::Source | Table::Notify)
                if value.get_ref().is_table() =>
            {
                return format!("must be `[[{name}]]`, as there may be several");
            }
            Type::Tables(_) => "a list of tables such as [{ key = \"…\" }]",
        };
        format!("`{name}` must be {expected}, not {found}")
    }
}

/// A finite number.
fn number(value: &DeValue<'_>) -> Option<f64> {
    let number = match value {
        DeValue::Integer(whole) => i64::from_str_radix(whole.as_str(), whole.radix()).ok()? as f64,
        DeValue::Float(float) => float.as_str().parse().ok()?,
        _ => return None,
    };
    number.is_finite().then_some(number)
}

/// A value as the file has it, in one line and cut.
pub(super) fn quoted(text: &str, span: Range<usize>) -> &str {
    let value = text.get(span).unwrap_or_default();
    cut(value.lines().next().unwrap_or_default())
}

fn cut(text: &str) -> &str {
    let end = text.char_indices().nth(MAX_QUOTED);
    end.map_or(text, |(end, _)| &text[..end])
}
