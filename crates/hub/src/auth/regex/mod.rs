//! The `#regex:` keys of tokens.
//!
//! The protocol defines them by Go's `regexp.MatchString`. Here they run on the
//! `regex` crate, and `syntax` refuses every pattern that the two could read
//! differently: no pattern matches more than it does in Go.
//!
//! One difference remains: `\p{…}` and `(?i)` follow the Unicode version of the
//! library, as they do between versions of Go.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use regex::{Regex, RegexBuilder};
use regex_syntax::ast::ErrorKind;

mod syntax;

/// The most bytes of a compiled pattern, and of the cache that it fills while it
/// matches.
const SIZE_LIMIT: usize = 1024 * 1024;
/// How many compiled patterns are shared between tokens.
const MAX_CACHED: usize = 128;

static SHARED: LazyLock<Cache> = LazyLock::new(Cache::default);

/// Why a pattern was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RegexError {
    /// It is not a regex.
    #[error("{0}")]
    Syntax(ErrorKind),
    /// Go rejects it, or may read it differently.
    #[error("{0}")]
    Unsupported(&'static str),
    /// It needs more than 1 MiB of memory.
    #[error("it is too large once compiled")]
    TooLarge,
}

/// A compiled pattern. Tokens with the same pattern share it.
#[derive(Debug, Clone)]
pub struct ChannelRegex(Arc<Regex>);

impl ChannelRegex {
    /// Compiles a pattern, or takes it from the cache.
    ///
    /// # Errors
    /// The pattern is not a regex in Go, may mean something else there, or needs
    /// too much memory.
    pub fn new(pattern: &str) -> Result<Self, RegexError> {
        SHARED.get_or_compile(pattern).map(Self)
    }

    /// Whether the pattern matches anywhere in `text`.
    pub fn matches(&self, text: &str) -> bool {
        self.0.is_match(text)
    }
}

/// Compiled patterns by their text, at most [`MAX_CACHED`].
#[derive(Default)]
struct Cache(Mutex<HashMap<Box<str>, Arc<Regex>>>);

impl Cache {
    /// If the cache is full, patterns that no token uses any more make room. If
    /// all are in use, the new one is compiled for its token alone.
    fn get_or_compile(&self, pattern: &str) -> Result<Arc<Regex>, RegexError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = lock().get(pattern) {
            return Ok(Arc::clone(regex));
        }
        // Compiled without the lock: this may take milliseconds.
        let regex = Arc::new(compile(pattern)?);
        let mut cached = lock();
        if cached.len() >= MAX_CACHED {
            cached.retain(|_, regex| Arc::strong_count(regex) > 1);
        }
        if cached.len() < MAX_CACHED {
            cached.insert(pattern.into(), Arc::clone(&regex));
        }
        Ok(regex)
    }
}

fn compile(pattern: &str) -> Result<Regex, RegexError> {
    RegexBuilder::new(&syntax::translate(pattern)?)
        .size_limit(SIZE_LIMIT)
        .dfa_size_limit(SIZE_LIMIT)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => RegexError::TooLarge,
            _ => RegexError::Unsupported("it cannot be compiled"),
        })
}

#[cfg(test)]
mod tests;
