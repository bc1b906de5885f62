//! A filter on its way through columns: which keys pass. Never changes a column.

use std::{collections::HashMap, sync::Arc};

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use super::{Column, payload};
use crate::{Filter, Path, Payload, Test};

/// What one look sees.
pub(super) struct Look<'a> {
    pub columns: &'a HashMap<&'a Path, Arc<Column>>,
    /// The keys that could pass.
    pub all: &'a RoaringBitmap,
    pub rows: Rows<'a>,
}

/// Where what a key stands for can be read in full.
pub(super) enum Rows<'a> {
    /// The points of a namespace.
    Points(&'a Connection, i64),
    /// Objects out of arrays: a key is an object's place here.
    Objects(&'a [(u32, Payload)]),
}

impl Look<'_> {
    pub fn passing(&self, filter: &Filter) -> rusqlite::Result<RoaringBitmap> {
        let all = self.all;
        Ok(match filter {
            Filter::All(parts) => {
                parts.iter().try_fold(all.clone(), |keys, part| Ok::<_, rusqlite::Error>(keys & self.passing(part)?))?
            }
            Filter::Any(parts) => parts
                .iter()
                .try_fold(RoaringBitmap::new(), |keys, part| Ok::<_, rusqlite::Error>(keys | self.passing(part)?))?,
            Filter::AtLeast(count, parts) => {
                // held[n] passes at least n + 1 of the parts seen so far.
                let mut held = vec![RoaringBitmap::new(); (*count).min(parts.len() + 1)];
                for part in parts {
                    let passing = self.passing(part)?;
                    for at in (0..held.len()).rev() {
                        let more = if at == 0 { passing.clone() } else { &held[at - 1] & &passing };
                        held[at] |= more;
                    }
                }
                held.pop().unwrap_or_else(|| all.clone())
            }
            Filter::Not(part) => all - self.passing(part)?,
            Filter::Nested(path, inner) => self.nested(path, inner)?,
            Filter::Ids(ids) => {
                let mut keys = RoaringBitmap::new();
                if let Rows::Points(connection, namespace) = self.rows {
                    let mut key =
                        connection.prepare_cached("SELECT key FROM points WHERE namespace = ?1 AND id = ?2")?;
                    for id in ids {
                        keys.extend(key.query_row((namespace, id.as_str()), |row| row.get::<_, u32>(0)).optional()?);
                    }
                }
                keys
            }
            Filter::Field(path, test) => match (self.columns.get(path), test) {
                (None, _) => RoaringBitmap::new(),
                (Some(column), Test::Empty) => all - column.filled(),
                (Some(column), Test::Count(bounds)) if bounds.hold(crate::Number::Integer(0)) => {
                    (column.passing(test) & all) | (all - column.present())
                }
                (Some(column), test) => column.passing(test) & all,
            },
        })
    }

    /// The objects are looked through as if each were a point.
    fn nested(&self, path: &Path, inner: &Filter) -> rusqlite::Result<RoaringBitmap> {
        let mut objects: Vec<(u32, Payload)> = Vec::new();
        let mut take = |key: u32, payload: &Payload| {
            let lists = path.values(payload).into_iter().filter_map(Value::as_array);
            objects.extend(lists.flatten().filter_map(Value::as_object).map(|object| (key, object.clone())));
        };
        match self.rows {
            Rows::Points(connection, namespace) => {
                let mut rows = connection.prepare_cached("SELECT key, payload FROM points WHERE namespace = ?1")?;
                let mut rows = rows.query([namespace])?;
                while let Some(row) = rows.next()? {
                    take(row.get(0)?, &payload(row, 1)?);
                }
            }
            Rows::Objects(outer) => (0..).zip(outer).for_each(|(key, (_, object))| take(key, object)),
        }
        let mut columns: HashMap<&Path, Column> = HashMap::new();
        for (path, values) in inner.paths() {
            columns.entry(path).or_default().hold_values(values);
        }
        for (key, (_, object)) in (0..).zip(&objects) {
            for (path, column) in &mut columns {
                column.add(key, &path.values(object));
            }
        }
        let columns = columns.into_iter().map(|(path, column)| (path, Arc::new(column))).collect();
        let all: RoaringBitmap = (0..objects.len() as u32).collect();
        let look = Look { columns: &columns, all: &all, rows: Rows::Objects(&objects) };
        let passing = look.passing(inner)?;
        Ok(passing.iter().filter_map(|key| objects.get(key as usize)).map(|(owner, _)| *owner).collect())
    }
}
