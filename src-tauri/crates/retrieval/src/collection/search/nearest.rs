//! The nearest vectors: candidates of the index, compared as they are stored, or every vector that may be one. Which of
//! both is chosen by what each would cost. Never gives fewer than were asked for while there are more.

use std::{cmp::Ordering, collections::BinaryHeap};

use roaring::RoaringBitmap;

use super::{Ranked, Running};
use crate::{Error, Metric, collection::Attempt, graph::Graph, similarity::Probe};

/// What one more candidate of the index costs, in comparisons of a stored vector.
const CANDIDATE: u64 = 3;

const VECTOR: &str = "SELECT vector FROM vectors WHERE key = ?1";
const POINT: &str = "SELECT vector, version, id FROM vectors WHERE key = ?1";

impl Running<'_> {
    pub(super) fn nearest(
        &self,
        vector: &[f32],
        allowed: Option<&RoaringBitmap>,
        limit: usize,
        expansion: Option<usize>,
        exact: bool,
    ) -> Attempt<Ranked> {
        let settings = &self.view.settings.1;
        let wanted = expansion.unwrap_or(settings.expansion).max(limit);
        let passing = allowed.map_or(self.view.standing.points, RoaringBitmap::len);
        let graph = (!exact).then(|| self.collection.graph(self.view)).flatten();
        let mut nearest = Nearest {
            running: self,
            probe: Probe::new(settings.metric, vector),
            allowed,
            best: Best::new(settings.metric, limit),
        };
        if let Some(graph) = graph {
            let size = graph.size() as u64;
            // As many candidates as leave `wanted` when those that do not pass are taken out.
            let count = (wanted as u64 * size).div_ceil(passing.max(1));
            // Rounding to fewer bits changes the order of near equals, so some more than the limit are compared: fewer where
            // few are weighed, since the graph then misses more than rounding does.
            let more = (1 + (wanted - limit) / 8).min(limit / 4 + 2);
            if count * CANDIDATE < passing && nearest.by_graph(&graph, vector, count, [limit, limit + more])? {
                return Ok(nearest.best.ranked());
            }
        }
        nearest.best = Best::new(settings.metric, limit);
        nearest.compare(0)?;
        Ok(nearest.best.ranked())
    }

    fn blob<'a>(&self, row: &'a rusqlite::Row<'_>, index: usize) -> Attempt<&'a [u8]> {
        let blob = row.get_ref(index)?.as_blob().map_err(rusqlite::Error::from)?;
        if blob.len() == self.view.settings.1.dimension * 4 {
            return Ok(blob);
        }
        let detail = format!("a vector has {} bytes", blob.len());
        Err(Error::Damaged { path: self.collection.0.file.clone(), detail }.into())
    }
}

struct Nearest<'a> {
    running: &'a Running<'a>,
    probe: Probe<'a>,
    allowed: Option<&'a RoaringBitmap>,
    best: Best,
}

impl Nearest<'_> {
    fn passes(&self, key: u32) -> bool {
        self.allowed.is_none_or(|allowed| allowed.contains(key))
    }

    /// False where the index names too few.
    fn by_graph(
        &mut self,
        graph: &Graph,
        vector: &[f32],
        mut count: u64,
        [limit, compared]: [usize; 2],
    ) -> Attempt<bool> {
        let upto = graph.upto();
        loop {
            // What the index cannot say is compared instead.
            let Ok(candidates) = graph.search(vector, count as usize) else { return Ok(false) };
            let named = candidates.len() as u64;
            let mut living = 0;
            let mut point = self.running.connection.prepare_cached(POINT)?;
            for key in candidates {
                // A key above is being added just now, and is compared below.
                if key > upto || !self.passes(key) {
                    continue;
                }
                let mut rows = point.query([key])?;
                let Some(row) = rows.next()? else { continue };
                self.best.offer(key, self.probe.score(self.running.blob(row, 0)?));
                self.running.seen.borrow_mut().push((key, row.get(1)?, row.get(2)?));
                living += 1;
                if living == compared {
                    break;
                }
            }
            if living >= limit {
                self.compare(upto)?;
                return Ok(true);
            }
            count *= 4;
            if named < count / 4 || count * CANDIDATE > self.running.view.standing.points {
                return Ok(false);
            }
            self.best.heap.clear();
        }
    }

    /// Compares every vector above a key that may be one.
    fn compare(&mut self, above: u32) -> Attempt<()> {
        let standing = self.running.view.standing;
        if standing.newest <= above {
            return Ok(());
        }
        match self.allowed {
            // A look at each key is quicker than a look at each row where few pass.
            Some(allowed) if allowed.len() * 3 < standing.points => {
                let mut row = self.running.connection.prepare_cached(VECTOR)?;
                for key in allowed.range(above.saturating_add(1)..) {
                    let mut rows = row.query([key])?;
                    if let Some(row) = rows.next()? {
                        self.best.offer(key, self.probe.score(self.running.blob(row, 0)?));
                    }
                }
                Ok(())
            }
            _ => {
                let rows = "SELECT key, vector FROM vectors WHERE key > ?1";
                let mut rows = self.running.connection.prepare_cached(rows)?;
                let mut rows = rows.query([above])?;
                while let Some(row) = rows.next()? {
                    let key = row.get(0)?;
                    if self.passes(key) {
                        self.best.offer(key, self.probe.score(self.running.blob(row, 1)?));
                    }
                }
                Ok(())
            }
        }
    }
}

/// The best of all that is offered.
struct Best {
    metric: Metric,
    limit: usize,
    /// The worst of them on top.
    heap: BinaryHeap<Candidate>,
}

/// Greater is worse.
#[derive(PartialEq)]
struct Candidate {
    /// Higher is further.
    distance: f32,
    key: u32,
}

impl Best {
    fn new(metric: Metric, limit: usize) -> Self {
        Self { metric, limit, heap: BinaryHeap::with_capacity(limit.min(1024) + 1) }
    }

    fn offer(&mut self, key: u32, score: f32) {
        let candidate = Candidate { distance: if self.metric == Metric::Euclidean { score } else { -score }, key };
        if self.heap.len() < self.limit {
            self.heap.push(candidate);
        } else if let Some(mut worst) = self.heap.peek_mut()
            && candidate < *worst
        {
            *worst = candidate;
        }
    }

    fn ranked(self) -> Ranked {
        let sign = if self.metric == Metric::Euclidean { 1.0 } else { -1.0 };
        self.heap.into_sorted_vec().into_iter().map(|candidate| (candidate.key, sign * candidate.distance)).collect()
    }
}

impl Eq for Candidate {}

impl PartialOrd for Candidate {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Candidate {
    fn cmp(&self, other: &Self) -> Ordering {
        self.distance.total_cmp(&other.distance).then(self.key.cmp(&other.key))
    }
}
