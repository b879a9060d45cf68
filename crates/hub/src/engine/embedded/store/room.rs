//! How much may be kept so that the file stays within its bound.
//!
//! The library doubles a file that is full, and pages are never quite full:
//! how much of the file a byte takes depends on the messages, and shows when
//! the file grows.

/// The most bytes that share a transaction, if the storage limit is large.
const BATCH: u64 = 16 * 1024 * 1024;
/// A smaller file has not much in it that says something.
const TELLING: u64 = 1024 * 1024;
/// What a thousand bytes may take of the file, at least and at most. The
/// library joins pages that are emptier than a third.
const SPREAD: (u64, u64) = (1000, 2500);

/// The limit, and what is known of the file.
#[derive(Debug)]
pub(super) struct Room {
    limit: u64,
    /// The file's length, when it was last looked at.
    file: u64,
    /// How many bytes of the file a thousand stored ones took when it last
    /// grew; `None` while it has not.
    spread: Option<u64>,
}

impl Room {
    pub(super) fn new(limit: u64, spread: Option<u64>) -> Self {
        Self {
            limit,
            file: 0,
            spread,
        }
    }

    /// The most bytes that share a transaction: it takes its space beside what
    /// is stored already, so that they must be few where the limit is small.
    pub(super) fn batch(&self) -> u64 {
        BATCH.min(self.limit / 16)
    }

    /// The bytes that may be stored.
    pub(super) fn budget(&self) -> u64 {
        let Some(spread) = self.spread else {
            return self.limit;
        };
        let usable = self.longest().saturating_sub(4 * self.batch());
        // A twentieth is for what was not foreseen.
        (usable / spread).saturating_mul(950).min(self.limit)
    }

    /// The bytes that may be stored and cannot be evicted.
    pub(super) fn lasting(&self) -> u64 {
        self.limit / 4
    }

    /// Whether the file is larger than it may be.
    pub(super) fn is_exceeded(&self) -> bool {
        self.file > self.most()
    }

    pub(super) fn spread(&self) -> Option<u64> {
        self.spread
    }

    /// The file's length now; `stored` bytes were there before the last
    /// transaction.
    pub(super) fn look(&mut self, file: u64, stored: u64) {
        if self.file >= TELLING && file > self.file && stored > 0 {
            let (least, most) = SPREAD;
            let spread = self.file.saturating_mul(1000) / stored;
            self.spread = Some(spread.clamp(least, most));
        }
        self.file = file;
    }

    /// The file may have this length: one and a half times the limit.
    fn most(&self) -> u64 {
        self.limit.saturating_add(self.limit / 2)
    }

    /// The length that it reaches by doubling without being too large. One
    /// that is too large is to be made so small that it can double once.
    fn longest(&self) -> u64 {
        let most = self.most();
        if self.is_exceeded() {
            return most / 2;
        }
        let mut length = self.file.max(1);
        while length <= most / 2 {
            length *= 2;
        }
        length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MIB: u64 = 1024 * 1024;

    #[test]
    fn the_limit_is_the_budget_until_the_file_says_otherwise() {
        let mut room = Room::new(256 * MIB, None);
        assert_eq!(room.budget(), 256 * MIB);
        room.look(136 * MIB, 0);
        assert_eq!(room.budget(), 256 * MIB);
        room.look(272 * MIB, 80 * MIB);
        assert_eq!(room.spread(), Some(1700));
        // 272 MiB cannot double again, and hold 272 / 1.7 at the most.
        let budget = room.budget();
        assert!(budget > 115 * MIB && budget < 160 * MIB, "{budget}");
        assert!(!room.is_exceeded());
    }

    #[test]
    fn what_was_learnt_holds_after_a_restart() {
        let mut room = Room::new(256 * MIB, Some(1700));
        room.look(136 * MIB, 50 * MIB);
        let small = room.budget();
        room.look(272 * MIB, 80 * MIB);
        assert_eq!(room.budget(), small, "it may double once");
    }

    #[test]
    fn a_file_that_is_too_large_is_made_so_small_that_it_can_double() {
        let mut room = Room::new(64 * MIB, Some(1000));
        room.look(200 * MIB, 0);
        assert!(room.is_exceeded());
        assert!(room.budget() <= 48 * MIB);
        room.look(45 * MIB, 0);
        assert!(!room.is_exceeded());
        assert_eq!(room.budget(), 64 * MIB, "90 MiB of file hold it");
    }

    #[test]
    fn no_numbers_overflow() {
        let mut room = Room::new(u64::MAX, Some(1000));
        room.look(u64::MAX, u64::MAX);
        assert!(!room.is_exceeded());
        assert!(room.budget() > u64::MAX / 2);
        let mut room = Room::new(1, Some(2500));
        room.look(100, 1);
        assert_eq!((room.budget(), room.lasting(), room.batch()), (0, 0, 0));
    }
}
