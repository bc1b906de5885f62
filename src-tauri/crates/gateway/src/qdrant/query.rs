//! A query of the universal query interface in terms of [`retrieval::Query`]: nearest, recommend by the average vector,
//! text by BM25, fusion, and prefetches to any depth. Other kinds are refused by name.

use retrieval::{Branch, Collection, Filter, Include, Metric, PointId, Query, Search, Settings, Target};
use serde_json::Value;

use super::{
    NAMESPACE,
    about::About,
    creation::{count, join, only},
    diverse::Diversity,
    filter, missing,
    read::{Order, order},
    told::normalized,
    vector,
    write::no_point,
    wrong,
};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
};

/// Results where a request does not say how many.
pub(super) const LIMIT: usize = 10;

/// Qdrant counts ranks from 0 and adds 2 by itself; the paper's constant is added to ranks from 1.
const RANK_CONSTANT: u64 = 2;

/// What to look for. A query without one lists points, or orders them.
pub(super) enum Question {
    Page,
    Ordered(Order),
    Search(Query),
    Diverse(Query, Diversity),
}

/// A query as it was understood.
pub(super) struct Understood {
    pub question: Question,
    pub filter: Option<Filter>,
    pub threshold: Option<f32>,
    pub limit: usize,
    pub offset: usize,
}

impl Understood {
    pub fn search(self, query: Query, include: Include) -> Search {
        let Self { filter, threshold, limit, offset, .. } = self;
        Search { filter, offset, threshold, include, ..Search::new(NAMESPACE, query, limit) }
    }
}

/// Reads queries to one collection.
pub(super) struct Reader<'a> {
    pub collection: &'a Collection,
    pub settings: &'a Settings,
    pub about: &'a About,
    /// Candidates of prefetches, at least.
    pub candidates: usize,
}

const READ: &[&str] =
    &["query", "prefetch", "using", "filter", "params", "score_threshold", "limit", "lookup_from", "shard_key"];

