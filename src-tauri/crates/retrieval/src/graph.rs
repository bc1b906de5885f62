//! The index of the nearest: a graph of the vectors (HNSW, Malkov and Yashunin 2018) that usearch keeps, in 8-bit, 16-bit
//! or 32-bit numbers. The only file that calls usearch. What it saved in 8-bit numbers is searched by `walk`, quicker.
//!
//! It names candidates and nothing more: it may lack the newest vectors and hold deleted ones. Scores, and what lives, are
//! the file of points' to say. Never searches with a filter: usearch's filtered search of a mapped file has written
//! beyond its memory, and asking for more candidates finds the same points.

pub(crate) mod file;
mod walk;

use std::{
    fmt,
    sync::{
        Condvar, Mutex, PoisonError, RwLock, RwLockReadGuard,
        atomic::{AtomicU32, Ordering},
    },
};

use memmap2::Mmap;
use usearch::{Index, IndexOptions, MetricKind, ScalarKind};
use walk::{Scratch, Walk};

use crate::{
    Metric, Settings,
    similarity::{Probe, bytes, norm},
};

/// Searches and additions at once; more wait. usearch keeps a working memory for each.
const AT_ONCE: usize = 16;

/// Why the index cannot be used, in usearch's words or the system's.
#[derive(Debug)]
pub(crate) struct Unusable(pub String);

impl Unusable {
    pub fn because(error: impl fmt::Display) -> Self {
        Self(error.to_string())
    }
}

/// How the graph writes a vector's numbers.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Code {
    /// 32 bits, as the vector is stored.
    Full,
    /// 16 bits (bfloat16): three digits of each number.
    Half,
    /// 8 bits: the number of a vector of length one times this. Half the bytes to fetch.
    Byte(f32),
}

/// How far from a vector of length one its 8-bit form may lie, where rounding alone is to blame.
const ROUGHEST: f32 = 0.02;

/// How much rounding may change a distance, as a share of the one to the nearest. Among all vectors that is shorter than
/// within a sample, so it has to be little.
const BLURRIEST: f32 = 0.01;

/// How much rounding may change a product of two near vectors, as a share of what sets the nearest apart. The error of a number
/// that all vectors share points along all of them, so it does not average out as in a distance.
const MOST_ALONG: f32 = 0.05;

/// Vectors of a sample whose nearest are looked for.
const PROBES: usize = 256;

impl Code {
    /// For the collection that these vectors are a sample of. Bytes where vectors are compared by their angle and none
    /// has a number that leaves the others no room; 32 bits where the vectors lie so near each other that rounding would
    /// mix up who is nearest, as with coordinates of one city.
    pub fn for_vectors(metric: Metric, mut vectors: Vec<Vec<f32>>) -> Self {
        vectors.iter_mut().for_each(|vector| normalize(metric, vector));
        let largest = vectors.iter().flatten().fold(0f32, |most, number| most.max(number.abs()));
        let dimension = vectors.first().map_or(0, Vec::len) as f32;
        let nearest = nearest(&vectors);
        // The errors of many numbers point anywhere, and about as much as that of one lies along a distance.
        let blurs = |moved: f32| nearest.is_some_and(|nearest| moved / dimension.sqrt() > nearest * BLURRIEST);
        // Of two vectors of equal length the product falls by half the square of their distance.
        let bends = |along: f32| {
            metric != Metric::Euclidean && nearest.is_some_and(|nearest| along > nearest * nearest / 2.0 * MOST_ALONG)
        };
        // A rounded number is off by a twelfth of the square of a step, on average.
        let step = largest / 127.0 / 12f32.sqrt();
        let rough = step * dimension.sqrt();
        let (moved, along) = halving(&vectors);
        if metric == Metric::Cosine && largest > 0.0 && rough <= ROUGHEST && !blurs(rough) && !bends(step) {
            Self::Byte(127.0 / largest)
        } else if blurs(moved) || bends(along) {
            Self::Full
        } else {
            Self::Half
        }
    }

