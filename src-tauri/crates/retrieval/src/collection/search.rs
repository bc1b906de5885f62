//! Runs a tree of queries on one state of the collection. How the nearest are found is in `nearest`; never writes.

mod nearest;

use std::{
    cell::RefCell,
    collections::{BTreeMap, HashMap},
};

use roaring::RoaringBitmap;
use rusqlite::{Connection, OptionalExtension};

use super::{Attempt, Collection, View, keywords, lock, read};
use crate::{
    Branch, Error, Filter, Hit, Include, Metric, PointId, Query, Search, Target,
    columns::{Columns, Sight},
};

/// Results of one search or branch at most.
const MOST: usize = 10_000;

/// Queries inside queries at most.
const DEPTH: usize = 8;

/// Keys with their scores, best first.
type Ranked = Vec<(u32, f32)>;

/// The keys that each filter on the way to a query leaves, by the filters' places in the tree. None: all keys.
type Allowed = Option<RoaringBitmap>;

impl Collection {
    /// The best points of a namespace, best first: always `limit` of them where so many pass.
    ///
    /// Scores are computed from the stored vectors, whatever the index said. A filter narrows the search itself.
    pub fn search(&self, search: &Search) -> Result<Vec<Hit>, Error> {
        self.search_batch(std::slice::from_ref(search)).map(|mut found| found.pop().unwrap_or_default())
    }

    /// Several searches, all on the state of one moment.
    pub fn search_batch(&self, searches: &[Search]) -> Result<Vec<Vec<Hit>>, Error> {
        searches.iter().try_for_each(|search| self.check_search(search))?;
        let mut needed = searches.iter().any(|search| !filters(search).is_empty());
        loop {
            let hold = || needed.then(|| lock(&self.0.columns));
            let found = self.read_holding(hold, |connection, view, mut columns| {
                let mut prepared = Vec::with_capacity(searches.len());
                for search in searches {
                    let one = Prepared::new(connection, view, columns.as_deref_mut(), search)?;
                    let Some(one) = one else { return Ok(None) };
                    prepared.push(one);
                }
                drop(columns);
                for (search, prepared) in searches.iter().zip(&mut prepared) {
                    prepared.select(connection, search)?;
                }
                let answers = searches.iter().zip(&prepared);
                let answers = answers.map(|(search, prepared)| self.answer(connection, view, search, prepared));
                answers.collect::<Attempt<Vec<_>>>().map(Some)
            })?;
            match found {
                Some(found) => return Ok(found),
                // There are other namespaces, which only a look at the file has told.
                None => needed = true,
            }
        }
    }

    fn check_search(&self, search: &Search) -> Result<(), Error> {
        within(search.limit)?;
        if search.offset > MOST {
            return Err(Error::request(format!(
                "at most {MOST} results can be left out at the head, not {}",
                search.offset
            )));
        }
        self.check_query(&search.query, 0)
    }

    fn check_query(&self, query: &Query, depth: usize) -> Result<(), Error> {
        if depth > DEPTH {
            return Err(Error::request(format!("queries lie at most {DEPTH} deep in each other")));
        }
        match query {
            Query::Nearest { to: Target::Vector(vector), .. } => {
                let dimension = lock(&self.0.settings).1.dimension;
                self.fits(dimension, vector, || "the query".to_owned())?;
            }
            Query::Fusion { constant, .. } if !(constant.is_finite() && *constant >= 0.0) => {
                return Err(Error::request("the constant of a fusion is a number of at least 0"));
            }
            _ => {}
        }
        let (branches, rest) = query.parts();
        for branch in branches {
            within(branch.limit)?;
            self.check_query(&branch.query, depth + 1)?;
        }
        rest.map_or(Ok(()), |query| self.check_query(query, depth + 1))
    }

    fn answer(
        &self,
        connection: &Connection,
        view: &View,
        search: &Search,
        prepared: &Prepared<'_>,
    ) -> Attempt<Vec<Hit>> {
        let Some(namespace) = prepared.namespace else { return Ok(Vec::new()) };
        let running = Running { collection: self, connection, view, namespace, prepared, seen: RefCell::default() };
        let allowed = prepared.of(&[]);
        let mut ranked = running.run(&search.query, &mut Vec::new(), allowed, search.limit + search.offset)?;
        beyond(view.settings.1.metric, &search.query, search.threshold, &mut ranked);
        let mut hits = Vec::new();
        for (key, score) in ranked.into_iter().skip(search.offset) {
            if search.include == Include::default()
                && let Some((_, version, id)) = running.seen.borrow().iter().find(|(seen, ..)| *seen == key)
            {
                let id = PointId::text(id)?;
                hits.push(Hit { id, version: *version, score, vector: None, payload: None });
            } else if let Some(found) = read::record(connection, key, search.include)? {
                let crate::Record { id, version, vector, payload } = found;
                hits.push(Hit { id, version, score, vector, payload });
            }
        }
        Ok(hits)
    }
}

