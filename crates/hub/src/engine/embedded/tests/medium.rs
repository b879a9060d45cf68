//! A medium in memory that outlives the databases on it, fails on demand, and
//! can be held still.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, PoisonError};

use redb::{Builder, Database, StorageBackend};

use super::super::{Embedded, Settings, lock, store};

/// The bytes, and what is wrong with them.
#[derive(Debug, Clone, Default)]
pub(in super::super) struct Medium {
    bytes: Arc<Mutex<Vec<u8>>>,
    /// Nothing more can be written.
    pub(in super::super) full: Arc<AtomicBool>,
    /// The next sync of a finished transaction fails, although all of it was
    /// written.
    pub(in super::super) fails_to_sync_once: Arc<AtomicBool>,
    /// The beginning, where a transaction comes to its end, was written since
    /// the last sync.
    finished: Arc<AtomicBool>,
    gate: Arc<Gate>,
}

/// Lets those who sync through, or holds them.
#[derive(Debug, Default)]
struct Gate {
    state: Mutex<GateState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct GateState {
    shut: bool,
    waiting: usize,
}

impl Medium {
    pub(in super::super) fn open(&self) -> Result<Database, String> {
        Builder::new()
            .create_with_backend(self.clone())
            .map_err(|error| error.to_string())
    }

    pub(super) fn engine(&self, settings: Settings) -> Embedded {
        let database = self.open().expect("opens");
        store::prepare(&database).expect("is empty");
        let medium = self.clone();
        let reopen = move || medium.open();
        Embedded::start(database, None, Box::new(reopen), settings).expect("starts")
    }

    /// The same bytes as they are now, as after a kill.
    pub(super) fn copy(&self) -> Self {
        Self {
            bytes: Arc::new(Mutex::new(lock(&self.bytes).clone())),
            ..Self::default()
        }
    }

    /// Holds who syncs from now on.
    pub(super) fn hold(&self) {
        lock(&self.gate.state).shut = true;
    }

    /// Comes back when somebody is held.
    pub(super) async fn until_held(&self) {
        while lock(&self.gate.state).waiting == 0 {
            tokio::task::yield_now().await;
        }
    }

    /// Lets everybody go on.
    pub(super) fn release(&self) {
        lock(&self.gate.state).shut = false;
        self.gate.changed.notify_all();
    }

    fn room(&self) -> io::Result<()> {
        if self.full.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        Ok(())
    }
}

impl Gate {
    fn pass(&self) {
        let mut state = lock(&self.state);
        state.waiting += 1;
        while state.shut {
            state = self
                .changed
                .wait(state)
                .unwrap_or_else(PoisonError::into_inner);
        }
        state.waiting -= 1;
    }
}

impl StorageBackend for Medium {
    fn len(&self) -> io::Result<u64> {
        Ok(lock(&self.bytes).len() as u64)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        let bytes = lock(&self.bytes);
        let there = bytes
            .get(offset..offset + out.len())
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        out.copy_from_slice(there);
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        self.room()?;
        let len = usize::try_from(len).map_err(io::Error::other)?;
        lock(&self.bytes).resize(len, 0);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.gate.pass();
        if self.finished.swap(false, Ordering::SeqCst)
            && self.fails_to_sync_once.swap(false, Ordering::SeqCst)
        {
            return Err(io::Error::other("lost power"));
        }
        self.room()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.room()?;
        let offset = usize::try_from(offset).map_err(io::Error::other)?;
        if offset == 0 {
            self.finished.store(true, Ordering::SeqCst);
        }
        lock(&self.bytes)[offset..offset + data.len()].copy_from_slice(data);
        Ok(())
    }
}
