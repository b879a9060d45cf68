//! The connections that fit: a new one takes the place of one that sends nothing.

use std::collections::{BTreeMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// A connection may be silent for this long even if others need its place.
const SILENCE: Duration = Duration::from_secs(1);

/// The most connections that have lost their place and may not be closed yet.
pub(super) const LEAVING: usize = 16;

/// The places for connections.
pub(crate) struct Slots {
    spare: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    next: u64,
    open: Places,
    /// Connections beyond the limit, for operators.
    spare: Places,
    /// Connections that have lost their place.
    leaving: HashSet<u64>,
}

#[derive(Default)]
struct Places {
    taken: HashSet<u64>,
    /// Those of connections without a request, by the time since when: first of those
    /// that never had one, then of the others.
    silent: [BTreeMap<(Instant, u64), CancellationToken>; 2],
}

impl Places {
    /// Makes room for one more, as [`Places::cut_silent`] does if need be.
    fn make_room(
        &mut self,
        limit: usize,
        before: Option<Instant>,
        leaving: &mut HashSet<u64>,
    ) -> bool {
        self.taken.len() < limit || self.cut_silent(before, leaving)
    }

    /// Of the connections that were silent `before`, one loses its place: one that never
    /// had a request, if possible, and the one that was silent for the longest time.
    fn cut_silent(&mut self, before: Option<Instant>, leaving: &mut HashSet<u64>) -> bool {
        let longest = self.silent.iter_mut().filter_map(BTreeMap::first_entry);
        let mut longest =
            longest.filter(|entry| before.is_some_and(|before| entry.key().0 <= before));
        let Some(entry) = longest.next() else {
            return false;
        };
        let ((_, id), cut) = entry.remove_entry();
        self.taken.remove(&id);
        leaving.insert(id);
        cut.cancel();
        true
    }
}

/// A connection's place, given up once dropped.
pub(crate) struct Slot {
    id: u64,
    spare: bool,
    /// Since when there is no request, `None` while there is one; and whether there has
    /// been one.
    silent: Mutex<(Option<Instant>, bool)>,
    cut: CancellationToken,
    slots: Arc<Slots>,
}

impl Slots {
    /// With `spare` places beyond the limit.
    pub(crate) fn new(spare: usize) -> Arc<Self> {
        Arc::new(Self {
            spare,
            state: Mutex::default(),
        })
    }

    /// A place for a new connection, if there is one of `limit`.
    pub(crate) fn take(
        self: &Arc<Self>,
        limit: usize,
        parent: &CancellationToken,
        now: Instant,
    ) -> Option<Slot> {
        let mut state = self.state();
        let State { open, leaving, .. } = &mut *state;
        let room = open.make_room(limit, now.checked_sub(SILENCE), leaving);
        room.then(|| self.place(&mut state, now, parent, false))
    }

    /// A place beyond the limit, if there is one.
    pub(crate) fn take_spare(
        self: &Arc<Self>,
        parent: &CancellationToken,
        now: Instant,
    ) -> Option<Slot> {
        let mut state = self.state();
        let State { spare, leaving, .. } = &mut *state;
        let room = spare.make_room(self.spare, Some(now), leaving);
        room.then(|| self.place(&mut state, now, parent, true))
    }

    /// Whether [`Slots::take`] would give a place without taking another's.
    pub(crate) fn has_room(&self, limit: usize) -> bool {
        self.state().open.taken.len() < limit
    }

    /// Takes the place of a connection that is silent, if there is one.
    pub(crate) fn cut_silent(&self) -> bool {
        let now = Some(Instant::now());
        let mut state = self.state();
        let State {
            open,
            spare,
            leaving,
            ..
        } = &mut *state;
        spare.cut_silent(now, leaving) || open.cut_silent(now, leaving)
    }

    /// Whether so many connections have lost their place that they must be closed first:
    /// there are no files for more.
    pub(crate) fn is_crowded(&self) -> bool {
        self.state().leaving.len() >= LEAVING
    }

    fn place(
        self: &Arc<Self>,
        state: &mut State,
        now: Instant,
        parent: &CancellationToken,
        spare: bool,
    ) -> Slot {
        let (id, cut) = (state.next, parent.child_token());
        state.next += 1;
        let places = state.places(spare);
        places.taken.insert(id);
        places.silent[0].insert((now, id), cut.clone());
        Slot {
            id,
            spare,
            silent: Mutex::new((Some(now), false)),
            cut,
            slots: Arc::clone(self),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn places(&mut self, spare: bool) -> &mut Places {
        match spare {
            true => &mut self.spare,
            false => &mut self.open,
        }
    }
}

impl Slot {
    /// Cancelled when the connection must end.
    pub(crate) fn cut(&self) -> &CancellationToken {
        &self.cut
    }

    /// The connection has a request.
    pub(crate) fn busy(&self) {
        self.set_silent(None);
    }

    /// The connection has no request.
    pub(crate) fn silent(&self) {
        self.set_silent(Some(Instant::now()));
    }

    fn set_silent(&self, since: Option<Instant>) {
        let mut state = self.slots.state();
        let mut silent = self.silent.lock().unwrap_or_else(PoisonError::into_inner);
        let places = state.places(self.spare);
        let (before, served) = *silent;
        if let Some(before) = before {
            places.silent[usize::from(served)].remove(&(before, self.id));
        }
        let since = since.filter(|_| places.taken.contains(&self.id));
        if let Some(since) = since {
            places.silent[1].insert((since, self.id), self.cut.clone());
        }
        *silent = (since, true);
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.busy();
        let mut state = self.slots.state();
        state.places(self.spare).taken.remove(&self.id);
        state.leaving.remove(&self.id);
    }
}