/// What a search needs from the columns: seen while they are held, so that the search itself holds nothing.
struct Prepared<'a> {
    namespace: Option<i64>,
    /// The namespace is all that there is.
    alone: bool,
    /// None where no filter and no other namespace leaves anything out.
    sight: Option<Sight<'a>>,
    /// By the place in the tree: the branches' numbers on the way there.
    allowed: BTreeMap<Vec<usize>, Allowed>,
}

impl<'a> Prepared<'a> {
    /// None where it needs the columns and they are not held.
    fn new(
        connection: &Connection,
        view: &View,
        columns: Option<&mut Columns>,
        search: &'a Search,
    ) -> Attempt<Option<Self>> {
        let found = connection
            .prepare_cached("SELECT number, points FROM namespaces WHERE name = ?1")?
            .query_row([&search.namespace], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, u64>(1)?)))
            .optional()?;
        let alone = found.is_some_and(|(_, points)| points == view.standing.points);
        let namespace = found.map(|(number, _)| number);
        let mut prepared = Self { namespace, alone, sight: None, allowed: BTreeMap::new() };
        let filters = filters(search);
        if let Some(namespace) = namespace
            && !(filters.is_empty() && alone)
        {
            let Some(columns) = columns else { return Ok(None) };
            let paths = filters.iter().flat_map(|filter| filter.paths());
            prepared.sight = Some(columns.see(connection, view.standing, namespace, paths)?);
        }
        Ok(Some(prepared))
    }

    /// Finds the keys that pass at each place.
    fn select(&mut self, connection: &Connection, search: &Search) -> rusqlite::Result<()> {
        let Some(sight) = self.sight.take() else { return Ok(()) };
        let alone = self.alone;
        let mut select = |filters: &[&Filter]| {
            if filters.is_empty() && alone {
                return Ok(None);
            }
            sight.select(connection, filters).map(Some)
        };
        let filters: Vec<&Filter> = search.filter.iter().collect();
        self.allowed.insert(Vec::new(), select(&filters)?);
        self.descend(&search.query, &mut Vec::new(), &filters, &mut select)
    }

    fn descend<'b>(
        &mut self,
        query: &'b Query,
        place: &mut Vec<usize>,
        filters: &[&'b Filter],
        select: &mut impl FnMut(&[&Filter]) -> rusqlite::Result<Allowed>,
    ) -> rusqlite::Result<()> {
        let (branches, rest) = query.parts();
        for (number, branch) in branches.iter().enumerate() {
            let filters: Vec<&Filter> = filters.iter().copied().chain(&branch.filter).collect();
            place.push(number);
            if branch.filter.is_some() {
                self.allowed.insert(place.clone(), select(&filters)?);
            }
            self.descend(&branch.query, place, &filters, select)?;
            place.pop();
        }
        if let Some(query) = rest {
            place.push(branches.len());
            self.descend(query, place, filters, select)?;
            place.pop();
        }
        Ok(())
    }

    /// What holds at a place: the nearest entry on the way to it.
    fn of(&self, place: &[usize]) -> Option<&RoaringBitmap> {
        (0..=place.len()).rev().find_map(|length| self.allowed.get(&place[..length])).and_then(Option::as_ref)
    }
}

/// The filter of a search and those of all its branches.
fn filters(search: &Search) -> Vec<&Filter> {
    let mut filters: Vec<&Filter> = search.filter.iter().collect();
    gather(&search.query, &mut filters);
    filters
}

fn gather<'a>(query: &'a Query, filters: &mut Vec<&'a Filter>) {
    let (branches, rest) = query.parts();
    for branch in branches {
        filters.extend(&branch.filter);
        gather(&branch.query, filters);
    }
    if let Some(query) = rest {
        gather(query, filters);
    }
}

struct Running<'a> {
    collection: &'a Collection,
    connection: &'a Connection,
    view: &'a View,
    namespace: i64,
    prepared: &'a Prepared<'a>,
    /// Version and id of keys whose rows were read on the way: an answer may need them again.
    seen: RefCell<Vec<(u32, u64, String)>>,
}

