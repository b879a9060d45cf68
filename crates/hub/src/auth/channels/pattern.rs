//! The keys of the claim `channels`: names, patterns with `*`, and regexes.

use live_dashboard_protocol::name::{ChannelName, NameError};

use crate::auth::regex::{ChannelRegex, RegexError};

const REGEX_PREFIX: &str = "#regex:";

/// A key, by its kind.
#[derive(Debug)]
pub(super) enum Key {
    /// One channel.
    Exact(ChannelName),
    /// Any number of channels.
    Pattern(Pattern),
}

/// A key that matches several channels.
#[derive(Debug, Clone)]
pub(super) enum Pattern {
    Wildcard(Wildcard),
    Regex(ChannelRegex),
}

/// Why a text is not a valid key; read after the key.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum KeyError {
    #[error("is not a valid channel name: it {0}")]
    Name(#[from] NameError),
    #[error("is not a supported regex: {0}")]
    Regex(#[from] RegexError),
}

impl Key {
    pub(super) fn parse(key: &str) -> Result<Self, KeyError> {
        if let Some(pattern) = key.strip_prefix(REGEX_PREFIX) {
            return Ok(Self::Pattern(Pattern::Regex(ChannelRegex::new(pattern)?)));
        }
        if key.contains('*') {
            return Ok(Self::Pattern(Pattern::Wildcard(Wildcard::parse(key)?)));
        }
        Ok(Self::Exact(ChannelName::new(key)?))
    }
}

impl Pattern {
    pub(super) fn matches(&self, channel: &str) -> bool {
        match self {
            Self::Wildcard(wildcard) => wildcard.matches(channel),
            Self::Regex(regex) => regex.matches(channel),
        }
    }

    pub(super) fn is_regex(&self) -> bool {
        matches!(self, Self::Regex(_))
    }
}

/// Text with at least one `*`, which matches any run of characters, also an empty
/// one.
#[derive(Debug, Clone)]
pub(super) struct Wildcard {
    start: Box<str>,
    between: Vec<Box<str>>,
    end: Box<str>,
}

impl Wildcard {
    /// The text around the `*` must be valid in a channel's name.
    fn parse(pattern: &str) -> Result<Self, NameError> {
        let fixed = pattern.replace('*', "");
        if !fixed.is_empty() {
            ChannelName::new(&fixed)?;
        }
        let (start, rest) = pattern.split_once('*').unwrap_or((pattern, ""));
        let (between, end) = rest.rsplit_once('*').unwrap_or(("", rest));
        Ok(Self {
            start: start.into(),
            between: between
                .split('*')
                .filter(|part| !part.is_empty())
                .map(Into::into)
                .collect(),
            end: end.into(),
        })
    }

    /// Takes each part where it first occurs: that leaves the most text for the
    /// others, so there is no backtracking.
    fn matches(&self, text: &str) -> bool {
        let between = text
            .strip_prefix(&*self.start)
            .and_then(|rest| rest.strip_suffix(&*self.end));
        let Some(mut rest) = between else {
            return false;
        };
        for part in &self.between {
            match rest.find(&**part) {
                Some(at) => rest = &rest[at + part.len()..],
                None => return false,
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn wildcard(pattern: &str, text: &str) -> bool {
        Wildcard::parse(pattern)
            .unwrap_or_else(|error| panic!("{pattern}: {error}"))
            .matches(text)
    }

    /// The definition, by exhaustive search.
    fn naive(pattern: &[char], text: &[char]) -> bool {
        match pattern {
            [] => text.is_empty(),
            ['*', rest @ ..] => (0..=text.len()).any(|skip| naive(rest, &text[skip..])),
            [c, rest @ ..] => text.first() == Some(c) && naive(rest, &text[1..]),
        }
    }

    #[test]
    fn a_star_is_any_run_of_characters() {
        for (pattern, matching, others) in [
            ("*", &["a", "é", "a/b"][..], &[][..]),
            ("a*", &["a", "ab", "aa"], &["", "b", "ba"]),
            ("*a", &["a", "ba"], &["ab"]),
            ("a*a", &["aa", "aba", "aaa"], &["a", "ab"]),
            ("a**b", &["ab", "acb"], &["a", "b"]),
            ("*ab*ab*", &["abab", "xabyabz"], &["ab", "aba", "abb"]),
            ("a*bc*c", &["abcc", "axbcxbcc"], &["abc"]),
            ("ü*ß", &["üß", "ü→ß"], &["u→ß"]),
            (
                "org.*.metrics",
                &["org.7.metrics", "org..metrics"],
                &["org.metrics"],
            ),
        ] {
            for text in matching {
                assert!(wildcard(pattern, text), "{pattern} {text}");
            }
            for text in others {
                assert!(!wildcard(pattern, text), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn many_stars_do_not_backtrack() {
        let pattern = "a*".repeat(100) + "b";
        assert!(!wildcard(&pattern, &"a".repeat(256)));
    }

    #[test]
    fn invalid_keys_are_refused() {
        for key in [
            "", "a b", "a,b", "a#b", "#regex", "#re:a", "*,", "a *", "#*", "#regex:(",
        ] {
            assert!(Key::parse(key).is_err(), "{key:?}");
        }
        assert!(Key::parse(&"a".repeat(257)).is_err());
        assert!(Key::parse(&("a".repeat(257) + "*")).is_err());
        assert!(Key::parse(&("a".repeat(256) + "*")).is_ok());
    }

    #[test]
    fn names_wildcards_and_regexes_are_distinguished() {
        assert!(matches!(Key::parse("a.b"), Ok(Key::Exact(_))));
        assert!(matches!(
            Key::parse("a*"),
            Ok(Key::Pattern(Pattern::Wildcard(_)))
        ));
        assert!(matches!(
            Key::parse("#regex:a*"),
            Ok(Key::Pattern(Pattern::Regex(_)))
        ));
    }

    proptest! {
        #[test]
        fn the_matcher_agrees_with_the_definition(
            pattern in "[abé*]{0,8}\\*[abé*]{0,8}",
            text in "[abé]{0,10}",
        ) {
            let letters = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(
                wildcard(&pattern, &text),
                naive(&letters(&pattern), &letters(&text))
            );
        }
    }
}
