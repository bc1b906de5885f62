//! The routes that read points.

use axum::{body::Body, response::Response};
use retrieval::{Collection, Hit, Include, PointId, Query, Search, Settings};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    Asked, NAMESPACE,
    about::About,
    creation::{count, only},
    embedding, filter,
    grouping::Groups,
    id::id,
    missing,
    query::{LIMIT, Question, Reader, limit},
    read::{Shown, order},
    selector::Selector,
    told::{Telling, Told},
    write::no_point,
    wrong,
};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
};

/// Results of one search at most, groups included.
const MOST: usize = 10_000;

/// A collection, with what it is.
struct Known<'a> {
    collection: &'a Collection,
    settings: Settings,
    about: About,
}

impl<'a> Known<'a> {
    fn new(collection: &'a Collection) -> Result<Self, Refusal> {
        let settings = collection.describe()?.settings;
        let about = About::of(&settings);
        Ok(Self { collection, settings, about })
    }

    fn reader(&self, candidates: usize) -> Reader<'_> {
        Reader { collection: self.collection, settings: &self.settings, about: &self.about, candidates }
    }

    fn telling<'b>(&'b self, shown: &'b Shown) -> Telling<'b> {
        Telling { about: &self.about, metric: self.settings.metric, selector: &shown.selector }
    }

    fn points(&self, fields: &Fields) -> Result<Vec<Told>, Refusal> {
        let shown = Shown::read(fields, &self.about, Selector::None)?;
        let understood = self.reader(0).understand(fields, &[])?;
        let (telling, include) = (self.telling(&shown), shown.include());
        // Of a list without a search all points are worth the same.
        let listed = |told: Told| Told { version: told.version.or(Some(0)), score: Some(1.0), ..told };
        match understood.question {
            Question::Search(ref query) => {
                let query = query.clone();
                let hits = self.collection.search(&understood.search(query, include))?;
                Ok(hits.into_iter().map(|hit| telling.hit(hit)).collect())
            }
            Question::Diverse(ref query, ref diversity) => {
                let (limit, wanted) = (understood.limit, understood.limit.saturating_add(understood.offset));
                let (query, candidates) = (query.clone(), diversity.candidates(limit)?);
                let (filter, threshold) = (understood.filter.clone(), understood.threshold);
                let include = Include { vector: true, ..include };
                let search = Search { filter, threshold, include, ..Search::new(NAMESPACE, query, candidates) };
                let chosen = diversity.choose(self.collection.search(&search)?, self.settings.metric, wanted);
                let told = |hit: Hit| telling.hit(Hit { vector: hit.vector.filter(|_| shown.vector), ..hit });
                Ok(chosen.into_iter().skip(understood.offset).map(told).collect())
            }
            Question::Page => {
                let whole = understood.limit.saturating_add(understood.offset);
                let page = self.collection.scroll(NAMESPACE, understood.filter.as_ref(), None, whole, include)?;
                let items = page.items.into_iter().skip(understood.offset);
                Ok(items.map(|record| listed(told_with_version(&telling, record))).collect())
            }
            Question::Ordered(order) => {
                let whole = within(understood.limit.saturating_add(understood.offset))?;
                let found = self.collection.ordered(NAMESPACE, understood.filter.as_ref(), &order, whole, include)?;
                let items = found.into_iter().skip(understood.offset).map(|(value, record)| Told {
                    order_value: Some(value),
                    ..listed(told_with_version(&telling, record))
                });
                Ok(items.collect())
            }
        }
    }
}

fn told_with_version(telling: &Telling<'_>, record: retrieval::Record) -> Told {
    let version = Some(record.version);
    Told { version, ..telling.record(record) }
}

fn within(limit: usize) -> Result<usize, Refusal> {
    if limit <= MOST {
        Ok(limit)
    } else {
        Err(wrong("limit", &format!("and 'offset' come to {limit}, and at most {MOST} results can be given")))
    }
}

#[derive(Serialize)]
struct Points {
    points: Vec<Told>,
}

pub(crate) async fn query(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let mut fields = asked.read::<Fields>(body).await?;
    embedding::embed_queries(&asked, std::slice::from_mut(&mut fields)).await?;
    let points = asked.on(move |collection| Known::new(collection)?.points(&fields)).await?;
    Ok(asked.tell(Points { points }))
}

