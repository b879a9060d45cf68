//! Which parts of the model an event changed.

use std::ops::BitOr;

/// A part of the model that can be watched by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Slice {
    /// [`Model::layout`](super::Model::layout).
    Layout,
    /// The current and previous values of [`Model::stats`](super::Model::stats).
    Stats,
    /// The latest values of [`Model::stats`](super::Model::stats).
    Samples,
    /// [`Model::history`](super::Model::history).
    History,
    /// [`Model::alerts`](super::Model::alerts).
    Alerts,
    /// [`Model::unshown`](super::Model::unshown).
    Unshown,
    /// [`Model::connection`](super::Model::connection).
    Connection,
    /// [`Model::dashboards`](super::Model::dashboards) and
    /// [`Model::must_choose`](super::Model::must_choose).
    Dashboards,
    /// [`Model::reach`](super::Model::reach).
    Reach,
    /// [`Model::new_page_version`](super::Model::new_page_version).
    PageVersion,
}

impl Slice {
    /// All slices.
    pub const ALL: [Self; 10] = [
        Self::Layout,
        Self::Stats,
        Self::Samples,
        Self::History,
        Self::Alerts,
        Self::Unshown,
        Self::Connection,
        Self::Dashboards,
        Self::Reach,
        Self::PageVersion,
    ];
}

/// A set of slices: those that an event changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Changed(u16);

impl Changed {
    /// Nothing changed.
    pub const NOTHING: Self = Self(0);
    /// What is shown as a picture or a text, which people take in more slowly than a
    /// number.
    pub const PICTURES: Self = Self::of(&[
        Slice::Samples,
        Slice::History,
        Slice::Alerts,
        Slice::Unshown,
    ]);
    /// Everything may have changed.
    pub const ALL: Self = Self::of(&Slice::ALL);

    /// The set of these slices.
    pub const fn of(slices: &[Slice]) -> Self {
        let mut set = 0;
        let mut i = 0;
        while i < slices.len() {
            set |= 1 << slices[i] as u8;
            i += 1;
        }
        Self(set)
    }

    /// This set if something changed, else the empty set.
    pub(super) fn when(changed: bool, set: Self) -> Self {
        if changed { set } else { Self::NOTHING }
    }

    /// This set without those of another.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether the slice is in the set.
    pub fn contains(self, slice: Slice) -> bool {
        self.0 & (1 << slice as u8) != 0
    }
}

impl From<Slice> for Changed {
    fn from(slice: Slice) -> Self {
        Self::of(&[slice])
    }
}

impl BitOr for Changed {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
