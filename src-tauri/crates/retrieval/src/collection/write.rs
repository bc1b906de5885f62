//! Changes to points. A change is a value, so that a collection that answers late can keep it until its time has come.

use rusqlite::{OptionalExtension, Transaction};
use serde::{Deserialize, Serialize};

use super::{Attempt, Collection, Failure, View, keywords, lock, now};
use crate::{
    Error, Payload, PayloadChange, Point, PointId, Selection, Settings, Written, columns, payload, similarity::bytes,
};

/// Changes that are listed one by one; with more, whoever is far behind reads everything anew.
const LISTED: u64 = 200_000;

#[derive(Debug, Clone, Serialize, Deserialize)]
enum Write {
    Upsert { namespace: String, points: Vec<Point> },
    Delete { namespace: String, which: Selection },
    Vectors { namespace: String, vectors: Vec<(PointId, Vec<f32>)> },
    Payload { namespace: String, which: Selection, change: PayloadChange },
    Both { namespace: String, id: PointId, vector: Vec<f32>, change: PayloadChange },
    Namespace { name: String },
}

impl Collection {
    /// Keeps points, each in place of one with the same id; of two with one id the later. Makes the namespace.
    ///
    /// Some 30,000 points a second in groups of 1,000. Fails, and keeps none, where a vector has another dimension or a
    /// number that is not finite, or a payload is deeper than 100 objects and lists in each other.
    pub fn upsert(&self, namespace: &str, points: Vec<Point>) -> Result<Written, Error> {
        self.check(points.iter().map(|point| (&point.id, point.vector.as_slice())))?;
        points.iter().try_for_each(|point| payload::check(&point.payload))?;
        if namespace.len() > 512 || namespace.contains('\0') {
            return Err(Error::request("a namespace has at most 512 bytes and no zero byte among them"));
        }
        self.write(Write::Upsert { namespace: namespace.to_owned(), points })
    }

    /// Deletes points. Those that are not there are no error and are not counted.
    pub fn delete(&self, namespace: &str, which: Selection) -> Result<Written, Error> {
        self.write(Write::Delete { namespace: namespace.to_owned(), which })
    }

    /// Deletes a namespace with all its points.
    pub fn delete_namespace(&self, name: &str) -> Result<Written, Error> {
        self.write(Write::Namespace { name: name.to_owned() })
    }

    /// Gives points other vectors and leaves their payloads. Points that are not there are left out of the count.
    pub fn update_vectors(&self, namespace: &str, vectors: Vec<(PointId, Vec<f32>)>) -> Result<Written, Error> {
        self.check(vectors.iter().map(|(id, vector)| (id, vector.as_slice())))?;
        self.write(Write::Vectors { namespace: namespace.to_owned(), vectors })
    }

    /// Changes payloads in place. Points that are not there are left out of the count.
    pub fn change_payload(&self, namespace: &str, which: Selection, change: PayloadChange) -> Result<Written, Error> {
        change.check()?;
        self.write(Write::Payload { namespace: namespace.to_owned(), which, change })
    }

    /// Gives a point another vector and changes its payload, both or neither. One that is not there is not counted.
    pub fn update(
        &self,
        namespace: &str,
        id: PointId,
        vector: Vec<f32>,
        change: PayloadChange,
    ) -> Result<Written, Error> {
        self.check([(&id, vector.as_slice())].into_iter())?;
        change.check()?;
        self.write(Write::Both { namespace: namespace.to_owned(), id, vector, change })
    }

