//! The text format of Prometheus and of OpenMetrics.

use std::borrow::Cow;
use std::collections::HashMap;

/// The labels of a sample, in the order of the page.
pub(super) type Labels<'a> = Vec<(Cow<'a, str>, Cow<'a, str>)>;

/// One line with a value.
#[derive(Debug, PartialEq)]
pub(super) struct Sample<'a> {
    pub(super) name: Cow<'a, str>,
    pub(super) labels: Labels<'a>,
    pub(super) value: f64,
}

impl Sample<'_> {
    /// The value of a label.
    pub(super) fn label(&self, name: &str) -> Option<&str> {
        let mut labels = self.labels.iter();
        labels.find_map(|(label, value)| (*label == name).then_some(&**value))
    }

    /// Name and labels: equal for the same series of a page.
    pub(super) fn identity(&self) -> String {
        let mut labels: Vec<_> = self.labels.iter().collect();
        labels.sort();
        format!("{}{labels:?}", self.name)
    }
}

/// The types that a page declares so far.
#[derive(Debug, Default)]
pub(super) struct Types<'a>(HashMap<&'a str, &'a str>);

impl Types<'_> {
    /// Whether the samples of this name count. Without a type the name tells.
    pub(super) fn is_counter(&self, name: &str) -> bool {
        let declared = |name: &str| self.0.get(name).copied();
        let part_of = |suffix: &str, types: &[&str]| {
            let base = name.strip_suffix(suffix).and_then(declared);
            base.is_some_and(|declared| types.contains(&declared))
        };
        match declared(name) {
            Some("untyped" | "unknown") | None => {
                name.ends_with("_total")
                    || part_of("_bucket", &["histogram"])
                    || part_of("_count", &["histogram", "summary"])
                    || part_of("_sum", &["histogram", "summary"])
            }
            Some(declared) => declared == "counter",
        }
    }
}

/// Reads a page and passes each sample to `take`.
///
/// # Errors
/// The line and what is wrong with it, or the page is cut off.
pub(super) fn read<'a>(
    page: &'a str,
    open_metrics: bool,
    mut take: impl FnMut(&Sample<'a>, &Types<'a>),
) -> Result<(), String> {
    let end = match open_metrics {
        true => "# EOF",
        false => "",
    };
    let is_whole = page.trim_end_matches('\n').ends_with(end) && page.ends_with('\n')
        || open_metrics && page.ends_with(end);
    let mut types = Types::default();
    for (number, line) in page.lines().enumerate() {
        if let Some(comment) = line.strip_prefix('#') {
            let mut words = comment.split_whitespace();
            if let (Some("TYPE"), Some(name), Some(kind)) =
                (words.next(), words.next(), words.next())
            {
                types.0.insert(name, kind);
            }
        } else if !line.trim().is_empty() {
            let sample = sample(line).ok_or_else(|| {
                let shown = live_dashboard_protocol::name::cut(line, 60);
                format!("line {} is not a metric: `{shown}`", number + 1)
            })?;
            take(&sample, &types);
        }
    }
    match is_whole {
        true => Ok(()),
        false => Err("the page is cut off".to_owned()),
    }
}

/// Reads `name{label="value"} number`. What follows, a time or an exemplar, is ignored.
fn sample(line: &str) -> Option<Sample<'_>> {
    let mut rest = Cursor(line.trim());
    let mut name = Cow::Borrowed(rest.name());
    rest.spaces();
    let mut labels = Vec::new();
    if rest.take("{") {
        loop {
            rest.spaces();
            if rest.take("}") {
                break;
            }
            // A quoted name, which Prometheus 3 writes if it has unusual characters.
            let quoted = rest.text();
            let label = quoted.clone().unwrap_or_else(|| Cow::Borrowed(rest.name()));
            rest.spaces();
            if rest.take("=") {
                rest.spaces();
                labels.push((label, rest.text()?));
            } else {
                quoted.filter(|_| name.is_empty())?;
                name = label;
            }
            rest.spaces();
            if !rest.take(",") && !rest.0.starts_with('}') {
                return None;
            }
        }
    }
    let value = rest.0.split_whitespace().next()?.parse().ok()?;
    (!name.is_empty()).then_some(Sample {
        name,
        labels,
        value,
    })
}

/// What is left to be read of a line.
pub(super) struct Cursor<'a>(pub(super) &'a str);

impl<'a> Cursor<'a> {
    /// Skips a text if it is next.
    pub(super) fn take(&mut self, text: &str) -> bool {
        let rest = self.0.strip_prefix(text);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    pub(super) fn spaces(&mut self) {
        self.0 = self.0.trim_start();
    }

    /// Reads a name of letters, digits, `_` and `:`; it may be empty.
    pub(super) fn name(&mut self) -> &'a str {
        let ends = |c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | ':'));
        let (name, rest) = self.0.split_at(self.0.find(ends).unwrap_or(self.0.len()));
        self.0 = rest;
        name
    }

    /// Reads a text in `"`; `None` if none is next, or it is cut off.
    pub(super) fn text(&mut self) -> Option<Cow<'a, str>> {
        let inside = self.0.strip_prefix('"')?;
        let mut text = String::new();
        let mut escaped = false;
        for (place, c) in inside.char_indices() {
            match (escaped, c) {
                (false, '"') => {
                    self.0 = &inside[place + 1..];
                    return Some(match text.len() == place {
                        true => Cow::Borrowed(&inside[..place]),
                        false => Cow::Owned(text),
                    });
                }
                (false, '\\') => escaped = true,
                (false, c) => text.push(c),
                (true, c) => {
                    escaped = false;
                    match c {
                        'n' => text.push('\n'),
                        '"' | '\\' => text.push(c),
                        c => text.extend(['\\', c]),
                    }
                }
            }
        }
        None
    }
}
