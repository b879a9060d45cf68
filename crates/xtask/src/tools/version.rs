//! Versions of tools, as they print them.

use std::fmt;

/// Major, minor and patch; 0 if the tool does not print them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub(crate) u32, pub(crate) u32, pub(crate) u32);

impl Version {
    /// The first number in what a tool printed, with up to two more after dots.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let start = text.find(|letter: char| letter.is_ascii_digit())?;
        let text = &text[start..];
        let end = text
            .find(|letter: char| !letter.is_ascii_digit() && letter != '.')
            .unwrap_or(text.len());
        let mut numbers = text[..end].split('.').map(|number| number.parse().ok());
        let major = numbers.next()??;
        let mut next = || numbers.next().flatten().unwrap_or(0);
        Some(Self(major, next(), next()))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_tools_print() {
        for (text, version) in [
            ("v20.20.2\n", Version(20, 20, 2)),
            ("wasm-opt version 108 (version_108)", Version(108, 0, 0)),
            ("wasm-opt version 116-3-gabc", Version(116, 0, 0)),
            ("dioxus 0.7.10 (0123abc)", Version(0, 7, 10)),
            ("wasm-bindgen 0.2.130", Version(0, 2, 130)),
            ("npm 9.2", Version(9, 2, 0)),
        ] {
            assert_eq!(Version::parse(text), Some(version), "{text}");
        }
        assert_eq!(Version::parse("command not found"), None);
        assert_eq!(Version::parse("99999999999999"), None);
    }

    #[test]
    fn versions_are_ordered_by_number() {
        assert!(Version(0, 7, 10) > Version(0, 7, 9));
        assert!(Version(18, 20, 4) < Version(20, 0, 0));
    }
}
