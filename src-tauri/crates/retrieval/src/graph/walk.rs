//! A search of our own in the file of an index, in the form in which usearch 2.26 saves it: the same walk through the same
//! graph (HNSW, algorithms 2 and 5 of Malkov and Yashunin 2018), but one that asks memory for what it needs next before it
//! needs it. usearch waits for each vector.
//!
//! For vectors of 8-bit numbers that are compared by their product. Trusts nothing that the bytes say: a damaged file may
//! be refused or answered badly, and that is all. What it does not know it refuses, and usearch has to search.

#![allow(unsafe_code)] // A file is mapped, and memory is given a hint.

#[cfg(not(target_arch = "x86_64"))]
use std::hint::black_box;
use std::{fs::File, io, ops::Range, path::Path};

use memmap2::Mmap;
use numkong::Dot;

/// Before the vectors: how many there are, and the bytes of each.
const MATRIX: usize = 4 + 4;

/// After the vectors: what usearch says of them.
const HEAD: usize = 64;

/// After that: size, connectivity above, connectivity at the base, highest level, entry.
const GRAPH: usize = 5 * 8;

const LEVEL: usize = size_of::<i16>();

/// A node begins with its key and its level.
const KEY: usize = size_of::<u64>();
const NODE: usize = KEY + LEVEL;

const SLOT: usize = size_of::<u32>();

/// The version of usearch that saved it, major and minor.
const VERSION: [u16; 2] = [2, 26];

/// In usearch's words: compared by product; numbers of 8 bits, keys of 64, slots of 32.
const KINDS: [u8; 4] = [b'i', 23, 14, 15];

/// Memory comes in pieces of so many bytes.
const LINE: usize = 64;

/// An index in the bytes of its file. What follows them, such as a seal, is not looked at.
#[derive(Debug)]
pub(crate) struct Walk<B> {
    bytes: B,
    size: usize,
    /// Bytes of a vector.
    row: usize,
    /// Where the first node begins.
    nodes: usize,
    /// Bytes of a node that is in the base alone, and of its links on each level above.
    base: usize,
    above: usize,
    /// How many levels above the base the nodes before each one have: so much further it lies.
    before: Vec<u32>,
    entry: u32,
    highest: usize,
}

/// The memory of one search at a time, for the next to use again.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    met: Met,
    /// The nearest so far, nearest first.
    beam: Vec<Candidate>,
}

/// The slots whose vectors were looked at.
#[derive(Debug, Default)]
struct Met {
    /// A bit for each slot; all are zero between searches.
    bits: Vec<u64>,
    order: Vec<u32>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    /// Higher is further.
    distance: i32,
    slot: u32,
    /// Its neighbours have been looked at.
    spent: bool,
}

/// Why it refuses a file.
pub(crate) type Refusal = &'static str;

/// The bytes of a file, as they are asked for.
pub(crate) fn mapped(path: &Path) -> io::Result<Mmap> {
    let file = File::open(path)?;
    // SAFETY: an index is placed by rename and never written again, and whatever its bytes say is checked as it is read.
    unsafe { Mmap::map(&file) }
}

