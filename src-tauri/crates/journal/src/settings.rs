//! The table `settings`: the learner's choices, by name.

use rusqlite::OptionalExtension;

use crate::{Error, Journal};

pub(crate) const CREATE: &str = "
CREATE TABLE settings (
    key TEXT PRIMARY KEY NOT NULL,
    value TEXT NOT NULL
) STRICT;
";

impl Journal {
    pub fn record_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        self.write(|transaction| {
            transaction.execute(
                "INSERT INTO settings (key, value) VALUES (?, ?)
                 ON CONFLICT (key) DO UPDATE SET value = excluded.value",
                [key, value],
            )?;
            Ok(())
        })
    }

    pub fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        self.read(|connection| {
            connection
                .prepare_cached("SELECT value FROM settings WHERE key = ?")?
                .query_row([key], |row| row.get(0))
                .optional()
        })
    }
}
