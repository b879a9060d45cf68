//! Options with a default value and a minimum.

use std::time::Duration;

use bytesize::ByteSize;

use super::{ConfigError, duration, invalid};

/// An option with a default value and a minimum.
pub(super) struct Spec<T> {
    pub(super) option: &'static str,
    pub(super) default: T,
    pub(super) min: T,
    pub(super) rule: &'static str,
}

impl Spec<Duration> {
    /// `2h`, `90 min` or `PT2H`; `0` is `None`.
    pub(super) fn duration(&self, given: Option<String>) -> Result<Option<Duration>, ConfigError> {
        match given.as_deref().map(str::trim) {
            None => Ok(Some(self.default)),
            Some("0") => Ok(None),
            Some(text) => duration(text)
                .filter(|duration| *duration >= self.min)
                .map(Some)
                .ok_or_else(|| invalid(self.option)(self.rule)),
        }
    }
}

impl Spec<u64> {
    /// `1MiB` or `64 kB`, in bytes.
    pub(super) fn bytes(&self, given: Option<String>) -> Result<u64, ConfigError> {
        let Some(text) = given else {
            return Ok(self.default);
        };
        match text.parse::<ByteSize>() {
            Ok(size) if size.as_u64() >= self.min => Ok(size.as_u64()),
            _ => Err(invalid(self.option)(self.rule)),
        }
    }
}
