//! The file's size: how it is kept within its bound.

use std::sync::PoisonError;

use super::Writer;
use crate::engine::EngineError;

impl Writer {
    /// Looks how long the file is now, after a transaction on `stored` bytes.
    pub(super) fn look(&mut self, stored: u64) {
        let file = self.path.as_ref().and_then(|path| path.metadata().ok());
        if let Some(file) = file {
            self.room.look(file.len(), stored);
        }
    }

    /// Gives back what the file has too much, once what is kept fits. Nobody
    /// can read or write meanwhile.
    pub(super) fn keep_small(&mut self) {
        let fits = self.totals.all_bytes() <= self.room.budget();
        if self.broken || !self.room.is_exceeded() || !fits || !self.compactions.is_due() {
            return;
        }
        tracing::warn!("the store's file has grown too large and is made smaller");
        match super::guarded(|| self.compact()) {
            Ok(()) => self.look(0),
            Err(error) => {
                tracing::error!(%error, "the store's file could not be made smaller");
                self.broken = true;
            }
        }
    }

    fn compact(&self) -> Result<(), EngineError> {
        let mut place = self
            .shared
            .database
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        let Some(database) = place.as_mut() else {
            return Ok(());
        };
        match database.compact() {
            Ok(_) => Ok(()),
            Err(error) => Err(EngineError::Store(error.to_string())),
        }
    }
}