impl<B: AsRef<[u8]>> Walk<B> {
    pub fn open(bytes: B) -> Result<Self, Refusal> {
        let mut rest = bytes.as_ref();
        let [rows, row] =
            [take::<4>(&mut rest)?, take::<4>(&mut rest)?].map(|field| u32::from_le_bytes(field) as usize);
        let matrix = rows.checked_mul(row).ok_or("it says that it is too large")?;
        rest = rest.get(matrix..).ok_or("it lacks vectors")?;

        let head = &mut &take::<HEAD>(&mut rest)?[..];
        if &take::<7>(head)? != b"usearch" {
            return Err("it is not an index");
        }
        let [major, minor, _patch] = [take::<2>(head)?, take::<2>(head)?, take::<2>(head)?].map(u16::from_le_bytes);
        let kinds = take::<4>(head)?;
        let [present, deleted, dimension] =
            [take::<8>(head)?, take::<8>(head)?, take::<8>(head)?].map(u64::from_le_bytes);
        let [multi] = take::<1>(head)?;
        let expected = [major, minor] == VERSION && kinds == KINDS && multi == 0 && deleted == 0;
        // Products of more numbers than that could leave 32 bits.
        let fits = dimension <= 1 << 16 && row as u64 == dimension && present == rows as u64;
        if !expected || !fits {
            return Err("it is of another version or shape");
        }

        let fields = take::<GRAPH>(&mut rest)?;
        let fields = fields.as_chunks::<8>().0.iter().map(|field| u64::from_le_bytes(*field));
        let fields = fields.map(|field| u32::try_from(field).map_err(|_| "its graph is too large"));
        let fields: Vec<u32> = fields.collect::<Result<_, _>>()?;
        let [size, above, base, highest, entry] = fields[..] else { return Err("it lacks a graph") };
        if size as usize != rows || entry >= size || above > 1 << 16 || base > 1 << 16 {
            return Err("its graph is not one of its vectors");
        }
        let (size, highest) = (size as usize, highest as usize);
        let (base, above) = (NODE + SLOT * (1 + base as usize), SLOT * (1 + above as usize));

        let levels = rest.get(..size * LEVEL).ok_or("it lacks levels")?;
        let (mut before, mut sum) = (Vec::with_capacity(size), 0_u32);
        let (mut least, mut most) = (i16::MAX, 0);
        for level in levels.as_chunks::<LEVEL>().0 {
            before.push(sum);
            let level = i16::from_le_bytes(*level);
            (least, most) = (least.min(level), most.max(level));
            // Wraps where levels are nonsense; then the sizes below do not agree either.
            sum = sum.wrapping_add(u32::from(level.unsigned_abs()));
        }
        if least < 0 || most as usize > 64 || most as usize != highest {
            return Err("its levels are not those of a graph");
        }
        let length = size as u64 * base as u64 + u64::from(sum) * above as u64;
        if ((rest.len() - levels.len()) as u64) < length {
            return Err("it lacks nodes");
        }
        let nodes = MATRIX + matrix + HEAD + GRAPH + levels.len();
        Ok(Self { size, row, nodes, base, above, before, entry, highest, bytes })
    }

    /// Vectors in it.
    pub fn size(&self) -> usize {
        self.size
    }

    /// Numbers of a vector.
    pub fn dimension(&self) -> usize {
        self.row
    }

    /// The keys of about the `count` nearest, nearest first. The vector has to be written as the file's are.
    pub fn search(&self, sought: &[i8], count: usize, scratch: &mut Scratch) -> Vec<u64> {
        let count = count.clamp(1, self.size);
        let Scratch { met, beam } = scratch;
        met.begin(self.size);
        beam.clear();
        let (slot, distance) = self.descend(sought, met);
        met.forget();
        met.add(slot);
        beam.push(Candidate { distance, slot, spent: false });
        // Those before it are spent.
        let mut first = 0;
        while let Some(candidate) = beam.get_mut(first) {
            first += 1;
            if candidate.spent {
                continue;
            }
            candidate.spent = true;
            let fresh = self.meet(met, candidate.slot, 0);
            // Likely to be the next whose links are wanted.
            if let Some(next) = beam[first..].iter().find(|candidate| !candidate.spent) {
                ask(self.links(next.slot, 0));
            }
            for at in fresh {
                let slot = met.order[at];
                let distance = self.distance(sought, slot);
                if let Some(place) = offer(beam, count, Candidate { distance, slot, spent: false })
                    && place < first
                {
                    first = place;
                    ask(self.links(slot, 0));
                }
            }
        }
        met.forget();
        beam.iter().filter_map(|candidate| self.key(candidate.slot)).collect()
    }

    /// Goes from the entry to ever nearer neighbours, down to the base, and says where it arrives.
    fn descend(&self, sought: &[i8], met: &mut Met) -> (u32, i32) {
        let (mut nearest, mut least) = (self.entry, self.distance(sought, self.entry));
        for level in (1..=self.highest).rev() {
            loop {
                let from = nearest;
                // One that was met before was no nearer then.
                for at in self.meet(met, from, level) {
                    let slot = met.order[at];
                    let distance = self.distance(sought, slot);
                    if distance < least {
                        (nearest, least) = (slot, distance);
                    }
                }
                if nearest == from {
                    break;
                }
            }
        }
        (nearest, least)
    }

