//! A recommendation in sentences. Never decides anything.

use super::{LEAST_RECALL, Standing, TIE, bytes};
use crate::{Comparison, Criterion, Figures, Operations, Weights};

/// Milliseconds that a search may take before people wait for it.
const SLOW: f64 = 50.0;
/// Points below which the local index compares every vector too.
const FEW: usize = 1000;

pub fn reasons(comparison: &Comparison, standings: &[Standing]) -> Vec<String> {
    let Some(best) = standings.first() else {
        return vec!["Nothing could be measured, so nothing is recommended.".into()];
    };
    let second = standings.get(1);
    let mut told = vec![match second {
        Some(second) => {
            format!(
                "{} comes first with {:.2} of 1, before {} with {:.2}.",
                best.name, best.score, second.name, second.score
            )
        }
        None => format!("{} is the only one that could be measured.", best.name),
    }];
    if let Some(second) = second.filter(|second| best.finds == second.finds && best.score - second.score < TIE) {
        told.push(format!(
            "That is as good as a tie: of {} and {}, take the one that you know.",
            best.name, second.name
        ));
    }
    let beside = |tell: &dyn Fn(&Figures) -> String| {
        let second =
            second.and_then(|second| Some(format!(" ({}: {})", second.name, tell(figures(comparison, second)?))));
        second.unwrap_or_default()
    };
    if let Some(own) = figures(comparison, best) {
        let recall = |figures: &Figures| format!("{:.1}%", figures.recall * 100.0);
        let latency = |figures: &Figures| format!("{:.2} ms", figures.p95.as_secs_f64() * 1e3);
        let build = |figures: &Figures| format!("{:.1} s", (figures.load + figures.build).as_secs_f64());
        let space = |figures: &Figures| {
            bytes(figures).map_or_else(|| "cannot tell".into(), |bytes| format!("{:.1} MB", bytes as f64 / 1e6))
        };
        told.push(format!("It finds {} of the ten nearest{}.", recall(own), beside(&recall)));
        told.push(format!("It answers 95 of 100 questions within {}{}.", latency(own), beside(&latency)));
        told.push(format!("It takes the points and is ready after {}{}.", build(own), beside(&build)));
        told.push(match bytes(own) {
            Some(_) => format!("It takes {} of memory and disk{}.", space(own), beside(&space)),
            None => format!("It does not tell its memory and disk, which counts like the most{}.", beside(&space)),
        });
    }
    told.push(format!("To run it takes {}.", comparison.rows[best.row].about.operations.told()));
    if best.finds {
        let less = standings.iter().filter(|standing| !standing.finds);
        told.extend(less.map(|standing| {
            let least = LEAST_RECALL * 100.0;
            format!(
                "{} finds less than {least:.0}% of the nearest and stands behind those that find more.",
                standing.name
            )
        }));
    }
    told
}

pub fn would_change(comparison: &Comparison, standings: &[Standing], points: usize, weights: &Weights) -> Vec<String> {
    let mut told = Vec::new();
    if let Some(best) = standings.first() {
        told.extend(overtakings(best, &standings[1..], weights));
        told.extend(growth(comparison, best, standings));
    }
    let (compared, matching) = (comparison.compared, comparison.matching);
    told.push(match comparison.filtered {
        false => "Filters: none was asked for here, and one that 1% of the points pass can turn the order. Measure with yours, too.".into(),
        true => {
            let share = matching as f64 / compared as f64 * 100.0;
            format!("Other filters: {matching} of {compared} points pass this one ({share:.1}%), and one that fewer or more pass can turn the order.")
        }
    });
    if compared < points {
        told.push(format!("More vectors: {compared} of {points} were compared. Times grow with them: compare more."));
    }
    if compared < FEW {
        told.push(format!("With fewer than {FEW} points index compares every vector, as exact does."));
    }
    let failed = comparison.rows.iter().filter(|row| row.outcome.is_err());
    told.extend(failed.map(|row| format!("{} could not be measured, and may do better.", row.about.name)));
    told
}

fn figures<'a>(comparison: &'a Comparison, standing: &Standing) -> Option<&'a Figures> {
    comparison.rows.get(standing.row)?.outcome.as_ref().ok()
}

/// For each criterion, the least weight from which another would pass the best, the other weights keeping their ratios.
fn overtakings(best: &Standing, others: &[Standing], weights: &Weights) -> Vec<String> {
    let mut told = Vec::new();
    for (place, criterion) in Criterion::ALL.into_iter().enumerate() {
        let now = weights.of(criterion);
        let from = |other: &Standing| {
            let here = best.parts[place] - other.parts[place];
            let rest = (best.score - other.score - now * here) / (1.0 - now);
            // The lead is weight * here + (1 - weight) * rest.
            let weight = rest / (rest - here);
            (here < 0.0 && now < 1.0 && weight > now && weight < 0.995).then_some((weight, other.name))
        };
        let equals = others.iter().filter(|other| other.finds == best.finds);
        let soonest = equals.filter_map(from).min_by(|one, other| one.0.total_cmp(&other.0));
        if let Some((weight, name)) = soonest {
            let (weight, now) = ((weight * 100.0).ceil(), now * 100.0);
            told.push(format!(
                "Weights: if {} counted for {weight:.0}% (now {now:.0}%), {name} would pass {}.",
                criterion.name(),
                best.name
            ));
        }
    }
    told
}

/// What becomes of the best with more points, or more machines.
fn growth(comparison: &Comparison, best: &Standing, standings: &[Standing]) -> Vec<String> {
    let operations = |standing: &Standing| comparison.rows[standing.row].about.operations;
    let mut told = Vec::new();
    if let Some(figures) = figures(comparison, best).filter(|_| best.name == "exact") {
        let millis = (figures.p95.as_secs_f64() * 1e3).max(0.001);
        let most = comparison.compared as f64 * SLOW / millis;
        // Two digits: more would promise too much.
        let digits = 10f64.powf((most.log10().floor() - 1.0).max(0.0));
        let most = (most / digits).floor() * digits;
        let which = if comparison.filtered { ", and as great a share that passes," } else { "" };
        told.push(format!(
            "Growth: exact takes longer with every vector; with about {}{which} a question takes {SLOW:.0} ms here.",
            grouped(most as u64)
        ));
    }
    if operations(best) == Operations::Nothing {
        let server = standings.iter().find(|standing| operations(standing) != Operations::Nothing);
        told.push(match server {
            Some(server) => {
                format!("Several machines that write, or more vectors than one holds: of those that allow that, {} did best.", server.name)
            }
            None => "Several machines that write, or more vectors than one holds, need a server, and none was measured.".into(),
        });
    }
    told
}

/// `62,000`.
fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}
