//! A panel's states as a table in a layout and a list in memory: a map of their own
//! would cost the page 2 KB.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serializer};

use super::Severity;

pub(super) fn serialize<S: Serializer>(
    states: &[(String, Severity)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(states.iter().map(|(word, severity)| (word, severity)))
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, Severity)>, D::Error> {
    let states = BTreeMap::<String, Severity>::deserialize(deserializer)?;
    Ok(states.into_iter().collect())
}