    pub(super) fn check<'a>(&self, vectors: impl Iterator<Item = (&'a PointId, &'a [f32])>) -> Result<(), Error> {
        let settings = std::sync::Arc::clone(&lock(&self.0.settings));
        let expected = settings.1.dimension;
        for (id, vector) in vectors {
            self.fits(expected, vector, || format!("the point \"{id}\""))?;
        }
        Ok(())
    }

    /// The dimension never changes, so it needs no look at the file.
    pub(super) fn fits(&self, expected: usize, vector: &[f32], whose: impl Fn() -> String) -> Result<(), Error> {
        if vector.len() != expected {
            return Err(Error::Dimension { name: self.0.name.clone(), expected, found: vector.len() });
        }
        if !vector.iter().all(|number| number.is_finite()) {
            return Err(Error::NotFinite { whose: whose() });
        }
        Ok(())
    }

    /// Brings into sight what has waited longest, if its time has come.
    pub(super) fn surface(&self) -> Result<(), Error> {
        self.write_transaction(|transaction, view| self.apply_waiting(transaction, view, now()).map(drop))
    }

    /// Applies the first that waits, where its time has come. One at a time, each in a transaction of its own: what
    /// filters look at follows committed states alone.
    fn apply_waiting(&self, transaction: &Transaction<'_>, view: &View, until: u64) -> Attempt<bool> {
        let first = "SELECT number, write FROM waiting WHERE due <= ?1 ORDER BY number LIMIT 1";
        let first = transaction
            .prepare_cached(first)?
            .query_row([until], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
            .optional()?;
        if let Some((number, text)) = &first {
            transaction.execute_batch("SAVEPOINT waiting")?;
            let write = read(text).map_err(Failure::from);
            if let Err(failure) = write.and_then(|write| self.apply(transaction, view, write)) {
                let error = self.explain(failure);
                if error.passes() {
                    return Err(error.into());
                }
                // It would keep all that waits behind it out of sight, forever.
                transaction.execute_batch("ROLLBACK TO waiting")?;
            }
            transaction.execute_batch("RELEASE waiting")?;
            transaction.execute("DELETE FROM waiting WHERE number = ?1", [number])?;
        }
        transaction.execute("UPDATE collection SET due = (SELECT min(due) FROM waiting)", [])?;
        Ok(first.is_some())
    }

    fn write(&self, write: Write) -> Result<Written, Error> {
        let mut write = Some(write);
        loop {
            let done = self.write_transaction(|transaction, view| {
                let delay = view.settings.1.delay;
                let until = if delay.is_zero() { i64::MAX as u64 } else { now() };
                if view.due.is_some_and(|due| due <= until) && self.apply_waiting(transaction, view, until)? {
                    return Ok(None);
                }
                let Some(write) = write.take() else { return Ok(None) };
                if delay.is_zero() {
                    return self.apply(transaction, view, write).map(Some);
                }
                let text = serde_json::to_string(&write).map_err(|error| Error::request(error.to_string()))?;
                // What cannot be read back is told of now, while somebody listens.
                read(&text)?;
                // In the order in which they were acknowledged, whatever the clock does.
                let due =
                    "INSERT INTO waiting (due, write) VALUES (max(?1, (SELECT ifnull(max(due), 0) FROM waiting)), ?2)";
                transaction.execute(due, (now() + delay.as_millis() as u64, text))?;
                transaction.execute("UPDATE collection SET due = (SELECT min(due) FROM waiting)", [])?;
                Ok(Some(Written { sequence: view.standing.sequence, points: None }))
            })?;
            if let Some(written) = done {
                return Ok(written);
            }
        }
    }

    fn apply(&self, transaction: &Transaction<'_>, view: &View, write: Write) -> Attempt<Written> {
        let mut changing = Changing {
            transaction,
            settings: &view.settings.1,
            sequence: view.standing.sequence + 1,
            newest: view.standing.newest,
            namespace: 0,
        };
        let points = match write {
            Write::Upsert { namespace, points } => {
                changing.namespace = changing.make_namespace(&namespace)?;
                points
                    .iter()
                    .try_for_each(|point| changing.upsert(&point.id, &bytes(&point.vector), &point.payload))?;
                points.len() as u64
            }
            Write::Namespace { name } => match changing.enter(&name)? {
                Some(namespace) => {
                    let keys = self.keys(transaction, view, namespace, &Selection::All)?;
                    keys.iter().try_for_each(|key| changing.delete(*key))?;
                    transaction.execute("DELETE FROM namespaces WHERE number = ?1", [namespace])?;
                    keys.len() as u64
                }
                None => 0,
            },
            Write::Delete { namespace, which } => {
                let Some(number) = changing.enter(&namespace)? else { return changing.finish(0) };
                let keys = self.keys(transaction, view, number, &which)?;
                keys.iter().try_for_each(|key| changing.delete(*key))?;
                keys.len() as u64
            }
            Write::Vectors { namespace, vectors } => {
                let Some(number) = changing.enter(&namespace)? else { return changing.finish(0) };
                let mut found = 0;
                for (id, vector) in vectors {
                    let which = Selection::Ids(vec![id.clone()]);
                    for key in self.keys(transaction, view, number, &which)? {
                        changing.revise(key, &id, &vector, None)?;
                        found += 1;
                    }
                }
                found
            }
            Write::Payload { namespace, which, change } => {
                let Some(number) = changing.enter(&namespace)? else { return changing.finish(0) };
                let keys = self.keys(transaction, view, number, &which)?;
                keys.iter().try_for_each(|key| changing.change_payload(*key, &change))?;
                keys.len() as u64
            }
            Write::Both { namespace, id, vector, change } => {
                let Some(number) = changing.enter(&namespace)? else { return changing.finish(0) };
                let keys = self.keys(transaction, view, number, &Selection::Ids(vec![id.clone()]))?;
                keys.iter().try_for_each(|key| changing.revise(*key, &id, &vector, Some(&change)))?;
                keys.len() as u64
            }
        };
        changing.finish(points)
    }

    /// The keys of some points of a namespace, each once.
    pub(super) fn keys(
        &self,
        transaction: &Transaction<'_>,
        view: &View,
        namespace: i64,
        which: &Selection,
    ) -> Attempt<Vec<u32>> {
        Ok(match which {
            Selection::All => {
                let mut keys = transaction.prepare_cached("SELECT key FROM points WHERE namespace = ?1")?;
                let keys = keys.query_map([namespace], |row| row.get(0))?;
                keys.collect::<rusqlite::Result<_>>()?
            }
            Selection::Ids(ids) => {
                let mut key = transaction.prepare_cached("SELECT key FROM points WHERE namespace = ?1 AND id = ?2")?;
                let mut keys = Vec::with_capacity(ids.len());
                for id in ids {
                    keys.extend(key.query_row((namespace, id.as_str()), |row| row.get::<_, u32>(0)).optional()?);
                }
                keys.sort_unstable();
                keys.dedup();
                keys
            }
            Selection::Matching(filter) => {
                let sight = lock(&self.0.columns).see(transaction, view.standing, namespace, filter.paths())?;
                sight.select(transaction, &[filter])?.into_iter().collect()
            }
        })
    }
}

