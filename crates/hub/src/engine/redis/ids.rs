//! A message's id in its stream, and as a ULID.
//!
//! A stream's ids are a millisecond and a number within it. The ULID has the same
//! millisecond; of its other 80 bits, the upper half is the number and the lower one a
//! hash of the channel, so that no two channels have the same id.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use live_dashboard_protocol::name::ChannelName;
use ulid::Ulid;

const HALF: u32 = 40;

/// The id of a message in its channel's stream. All messages have one, also those that
/// are not stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct StreamId {
    /// Milliseconds since the Unix epoch, by the server's clock.
    pub(super) ms: u64,
    /// Counts the messages of that millisecond.
    pub(super) number: u64,
}

/// The lower half of the random part of a channel's ULIDs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tag(u64);

impl Tag {
    pub(super) fn of(channel: &ChannelName) -> Self {
        let hash = digest(&SHA256, channel.as_str().as_bytes());
        let bytes = hash.as_ref().iter().take(HALF as usize / 8);
        Self(bytes.fold(0, |tag, byte| tag << 8 | u64::from(*byte)))
    }

    pub(super) fn ulid(self, id: StreamId) -> Ulid {
        Ulid::from_parts(id.ms, u128::from(id.number) << HALF | u128::from(self.0))
    }

    /// The least id whose ULID is `least` or greater.
    pub(super) fn first_from(self, least: Ulid) -> StreamId {
        let (ms, random) = (least.timestamp_ms(), least.random());
        let below = random.saturating_sub(u128::from(self.0));
        let number = below.div_ceil(1 << HALF);
        StreamId {
            ms,
            number: u64::try_from(number).unwrap_or(u64::MAX),
        }
    }

    /// The greatest id whose ULID is less than `end`, `None` if there is none.
    pub(super) fn last_before(self, end: Ulid) -> Option<StreamId> {
        let StreamId { ms, number } = self.first_from(end);
        match (ms, number) {
            (0, 0) => None,
            (ms, 0) => Some(StreamId {
                ms: ms - 1,
                number: u64::MAX,
            }),
            (ms, number) => Some(StreamId {
                ms,
                number: number - 1,
            }),
        }
    }
}

impl StreamId {
    /// Reads `MS-NUMBER`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (ms, number) = text.split_once('-')?;
        Some(Self {
            ms: ms.parse().ok()?,
            number: number.parse().ok()?,
        })
    }
}

impl fmt::Display for StreamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.ms, self.number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tag(name: &str) -> Tag {
        Tag::of(&ChannelName::new(name).expect("valid"))
    }

    proptest! {
        #[test]
        fn both_ids_have_the_same_order(ms in 0..1_u64 << 48, number in 0..1_u64 << 40, ulid: u128) {
            let (tag, id) = (tag("c"), StreamId { ms, number });
            prop_assert_eq!(tag.first_from(tag.ulid(id)), id);
            prop_assert_ne!(tag.ulid(id), super::tests::tag("d").ulid(id));
            for other in [Ulid::from(ulid), Ulid::from(u128::from(tag.ulid(id)).wrapping_add(1))] {
                prop_assert_eq!(tag.ulid(id) >= other, id >= tag.first_from(other));
                let is_before = tag.last_before(other).is_some_and(|last| id <= last);
                prop_assert_eq!(tag.ulid(id) < other, is_before);
            }
        }
    }

    #[test]
    fn nothing_is_before_the_first() {
        assert_eq!(tag("c").last_before(Ulid::nil()), None);
        assert_eq!(tag("c").first_from(Ulid::nil()), StreamId::default());
    }
}