pub(crate) async fn query_batch(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let mut searches = searches(asked.read::<Fields>(body).await?)?;
    embedding::embed_queries(&asked, &mut searches).await?;
    let found = asked.on(move |collection| all(collection, &searches)).await?;
    let found: Vec<Points> = found.into_iter().map(|points| Points { points }).collect();
    Ok(asked.tell(found))
}

fn all(collection: &Collection, searches: &[Fields]) -> Result<Vec<Vec<Told>>, Refusal> {
    let known = Known::new(collection)?;
    searches.iter().map(|search| known.points(search)).collect()
}

fn searches(mut fields: Fields) -> Result<Vec<Fields>, Refusal> {
    only(&fields, "", &[&["searches"]])?;
    let Some(Value::Array(list)) = fields.remove("searches") else { return Err(field::missing("searches")) };
    let search = |(at, one)| match one {
        Value::Object(fields) => Ok(fields),
        other => Err(field::wrong_type(&format!("searches[{at}]"), "an object", &other)),
    };
    list.into_iter().enumerate().map(search).collect()
}

/// As clients before 1.16 ask for the nearest: the vector stands by itself or under its name.
pub(crate) async fn search(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let search = newer(asked.read::<Fields>(body).await?);
    let points = asked.on(move |collection| Known::new(collection)?.points(&search)).await?;
    Ok(asked.tell(points))
}

pub(crate) async fn search_batch(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let searches: Vec<_> = searches(asked.read::<Fields>(body).await?)?.into_iter().map(newer).collect();
    let found = asked.on(move |collection| all(collection, &searches)).await?;
    Ok(asked.tell(found))
}

fn newer(mut search: Fields) -> Fields {
    match search.remove("vector") {
        Some(Value::Object(mut named)) if named.contains_key("name") && named["vector"].is_array() => {
            search.insert("using".into(), named["name"].take());
            search.insert("query".into(), named["vector"].take());
        }
        Some(vector) => drop(search.insert("query".into(), vector)),
        None => {}
    }
    search
}

#[derive(Serialize)]
struct Group {
    id: Value,
    hits: Vec<Told>,
}

pub(crate) async fn groups(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let mut fields = asked.read::<Fields>(body).await?;
    embedding::embed_queries(&asked, std::slice::from_mut(&mut fields)).await?;
    let groups = asked.on(move |collection| grouped(collection, &fields)).await?;
    Ok(asked.tell(json!({"groups": serde_json::to_value(groups).unwrap_or_default()})))
}

fn grouped(collection: &Collection, fields: &Fields) -> Result<Vec<Group>, Refusal> {
    let known = Known::new(collection)?;
    if field::get(fields, "with_lookup").is_some() {
        return Err(missing("with_lookup", "Retrieve the points of the other collection by the groups' ids."));
    }
    let by = field::text(fields, "group_by")?.ok_or_else(|| field::missing("group_by"))?;
    let by = filter::path(by, "group_by")?;
    let size = count(fields, "group_size", "")?.unwrap_or(3).clamp(1, MOST);
    let shown = Shown::read(fields, &known.about, Selector::None)?;
    let wanted = limit(fields, "")?.saturating_mul(size).min(MOST);
    let understood = known.reader(wanted).understand(fields, &["group_by", "group_size", "with_lookup"])?;
    let Question::Search(ref query) = understood.question else {
        return Err(missing("query", "Groups are of points that a query scores: give it a vector, an id or a text."));
    };
    let query: Query = query.clone();
    let mut groups = Groups::new(by, understood.limit, size);
    let mut search = understood.search(query, Include { vector: shown.vector, payload: true });
    (search.limit, search.offset) = (wanted, 0);
    loop {
        let hits = collection.search(&search)?;
        let last = hits.len() < search.limit || search.limit == MOST;
        groups.take(hits);
        if last || groups.full() {
            break;
        }
        search.limit = search.limit.saturating_mul(4).min(MOST);
    }
    let telling = known.telling(&shown);
    let group =
        |(id, hits): (Value, Vec<Hit>)| Group { id, hits: hits.into_iter().map(|hit| telling.hit(hit)).collect() };
    Ok(groups.into_groups().into_iter().map(group).collect())
}