    /// Asks for the vectors of those neighbours that were not met before; says where they are in the order.
    #[inline(always)]
    fn meet(&self, met: &mut Met, slot: u32, level: usize) -> Range<usize> {
        let known = met.order.len();
        for slot in self.neighbours(slot, level) {
            if met.add(slot) {
                ask(self.vector(slot));
            }
        }
        known..met.order.len()
    }

    /// Only the order counts. usearch calls the same function.
    #[inline(always)]
    fn distance(&self, sought: &[i8], slot: u32) -> i32 {
        -i8::dot(sought, bytemuck::cast_slice(self.vector(slot))).unwrap_or_default()
    }

    #[inline(always)]
    fn vector(&self, slot: u32) -> &[u8] {
        let start = MATRIX + slot as usize * self.row;
        self.bytes.as_ref().get(start..start + self.row).unwrap_or_default()
    }

    #[inline(always)]
    fn node(&self, slot: u32) -> usize {
        let before = self.before.get(slot as usize).copied().unwrap_or_default();
        self.nodes + slot as usize * self.base + before as usize * self.above
    }

    fn key(&self, slot: u32) -> Option<u64> {
        self.bytes.as_ref().get(self.node(slot)..)?.first_chunk().map(|key| u64::from_le_bytes(*key))
    }

    /// A node's links on a level, as they lie in the file: their number, the links, room for more.
    #[inline(always)]
    fn links(&self, slot: u32, level: usize) -> &[u8] {
        let node = self.node(slot);
        let (start, end) = match level {
            0 => (node + NODE, node + self.base),
            level => (node + self.base + (level - 1) * self.above, node + self.base + level * self.above),
        };
        self.bytes.as_ref().get(start..end).unwrap_or_default()
    }

    /// The slots of a node's neighbours.
    #[inline(always)]
    fn neighbours(&self, slot: u32, level: usize) -> impl Iterator<Item = u32> + Clone {
        let (count, slots) = self.links(slot, level).as_chunks::<SLOT>().0.split_first().unwrap_or((&[0; SLOT], &[]));
        let slots = slots.iter().take(u32::from_le_bytes(*count) as usize).map(|slot| u32::from_le_bytes(*slot));
        slots.filter(|slot| (*slot as usize) < self.size)
    }
}

impl Met {
    fn begin(&mut self, size: usize) {
        // A search that was broken off has left some.
        self.forget();
        self.bits.resize(size.div_ceil(64), 0);
    }

    fn forget(&mut self) {
        for slot in self.order.drain(..) {
            if let Some(bits) = self.bits.get_mut(slot as usize / 64) {
                *bits = 0;
            }
        }
    }

    /// True for a slot that was not met before.
    #[inline(always)]
    fn add(&mut self, slot: u32) -> bool {
        let bit = 1 << (slot % 64);
        match self.bits.get_mut(slot as usize / 64) {
            Some(bits) if *bits & bit == 0 => {
                *bits |= bit;
                self.order.push(slot);
                true
            }
            _ => false,
        }
    }
}

/// Puts a candidate among the `count` nearest, if it is one, and says where.
#[inline(always)]
fn offer(beam: &mut Vec<Candidate>, count: usize, candidate: Candidate) -> Option<usize> {
    if beam.len() >= count {
        beam.pop_if(|last| candidate.distance < last.distance)?;
    }
    let place = beam.partition_point(|other| other.distance < candidate.distance);
    beam.insert(place, candidate);
    Some(place)
}

/// Has memory bring this while other work is done.
#[inline(always)]
fn ask(piece: &[u8]) {
    for line in piece.chunks(LINE) {
        ask_line(line);
    }
    // A piece that does not begin with a line ends in one more.
    if let Some(last) = piece.last_chunk::<1>() {
        ask_line(last);
    }
}

#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn ask_line(line: &[u8]) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    // SAFETY: a hint reads nothing, wherever it points.
    unsafe { _mm_prefetch::<_MM_HINT_T0>(line.as_ptr().cast()) };
}

