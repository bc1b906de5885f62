//! The nearest vectors, by comparing the stored ones.

use std::{cmp::Ordering, collections::BinaryHeap};

use roaring::RoaringBitmap;

use super::{Ranked, Running};
use crate::{Error, Metric, collection::Attempt, similarity::Probe};

impl Running<'_> {
    pub(super) fn nearest(
        &self,
        vector: &[f32],
        allowed: Option<&RoaringBitmap>,
        limit: usize,
        _expansion: Option<usize>,
        _exact: bool,
    ) -> Attempt<Ranked> {
        self.compare_all(vector, allowed, limit)
    }

    fn compare_all(&self, vector: &[f32], allowed: Option<&RoaringBitmap>, limit: usize) -> Attempt<Ranked> {
        let metric = self.view.settings.1.metric;
        let probe = Probe::new(metric, vector);
        let mut best = Best::new(metric, limit);
        match allowed {
            // A look at each key is quicker than a look at each row where few pass.
            Some(allowed) if allowed.len() * 3 < self.view.standing.points => {
                let mut row = self.connection.prepare_cached("SELECT vector FROM vectors WHERE key = ?1")?;
                for key in allowed {
                    let mut rows = row.query([key])?;
                    if let Some(row) = rows.next()? {
                        best.offer(key, probe.score(self.blob(row, 0)?));
                    }
                }
            }
            allowed => {
                let mut rows = self.connection.prepare_cached("SELECT key, vector FROM vectors")?;
                let mut rows = rows.query([])?;
                while let Some(row) = rows.next()? {
                    let key = row.get(0)?;
                    if allowed.is_none_or(|allowed| allowed.contains(key)) {
                        best.offer(key, probe.score(self.blob(row, 1)?));
                    }
                }
            }
        }
        Ok(best.ranked())
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
