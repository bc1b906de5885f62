//! What filters look at, in memory: the keys of each namespace, and for each path that a filter has named the keys of
//! each value. A column is built when a filter first names its path and follows the file from then on, in this process
//! and for the writes of others. Never holds a vector, and can be thrown away at any time.

mod column;
mod look;

use std::collections::HashMap;

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension};

use crate::{Filter, Path, Payload};
pub(crate) use column::Column;
use look::{Look, Rows};

/// Columns whose dead keys outnumber the living this many times are built anew.
const DEAD_SHARE: u64 = 2;

/// A change costs a look at every distinct value. Where all would cost more than this, a column is built anew instead.
const PATCH_BUDGET: usize = 4_000_000;

#[derive(Debug, Default)]
pub(crate) struct Columns {
    sequence: u64,
    /// All keys up to this one are known.
    newest: u32,
    namespaces: HashMap<i64, RoaringBitmap>,
    living: u64,
    dead: u64,
    columns: HashMap<Path, Column>,
}

/// Where the file stands in the transaction that is looked through.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Standing {
    pub sequence: u64,
    /// The highest key ever given.
    pub newest: u32,
    pub points: u64,
    /// Changes up to this sequence are no longer listed.
    pub floor: u64,
}

impl Columns {
    /// The keys of a namespace that pass, as the transaction on `connection` sees them.
    ///
    /// Whoever calls holds these columns alone from before that transaction began, so they are never ahead of it.
    pub fn select(
        &mut self,
        connection: &Connection,
        standing: Standing,
        namespace: i64,
        filters: &[&Filter],
    ) -> rusqlite::Result<RoaringBitmap> {
        self.follow(connection, standing)?;
        self.build(connection, filters.iter().flat_map(|filter| filter.paths()))?;
        let Some(all) = self.namespaces.get(&namespace) else { return Ok(RoaringBitmap::new()) };
        let look = Look { columns: &self.columns, all, rows: Rows::Points(connection, namespace) };
        let mut chosen = all.clone();
        for filter in filters {
            chosen &= look.passing(filter)?;
        }
        Ok(chosen)
    }

    /// The values at a path, and the keys that pass, as [`Columns::select`] finds them.
    pub fn values(
        &mut self,
        connection: &Connection,
        standing: Standing,
        namespace: i64,
        filters: &[&Filter],
        path: &Path,
    ) -> rusqlite::Result<(Option<&Column>, RoaringBitmap)> {
        let chosen = self.select(connection, standing, namespace, filters)?;
        self.build(connection, [path])?;
        Ok((self.columns.get(path), chosen))
    }

    fn follow(&mut self, connection: &Connection, standing: Standing) -> rusqlite::Result<()> {
        if self.sequence < standing.floor || self.dead > DEAD_SHARE * self.living + 1000 {
            *self = Self::default();
        }
        if self.sequence == standing.sequence {
            return Ok(());
        }
        let known = self.newest;
        if known > 0 {
            let mut changed =
                connection.prepare_cached("SELECT DISTINCT key FROM changes WHERE sequence > ?1 AND key <= ?2")?;
            let changed = changed.query_map((self.sequence, known), |row| row.get(0))?;
            let changed = changed.collect::<rusqlite::Result<Vec<u32>>>()?;
            let patched = changed.len();
            self.columns.retain(|_, column| column.distinct() * patched <= PATCH_BUDGET);
            for key in changed {
                self.refresh(connection, key)?;
            }
        }
        self.take_new(connection, known)?;
        (self.sequence, self.newest) = (standing.sequence, standing.newest);
        Ok(())
    }

    /// A key that was known went away, or its payload changed.
    fn refresh(&mut self, connection: &Connection, key: u32) -> rusqlite::Result<()> {
        let mut row = connection.prepare_cached("SELECT payload FROM points WHERE key = ?1")?;
        match row.query_row([key], |row| payload(row, 0)).optional()? {
            Some(payload) => {
                for (path, column) in &mut self.columns {
                    column.remove(key);
                    column.add(key, &path.values(&payload));
                }
            }
            None if self.namespaces.values_mut().any(|keys| keys.remove(key)) => {
                self.dead += 1;
                self.living -= 1;
            }
            None => {}
        }
        Ok(())
    }

    fn take_new(&mut self, connection: &Connection, known: u32) -> rusqlite::Result<()> {
        let mut added = 0;
        if self.columns.is_empty() {
            // Answered by an index alone, without the payloads, where everything is new.
            let all = "SELECT key, namespace FROM points INDEXED BY sqlite_autoindex_points_1";
            let newer = "SELECT key, namespace FROM points WHERE key > ?1";
            let mut rows = connection.prepare_cached(if known == 0 { all } else { newer })?;
            let mut rows = if known == 0 { rows.query([])? } else { rows.query([known])? };
            while let Some(row) = rows.next()? {
                added += u64::from(self.namespaces.entry(row.get(1)?).or_default().insert(row.get(0)?));
            }
        } else {
            let mut rows = connection.prepare_cached("SELECT key, namespace, payload FROM points WHERE key > ?1")?;
            let mut rows = rows.query([known])?;
            while let Some(row) = rows.next()? {
                let key = row.get(0)?;
                added += u64::from(self.namespaces.entry(row.get(1)?).or_default().insert(key));
                let payload = payload(row, 2)?;
                for (path, column) in &mut self.columns {
                    column.add(key, &path.values(&payload));
                }
            }
        }
        self.living += added;
        Ok(())
    }

    /// Builds the columns that are not there yet, in one pass over the payloads.
    fn build<'a>(
        &mut self,
        connection: &Connection,
        paths: impl IntoIterator<Item = &'a Path>,
    ) -> rusqlite::Result<()> {
        let mut missing: HashMap<Path, Column> = HashMap::new();
        for path in paths {
            if !self.columns.contains_key(path) {
                missing.entry(path.clone()).or_default();
            }
        }
        if missing.is_empty() {
            return Ok(());
        }
        let mut rows = connection.prepare("SELECT key, payload FROM points")?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (key, payload) = (row.get(0)?, payload(row, 1)?);
            for (path, column) in &mut missing {
                column.add(key, &path.values(&payload));
            }
        }
        self.columns.extend(missing);
        Ok(())
    }
}

/// A payload as it is stored. One that is no object is damage.
pub(crate) fn payload(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Payload> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(error)))
}
