//! Our side of `cargo xtask bench retrieval`: makes the vectors that both sides use, builds a collection of them, and
//! answers queries. Never measures a peer and judges nothing.
//!
//!     retrieval make FOLDER VECTORS QUERIES    writes vectors.f32 and queries.f32, unit vectors of 384 numbers
//!     retrieval build FOLDER THREADS           one line of JSON: seconds to keep the points and to index them, and
//!                                          megabytes of memory at the most
//!     retrieval open FOLDER                    one line: milliseconds from nothing to the first answer
//!     retrieval serve FOLDER                   answers a line of JSON with one, see `Asked`
#![allow(clippy::print_stdout, reason = "the bench reads what it prints")]

use std::{
    fs,
    io::{BufRead, BufWriter, Read, Write},
    path::Path,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use retrieval::{Collections, Filter, Metric, Point, PointId, Query, Search, Settings, Target, Test};
use serde::Deserialize;
use serde_json::json;

const DIMENSION: usize = 384;
/// Vectors that are put into the collection at once; the others stay in their file.
const GROUP: usize = 1000;
const CLUSTERS: usize = 1000;
const SEED: u64 = 7;
/// How far points lie from their centre, which itself has a length of about one for each number.
const SPREAD: f32 = 0.7;

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Asked {
    /// All queries, one after another: `{"seconds", "found": [[number of the vector]]}`.
    Search { expansion: usize, field: Option<String> },
    /// `{"megabytes"}` of memory that this process took since it began.
    Memory,
}

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["make", folder, vectors, queries] => make(Path::new(folder), vectors.parse()?, queries.parse()?),
        ["build", folder, threads] => build(Path::new(folder), threads.parse()?),
        ["open", folder] => open(Path::new(folder)),
        ["serve", folder] => serve(Path::new(folder)),
        _ => bail!("see the head of this example for what it can be asked"),
    }
}

fn make(folder: &Path, vectors: usize, queries: usize) -> Result<()> {
    let mut random = StdRng::seed_from_u64(SEED);
    let centres: Vec<f32> = (0..CLUSTERS * DIMENSION).map(|_| normal(&mut random)).collect();
    for (name, count) in [("vectors.f32", vectors), ("queries.f32", queries)] {
        let mut file = BufWriter::new(fs::File::create(folder.join(name))?);
        for _ in 0..count {
            let cluster = random.random_range(0..CLUSTERS) * DIMENSION;
            let centre = &centres[cluster..cluster + DIMENSION];
            let vector: Vec<f32> = centre.iter().map(|centre| centre + SPREAD * normal(&mut random)).collect();
            let length = vector.iter().map(|number| number * number).sum::<f32>().sqrt();
            vector.iter().try_for_each(|number| file.write_all(&(number / length).to_le_bytes()))?;
        }
        file.flush()?;
    }
    Ok(())
}

/// By Box and Muller.
fn normal(random: &mut StdRng) -> f32 {
    let (one, other): (f32, f32) = (1.0 - random.random::<f32>(), random.random());
    (-2.0 * one.ln()).sqrt() * (std::f32::consts::TAU * other).cos()
}

fn read(path: &Path) -> Result<Vec<Vec<f32>>> {
    Ok(vectors(&fs::read(path)?))
}

fn vectors(bytes: &[u8]) -> Vec<Vec<f32>> {
    let vector =
        |bytes: &[u8]| bytes.as_chunks::<4>().0.iter().map(|quad| f32::from_le_bytes(*quad)).collect::<Vec<_>>();
    bytes.chunks_exact(DIMENSION * size_of::<f32>()).map(vector).collect()
}

fn build(folder: &Path, threads: usize) -> Result<()> {
    let collections = Collections::open(&folder.join("collections"))?;
    let name = collections.list()?.len().to_string();
    let settings = Settings::new(DIMENSION, Metric::Cosine);
    let collection = collections.create(&name, &settings)?;
    let file = fs::File::open(folder.join("vectors.f32"))?;
    let (mut first, mut kept) = (0_u64, Duration::ZERO);
    loop {
        let mut bytes = Vec::new();
        (&file).take((GROUP * DIMENSION * size_of::<f32>()) as u64).read_to_end(&mut bytes)?;
        if bytes.is_empty() {
            break;
        }
        let points = vectors(&bytes).into_iter().zip(first..).map(|(vector, number)| {
            // Which points share a value has nothing to do with where they lie. The other side computes the same.
            let place = number * 7919 % 1_000_003;
            let payload = json!({ "half": place % 2, "tenth": place % 10, "hundredth": place % 100 });
            let payload = payload.as_object().cloned().unwrap_or_default();
            Point { id: PointId::number(number), vector, payload }
        });
        let points: Vec<Point> = points.collect();
        first += points.len() as u64;
        let started = Instant::now();
        collection.upsert("", points)?;
        kept += started.elapsed();
    }
    let started = Instant::now();
    collection.settle(threads, &|| false)?;
    let built = started.elapsed().as_secs_f64();
    let peak = memory("VmHWM:")?;
    let said =
        json!({ "insert_seconds": kept.as_secs_f64(), "build_seconds": built, "build_peak_mb": peak, "name": name });
    println!("{said}");
    Ok(())
}

fn open(folder: &Path) -> Result<()> {
    let queries = read(&folder.join("queries.f32"))?;
    let started = Instant::now();
    let collection = Collections::open(&folder.join("collections"))?.get("0")?;
    let found = collection.search(&Search::new("", Query::nearest(queries[0].clone()), 10))?;
    let milliseconds = started.elapsed().as_secs_f64() * 1e3;
    anyhow::ensure!(found.len() == 10, "the first answer is short");
    println!("{milliseconds}");
    Ok(())
}

fn serve(folder: &Path) -> Result<()> {
    let queries = read(&folder.join("queries.f32"))?;
    let before = memory("VmRSS:")?;
    let collection = Collections::open(&folder.join("collections"))?.get("0")?;
    for line in std::io::stdin().lock().lines() {
        let answer = match serde_json::from_str(&line?)? {
            Asked::Memory => json!({ "megabytes": memory("VmRSS:")? - before }),
            Asked::Search { expansion, field } => {
                let filter = field.map(|field| Filter::Field(retrieval::Path::key(field), Test::OneOf(vec![1.into()])));
                let searches = queries.iter().map(|vector| {
                    let to = Target::Vector(vector.clone());
                    let query = Query::Nearest { to, expansion: Some(expansion), exact: false };
                    Search { filter: filter.clone(), ..Search::new("", query, 10) }
                });
                let searches: Vec<Search> = searches.collect();
                collection.search(&searches[0])?;
                let started = Instant::now();
                let found = searches.iter().map(|search| collection.search(search)).collect::<Result<Vec<_>, _>>()?;
                let seconds = started.elapsed().as_secs_f64();
                let numbers =
                    |hits: &Vec<retrieval::Hit>| hits.iter().map(|hit| hit.id.as_number()).collect::<Vec<_>>();
                json!({ "seconds": seconds, "found": found.iter().map(numbers).collect::<Vec<_>>() })
            }
        };
        println!("{answer}");
    }
    Ok(())
}

/// Megabytes of memory of this process, mapped files included: `VmRSS:` now, `VmHWM:` at the most.
fn memory(name: &str) -> Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the system says nothing of memory")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? / 1000.0)
}
