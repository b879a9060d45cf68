//! Go's regexes, for which the protocol's `#regex:` keys are written, by Rust's
//! engine: a pattern means here what it means to Go's `regexp.MatchString`, or
//! it is refused. Where the two read the same text differently, it is rewritten
//! or refused, so that no pattern ever matches more than it does in Go.
//!
//! One difference stays: the tables of `\p{…}` and of `(?i)` follow the Unicode
//! version of whoever matches, here as between versions of Go.

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::{ErrorKind, parse::Parser};

mod rewrite;
mod unicode;

/// The most bytes that a compiled pattern may take, and again the most that
/// its cache may take while it matches.
const SIZE_LIMIT: usize = 1024 * 1024;

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GoRegexError {
    /// It is no regex, to Rust's parser: Go's differs in what this module
    /// handles, and takes some more, which is refused here.
    #[error("{0}")]
    Syntax(ErrorKind),
    /// It is a regex, but not the same in Go.
    #[error("{0}")]
    NotGo(&'static str),
    /// It takes too much memory.
    #[error("it is too large once compiled")]
    TooLarge,
}

/// A pattern that is written for Go, compiled.
#[derive(Debug, Clone)]
pub struct GoRegex(Regex);

impl GoRegex {
    /// Compiles a pattern.
    ///
    /// # Errors
    /// The pattern is none in Go, might mean something else there, or takes
    /// too much memory.
    pub fn new(pattern: &str) -> Result<Self, GoRegexError> {
        let ast = Parser::new()
            .parse(pattern)
            .map_err(|error| GoRegexError::Syntax(error.kind().clone()))?;
        RegexBuilder::new(&rewrite::rewrite(pattern, &ast)?)
            .size_limit(SIZE_LIMIT)
            .dfa_size_limit(SIZE_LIMIT)
            .build()
            .map(Self)
            .map_err(|error| match error {
                regex::Error::CompiledTooBig(_) => GoRegexError::TooLarge,
                _ => GoRegexError::NotGo("it cannot be compiled"),
            })
    }

    /// Whether the pattern matches anywhere in `text`; anchors narrow that.
    pub fn matches(&self, text: &str) -> bool {
        // `Regex::is_match` stops at the first possible end of a match, and
        // misses one where a `\B` fits inside of a character before it.
        self.0.find(text).is_some()
    }
}

#[cfg(test)]
mod tests;