/// Points by their ids.
pub(crate) async fn retrieve(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let fields = asked.read::<Fields>(body).await?;
    only(&fields, "", &[&["ids", "with_payload", "with_vector"]])?;
    let ids = filter::ids(field::get(&fields, "ids").ok_or_else(|| field::missing("ids"))?, "ids")?;
    let points = asked
        .on(move |collection| {
            let known = Known::new(collection)?;
            let shown = Shown::read(&fields, &known.about, Selector::All)?;
            let telling = known.telling(&shown);
            let found = collection.fetch(NAMESPACE, &ids, shown.include())?;
            Ok(found.into_iter().map(|record| telling.record(record)).collect::<Vec<_>>())
        })
        .await?;
    Ok(asked.tell(points))
}

pub(crate) async fn point(asked: Asked) -> Result<Response, Refusal> {
    let text = Value::from(asked.item.as_str());
    let number = asked.item.parse::<u64>().map(PointId::number);
    let id = number.or_else(|_| filter::id(&text, "id"))?;
    let point = asked
        .on(move |collection| {
            let known = Known::new(collection)?;
            let shown = Shown { selector: Selector::All, vector: true };
            let found = collection.fetch(NAMESPACE, std::slice::from_ref(&id), Include::ALL)?;
            let record = found.into_iter().next().ok_or_else(|| no_point(&id))?;
            Ok(known.telling(&shown).record(record))
        })
        .await?;
    Ok(asked.tell(point))
}

#[derive(Serialize)]
struct Page {
    points: Vec<Told>,
    next_page_offset: Option<Value>,
}

pub(crate) async fn scroll(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let fields = asked.read::<Fields>(body).await?;
    let page = asked.on(move |collection| scrolled(collection, &fields)).await?;
    Ok(asked.tell(page))
}

fn scrolled(collection: &Collection, fields: &Fields) -> Result<Page, Refusal> {
    only(fields, "", &[&["offset", "limit", "filter", "with_payload", "with_vector", "order_by"]])?;
    let known = Known::new(collection)?;
    let shown = Shown::read(fields, &known.about, Selector::All)?;
    let (telling, limit) = (known.telling(&shown), limit(fields, "")?);
    let filter = filter::filter(fields.get("filter"), "filter")?;
    let from = field::get(fields, "offset").map(|offset| filter::id(offset, "offset")).transpose()?;
    if let Some(by) = field::get(fields, "order_by") {
        if from.is_some() {
            return Err(wrong("offset", "cannot stand beside 'order_by': go on with its 'start_from'"));
        }
        let found =
            collection.ordered(NAMESPACE, filter.as_ref(), &order(by, "order_by")?, within(limit)?, shown.include())?;
        let told = |(value, record)| Told { order_value: Some(value), ..telling.record(record) };
        return Ok(Page { points: found.into_iter().map(told).collect(), next_page_offset: None });
    }
    let page = collection.scroll(NAMESPACE, filter.as_ref(), from.as_ref(), limit, shown.include())?;
    Ok(Page {
        points: page.items.into_iter().map(|record| telling.record(record)).collect(),
        next_page_offset: page.next.as_ref().map(id),
    })
}

/// Always exact, whatever `exact` says.
pub(crate) async fn count_points(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let fields = asked.read::<Fields>(body).await?;
    only(&fields, "", &[&["filter", "exact"]])?;
    let filter = filter::filter(fields.get("filter"), "filter")?;
    let count = asked.on(move |collection| Ok(collection.count(NAMESPACE, filter.as_ref())?)).await?;
    Ok(asked.tell(json!({ "count": count })))
}

/// How many points have each value of a field.
pub(crate) async fn facet(asked: Asked, body: Body) -> Result<Response, Refusal> {
    let fields = asked.read::<Fields>(body).await?;
    only(&fields, "", &[&["key", "limit", "filter", "exact"]])?;
    let key = field::text(&fields, "key")?.ok_or_else(|| field::missing("key"))?;
    let key = filter::path(key, "key")?;
    let filter = filter::filter(fields.get("filter"), "filter")?;
    let limit = count(&fields, "limit", "")?.unwrap_or(LIMIT);
    let counted = asked.on(move |collection| Ok(collection.facet(NAMESPACE, filter.as_ref(), &key, limit)?)).await?;
    let hits = counted.into_iter().map(|(value, count)| {
        let mut hit = Map::new();
        hit.insert("value".into(), serde_json::to_value(value).unwrap_or_default());
        hit.insert("count".into(), count.into());
        hit
    });
    Ok(asked.tell(json!({ "hits": hits.collect::<Vec<_>>() })))
}
