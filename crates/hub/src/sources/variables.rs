//! Secrets and addresses that `[[source]]` and `[[notify]]` tables name, so that layout files need not
//! contain them.

use std::collections::BTreeMap;
use std::fmt;

/// A variable of the environment begins with this, in capitals: `${db}` is
/// `LIVE_DASHBOARD_VARIABLE_DB`. A layout cannot read any other.
const PREFIX: &str = "LIVE_DASHBOARD_VARIABLE_";

/// The variables of the configuration file. Those of the environment override them.
#[derive(Default, PartialEq, Eq)]
pub struct Variables(BTreeMap<String, String>);

/// Shows no value.
impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// Why a text cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VariableError {
    /// There is no such variable.
    #[error(
        "the variable `{0}` is not set: set {PREFIX}{upper}, or `{0}` in `[variables]` of the \
         hub's configuration file", upper = .0.to_ascii_uppercase()
    )]
    NotSet(String),
    /// The text is malformed.
    #[error("a variable must be written as `${{name}}`, with lower-case letters, digits and `_`")]
    Malformed,
}

impl Variables {
    /// Those of the configuration file.
    pub fn new(variables: BTreeMap<String, String>) -> Self {
        Self(variables)
    }

    /// Replaces each `${name}` in `text`.
    ///
    /// # Errors
    /// A variable is not set, or the text is malformed.
    pub fn expand(&self, text: &str) -> Result<String, VariableError> {
        let mut expanded = String::new();
        for part in parts(text) {
            match part? {
                Part::Text(text) => expanded += text,
                Part::Variable(name) => {
                    let variable = format!("{PREFIX}{}", name.to_ascii_uppercase());
                    let value = std::env::var(variable).ok();
                    let value = value.or_else(|| self.0.get(name).cloned());
                    expanded += &value.ok_or_else(|| VariableError::NotSet(name.to_owned()))?;
                }
            }
        }
        Ok(expanded)
    }
}

/// Whether the variables in `text` are well-formed.
pub(crate) fn check(text: &str) -> Result<(), VariableError> {
    parts(text).try_for_each(|part| part.map(|_| ()))
}

enum Part<'a> {
    Text(&'a str),
    Variable(&'a str),
}

/// The parts of a text with variables. Ends after an error.
fn parts(text: &str) -> impl Iterator<Item = Result<Part<'_>, VariableError>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let Some(variable) = rest.strip_prefix("${") else {
            let (text, others) = rest.split_at(rest.find("${").unwrap_or(rest.len()));
            rest = others;
            return Some(Ok(Part::Text(text)));
        };
        let is_name = |c: u8| matches!(c, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let name = variable.split_once('}');
        match name.filter(|(name, _)| !name.is_empty() && name.bytes().all(is_name)) {
            Some((name, others)) => {
                rest = others;
                Some(Ok(Part::Variable(name)))
            }
            None => {
                rest = "";
                Some(Err(VariableError::Malformed))
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_replaced() {
        let variables = Variables::new([("host".into(), "db.example".into())].into());
        let expand = |text| variables.expand(text).map_err(|error| error.to_string());
        let expanded = expand("http://${host}:9090/$x}${host}");
        assert_eq!(
            expanded.as_deref(),
            Ok("http://db.example:9090/$x}db.example")
        );
        let missing = expand("${host}${pass_word}").expect_err("is not set");
        assert!(
            missing.contains("LIVE_DASHBOARD_VARIABLE_PASS_WORD"),
            "{missing}"
        );
        for bad in ["${", "${}", "${HOST}", "x${host", "${a b}"] {
            assert_eq!(
                variables.expand(bad),
                Err(VariableError::Malformed),
                "{bad}"
            );
        }
    }
}