impl Reader<'_> {
    pub fn understand(&self, fields: &Fields, more: &[&str]) -> Result<Understood, Refusal> {
        only(fields, "", &[READ, more, &["offset", "with_payload", "with_vector"]])?;
        let (question, part) = self.part(fields, "")?;
        let limit = limit(fields, "")?;
        Ok(Understood {
            question,
            filter: part.filter,
            threshold: part.threshold,
            limit,
            offset: count(fields, "offset", "")?.unwrap_or_default(),
        })
    }

    fn branch(&self, value: &Value, place: &str) -> Result<Branch, Refusal> {
        let fields = field::object(value, place)?;
        only(fields, place, &[READ])?;
        let limit = limit(fields, place)?.max(self.candidates);
        match self.part(fields, place)? {
            (Question::Search(query), part) => {
                Ok(Branch { query, filter: part.filter, limit, threshold: part.threshold })
            }
            _ => Err(missing(
                &join(place, "query"),
                "A prefetch needs a query that scores: a vector, an id, a text or a fusion.",
            )),
        }
    }

    /// What a query and a prefetch have in common.
    fn part(&self, fields: &Fields, place: &str) -> Result<(Question, Part), Refusal> {
        for (name, instead) in [
            ("lookup_from", "Retrieve that point with its vector first and send the vector."),
            ("shard_key", "There are no shards here. Use a field of the payload and filters."),
        ] {
            if field::get(fields, name).is_some() {
                return Err(missing(&join(place, name), instead));
            }
        }
        let these = match field::get(fields, "prefetch") {
            None => Vec::new(),
            Some(Value::Array(list)) => {
                let branch = |(at, one)| self.branch(one, &join(place, &format!("prefetch[{at}]")));
                list.iter().enumerate().map(branch).collect::<Result<_, _>>()?
            }
            Some(one) => vec![self.branch(one, &join(place, "prefetch"))?],
        };
        let tuning = Tuning::read(fields, place)?;
        let own = filter::filter(fields.get("filter"), &join(place, "filter"))?;
        let place_of_query = join(place, "query");
        let (question, without) = match field::get(fields, "query") {
            None if these.is_empty() => (Question::Page, Vec::new()),
            None => return Err(wrong(&place_of_query, "is missing: it says how the prefetched points are ranked")),
            Some(query) => match self.leaf(query, fields, &tuning, &place_of_query)? {
                Leaf::Fusion(_) if these.is_empty() => {
                    return Err(wrong(&place_of_query, "fuses the results of prefetches, and there is no 'prefetch'"));
                }
                Leaf::Fusion(constant) => (Question::Search(Query::Fusion { of: these, constant }), Vec::new()),
                Leaf::Ordered(order) if these.is_empty() => (Question::Ordered(order), Vec::new()),
                Leaf::Ordered(_) => {
                    return Err(missing(
                        &place_of_query,
                        "Prefetched points can be ranked, and not ordered by a field.",
                    ));
                }
                Leaf::Diverse(query, without, diversity) if these.is_empty() => {
                    (Question::Diverse(query, diversity), without)
                }
                Leaf::Diverse(..) => {
                    return Err(missing(&place_of_query, "Prefetched points are ranked and not made diverse."));
                }
                Leaf::Query(query, without) if these.is_empty() => (Question::Search(query), without),
                Leaf::Query(query, without) => {
                    (Question::Search(Query::Among { these, query: Box::new(query) }), without)
                }
            },
        };
        let threshold = self.threshold(fields, &question, place)?;
        Ok((question, Part { filter: leaving_out(own, without), threshold }))
    }

    /// A score must be better than the threshold; a fused one may be equal to it.
    fn threshold(&self, fields: &Fields, question: &Question, place: &str) -> Result<Option<f32>, Refusal> {
        let Some(value) = field::get(fields, "score_threshold") else { return Ok(None) };
        let place = join(place, "score_threshold");
        let threshold = value.as_f64().ok_or_else(|| field::wrong_type(&place, "a number", value))? as f32;
        let is_distance = |query: &Query| match query {
            Query::Nearest { .. } => self.settings.metric == Metric::Euclidean,
            _ => false,
        };
        Ok(Some(match question {
            Question::Search(Query::Fusion { .. }) => threshold,
            Question::Search(query @ Query::Nearest { .. }) if is_distance(query) => threshold.next_down(),
            Question::Search(Query::Among { query, .. }) if is_distance(query) => threshold.next_down(),
            _ => threshold.next_up(),
        }))
    }

    fn leaf(&self, query: &Value, around: &Fields, tuning: &Tuning, place: &str) -> Result<Leaf, Refusal> {
        if let Value::Object(fields) = query {
            let mut named = fields.iter().filter(|(_, value)| !value.is_null());
            let (first, second) = (named.next(), named.next());
            if let (Some((name, value)), None) = (first, second) {
                let place = join(place, name);
                match name.as_str() {
                    "fusion" => return fusion(value, &place),
                    "rrf" => return reciprocal(value, &place),
                    "text" => return self.text(value, around, &place),
                    "order_by" => return Ok(Leaf::Ordered(order(value, &place)?)),
                    "nearest" => {
                        self.using(around)?;
                        return self.nearest(value, tuning, &place);
                    }
                    "recommend" => {
                        self.using(around)?;
                        return self.recommend(value, tuning, &place);
                    }
                    "sample" | "discover" | "context" | "formula" | "relevance_feedback" => {
                        let instead = "There are nearest, recommend, text, fusion, rrf and order_by queries.";
                        return Err(missing(&place, instead));
                    }
                    _ => {}
                }
            }
            if let (Some(nearest), Some(mmr)) = (field::get(fields, "nearest"), field::get(fields, "mmr")) {
                only(fields, place, &[&["nearest", "mmr"]])?;
                self.using(around)?;
                return self.diverse(nearest, mmr, tuning, place);
            }
            vector::no_other(fields, place)?;
            let what = "is no query: it is a vector, a point's id, or an object such as {\"fusion\": \"rrf\"}";
            return Err(wrong(place, what));
        }
        self.using(around)?;
        self.nearest(query, tuning, place)
    }

    fn diverse(&self, nearest: &Value, mmr: &Value, tuning: &Tuning, place: &str) -> Result<Leaf, Refusal> {
        let place_of_mmr = join(place, "mmr");
        if self.settings.metric == Metric::Euclidean {
            return Err(missing(&place_of_mmr, "It compares likenesses: use a collection with Cosine or Dot."));
        }
        let diversity = Diversity::read(mmr, &place_of_mmr)?;
        Ok(match self.nearest(nearest, tuning, &join(place, "nearest"))? {
            Leaf::Query(query, without) => Leaf::Diverse(query, without, diversity),
            other => other,
        })
    }

    /// The name of the vector that is compared.
    fn using(&self, around: &Fields) -> Result<(), Refusal> {
        match field::text(around, "using")? {
            None if self.about.vector.is_empty() => Ok(()),
            name => self.about.expect(name.unwrap_or_default(), "using"),
        }
    }

    fn nearest(&self, value: &Value, tuning: &Tuning, place: &str) -> Result<Leaf, Refusal> {
        let query = |to| Query::Nearest { to, expansion: tuning.expansion, exact: tuning.exact };
        match value {
            Value::Array(_) => Ok(Leaf::Query(query(Target::Vector(vector::numbers(value, place)?)), Vec::new())),
            Value::Object(fields) => {
                vector::no_other(fields, place)?;
                Err(wrong(place, "must be a vector or a point's id"))
            }
            other => {
                let id = filter::id(other, place)?;
                if self.collection.fetch(NAMESPACE, std::slice::from_ref(&id), Include::default())?.is_empty() {
                    return Err(no_point(&id));
                }
                Ok(Leaf::Query(query(Target::Point(id.clone())), vec![id]))
            }
        }
    }

    /// `positive + positive - negative`, each the average of its examples, as Qdrant's `average_vector` does it.
    fn recommend(&self, value: &Value, tuning: &Tuning, place: &str) -> Result<Leaf, Refusal> {
        let fields = field::object(value, place)?;
        only(fields, place, &[&["positive", "negative", "strategy"]])?;
        if field::get(fields, "strategy").is_some_and(|strategy| strategy != "average_vector") {
            return Err(missing(&join(place, "strategy"), "There is the strategy average_vector alone. Leave it out."));
        }
        let mut without = Vec::new();
        let positive = self.average(fields, "positive", place, &mut without)?;
        let positive = positive.ok_or_else(|| wrong(&join(place, "positive"), "must have an example"))?;
        let vector = match self.average(fields, "negative", place, &mut without)? {
            Some(negative) => positive.iter().zip(&negative).map(|(good, bad)| good + good - bad).collect(),
            None => positive,
        };
        let query = Query::Nearest { to: Target::Vector(vector), expansion: tuning.expansion, exact: tuning.exact };
        Ok(Leaf::Query(query, without))
    }

    fn average(
        &self,
        fields: &Fields,
        name: &str,
        place: &str,
        mentioned: &mut Vec<PointId>,
    ) -> Result<Option<Vec<f32>>, Refusal> {
        let place = join(place, name);
        let Some(examples) = field::get(fields, name) else { return Ok(None) };
        let mut sum: Vec<f32> = Vec::new();
        let examples = field::list(examples, &place)?;
        for (at, example) in examples.iter().enumerate() {
            let place = format!("{place}[{at}]");
            let vector = match example {
                Value::Array(_) => vector::numbers(example, &place)?,
                other => {
                    let id = filter::id(other, &place)?;
                    let only = Include { vector: true, payload: false };
                    let found = self.collection.fetch(NAMESPACE, std::slice::from_ref(&id), only)?;
                    let vector =
                        found.into_iter().next().and_then(|record| record.vector).ok_or_else(|| no_point(&id))?;
                    mentioned.push(id);
                    if self.settings.metric == Metric::Cosine { normalized(vector) } else { vector }
                }
            };
            if vector.len() != self.settings.dimension {
                let (expected, found) = (self.settings.dimension, vector.len());
                return Err(wrong(
                    &place,
                    &format!("has {found} numbers, and this collection's vectors have {expected}"),
                ));
            }
            sum.resize(vector.len(), 0.0);
            sum.iter_mut().zip(&vector).for_each(|(sum, number)| *sum += number);
        }
        sum.iter_mut().for_each(|number| *number /= examples.len() as f32);
        Ok((!examples.is_empty()).then_some(sum))
    }

    fn text(&self, value: &Value, around: &Fields, place: &str) -> Result<Leaf, Refusal> {
        let name = field::text(around, "using")?
            .ok_or_else(|| wrong("using", "must name the field of the payload that a text query looks through"))?;
        if !self.settings.text_fields.iter().any(|field| field == name) {
            let what = format!("names {name:?}, which has no text index with \"scoring\": true. Add one first");
            return Err(wrong("using", &what));
        }
        let text = match value {
            Value::Object(fields) => {
                only(fields, place, &[&["query", "scoring"]])?;
                let own = |name: &str, value: f64| {
                    let scoring = fields.get("scoring").and_then(|scoring| scoring.get("bm25")?.get(name)?.as_f64());
                    scoring.is_some_and(|asked| asked != value)
                };
                if own("k", 1.2) || own("b", 0.75) {
                    return Err(missing(&join(place, "scoring"), "BM25 has k = 1.2 and b = 0.75 here. Leave it out."));
                }
                field::needed(fields, "query", place)?
            }
            other => other.as_str().ok_or_else(|| field::wrong_type(place, "a text", other))?,
        };
        let query = Query::Keyword { text: text.to_owned(), fields: Some(vec![name.to_owned()]) };
        Ok(Leaf::Query(query, Vec::new()))
    }
}

