//! What filters look at, read out: the order of points by a value, and how often each value is there. Never compares
//! vectors.

use std::sync::MutexGuard;

use roaring::RoaringBitmap;
use rusqlite::Connection;

use super::{Collection, View, lock, read};
use crate::{
    Error, Filter, Include, Number, Path, Record, Scalar,
    columns::{Columns, Sight},
    time,
};

/// An order of points by the numbers and times at a path.
#[derive(Debug, Clone, PartialEq)]
pub struct Order {
    pub path: Path,
    pub descending: bool,
    /// The value to begin at, itself included. A time is its microseconds since 1970.
    pub from: Option<Number>,
}

impl Collection {
    /// Points in the order of their values, of equal values the one that was written first. One with several values
    /// comes once for each, one without a number or a time not at all.
    pub fn ordered(
        &self,
        namespace: &str,
        filter: Option<&Filter>,
        order: &Order,
        limit: usize,
        include: Include,
    ) -> Result<Vec<(Number, Record)>, Error> {
        self.read_holding(
            || lock(&self.0.columns),
            |connection, view, columns| {
                let Some(namespace) = read::namespace(connection, namespace)? else { return Ok(Vec::new()) };
                let (sight, chosen) = seen(connection, view, columns, namespace, filter, &order.path)?;
                let mut values: Vec<_> = sight
                    .column(&order.path)
                    .into_iter()
                    .flat_map(|column| column.scalars())
                    .filter_map(|(scalar, keys)| Some((worth(scalar)?, keys)))
                    .filter(|(value, _)| {
                        order.from.is_none_or(|from| if order.descending { *value <= from } else { *value >= from })
                    })
                    .collect();
                values.sort_by(|one, other| if order.descending { other.0.cmp(&one.0) } else { one.0.cmp(&other.0) });
                let found = values
                    .into_iter()
                    .flat_map(|(value, keys)| (keys & &chosen).into_iter().map(move |key| (value, key)));
                let found: Vec<_> = found.take(limit).collect();
                let mut records = Vec::with_capacity(found.len());
                for (value, key) in found {
                    records.extend(read::record(connection, key, include)?.map(|record| (value, record)));
                }
                Ok(records)
            },
        )
    }

    /// How many points have each truth value, whole number or text at a path: the most frequent first, of equals in the
    /// order of the values.
    pub fn facet(
        &self,
        namespace: &str,
        filter: Option<&Filter>,
        path: &Path,
        limit: usize,
    ) -> Result<Vec<(Scalar, u64)>, Error> {
        self.read_holding(
            || lock(&self.0.columns),
            |connection, view, columns| {
                let Some(namespace) = read::namespace(connection, namespace)? else { return Ok(Vec::new()) };
                let (sight, chosen) = seen(connection, view, columns, namespace, filter, path)?;
                let mut counts: Vec<_> = sight
                    .column(path)
                    .into_iter()
                    .flat_map(|column| column.scalars())
                    .filter(|(scalar, _)| !matches!(scalar, Scalar::Number(Number::Float(_))))
                    .map(|(scalar, keys)| (scalar.clone(), keys.intersection_len(&chosen)))
                    .filter(|(_, count)| *count > 0)
                    .collect();
                counts.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
                counts.truncate(limit);
                Ok(counts)
            },
        )
    }
}

/// A namespace with the column of a path, and its keys that pass.
fn seen<'a>(
    connection: &Connection,
    view: &View,
    mut columns: MutexGuard<'_, Columns>,
    namespace: i64,
    filter: Option<&'a Filter>,
    path: &'a Path,
) -> rusqlite::Result<(Sight<'a>, RoaringBitmap)> {
    let paths = filter.into_iter().flat_map(Filter::paths).chain([(path, true)]);
    let sight = columns.see(connection, view.standing, namespace, paths)?;
    drop(columns);
    let chosen = sight.select(connection, filter.as_slice())?;
    Ok((sight, chosen))
}

fn worth(scalar: &Scalar) -> Option<Number> {
    match scalar {
        Scalar::Number(number) => Some(*number),
        Scalar::Text(text) => time::parse(text).map(Number::Integer),
        Scalar::Bool(_) => None,
    }
}