    /// None for the others: usearch rounds to bfloat16 itself.
    fn bytes(self, vector: &[f32]) -> Option<Vec<i8>> {
        let Self::Byte(scale) = self else { return None };
        // A cast keeps what is too large at the limit.
        Some(vector.iter().map(|number| (number * scale).round().max(-127.0) as i8).collect())
    }
}

/// How far 16 bits move a vector, and how much of that is along itself, in its product with itself: both on average.
fn halving(vectors: &[Vec<f32>]) -> (f32, f32) {
    let error = |number: &f32| number - f32::from_bits((number.to_bits() + 0x8000) & 0xffff_0000);
    let (mut moved, mut along) = (0.0, 0.0);
    for vector in vectors {
        let errors: Vec<f32> = vector.iter().map(error).collect();
        moved += norm(&errors);
        along += vector.iter().zip(&errors).map(|(number, error)| number * error).sum::<f32>().abs();
    }
    (moved / vectors.len() as f32, along / vectors.len() as f32)
}

/// How far a vector lies from its nearest, in the middle of all. None where there are but copies of one.
fn nearest(vectors: &[Vec<f32>]) -> Option<f32> {
    let stored: Vec<Vec<u8>> = vectors.iter().map(|vector| bytes(vector)).collect();
    let nearest = |vector: &Vec<f32>| {
        let probe = Probe::new(Metric::Euclidean, vector);
        // Neither itself nor a copy of it.
        let apart = stored.iter().map(|other| probe.score(other)).filter(|distance| *distance > 0.0);
        apart.min_by(f32::total_cmp)
    };
    let step = vectors.len().div_ceil(PROBES).max(1);
    let mut nearest: Vec<f32> = vectors.iter().step_by(step).filter_map(nearest).collect();
    nearest.sort_by(f32::total_cmp);
    nearest.get(nearest.len() / 2).copied()
}

/// Of vectors of length one the inner product is the cosine, and quicker.
fn normalize(metric: Metric, vector: &mut [f32]) {
    if metric != Metric::Cosine {
        return;
    }
    let norm = norm(vector);
    if norm > 0.0 {
        vector.iter_mut().for_each(|number| *number /= norm);
    }
}

pub(crate) struct Graph {
    held: Held,
    metric: Metric,
    code: Code,
    /// It holds every vector up to this key that lived when it was added, and is being given those above.
    upto: AtomicU32,
    /// Mapped from its file: nothing can be added.
    mapped: bool,
    permits: Permits,
}

enum Held {
    /// By usearch. Held alone only to make room: it lets additions and searches run beside each other.
    Index(RwLock<Index>),
    /// Mapped, with what searches leave to the next ones.
    Walk(Walk<Mmap>, Mutex<Vec<Scratch>>),
}

impl Graph {
    /// An empty one. It can take vectors.
    pub fn new(settings: &Settings, code: Code) -> Result<Self, Unusable> {
        let held = Held::Index(RwLock::new(unreserved(settings, code)?));
        Ok(Self::around(held, settings.metric, code, 0, false))
    }

    fn around(held: Held, metric: Metric, code: Code, upto: u32, mapped: bool) -> Self {
        Self { held, metric, code, upto: AtomicU32::new(upto), mapped, permits: Permits::default() }
    }

    pub fn upto(&self) -> u32 {
        self.upto.load(Ordering::Acquire)
    }

    pub fn mapped(&self) -> bool {
        self.mapped
    }

    /// Vectors in it, deleted ones too.
    pub fn size(&self) -> usize {
        match &self.held {
            Held::Index(index) => read(index).size(),
            Held::Walk(walk, _) => walk.size(),
        }
    }

    /// Makes room for so many more.
    pub fn reserve(&self, more: usize) -> Result<(), Unusable> {
        let index = self.index()?.write().unwrap_or_else(PoisonError::into_inner);
        let wanted = index.size() + more;
        // usearch moves all it has when it grows, so it grows by doubling.
        if wanted > index.capacity() {
            let capacity = wanted.max(index.capacity() * 2).max(1024);
            index.reserve_capacity_and_threads(capacity, AT_ONCE).map_err(Unusable::because)?;
        }
        Ok(())
    }

