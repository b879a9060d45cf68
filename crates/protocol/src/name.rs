//! Names of channels and events, valid by construction.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};

use crate::limits::{MAX_CHANNEL_CHARS, MAX_EVENT_CHARS};

/// The first characters of a name that somebody else has chosen, to be shown in an error.
pub fn cut(name: &str, max_chars: usize) -> &str {
    let end = name.char_indices().nth(max_chars);
    end.map_or(name, |(end, _)| &name[..end])
}

/// The rule that a name breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// The name is empty.
    #[error("must not be empty")]
    Empty,
    /// The name has more characters than allowed.
    #[error("must have at most {0} characters")]
    TooLong(usize),
    /// A channel's name has a character that patterns use, or whitespace.
    #[error("must not contain `*`, `#`, `,` or whitespace")]
    ChannelCharacter,
    /// An event's name starts like one of the protocol's own.
    #[error("must not start with `hotsock.` or `#`")]
    ReservedEvent,
    /// An event's name contains a wildcard.
    #[error("must not contain `*`")]
    EventWildcard,
}

/// A channel's name: 1 to 256 characters, none of them `*`, `#`, `,` or
/// whitespace. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub struct ChannelName(Arc<str>);

impl ChannelName {
    /// Checks `name` against the rules.
    ///
    /// # Errors
    /// The first rule that the name breaks.
    pub fn new(name: &str) -> Result<Self, NameError> {
        check_length(name, MAX_CHANNEL_CHARS)?;
        if name
            .chars()
            .any(|c| matches!(c, '*' | '#' | ',') || c.is_whitespace())
        {
            return Err(NameError::ChannelCharacter);
        }
        Ok(Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// An event's name: 1 to 128 characters, not starting `hotsock.` or `#`,
/// without `*`. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(try_from = "String")]
pub struct EventName(Arc<str>);

impl EventName {
    /// Checks `name` against the rules.
    ///
    /// # Errors
    /// The first rule that the name breaks.
    pub fn new(name: &str) -> Result<Self, NameError> {
        check_length(name, MAX_EVENT_CHARS)?;
        if name.starts_with("hotsock.") || name.starts_with('#') {
            return Err(NameError::ReservedEvent);
        }
        if name.contains('*') {
            return Err(NameError::EventWildcard);
        }
        Ok(Self(name.into()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn check_length(name: &str, max: usize) -> Result<(), NameError> {
    if name.is_empty() {
        return Err(NameError::Empty);
    }
    if name.chars().nth(max).is_some() {
        return Err(NameError::TooLong(max));
    }
    Ok(())
}

macro_rules! text_conversions {
    ($name:ident) => {
        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(name: String) -> Result<Self, NameError> {
                Self::new(&name)
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.as_str().to_owned()
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = NameError;

            fn from_str(name: &str) -> Result<Self, NameError> {
                Self::new(name)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                self.as_str()
            }
        }
    };
}

text_conversions!(ChannelName);
text_conversions!(EventName);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_between_characters() {
        assert_eq!(cut("äöü", 2), "äö");
        assert_eq!(cut("äöü", 3), "äöü");
        assert_eq!(cut("", 3), "");
    }

    #[test]
    fn channel_names_follow_the_rules() {
        assert_eq!(ChannelName::new(""), Err(NameError::Empty));
        assert_eq!(
            ChannelName::new(&"ä".repeat(257)),
            Err(NameError::TooLong(256))
        );
        assert!(
            ChannelName::new(&"ä".repeat(256)).is_ok(),
            "characters, not bytes"
        );
        for bad in ["a*", "#a", "a,b", "a b", "a\nb", "a\u{a0}b"] {
            assert_eq!(
                ChannelName::new(bad),
                Err(NameError::ChannelCharacter),
                "{bad:?}"
            );
        }
        assert!(ChannelName::new("dashboard-abc123/ö.x:1").is_ok());
    }

    #[test]
    fn event_names_follow_the_rules() {
        assert_eq!(EventName::new(""), Err(NameError::Empty));
        assert_eq!(
            EventName::new(&"e".repeat(129)),
            Err(NameError::TooLong(128))
        );
        assert_eq!(
            EventName::new("hotsock.ping"),
            Err(NameError::ReservedEvent)
        );
        assert_eq!(EventName::new("#x"), Err(NameError::ReservedEvent));
        assert_eq!(EventName::new("a*"), Err(NameError::EventWildcard));
        assert!(EventName::new("hot sock, really").is_ok());
        assert!(EventName::new(&"e".repeat(128)).is_ok());
    }
}
