//! Who may see a dashboard.

use std::collections::BTreeSet;

use serde::Deserialize;

/// A viewer, as a trusted proxy describes it; by default nobody in particular.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Viewer {
    /// The user's name.
    pub uid: Option<String>,
    /// The user's groups.
    pub groups: Vec<String>,
}

/// What proxies say of viewers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Known {
    /// Their names.
    pub users: bool,
    /// Their groups.
    pub groups: bool,
}

/// The viewers of a dashboard.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "Vec<String>")]
pub enum Viewers {
    /// All that the hub gives tokens to.
    #[default]
    Everybody,
    /// Of those, these.
    Only(BTreeSet<Who>),
}

/// One user, or the members of a group.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Who {
    /// `user:NAME`.
    User(String),
    /// `group:NAME`.
    Group(String),
}

impl TryFrom<Vec<String>> for Viewers {
    type Error = String;

    fn try_from(texts: Vec<String>) -> Result<Self, String> {
        let who = |text: String| match text.split_once(':') {
            Some(("user", name)) if !name.is_empty() => Ok(Who::User(name.to_owned())),
            Some(("group", name)) if !name.is_empty() => Ok(Who::Group(name.to_owned())),
            _ => Err(format!(
                "`viewers` must be a list such as [\"group:ops\", \"user:eve\"], without `{text}`"
            )),
        };
        let all: Result<_, _> = texts.into_iter().map(who).collect();
        all.map(Self::Only)
    }
}

impl Viewers {
    /// Whether `viewer` is one of them.
    pub fn include(&self, viewer: &Viewer) -> bool {
        let is = |who: &Who| match who {
            Who::User(name) => viewer.uid.as_ref() == Some(name),
            Who::Group(name) => viewer.groups.contains(name),
        };
        match self {
            Self::Everybody => true,
            Self::Only(some) => some.iter().any(is),
        }
    }

    /// Whether all of `others` are among them.
    pub(super) fn include_all(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::Everybody, _) => true,
            (Self::Only(some), Self::Only(others)) => others.is_subset(some),
            (Self::Only(_), Self::Everybody) => false,
        }
    }

    /// Whether somebody can be one of them, by what the hub knows of viewers.
    pub(super) fn can_exist(&self, known: Known) -> bool {
        match self {
            Self::Everybody => true,
            Self::Only(some) => some.iter().any(|who| match who {
                Who::User(_) => known.users,
                Who::Group(_) => known.groups,
            }),
        }
    }
}
