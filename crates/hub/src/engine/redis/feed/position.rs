//! Where a node is in a channel's messages, and whether the next one is the next.

use live_dashboard_protocol::name::{ChannelName, EventName};
use serde_json::value::RawValue;

use super::super::super::Message;
use super::super::ids::{StreamId, Tag};

/// Where a node is in a channel. All messages of an epoch are numbered from 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Position {
    /// Random, new when the server knows nothing of the channel; empty if it does not know it
    /// yet.
    pub(super) epoch: String,
    /// The number of the last message.
    pub(super) offset: u64,
    /// Its id.
    pub(in super::super) last: StreamId,
}

/// A message as the server pushes it.
#[derive(Debug)]
pub(super) struct Pushed {
    /// Where a node is that has it.
    pub(super) position: Position,
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
        match pushed.position.since(self) {
            Some(1) => Step::Next,
            // After a failover that lost messages, later ones have their numbers.
            None | Some(0)
                if pushed.position.epoch == self.epoch && pushed.position.last <= self.last =>
            {
                Step::Old
            }
            _ => Step::Gap,
        }
    }

    /// How many messages there are after `earlier`, `None` if that is not earlier.
    pub(super) fn since(&self, earlier: &Self) -> Option<u64> {
        let is_same = earlier.epoch == self.epoch || earlier.epoch.is_empty();
        is_same
            .then(|| self.offset.checked_sub(earlier.offset))
            .flatten()
    }
}

impl Pushed {
    /// The message, and where a node is that has it.
    pub(super) fn message(self, channel: ChannelName, tag: Tag) -> (Message, Position) {
        let message = Message {
            id: tag.ulid(self.position.last),
            channel,
            event: self.event,
            data: self.data,
        };
        (message, self.position)
    }

    /// Reads what `publish.lua` sends; `None` if it is something else.
    pub(super) fn parse(payload: &str) -> Option<Self> {
        let mut parts = payload.splitn(6, ' ');
        let epoch = parts.next()?.to_owned();
        let mut number = || parts.next()?.parse::<u64>().ok();
        let offset = number()?;
        let last = StreamId {
            ms: number()?,
            number: number()?,
        };
        let length = usize::try_from(number()?).ok()?;
        let (event, data) = parts.next()?.split_at_checked(length)?;
        Some(Self {
            position: Position {
                epoch,
                offset,
                last,
            },
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
            (pushed.position.offset, pushed.position.last.to_string()),
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
        position = pushed("x", 5, 100).position;
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
