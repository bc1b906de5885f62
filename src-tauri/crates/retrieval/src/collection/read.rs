//! Looking points up, listing, counting. Never compares vectors.

use rusqlite::{Connection, OptionalExtension, Row};

use super::{Attempt, Collection, lock};
use crate::{Error, Filter, Include, NamespaceSize, Page, PointId, Record, columns::payload, similarity::numbers};

/// Ids or points of one page at most.
const PAGE: usize = 10_000;

impl Collection {
    /// Points by their ids, in the order of the ids. Those that are not there are left out.
    pub fn fetch(&self, namespace: &str, ids: &[PointId], include: Include) -> Result<Vec<Record>, Error> {
        self.read(|connection, _| {
            let Some(namespace) = self::namespace(connection, namespace)? else { return Ok(Vec::new()) };
            let mut key = connection.prepare_cached("SELECT key FROM points WHERE namespace = ?1 AND id = ?2")?;
            let mut found = Vec::new();
            for id in ids {
                if let Some(key) = key.query_row((namespace, id.as_str()), |row| row.get(0)).optional()? {
                    found.extend(record(connection, key, include)?);
                }
            }
            Ok(found)
        })
    }

    /// Ids that begin with `prefix`, in the order of their bytes, from `from` on.
    pub fn list_ids(
        &self,
        namespace: &str,
        prefix: &str,
        from: Option<&PointId>,
        limit: usize,
    ) -> Result<Page<PointId>, Error> {
        let limit = page(limit)?;
        self.read(|connection, _| {
            let Some(namespace) = self::namespace(connection, namespace)? else { return Ok(empty()) };
            let from = from.map_or(prefix, |from| from.as_str().max(prefix));
            let ids = "SELECT id FROM points WHERE namespace = ?1 AND id >= ?2 ORDER BY id LIMIT ?3";
            let mut ids = connection.prepare_cached(ids)?;
            let ids = ids.query_map((namespace, from, limit + 1), |row| row.get(0))?;
            let ids = ids.collect::<rusqlite::Result<Vec<String>>>()?;
            let mut items = Vec::new();
            for id in ids.into_iter().take_while(|id| id.starts_with(prefix)) {
                items.push(PointId::text(id)?);
            }
            let next = (items.len() > limit).then(|| items.pop()).flatten();
            Ok(Page { items, next })
        })
    }

