//! What filters look at, in memory: the keys of each namespace, and for each path that a filter has named the keys of
//! each value. A column is built when a filter first names its path and follows the file from then on, in this process
//! and for the writes of others. Never holds a vector, and can be thrown away at any time.

mod column;

use std::collections::HashMap;

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension};

use crate::{Filter, Path, Payload, Test};
use column::Column;

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
        self.build(connection, filters)?;
        let Some(all) = self.namespaces.get(&namespace) else { return Ok(RoaringBitmap::new()) };
        let mut chosen = all.clone();
        for filter in filters {
            chosen &= self.evaluate(connection, namespace, all, filter)?;
        }
        Ok(chosen)
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

    /// Builds the columns that the filters name and that are not there yet, in one pass over the payloads.
    fn build(&mut self, connection: &Connection, filters: &[&Filter]) -> rusqlite::Result<()> {
        let mut missing: HashMap<Path, Column> = HashMap::new();
        for path in filters.iter().flat_map(|filter| filter.paths()) {
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

    fn evaluate(
        &self,
        connection: &Connection,
        namespace: i64,
        all: &RoaringBitmap,
        filter: &Filter,
    ) -> rusqlite::Result<RoaringBitmap> {
        let evaluate = |part| self.evaluate(connection, namespace, all, part);
        Ok(match filter {
            Filter::All(parts) => {
                parts.iter().try_fold(all.clone(), |keys, part| Ok::<_, rusqlite::Error>(keys & evaluate(part)?))?
            }
            Filter::Any(parts) => parts
                .iter()
                .try_fold(RoaringBitmap::new(), |keys, part| Ok::<_, rusqlite::Error>(keys | evaluate(part)?))?,
            Filter::AtLeast(count, parts) => {
                // held[n] passes at least n + 1 of the parts seen so far.
                let mut held = vec![RoaringBitmap::new(); (*count).min(parts.len() + 1)];
                for part in parts {
                    let passing = evaluate(part)?;
                    for at in (0..held.len()).rev() {
                        let more = if at == 0 { passing.clone() } else { &held[at - 1] & &passing };
                        held[at] |= more;
                    }
                }
                held.pop().unwrap_or_else(|| all.clone())
            }
            Filter::Not(part) => all - evaluate(part)?,
            Filter::Ids(ids) => {
                let mut key = connection.prepare_cached("SELECT key FROM points WHERE namespace = ?1 AND id = ?2")?;
                let mut keys = RoaringBitmap::new();
                for id in ids {
                    keys.extend(key.query_row((namespace, id.as_str()), |row| row.get::<_, u32>(0)).optional()?);
                }
                keys
            }
            Filter::Field(path, test) => match (self.columns.get(path), test) {
                (None, _) => RoaringBitmap::new(),
                (Some(column), Test::Empty) => all - column.filled(),
                (Some(column), test) => column.passing(test) & all,
            },
        })
    }
}

/// A payload as it is stored. One that is no object is damage.
pub(crate) fn payload(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Payload> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(error)))
}
