//! A medium that fails: opening it again, and taking time over it.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use super::Writer;
use crate::engine::EngineError;
use crate::engine::embedded::store::read::made;

/// After a failure the writer rests so many times as long as it took to open
/// the database again, at most so long.
const REST_FACTOR: u32 = 10;
const LONGEST_REST: Duration = Duration::from_secs(2);

impl Writer {
    /// Opens the database at once after a failure, for those who read. That may
    /// take its time and keeps them waiting: then nothing is tried for longer,
    /// and what is to be written comes together.
    pub(super) fn recover(&mut self) {
        let begun = Instant::now();
        if let Err(error) = self.open_again() {
            tracing::debug!(%error, "the store could not be opened again");
        }
        self.rest = Some((REST_FACTOR * begun.elapsed()).min(LONGEST_REST));
    }

    /// Opens the database again, as the library wants it after its medium
    /// failed.
    pub(super) fn open_again(&mut self) -> Result<(), EngineError> {
        let shared = Arc::clone(&self.shared);
        {
            let mut database = shared
                .database
                .write()
                .unwrap_or_else(PoisonError::into_inner);
            // The old one must have let go of the file.
            drop(database.take());
            *database = Some((self.reopen)().map_err(EngineError::Store)?);
        }
        self.count()?;
        // What is not there now will not be: only the last transaction, if
        // any, was in doubt.
        let mut made = shared
            .with(|database| made(database, &self.doubtful))?
            .into_iter();
        self.doubtful.retain(|_| made.next().unwrap_or(true));
        self.broken = false;
        tracing::debug!("the store was opened again");
        Ok(())
    }
}