struct Part {
    filter: Option<Filter>,
    threshold: Option<f32>,
}

enum Leaf {
    /// With the points that it was asked with, which are no answer to it.
    Query(Query, Vec<PointId>),
    Fusion(f32),
    Ordered(Order),
    Diverse(Query, Vec<PointId>, Diversity),
}

/// How a search is to be done.
struct Tuning {
    expansion: Option<usize>,
    exact: bool,
}

impl Tuning {
    fn read(fields: &Fields, place: &str) -> Result<Self, Refusal> {
        let Some(value) = field::get(fields, "params") else { return Ok(Self { expansion: None, exact: false }) };
        let place = join(place, "params");
        let fields = field::object(value, &place)?;
        // Answers are complete whatever the index holds, and vectors are compared in full.
        only(fields, &place, &[&["hnsw_ef", "exact", "quantization", "indexed_only", "acorn"]])?;
        let expansion = count(fields, "hnsw_ef", &place)?.map(|expansion| expansion.clamp(1, 10_000));
        Ok(Self { expansion, exact: field::boolean(fields, "exact")?.unwrap_or_default() })
    }
}

fn fusion(value: &Value, place: &str) -> Result<Leaf, Refusal> {
    match value.as_str() {
        Some("rrf") => Ok(Leaf::Fusion(RANK_CONSTANT as f32 - 1.0)),
        Some("dbsf") => Err(missing(place, "Fuse by ranks with \"rrf\", which needs no scores that can be compared.")),
        _ => Err(wrong(place, "must be \"rrf\"")),
    }
}