impl Running<'_> {
    fn run(
        &self,
        query: &Query,
        place: &mut Vec<usize>,
        allowed: Option<&RoaringBitmap>,
        limit: usize,
    ) -> Attempt<Ranked> {
        match query {
            Query::Nearest { to, expansion, exact } => {
                let (stored, without) = match to {
                    Target::Vector(vector) => return self.nearest(vector, allowed, limit, *expansion, *exact),
                    Target::Point(id) => (self.of_point(id)?, false),
                    Target::Others(id) => (self.of_point(id)?, true),
                };
                let (own, vector) = stored;
                let mut found = self.nearest(&vector, allowed, limit + usize::from(without), *expansion, *exact)?;
                found.retain(|(key, _)| !(without && *key == own));
                found.truncate(limit);
                Ok(found)
            }
            Query::Keyword { text, fields } => {
                keywords::search(self.connection, &self.view.settings.1, text, fields.as_deref(), allowed, limit)
            }
            Query::Fusion { of, constant } => {
                let mut fused = fuse(&self.branches(of, place, allowed)?, *constant);
                fused.truncate(limit);
                Ok(fused)
            }
            Query::Among { these, query } => {
                let found = self.branches(these, place, allowed)?;
                let among = found.iter().flatten().map(|(key, _)| *key).collect();
                place.push(these.len());
                let ranked = self.run(query, place, Some(&among), limit);
                place.pop();
                ranked
            }
        }
    }

    fn branches(
        &self,
        branches: &[Branch],
        place: &mut Vec<usize>,
        outer: Option<&RoaringBitmap>,
    ) -> Attempt<Vec<Ranked>> {
        let mut lists = Vec::with_capacity(branches.len());
        for (number, branch) in branches.iter().enumerate() {
            place.push(number);
            // Among the results of other branches only those count, whatever this branch's filter leaves.
            let own = self.prepared.of(place);
            let both = match (own, outer) {
                (Some(own), Some(outer)) if !std::ptr::eq(own, outer) => Some(own & outer),
                _ => None,
            };
            let mut ranked = self.run(&branch.query, place, both.as_ref().or(own).or(outer), branch.limit)?;
            beyond(self.view.settings.1.metric, &branch.query, branch.threshold, &mut ranked);
            lists.push(ranked);
            place.pop();
        }
        Ok(lists)
    }

    fn of_point(&self, id: &PointId) -> Attempt<(u32, Vec<f32>)> {
        let unknown = || Error::UnknownPoint { id: id.to_string() };
        let key = self
            .connection
            .prepare_cached("SELECT key FROM points WHERE namespace = ?1 AND id = ?2")?
            .query_row((self.namespace, id.as_str()), |row| row.get(0))
            .optional()?
            .ok_or_else(unknown)?;
        Ok((key, read::stored(self.connection, key)?.ok_or_else(unknown)?))
    }
}

/// Reciprocal rank fusion. Of equals the key that was written first comes first.
fn fuse(lists: &[Ranked], constant: f32) -> Ranked {
    let mut scores: HashMap<u32, f32> = HashMap::new();
    for list in lists {
        for (rank, (key, _)) in list.iter().enumerate() {
            *scores.entry(*key).or_default() += 1.0 / (constant + rank as f32 + 1.0);
        }
    }
    let mut fused: Ranked = scores.into_iter().collect();
    fused.sort_by(|one, other| other.1.total_cmp(&one.1).then(one.0.cmp(&other.0)));
    fused
}

/// Leaves out what is not as near as the threshold. Lower is nearer for a distance alone.
fn beyond(metric: Metric, query: &Query, threshold: Option<f32>, ranked: &mut Ranked) {
    let distance = metric == Metric::Euclidean && scored_by_metric(query);
    if let Some(threshold) = threshold {
        ranked.retain(|(_, score)| if distance { *score <= threshold } else { *score >= threshold });
    }
}

fn scored_by_metric(query: &Query) -> bool {
    match query {
        Query::Nearest { .. } => true,
        Query::Keyword { .. } | Query::Fusion { .. } => false,
        Query::Among { query, .. } => scored_by_metric(query),
    }
}

fn within(limit: usize) -> Result<(), Error> {
    match limit {
        1..=MOST => Ok(()),
        _ => Err(Error::request(format!("a search gives 1 to {MOST} results, not {limit}"))),
    }
}