    /// Room has to be reserved before. From several threads at once if need be.
    pub fn add(&self, key: u32, mut vector: Vec<f32>) -> Result<(), Unusable> {
        let _permit = self.permits.take();
        normalize(self.metric, &mut vector);
        let (index, key) = (read(self.index()?), u64::from(key));
        let added = match self.code.bytes(&vector) {
            Some(bytes) => index.add(key, &bytes),
            None => index.add(key, &vector),
        };
        added.map_err(Unusable::because)
    }

    /// Every vector up to this key has been added.
    pub fn reached(&self, key: u32) {
        self.upto.store(key, Ordering::Release);
    }

    /// The keys of about the `count` nearest, nearest first.
    pub fn search(&self, vector: &[f32], count: usize) -> Result<Vec<u32>, Unusable> {
        let mut vector = vector.to_vec();
        normalize(self.metric, &mut vector);
        let keys = match (&self.held, self.code.bytes(&vector)) {
            (Held::Walk(walk, left), Some(bytes)) => {
                let left = || left.lock().unwrap_or_else(PoisonError::into_inner);
                let mut scratch = left().pop().unwrap_or_default();
                let keys = walk.search(&bytes, count, &mut scratch);
                left().push(scratch);
                keys
            }
            (_, bytes) => {
                let _permit = self.permits.take();
                let index = read(self.index()?);
                let found = match bytes {
                    Some(bytes) => index.search(&bytes, count),
                    None => index.search(&vector, count),
                };
                found.map_err(Unusable::because)?.keys
            }
        };
        Ok(keys.into_iter().filter_map(|key| u32::try_from(key).ok()).collect())
    }

    /// usearch's.
    fn index(&self) -> Result<&RwLock<Index>, Unusable> {
        match &self.held {
            Held::Index(index) => Ok(index),
            Held::Walk(..) => Err(Unusable("it is mapped".into())),
        }
    }
}

fn read(index: &RwLock<Index>) -> RwLockReadGuard<'_, Index> {
    index.read().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Graph {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Graph")
            .field("upto", &self.upto())
            .field("mapped", &self.mapped)
            .finish_non_exhaustive()
    }
}

/// With working memory for all threads and no room for vectors yet.
fn unreserved(settings: &Settings, code: Code) -> Result<Index, Unusable> {
    let metric = match settings.metric {
        Metric::Cosine | Metric::Dot => MetricKind::IP,
        Metric::Euclidean => MetricKind::L2sq,
    };
    let index = Index::new(&IndexOptions {
        dimensions: settings.dimension,
        metric,
        quantization: match code {
            Code::Full => ScalarKind::F32,
            Code::Half => ScalarKind::BF16,
            Code::Byte(_) => ScalarKind::I8,
        },
        connectivity: settings.connectivity,
        expansion_add: settings.expansion_of_build,
        // A search weighs as many candidates as it asks for, so each says its own number.
        expansion_search: 1,
        multi: false,
    });
    let index = index.map_err(Unusable::because)?;
    index.reserve_capacity_and_threads(1, AT_ONCE).map_err(Unusable::because)?;
    Ok(index)
}

/// usearch has no answer for a thread beyond those that it was told of.
struct Permits {
    left: Mutex<usize>,
    returned: Condvar,
}

struct Permit<'a>(&'a Permits);

impl Default for Permits {
    fn default() -> Self {
        Self { left: Mutex::new(AT_ONCE), returned: Condvar::new() }
    }
}

impl Permits {
    fn take(&self) -> Permit<'_> {
        let left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        let mut left = self.returned.wait_while(left, |left| *left == 0).unwrap_or_else(PoisonError::into_inner);
        *left -= 1;
        Permit(self)
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        *self.0.left.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.returned.notify_one();
    }
}
