//! What a collection's index finds, and how quickly: recall against comparing every vector, at several numbers of weighed
//! candidates. The learner's own vectors are the questions.

use std::time::Instant;

use retrieval::{Collection, Include, PointId, Query, Search, Target};
use serde::Serialize;

use crate::{Problem, Workbench, keeping::on_disk};

/// Candidates weighed (HNSW's ef), from quick to thorough.
const EXPANSIONS: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// Questions, and results of each.
const QUESTIONS: usize = 100;
const RESULTS: usize = 10;

/// One stand of the curve. The last is the exact search.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stand {
    /// `None` where every vector was compared.
    pub expansion: Option<usize>,
    /// The share of the ten nearest that was found.
    pub recall: f64,
    pub p50_millis: f64,
    pub p95_millis: f64,
}

impl Workbench {
    /// Asks a namespace for the neighbours of up to a hundred of its own points, one after another. Builds the index
    /// first where it is behind.
    pub async fn measure_collection(&self, name: &str, namespace: &str) -> Result<Vec<Stand>, Problem> {
        let (collection, namespace) = (self.collection(name).await?, namespace.to_owned());
        on_disk(move || measure(&collection, &namespace)).await
    }
}

fn measure(collection: &Collection, namespace: &str) -> Result<Vec<Stand>, Problem> {
    collection.settle(super::threads())?;
    let vectors = questions(collection, namespace)?;
    if vectors.is_empty() {
        let message = format!("The namespace {namespace:?} of {:?} holds no points.", collection.name());
        return Err(Problem::new("collections.empty", message, "Take documents in first, or name another namespace."));
    }
    let ask = |vector: &[f32], expansion: Option<usize>| {
        let query = Query::Nearest { to: Target::Vector(vector.to_vec()), expansion, exact: expansion.is_none() };
        let (search, start) = (Search::new(namespace, query, RESULTS), Instant::now());
        let hits = collection.search(&search)?;
        let ids: Vec<PointId> = hits.into_iter().map(|hit| hit.id).collect();
        Ok::<_, Problem>((ids, start.elapsed().as_secs_f64() * 1e3))
    };
    let exact = vectors.iter().map(|vector| ask(vector, None)).collect::<Result<Vec<_>, _>>()?;
    let mut stands = Vec::new();
    for expansion in EXPANSIONS {
        let found = vectors.iter().map(|vector| ask(vector, Some(expansion))).collect::<Result<Vec<_>, _>>()?;
        let nearest: usize = exact.iter().map(|(ids, _)| ids.len()).sum();
        let both =
            |(exact, found): (&Vec<PointId>, &Vec<PointId>)| found.iter().filter(|id| exact.contains(id)).count();
        let shared: usize = exact.iter().zip(&found).map(|(exact, found)| both((&exact.0, &found.0))).sum();
        stands.push(stand(Some(expansion), shared as f64 / nearest as f64, &found));
    }
    stands.push(stand(None, 1.0, &exact));
    Ok(stands)
}

fn stand(expansion: Option<usize>, recall: f64, found: &[(Vec<PointId>, f64)]) -> Stand {
    let mut millis: Vec<f64> = found.iter().map(|(_, millis)| *millis).collect();
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share).round() as usize];
    Stand { expansion, recall, p50_millis: at(0.5), p95_millis: at(0.95) }
}

/// Vectors of points spread over the namespace.
fn questions(collection: &Collection, namespace: &str) -> Result<Vec<Vec<f32>>, Problem> {
    const PAGE: usize = 1000;
    let points = collection.count(namespace, None)? as usize;
    let step = points.div_ceil(QUESTIONS).max(1);
    let (mut from, mut ids, mut seen) = (None, Vec::new(), 0);
    loop {
        let page = collection.scroll(namespace, None, from.as_ref(), PAGE, Include::default())?;
        for record in page.items {
            if seen % step == 0 {
                ids.push(record.id);
            }
            seen += 1;
        }
        from = page.next;
        if from.is_none() {
            break;
        }
    }
    let records = collection.fetch(namespace, &ids, Include::ALL)?;
    Ok(records.into_iter().filter_map(|record| record.vector).collect())
}