/// Reads a byte. No such reading waits for another, though what follows may have to wait for them all.
#[cfg(not(target_arch = "x86_64"))]
#[inline(always)]
fn ask_line(line: &[u8]) {
    black_box(line.first().copied());
}

/// Takes the first bytes off.
fn take<const N: usize>(bytes: &mut &[u8]) -> Result<[u8; N], Refusal> {
    let (first, rest) = bytes.split_first_chunk().ok_or("it is cut short")?;
    *bytes = rest;
    Ok(*first)
}

#[cfg(test)]
mod tests {
    use rand::{RngExt, SeedableRng, rngs::StdRng};

    use super::*;
    use crate::{
        Metric, Settings,
        graph::{Code, Graph, Held, file},
        tests::vectors,
    };

    const DIMENSION: usize = 48;

    /// An index of so many vectors in a file.
    fn saved(folder: &Path, count: usize) -> (Settings, std::path::PathBuf) {
        let settings = Settings::new(DIMENSION, Metric::Cosine);
        let vectors = vectors(1, count, DIMENSION);
        let graph = Graph::new(&settings, Code::for_vectors(Metric::Cosine, vectors.clone())).unwrap();
        graph.reserve(count).unwrap();
        for (key, vector) in (1..).zip(vectors) {
            graph.add(key, vector).unwrap();
            graph.reached(key);
        }
        let path = folder.join("index.usearch");
        graph.save(&path, &settings, uuid::Uuid::nil()).unwrap();
        (settings, path)
    }

    #[test]
    fn a_walk_finds_what_usearch_finds() {
        let folder = tempfile::tempdir().unwrap();
        let (settings, path) = saved(folder.path(), 5000);
        let open = |mapped| file::open(&path, &settings, uuid::Uuid::nil(), u32::MAX, mapped).unwrap();
        let (walk, usearch) = (open(true), open(false));
        assert!(matches!((&walk.held, &usearch.held), (Held::Walk(..), Held::Index(_))));
        assert_eq!((walk.size(), usearch.size()), (5000, 5000));
        let queries = vectors(2, 100, DIMENSION);
        for count in [1, 10, 64, 500] {
            let (mut found, mut same) = (0, 0);
            for query in &queries {
                let (one, other) = (walk.search(query, count).unwrap(), usearch.search(query, count).unwrap());
                assert_eq!(one.len(), count);
                found += count;
                same += one.iter().filter(|key| other.contains(key)).count();
            }
            // Of equally near ones either may be left out.
            assert!(same * 100 >= found * 99, "{same} of {found} for {count}");
        }
        assert!(walk.add(9999, queries[0].clone()).is_err(), "a mapped index takes nothing");
        assert_eq!(walk.search(&queries[0], 10_000).unwrap().len(), 5000);
    }

    #[test]
    fn a_damaged_file_is_refused_or_answers_badly_and_nothing_more() {
        let folder = tempfile::tempdir().unwrap();
        let whole = std::fs::read(saved(folder.path(), 300).1).unwrap();
        assert!(Walk::open(&whole[..]).is_ok());
        let head = MATRIX + 300 * DIMENSION;
        let nodes = head + HEAD + GRAPH + 300 * LEVEL;
        let (mut random, mut refused) = (StdRng::seed_from_u64(5), 0);
        let (sought, mut scratch) = ([7; DIMENSION], Scratch::default());
        for turn in 0..4000 {
            let mut bytes = whole.clone();
            match turn % 4 {
                0 => bytes.truncate(random.random_range(0..whole.len())),
                1 => bytes[random.random_range(0..MATRIX)] = random.random(),
                2 => bytes[random.random_range(head..nodes)] = random.random(),
                _ => (0..1000).for_each(|_| bytes[random.random_range(nodes..whole.len())] = random.random()),
            }
            let Ok(walk) = Walk::open(&bytes[..]) else {
                refused += 1;
                continue;
            };
            for count in [0, 1, 30, 5000] {
                assert!(walk.search(&sought, count, &mut scratch).len() <= 300);
            }
        }
        assert!((1000..3000).contains(&refused), "{refused} are refused");
    }
}