/// A change that was kept out of sight.
fn read(text: &str) -> Result<Write, Error> {
    serde_json::from_str(text).map_err(|error| Error::request(format!("the change cannot be kept to wait: {error}")))
}

/// A write under way, in its transaction.
struct Changing<'a> {
    transaction: &'a Transaction<'a>,
    settings: &'a Settings,
    sequence: u64,
    newest: u32,
    namespace: i64,
}

impl Changing<'_> {
    fn run(&self, statement: &str, parameters: impl rusqlite::Params) -> rusqlite::Result<usize> {
        self.transaction.prepare_cached(statement)?.execute(parameters)
    }

    /// The number of a namespace, which is the one to work in from here on.
    fn enter(&mut self, name: &str) -> Attempt<Option<i64>> {
        let number = super::read::namespace(self.transaction, name)?;
        self.namespace = number.unwrap_or_default();
        Ok(number)
    }

    fn make_namespace(&self, name: &str) -> Attempt<i64> {
        self.run("INSERT OR IGNORE INTO namespaces (name, points) VALUES (?1, 0)", [name])?;
        super::read::namespace(self.transaction, name)?.ok_or(Failure::Sql(rusqlite::Error::QueryReturnedNoRows))
    }

    fn upsert(&mut self, id: &PointId, vector: &[u8], payload: &Payload) -> Attempt<()> {
        let same = "SELECT key FROM points WHERE namespace = ?1 AND id = ?2";
        let mut same = self.transaction.prepare_cached(same)?;
        if let Some(key) = same.query_row((self.namespace, id.as_str()), |row| row.get(0)).optional()? {
            self.delete(key)?;
        }
        self.newest = self.newest.checked_add(1).ok_or_else(|| {
            Error::request("this collection has taken four billion points; copy its points to a new one")
        })?;
        let text = serde_json::to_string(payload).map_err(|error| Error::request(error.to_string()))?;
        let number = id.as_number().map(u64::to_be_bytes);
        self.run(
            "INSERT INTO points (key, namespace, id, number, payload) VALUES (?1, ?2, ?3, ?4, ?5)",
            (self.newest, self.namespace, id.as_str(), number, text),
        )?;
        self.run(
            "INSERT INTO vectors (key, version, id, vector) VALUES (?1, ?2, ?3, ?4)",
            (self.newest, self.sequence, id.as_str(), vector),
        )?;
        keywords::add(self.transaction, self.settings, self.newest, payload)?;
        self.run("UPDATE namespaces SET points = points + 1 WHERE number = ?1", [self.namespace])?;
        Ok(())
    }

    /// Gives the point under a key another vector, and changes its payload where there is a change.
    fn revise(&mut self, key: u32, id: &PointId, vector: &[f32], change: Option<&PayloadChange>) -> Attempt<()> {
        let row = "SELECT payload FROM points WHERE key = ?1";
        let mut kept = self.transaction.prepare_cached(row)?.query_row([key], |row| columns::payload(row, 0))?;
        if let Some(change) = change {
            change.apply(&mut kept);
        }
        self.upsert(id, &bytes(vector), &kept)
    }

    fn delete(&self, key: u32) -> Attempt<()> {
        self.run("DELETE FROM points WHERE key = ?1", [key])?;
        self.run("DELETE FROM vectors WHERE key = ?1", [key])?;
        keywords::remove(self.transaction, self.settings, key)?;
        self.run("INSERT INTO changes (sequence, key) VALUES (?1, ?2)", (self.sequence, key))?;
        self.run("UPDATE namespaces SET points = points - 1 WHERE number = ?1", [self.namespace])?;
        Ok(())
    }

    fn change_payload(&self, key: u32, change: &PayloadChange) -> Attempt<()> {
        let mut row = self.transaction.prepare_cached("SELECT payload FROM points WHERE key = ?1")?;
        let mut payload = row.query_row([key], |row| columns::payload(row, 0))?;
        change.apply(&mut payload);
        let text = serde_json::to_string(&payload).map_err(|error| Error::request(error.to_string()))?;
        self.run("UPDATE points SET payload = ?2 WHERE key = ?1", (key, text))?;
        self.run("UPDATE vectors SET version = ?2 WHERE key = ?1", (key, self.sequence))?;
        keywords::remove(self.transaction, self.settings, key)?;
        keywords::add(self.transaction, self.settings, key, &payload)?;
        self.run("INSERT INTO changes (sequence, key) VALUES (?1, ?2)", (self.sequence, key))?;
        Ok(())
    }

    fn finish(self, points: u64) -> Attempt<Written> {
        self.run(
            "UPDATE collection SET sequence = ?1, newest = ?2, points = (SELECT ifnull(sum(points), 0) FROM namespaces)",
            (self.sequence, self.newest),
        )?;
        if self.sequence.is_multiple_of(1024) {
            self.forget_old_changes()?;
        }
        Ok(Written { sequence: self.sequence, points: Some(points) })
    }

    fn forget_old_changes(&self) -> Attempt<()> {
        let floor = "SELECT sequence FROM changes ORDER BY sequence DESC LIMIT 1 OFFSET ?1";
        let floor: Option<u64> =
            self.transaction.prepare_cached(floor)?.query_row([LISTED], |row| row.get(0)).optional()?;
        if let Some(floor) = floor {
            self.run("DELETE FROM changes WHERE sequence <= ?1", [floor])?;
            self.run("UPDATE collection SET floor = ?1", [floor])?;
        }
        Ok(())
    }
}
