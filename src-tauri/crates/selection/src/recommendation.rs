//! Which contender to take, and why. Weighted sums of figures that are put on one scale by the best of each (simple
//! additive weighting, Hwang and Yoon 1981): the best gets 1, one that is half as good 0.5. Never measures anything.

mod telling;

use std::cmp::Ordering;

use crate::{Comparison, Criterion, Error, Figures, Operations, Row, Weights};

/// An engine that finds less stands behind every one that finds so much, whatever else it does well.
const LEAST_RECALL: f64 = 0.9;
/// Below these, figures count as equal: a millisecond beside the embedding of the question, a second of loading, a
/// mebibyte.
const LEAST_MILLIS: f64 = 1.0;
const LEAST_SECONDS: f64 = 1.0;
const LEAST_BYTES: f64 = 1048576.0;
/// Scores so near to each other decide nothing.
const TIE: f64 = 0.02;

/// What to take, and what that rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Recommendation {
    /// Those that could be measured, the best first.
    pub standings: Vec<Standing>,
    /// Sentences.
    pub reasons: Vec<String>,
    /// Sentences: under what other conditions the answer would be, or might be, another.
    pub would_change: Vec<String>,
    /// As they counted: with a sum of 1.
    pub weights: Weights,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// The contender's place among the rows.
    pub row: usize,
    pub name: &'static str,
    /// 0 to 1.
    pub score: f64,
    /// By criterion, in the order of [`Criterion::ALL`], 0 to 1. A figure that the contender cannot tell counts like the
    /// worst that is known.
    pub parts: [f64; 5],
    /// It finds enough of the nearest.
    finds: bool,
}

/// Judges a comparison of some of `points` points. Fails where the weights are none.
pub fn recommend(comparison: &Comparison, points: usize, weights: Weights) -> Result<Recommendation, Error> {
    let weights = weights.shares()?;
    let measured: Vec<(usize, &Row, &Figures)> = comparison
        .rows
        .iter()
        .enumerate()
        .filter_map(|(number, row)| Some((number, row, row.outcome.as_ref().ok()?)))
        .collect();
    let parts = Criterion::ALL.map(|criterion| {
        on_one_scale(measured.iter().map(|(_, row, figures)| benefit(criterion, row.about.operations, figures)))
    });
    let mut standings: Vec<(Standing, &Figures)> = measured
        .iter()
        .enumerate()
        .map(|(place, (row, of, figures))| {
            let parts = std::array::from_fn(|criterion| parts[criterion][place]);
            let finds = figures.recall >= LEAST_RECALL;
            (Standing { row: *row, name: of.about.name, score: score(&parts, &weights), parts, finds }, *figures)
        })
        .collect();
    standings.sort_by(order);
    let standings: Vec<Standing> = standings.into_iter().map(|(standing, _)| standing).collect();
    let reasons = telling::reasons(comparison, &standings);
    let would_change = telling::would_change(comparison, &standings, points, &weights);
    Ok(Recommendation { standings, reasons, would_change, weights })
}

/// Of two with one score the one that finds more, then the quicker one, then the one that takes less to run.
fn order(one: &(Standing, &Figures), other: &(Standing, &Figures)) -> Ordering {
    let rounded = |score: f64| (score * 1e9).round();
    let by = |standing: &Standing| (standing.finds, rounded(standing.score));
    let ((one_finds, one_score), (other_finds, other_score)) = (by(&one.0), by(&other.0));
    other_finds
        .cmp(&one_finds)
        .then(other_score.total_cmp(&one_score))
        .then(other.1.recall.total_cmp(&one.1.recall))
        .then(one.1.p95.cmp(&other.1.p95))
        .then(other.0.parts[Criterion::Operations as usize].total_cmp(&one.0.parts[Criterion::Operations as usize]))
        .then(one.0.name.cmp(other.0.name))
}

/// A figure so that more is better, of any scale. None where the contender cannot tell it.
fn benefit(criterion: Criterion, operations: Operations, figures: &Figures) -> Option<f64> {
    match criterion {
        Criterion::Recall => Some(figures.recall),
        Criterion::Latency => Some(1.0 / (figures.p95.as_secs_f64() * 1e3).max(LEAST_MILLIS)),
        Criterion::Build => Some(1.0 / (figures.load + figures.build).as_secs_f64().max(LEAST_SECONDS)),
        Criterion::Space => Some(1.0 / (bytes(figures)? as f64).max(LEAST_BYTES)),
        Criterion::Operations => Some(operations.grade()),
    }
}

/// Of memory and disk together, of whichever is known.
fn bytes(figures: &Figures) -> Option<u64> {
    let (memory, disk) = (figures.size.memory, figures.size.disk);
    (memory.is_some() || disk.is_some()).then(|| memory.unwrap_or(0).saturating_add(disk.unwrap_or(0)))
}

/// Each over the best. Where nobody knows, all are equal.
fn on_one_scale(benefits: impl Iterator<Item = Option<f64>>) -> Vec<f64> {
    let benefits: Vec<Option<f64>> = benefits.collect();
    let known = || benefits.iter().flatten().copied();
    let best = known().fold(0.0, f64::max);
    let worst = known().fold(best, f64::min);
    let part = |benefit: f64| if best > 0.0 { benefit / best } else { 1.0 };
    benefits.iter().map(|benefit| part(benefit.unwrap_or(worst))).collect()
}

fn score(parts: &[f64; 5], weights: &Weights) -> f64 {
    Criterion::ALL.iter().zip(parts).map(|(criterion, part)| weights.of(*criterion) * part).sum()
}

#[cfg(test)]
mod tests;
