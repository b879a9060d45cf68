//! The order of panels on the page.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::PanelKind;

/// A row of panels. In a file it begins with `[[row]]` and has the panels up to the
/// next one.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// The heading of a section that begins with this row; none if empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub title: String,
    /// Its panels, in order.
    #[serde(default)]
    pub panels: Vec<PanelRef>,
}

/// A panel by its kind and its place among those of that kind: `gauge.0`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct PanelRef {
    /// The kind.
    pub kind: PanelKind,
    /// The place, from 0.
    pub index: usize,
}

impl fmt::Display for PanelRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.kind.name(), self.index)
    }
}

impl From<PanelRef> for String {
    fn from(panel: PanelRef) -> Self {
        panel.to_string()
    }
}

impl FromStr for PanelRef {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parse = || {
            let (kind, index) = text.split_once('.')?;
            let (_, kind) = PanelKind::ALL.into_iter().find(|(name, _)| *name == kind)?;
            let index = index.parse().ok()?;
            Some(Self { kind, index })
        };
        parse().ok_or("must be a kind of panel and a number, such as `gauge.0`")
    }
}

impl TryFrom<String> for PanelRef {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}
