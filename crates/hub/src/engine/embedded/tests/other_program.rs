//! Another program that opens the store, as the `sqlite3` shell does. It can hold up
//! the writer, and make its writes fail.

use std::path::Path;

use rusqlite::Connection;

pub(super) struct OtherProgram(Connection);

impl OtherProgram {
    pub(super) fn open(path: &Path) -> Self {
        Self(Connection::open(path).expect("the store can be opened"))
    }

    pub(super) fn run(&self, sql: &str) {
        self.0.execute_batch(sql).expect("valid SQL");
    }

    pub(super) fn number(&self, sql: &str) -> u64 {
        let number = self.0.query_row(sql, [], |row| row.get(0));
        number.expect("a number")
    }

    /// Makes commits wait until [`Self::release`].
    pub(super) fn hold(&self) {
        self.run("BEGIN IMMEDIATE");
    }

    pub(super) fn release(&self) {
        self.run("COMMIT");
    }

    /// Makes inserts fail, as on a full disk, until [`Self::stop_failing`]. Messages
    /// only fail if `condition` holds.
    pub(super) fn fail_if(&self, condition: &str) {
        for (table, condition) in [("messages", condition), ("used_tokens", "true")] {
            self.run(&format!(
                "CREATE TRIGGER fail_{table} BEFORE INSERT ON {table} WHEN {condition} \
                 BEGIN SELECT RAISE(ROLLBACK, 'disk full'); END"
            ));
        }
    }

    pub(super) fn stop_failing(&self) {
        self.run("DROP TRIGGER fail_messages; DROP TRIGGER fail_used_tokens");
    }
}
