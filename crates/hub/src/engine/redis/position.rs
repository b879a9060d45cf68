//! Where a node is in a channel's messages, and whether the next one is the next.

use live_dashboard_protocol::name::EventName;
use serde_json::value::RawValue;

use super::ids::StreamId;

/// Where a node is in a channel. All messages of an epoch are numbered from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Position {
    /// Random, new when the server knows nothing of the channel; empty if it does not know it
    /// yet.
    pub(super) epoch: String,
    /// The number of the last message.
    pub(super) offset: u64,
    /// Its id.
    pub(super) last: StreamId,
}

/// A message as the server pushes it.
#[derive(Debug)]
pub(super) struct Pushed {
    pub(super) epoch: String,
    pub(super) offset: u64,
    pub(super) id: StreamId,
    pub(super) event: EventName,
    pub(super) data: Box<RawValue>,
}

/// What a pushed message is to a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The next one.
    Next,
    /// The node has it, or has come after it.
    Old,
    /// Others are missing before it, or the channel's state is not what it was.
    Gap,
}

impl Position {
    pub(super) fn step(&self, pushed: &Pushed) -> Step {
        let is_same = self.epoch == pushed.epoch || self.epoch.is_empty();
        match is_same.then(|| pushed.offset.checked_sub(self.offset)) {
            Some(Some(1)) => Step::Next,
            // After a failover that lost messages, later ones have their numbers.
            Some(None | Some(0)) if pushed.id <= self.last => Step::Old,
            _ => Step::Gap,
        }
    }

    pub(super) fn take(&mut self, pushed: &Pushed) {
        self.epoch.clone_from(&pushed.epoch);
        (self.offset, self.last) = (pushed.offset, pushed.id);
    }
}

impl Pushed {
    /// Reads what `publish.lua` sends; `None` if it is something else.
    pub(super) fn parse(payload: &str) -> Option<Self> {
        let mut parts = payload.splitn(6, ' ');
        let epoch = parts.next()?.to_owned();
        let mut number = || parts.next()?.parse::<u64>().ok();
        let offset = number()?;
        let id = StreamId {
            ms: number()?,
            number: number()?,
        };
        let length = usize::try_from(number()?).ok()?;
        let (event, data) = parts.next()?.split_at_checked(length)?;
        Some(Self {
            epoch,
            offset,
            id,
            event: EventName::new(event).ok()?,
            data: RawValue::from_string(data.to_owned()).ok()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pushed(epoch: &str, offset: u64, ms: u64) -> Pushed {
        Pushed::parse(&format!("{epoch} {offset} {ms} 0 3 a b1")).expect("valid")
    }

    #[test]
    fn a_push_is_read_whatever_its_event_contains() {
        let pushed = Pushed::parse("x 7 1800000000000 3 5 a b c{\"d\" : 1}").expect("valid");
        assert_eq!(
            (pushed.offset, pushed.id.to_string()),
            (7, "1800000000000-3".into())
        );
        assert_eq!(
            (pushed.event.as_str(), pushed.data.get()),
            ("a b c", "{\"d\" : 1}")
        );
        for bad in [
            "",
            "x 7 1 3",
            "x 7 1 3 9 a1",
            "x 7 1 3 1 a{",
            "x -7 1 3 1 a1",
        ] {
            assert!(Pushed::parse(bad).is_none(), "{bad}");
        }
    }

    #[test]
    fn what_is_not_the_next_message_is_noticed() {
        let mut position = Position::default();
        assert_eq!(
            position.step(&pushed("x", 2, 1)),
            Step::Gap,
            "the first is missing"
        );
        assert_eq!(position.step(&pushed("x", 1, 1)), Step::Next);
        position.take(&pushed("x", 5, 100));
        for (epoch, offset, ms, step) in [
            ("x", 6, 101, Step::Next),
            ("x", 5, 100, Step::Old),
            ("x", 4, 99, Step::Old),
            ("x", 7, 102, Step::Gap),
            ("x", 4, 101, Step::Gap),
            ("y", 6, 101, Step::Gap),
        ] {
            assert_eq!(
                position.step(&pushed(epoch, offset, ms)),
                step,
                "{epoch} {offset}"
            );
        }
    }
}