fn reciprocal(value: &Value, place: &str) -> Result<Leaf, Refusal> {
    let fields = field::object(value, place)?;
    only(fields, place, &[&["k", "weights"]])?;
    let weights = field::get(fields, "weights").and_then(Value::as_array);
    if weights.is_some_and(|weights| weights.iter().any(|weight| weight.as_f64() != Some(1.0))) {
        return Err(missing(&join(place, "weights"), "Every prefetch weighs the same here. Leave them out."));
    }
    let constant = field::get(fields, "k").map_or(Some(RANK_CONSTANT), Value::as_u64).filter(|constant| *constant > 0);
    let constant = constant.ok_or_else(|| wrong(&join(place, "k"), "must be a whole number from 1"))?;
    Ok(Leaf::Fusion(constant as f32 - 1.0))
}

fn leaving_out(filter: Option<Filter>, ids: Vec<PointId>) -> Option<Filter> {
    if ids.is_empty() {
        return filter;
    }
    Some(Filter::All(filter.into_iter().chain([Filter::Ids(ids).negated()]).collect()))
}

pub(super) fn limit(fields: &Fields, place: &str) -> Result<usize, Refusal> {
    let limit = count(fields, "limit", place)?.unwrap_or(LIMIT);
    if limit == 0 { Err(wrong(&join(place, "limit"), "must be at least 1")) } else { Ok(limit) }
}
