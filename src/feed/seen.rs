//! Which messages have been taken already.

use std::collections::VecDeque;

use live_dashboard_protocol::id;

/// How many ids are remembered that are no ULIDs.
const REMEMBERED: usize = 64;

/// Tells messages that came before: by their order where ids are ULIDs, which
/// grow within a channel; else by the ids themselves, the latest of them.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    newest: Option<String>,
    others: VecDeque<String>,
}

impl Seen {
    /// Takes note of a message; `false` where it came before, or a later one
    /// did.
    pub(super) fn is_new(&mut self, id: &str) -> bool {
        if id::unix_millis(id).is_some() {
            if self.newest.as_deref().is_some_and(|newest| id <= newest) {
                return false;
            }
            self.newest = Some(id.into());
        } else {
            if self.others.iter().any(|other| other == id) {
                return false;
            }
            if self.others.len() == REMEMBERED {
                self.others.pop_front();
            }
            self.others.push_back(id.into());
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ulids_only_grow() {
        let mut seen = Seen::default();
        assert!(seen.is_new("01ARYZ6S410000000000000002"));
        assert!(!seen.is_new("01ARYZ6S410000000000000002"));
        assert!(!seen.is_new("01ARYZ6S410000000000000001"));
        assert!(seen.is_new("01ARYZ6S410000000000000003"));
    }

    #[test]
    fn other_ids_have_no_order_and_are_remembered_for_a_while() {
        let mut seen = Seen::default();
        assert!(seen.is_new("b"));
        assert!(seen.is_new("a"));
        assert!(!seen.is_new("b"));
        assert!(seen.is_new("01ARYZ6S410000000000000001"));
        for n in 0..1000 {
            assert!(seen.is_new(&format!("id {n}")));
        }
        assert_eq!(seen.others.len(), REMEMBERED);
        assert!(!seen.is_new("id 999"));
    }
}
