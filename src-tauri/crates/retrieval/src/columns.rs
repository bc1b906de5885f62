//! What filters look at, in memory: the keys of each namespace, and for each path that a filter has named the keys of
//! each value. A column is built when a filter first names its path and follows the file from then on, in this process
//! and for the writes of others. Never holds a vector, and can be thrown away at any time.

mod column;
mod look;

use std::{collections::HashMap, sync::Arc};

use roaring::RoaringBitmap;
use rusqlite::Connection;

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
    namespaces: HashMap<i64, Arc<RoaringBitmap>>,
    living: u64,
    dead: u64,
    columns: HashMap<Path, Arc<Column>>,
}

/// A namespace with some of its columns as they were at one moment. Whoever looks through it holds up nobody: what
/// follows the file meanwhile makes copies.
#[derive(Debug)]
pub(crate) struct Sight<'a> {
    namespace: i64,
    all: Arc<RoaringBitmap>,
    columns: HashMap<&'a Path, Arc<Column>>,
}

impl Sight<'_> {
    /// The keys that pass all filters, whose paths are among those that the sight was taken for. On the connection, and in
    /// the transaction, with which it was taken.
    pub fn select(&self, connection: &Connection, filters: &[&Filter]) -> rusqlite::Result<RoaringBitmap> {
        let rows = Rows::Points(connection, self.namespace);
        let look = Look { columns: &self.columns, all: &self.all, rows };
        let mut chosen = (*self.all).clone();
        for filter in filters {
            chosen &= look.passing(filter)?;
        }
        Ok(chosen)
    }

    pub fn column(&self, path: &Path) -> Option<&Column> {
        self.columns.get(path).map(Arc::as_ref)
    }
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
    /// A namespace with the columns of these paths, as the transaction on `connection` sees them: each path with whether
    /// its values are asked for.
    ///
    /// Whoever calls holds these columns alone from before that transaction began, so they are never ahead of it.
    pub fn see<'a>(
        &mut self,
        connection: &Connection,
        standing: Standing,
        namespace: i64,
        paths: impl IntoIterator<Item = (&'a Path, bool)>,
    ) -> rusqlite::Result<Sight<'a>> {
        let paths: Vec<(&Path, bool)> = paths.into_iter().collect();
        self.follow(connection, standing)?;
        self.build(connection, &paths)?;
        let columns = paths.iter().filter_map(|(path, _)| Some((*path, self.columns.get(*path)?.clone()))).collect();
        Ok(Sight { namespace, all: self.namespaces.get(&namespace).cloned().unwrap_or_default(), columns })
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
            let mut changed = connection.prepare_cached(
                "SELECT DISTINCT changes.key, points.key IS NOT NULL FROM changes
                 LEFT JOIN points ON points.key = changes.key WHERE sequence > ?1 AND changes.key <= ?2",
            )?;
            let changed = changed.query_map((self.sequence, known), |row| Ok((row.get(0)?, row.get(1)?)))?;
            let changed = changed.collect::<rusqlite::Result<Vec<(u32, bool)>>>()?;
            // A dead key stays in the columns, whoever looks leaves it out.
            let patched = changed.iter().filter(|(_, lives)| *lives).count();
            self.columns.retain(|_, column| column.distinct() * patched <= PATCH_BUDGET);
            for (key, lives) in changed {
                if lives { self.refresh(connection, key)? } else { self.forget(key) }
            }
        }
        self.take_new(connection, known)?;
        (self.sequence, self.newest) = (standing.sequence, standing.newest);
        Ok(())
    }

    /// The payload of a key that is known has changed.
    fn refresh(&mut self, connection: &Connection, key: u32) -> rusqlite::Result<()> {
        if self.columns.is_empty() {
            return Ok(());
        }
        let mut row = connection.prepare_cached("SELECT payload FROM points WHERE key = ?1")?;
        let payload = row.query_row([key], |row| payload(row, 0))?;
        for (path, column) in &mut self.columns {
            let column = Arc::make_mut(column);
            column.remove(key);
            column.add(key, &path.values(&payload));
        }
        Ok(())
    }

    /// A key that was known went away.
    fn forget(&mut self, key: u32) {
        if let Some(keys) = self.namespaces.values_mut().find(|keys| keys.contains(key)) {
            Arc::make_mut(keys).remove(key);
            self.dead += 1;
            self.living -= 1;
        }
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
                added += u64::from(self.namespace(row.get(1)?).insert(row.get(0)?));
            }
        } else {
            let mut rows = connection.prepare_cached("SELECT key, namespace, payload FROM points WHERE key > ?1")?;
            let mut rows = rows.query([known])?;
            while let Some(row) = rows.next()? {
                let key = row.get(0)?;
                added += u64::from(self.namespace(row.get(1)?).insert(key));
                let payload = payload(row, 2)?;
                for (path, column) in &mut self.columns {
                    Arc::make_mut(column).add(key, &path.values(&payload));
                }
            }
        }
        self.living += added;
        Ok(())
    }

    fn namespace(&mut self, number: i64) -> &mut RoaringBitmap {
        Arc::make_mut(self.namespaces.entry(number).or_default())
    }

    /// Builds the columns that are not there yet, in one pass over the payloads.
    fn build(&mut self, connection: &Connection, paths: &[(&Path, bool)]) -> rusqlite::Result<()> {
        let mut missing: HashMap<Path, Column> = HashMap::new();
        for (path, values) in paths {
            if self.columns.get(*path).is_none_or(|column| *values && !column.holds_values()) {
                missing.entry((*path).clone()).or_default().hold_values(*values);
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
        self.columns.extend(missing.into_iter().map(|(path, column)| (path, Arc::new(column))));
        Ok(())
    }

    /// The paths of the columns, each with how many values it holds.
    #[cfg(test)]
    pub fn built(&self) -> Vec<(Path, usize)> {
        let mut built: Vec<_> = self.columns.iter().map(|(path, column)| (path.clone(), column.distinct())).collect();
        built.sort();
        built
    }
}

/// A payload as it is stored. One that is no object is damage.
pub(crate) fn payload(row: &rusqlite::Row<'_>, index: usize) -> rusqlite::Result<Payload> {
    let text = row.get_ref(index)?.as_str()?;
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(index, rusqlite::types::Type::Text, Box::new(error)))
}
