//! A layout that keeps neighbours (UMAP: McInnes, Healy and Melville 2018), from neighbours that the caller has found.

use rand::{RngExt, SeedableRng, rngs::StdRng};
use task::{Cancellation, Progress, Reporter, Unit};

use crate::Place;

/// How far apart points lie that are as near as can be, and how wide the whole is, fitted by 1 / (1 + a d^2b): these are
/// the numbers for a least distance of 0.1 and a spread of 1.
const A: f32 = 1.577;
const B: f32 = 0.895;
/// Points that push one away for each that pulls.
const PUSHES: usize = 5;
/// The first step; it shrinks to nothing.
const STEP: f32 = 1.0;
/// No pull or push moves a point further, before the step.
const REACH: f32 = 4.0;
/// How far from the middle the start reaches.
const EXTENT: f32 = 10.0;
const SEED: u64 = 1;

/// A near point: its number, and how far it is, at least 0.
pub type Neighbour = (u32, f32);

/// A bond of two points: the chance that they belong together.
struct Bond {
    from: u32,
    to: u32,
    /// A bond pulls once in so many rounds.
    every: f32,
    next: f32,
}

/// Places for points by their neighbours, nearest first, beginning at `start`. A neighbour that is no point is left out.
/// None where it was cancelled. Reports its rounds as steps.
pub fn arrange(
    neighbours: &[Vec<Neighbour>],
    start: &[Place],
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Option<Vec<Place>> {
    let count = neighbours.len().min(start.len());
    let rounds = if count <= 10_000 { 500 } else { 200 };
    let mut random = StdRng::seed_from_u64(SEED);
    let mut places = spread(&start[..count], &mut random);
    let mut bonds = bonds(&neighbours[..count], rounds);
    for round in 0..rounds {
        if cancellation.is_cancelled() {
            return None;
        }
        if round % 10 == 0 {
            let what = "Arranging".to_owned();
            reporter.progress(Progress { what, done: round as u64, total: Some(rounds as u64), unit: Unit::Steps });
        }
        let step = STEP * (1.0 - round as f32 / rounds as f32);
        for bond in &mut bonds {
            if bond.next <= round as f32 {
                bond.next += bond.every;
                pull(&mut places, bond, step, &mut random);
            }
        }
    }
    Some(places)
}

/// The start at one size, with a little noise: points that lie upon each other would never part.
fn spread(start: &[Place], random: &mut StdRng) -> Vec<Place> {
    let furthest = start.iter().flatten().fold(0f32, |most, number| most.max(number.abs()));
    let scale = if furthest > 0.0 { EXTENT / furthest } else { 0.0 };
    start.iter().map(|place| place.map(|number| number * scale + (random.random::<f32>() - 0.5) * 0.02)).collect()
}

fn pull(places: &mut [Place], bond: &Bond, step: f32, random: &mut StdRng) {
    let (from, to) = (bond.from as usize, bond.to as usize);
    let squared = squared(places[from], places[to]);
    if squared > 0.0 {
        let strength = -2.0 * A * B * squared.powf(B - 1.0) / (1.0 + A * squared.powf(B));
        let by = apart(places[from], places[to]).map(|apart| limited(strength * apart) * step);
        places[from] = moved(places[from], by);
        places[to] = moved(places[to], by.map(|by| -by));
    }
    for _ in 0..PUSHES {
        let other = random.random_range(0..places.len());
        if other == from {
            continue;
        }
        let squared = self::squared(places[from], places[other]);
        let strength = 2.0 * B / ((0.001 + squared) * (1.0 + A * squared.powf(B)));
        let away = |apart: f32| if squared > 0.0 { limited(strength * apart) } else { REACH } * step;
        places[from] = moved(places[from], apart(places[from], places[other]).map(away));
    }
}

fn apart(one: Place, other: Place) -> Place {
    [one[0] - other[0], one[1] - other[1]]
}

fn moved(place: Place, by: Place) -> Place {
    [place[0] + by[0], place[1] + by[1]]
}

fn squared(one: Place, other: Place) -> f32 {
    let [x, y] = apart(one, other);
    x * x + y * y
}

fn limited(by: f32) -> f32 {
    by.clamp(-REACH, REACH)
}

/// Both points of a bond say how sure they are of it, and either is enough: a + b - ab. What is too weak to pull once is
/// left out.
fn bonds(neighbours: &[Vec<Neighbour>], rounds: usize) -> Vec<Bond> {
    let count = neighbours.len();
    let mut said: Vec<(u32, u32, f32)> = Vec::new();
    for (point, near) in neighbours.iter().enumerate() {
        let near: Vec<Neighbour> =
            near.iter().copied().filter(|(other, _)| (*other as usize) < count && *other as usize != point).collect();
        let point = point as u32;
        said.extend(near.iter().zip(sureness(&near)).flat_map(|((other, _), sure)| {
            let pair = (point.min(*other), point.max(*other));
            Some((pair.0, pair.1, sure))
        }));
    }
    said.sort_unstable_by_key(|(one, other, _)| (*one, *other));
    let mut joined: Vec<(u32, u32, f32)> = Vec::with_capacity(said.len());
    for (one, other, sure) in said {
        match joined.last_mut() {
            Some(last) if (last.0, last.1) == (one, other) => last.2 += sure - last.2 * sure,
            _ => joined.push((one, other, sure)),
        }
    }
    let most = joined.iter().fold(0f32, |most, (_, _, sure)| most.max(*sure));
    let strong = joined.into_iter().filter(|(_, _, sure)| *sure * rounds as f32 > most);
    // In both directions, so that each end is pushed away from the others too.
    let both = strong.flat_map(|(one, other, sure)| {
        let every = most / sure;
        [(one, other), (other, one)].map(|(from, to)| Bond { from, to, every, next: every })
    });
    both.collect()
}

/// How sure a point is of each neighbour: of the nearest wholly, and of the others so that all together come to the binary
/// logarithm of their number.
fn sureness(near: &[Neighbour]) -> Vec<f32> {
    let nearest =
        near.iter().map(|(_, distance)| *distance).filter(|distance| *distance > 0.0).fold(f32::MAX, f32::min);
    let beyond = |distance: f32| (distance - nearest).max(0.0);
    let wanted = (near.len() as f32).log2();
    let sum = |width: f32| near.iter().map(|(_, distance)| (-beyond(*distance) / width).exp()).sum::<f32>();
    let (mut low, mut high, mut width) = (0f32, f32::MAX, 1f32);
    for _ in 0..64 {
        if sum(width) > wanted {
            high = width;
        } else {
            low = width;
        }
        width = if high == f32::MAX { width * 2.0 } else { f32::midpoint(low, high) };
    }
    let mean = near.iter().map(|(_, distance)| *distance).sum::<f32>() / near.len().max(1) as f32;
    let width = width.max(mean * 1e-3).max(f32::MIN_POSITIVE);
    near.iter().map(|(_, distance)| (-beyond(*distance) / width).exp()).collect()
}
