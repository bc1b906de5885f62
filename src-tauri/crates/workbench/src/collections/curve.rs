//! What a collection's index finds, and how quickly: recall against comparing every vector, at several numbers of weighed
//! candidates. The learner's own vectors are the questions.

use std::{sync::Arc, time::Instant};

use checks::{Look, Obstacle, Stored};
use retrieval::{Collection, Collections, Filter, Include, Path, PointId, Query, Search, Target, Test};
use task::{Cancellation, Progress, Reporter, Unit};

use crate::{Event, Problem, TaskId, Workbench, keeping::on_disk, view::Stand};

/// Candidates weighed (HNSW's ef), from quick to thorough.
const EXPANSIONS: [usize; 6] = [16, 32, 64, 128, 256, 512];
/// Questions, and results of each.
const QUESTIONS: usize = 100;
const RESULTS: usize = 10;

impl Workbench {
    /// Asks a namespace for the neighbours of up to a hundred of its own points, one after another, and sends
    /// [`Event::Measured`]. Builds the index first where it is behind.
    pub fn measure_collection(self: &Arc<Self>, name: String, namespace: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Measuring a collection", |handle| async move {
            let collection = workbench.collection(&name).await?;
            let (task, events) = (handle.id, workbench.events.clone());
            let stands = on_disk(move || measure(&collection, &namespace, &handle, &handle.cancellation)).await?;
            events.send(Event::Measured { task, stands });
            Ok(())
        })
    }
}

fn measure(
    collection: &Collection,
    namespace: &str,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<Vec<Stand>, Problem> {
    let total = EXPANSIONS.len() as u64 + 2;
    let tell = |what: String, done| {
        reporter.progress(Progress { what, done, total: Some(total), unit: Unit::Steps });
        if cancellation.is_cancelled() { Err(Problem::cancelled()) } else { Ok(()) }
    };
    tell("Bringing the index up to date".into(), 0)?;
    collection.settle(super::threads(), &|| cancellation.is_cancelled())?;
    let vectors = questions(collection, namespace)?;
    if vectors.is_empty() {
        let message = format!("The namespace {namespace:?} of {:?} holds no points.", collection.name());
        return Err(Problem::new("collections.empty", message, "Take documents in first, or name another namespace."));
    }
    let all = |expansion: Option<usize>| {
        let asked = vectors.iter().map(|vector| {
            if cancellation.is_cancelled() {
                return Err(Problem::cancelled());
            }
            ask(collection, namespace, vector, expansion, expansion.is_none())
        });
        asked.collect::<Result<Vec<_>, _>>()
    };
    tell("Comparing every vector".into(), 1)?;
    let exact = all(None)?;
    let mut stands = Vec::new();
    for (expansion, done) in EXPANSIONS.into_iter().zip(2..) {
        tell(format!("Weighing {expansion} candidates"), done)?;
        let found = all(Some(expansion))?;
        stands.push(stand(Some(expansion), shared(&exact, &found), &found));
    }
    stands.push(stand(None, 1.0, &exact));
    Ok(stands)
}

/// The nearest of a vector, and how many milliseconds that took.
type Answer = (Vec<PointId>, f64);

fn ask(
    collection: &Collection,
    namespace: &str,
    vector: &[f32],
    expansion: Option<usize>,
    exact: bool,
) -> Result<Answer, Problem> {
    let query = Query::Nearest { to: Target::Vector(vector.to_vec()), expansion, exact };
    let (search, start) = (Search::new(namespace, query, RESULTS), Instant::now());
    let hits = collection.search(&search)?;
    Ok((hits.into_iter().map(|hit| hit.id).collect(), start.elapsed().as_secs_f64() * 1e3))
}

/// The share of the nearest that was found.
fn shared(exact: &[Answer], found: &[Answer]) -> f64 {
    let nearest: usize = exact.iter().map(|(ids, _)| ids.len()).sum();
    let pairs = exact.iter().zip(found);
    let both: usize = pairs.map(|(exact, found)| found.0.iter().filter(|id| exact.0.contains(id)).count()).sum();
    if nearest == 0 { 1.0 } else { both as f64 / nearest as f64 }
}

fn stand(expansion: Option<usize>, recall: f64, found: &[Answer]) -> Stand {
    let mut millis: Vec<f64> = found.iter().map(|(_, millis)| *millis).collect();
    millis.sort_by(f64::total_cmp);
    let at = |share: f64| millis[((millis.len() - 1) as f64 * share).round() as usize];
    let expansion = expansion.map(|expansion| expansion as u32);
    Stand { expansion, recall, p50_millis: at(0.5), p95_millis: at(0.95) }
}

/// What a check wants to know of a collection.
pub async fn stored(collections: Collections, look: Look) -> Result<Option<Stored>, Obstacle> {
    let told = |problem: Problem| Obstacle { message: problem.message, next_step: problem.next_step };
    on_disk(move || state(&collections, &look)).await.map_err(told)
}

fn state(collections: &Collections, look: &Look) -> Result<Option<Stored>, Problem> {
    let collection = match collections.get(&look.name) {
        Ok(collection) => collection,
        Err(retrieval::Error::Unknown { .. } | retrieval::Error::Name { .. }) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    let description = collection.describe()?;
    let lacking = |field: &String| {
        let filter = Filter::field(Path::parse(field)?, Test::Present).negated();
        Ok((field.clone(), collection.count(&look.namespace, Some(&filter))?))
    };
    Ok(Some(Stored {
        dimension: description.settings.dimension,
        metric: description.settings.metric.name().into(),
        points: collection.count(&look.namespace, None)?,
        namespaces: collection.namespaces()?.into_iter().map(|namespace| namespace.name).collect(),
        lacking: look.fields.iter().map(lacking).collect::<Result<_, Problem>>()?,
        recall: look.recall.then(|| recall(&collection, &look.namespace)).transpose()?,
    }))
}

/// As [`measure`], of the collection as it is searched where nobody says how.
fn recall(collection: &Collection, namespace: &str) -> Result<f64, Problem> {
    let vectors = questions(collection, namespace)?;
    let asked = |exact| vectors.iter().map(|vector| ask(collection, namespace, vector, None, exact)).collect();
    let (exact, found): (Result<Vec<_>, _>, Result<Vec<_>, _>) = (asked(true), asked(false));
    Ok(shared(&exact?, &found?))
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