    /// Points in the order of their ids, numbers first and by what they are worth, from `from` on.
    ///
    /// A filter that few points pass is read through to the end of the namespace by ids alone.
    pub fn scroll(
        &self,
        namespace: &str,
        filter: Option<&Filter>,
        from: Option<&PointId>,
        limit: usize,
        include: Include,
    ) -> Result<Page<Record>, Error> {
        let limit = page(limit)?;
        self.read_filtered(namespace, filter, |connection, _, namespace, allowed| {
            let Some(namespace) = namespace else { return Ok(empty()) };
            let mut keys: Vec<u32> = Vec::new();
            let mut take = |mut rows: rusqlite::Rows<'_>| -> rusqlite::Result<()> {
                while keys.len() <= limit
                    && let Some(row) = rows.next()?
                {
                    let key = row.get(0)?;
                    if allowed.is_none_or(|allowed| allowed.contains(key)) {
                        keys.push(key);
                    }
                }
                Ok(())
            };
            let number = from.map(PointId::as_number);
            if number != Some(None) {
                let least = number.flatten().unwrap_or(0).to_be_bytes();
                let numbers = "SELECT key FROM points WHERE namespace = ?1 AND number >= ?2 ORDER BY number";
                take(connection.prepare_cached(numbers)?.query((namespace, least))?)?;
            }
            let least = from.filter(|id| id.as_number().is_none()).map_or("", PointId::as_str);
            let texts = "SELECT key FROM points WHERE namespace = ?1 AND id >= ?2 AND number IS NULL ORDER BY id";
            take(connection.prepare_cached(texts)?.query((namespace, least))?)?;
            let next = (keys.len() > limit).then(|| keys.pop()).flatten();
            let mut items = Vec::with_capacity(keys.len());
            for key in keys {
                items.extend(record(connection, key, include)?);
            }
            let next = next.map(|key| record(connection, key, Include::default())).transpose()?.flatten();
            Ok(Page { items, next: next.map(|record| record.id) })
        })
    }

    /// How many points of a namespace pass, exactly.
    pub fn count(&self, namespace: &str, filter: Option<&Filter>) -> Result<u64, Error> {
        let Some(filter) = filter else {
            let namespaces = self.namespaces()?;
            return Ok(namespaces.iter().find(|size| size.name == namespace).map_or(0, |size| size.points));
        };
        self.read_filtered(namespace, Some(filter), |_, _, _, allowed| Ok(allowed.map_or(0, |allowed| allowed.len())))
    }

    /// The namespaces that hold points, in the order of their names.
    pub fn namespaces(&self) -> Result<Vec<NamespaceSize>, Error> {
        self.read(|connection, _| {
            let sizes = "SELECT name, points FROM namespaces WHERE points > 0 ORDER BY name";
            let mut sizes = connection.prepare_cached(sizes)?;
            let sizes = sizes.query_map([], |row| Ok(NamespaceSize { name: row.get(0)?, points: row.get(1)? }))?;
            Ok(sizes.collect::<rusqlite::Result<_>>()?)
        })
    }

    /// Reads with the keys that pass; None where there is no filter and so all do.
    fn read_filtered<T>(
        &self,
        namespace: &str,
        filter: Option<&Filter>,
        read: impl FnOnce(&Connection, &super::View, Option<i64>, Option<&roaring::RoaringBitmap>) -> Attempt<T>,
    ) -> Result<T, Error> {
        let hold = || filter.map(|filter| (filter, lock(&self.0.columns)));
        self.read_holding(hold, |connection, view, mut held| {
            let number = self::namespace(connection, namespace)?;
            let sight = match (&mut held, number) {
                (Some((filter, columns)), Some(number)) => {
                    let filter = *filter;
                    Some((filter, columns.see(connection, view.standing, number, filter.paths())?))
                }
                _ => None,
            };
            drop(held);
            let allowed = sight.map(|(filter, sight)| sight.select(connection, &[filter])).transpose()?;
            read(connection, view, number, allowed.as_ref())
        })
    }
}

/// The number of a namespace that exists.
pub(super) fn namespace(connection: &Connection, name: &str) -> rusqlite::Result<Option<i64>> {
    connection
        .prepare_cached("SELECT number FROM namespaces WHERE name = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// One point, if its key still lives.
pub(super) fn record(connection: &Connection, key: u32, include: Include) -> Attempt<Option<Record>> {
    let row = match include.vector {
        true => "SELECT version, id, vector FROM vectors WHERE key = ?1",
        false => "SELECT version, id FROM vectors WHERE key = ?1",
    };
    let read = |row: &Row<'_>| {
        let vector =
            include.vector.then(|| Ok::<_, rusqlite::Error>(numbers(row.get_ref(2)?.as_blob()?))).transpose()?;
        Ok((row.get(0)?, row.get::<_, String>(1)?, vector))
    };
    let Some((version, id, vector)) = connection.prepare_cached(row)?.query_row([key], read).optional()? else {
        return Ok(None);
    };
    let mut payload = None;
    if include.payload {
        let mut row = connection.prepare_cached("SELECT payload FROM points WHERE key = ?1")?;
        payload = Some(row.query_row([key], |row| self::payload(row, 0))?);
    }
    Ok(Some(Record { id: PointId::text(id)?, version, vector, payload }))
}

/// The vector under a key.
pub(super) fn stored(connection: &Connection, key: u32) -> rusqlite::Result<Option<Vec<f32>>> {
    let mut vector = connection.prepare_cached("SELECT vector FROM vectors WHERE key = ?1")?;
    vector.query_row([key], |row| Ok(numbers(row.get_ref(0)?.as_blob()?))).optional()
}

fn page(limit: usize) -> Result<usize, Error> {
    match limit {
        1..=PAGE => Ok(limit),
        _ => Err(Error::request(format!("a page has 1 to {PAGE} entries, not {limit}"))),
    }
}

fn empty<T>() -> Page<T> {
    Page { items: Vec::new(), next: None }
}
