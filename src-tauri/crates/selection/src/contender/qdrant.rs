//! A server that speaks Qdrant's REST interface, with a collection of its defaults.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use retrieval::Metric;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::{About, Contender, Operations, Size, http::Http, own_name};
use crate::{Address, Error, Sample, sample::field};

/// How long an index may be built, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(15 * 60);
const PAUSE: Duration = Duration::from_millis(250);

pub struct Qdrant {
    address: Address,
    name: String,
    /// Once a collection may be there.
    made: Option<Http>,
}

impl Qdrant {
    pub fn new(address: Address) -> Self {
        Self { address, name: own_name(), made: None }
    }

    fn made(&self) -> Result<&Http, Error> {
        self.made.as_ref().ok_or(Error::Thread)
    }

    fn at(&self, path: &str) -> String {
        format!("/collections/{}{path}", self.name)
    }
}

#[async_trait]
impl Contender for Qdrant {
    fn about(&self) -> About {
        let what = format!("Qdrant at {}, its own settings", self.address.shown());
        About { name: "qdrant", what, operations: Operations::Server }
    }

    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let http = Http::new("Qdrant", &self.address, &[])?;
        let distance = match sample.metric() {
            Metric::Cosine => "Cosine",
            Metric::Dot => "Dot",
            Metric::Euclidean => "Euclid",
        };
        let body = json!({"vectors": {"size": sample.settings.dimension, "distance": distance}});
        // Before it is asked: an answer may be lost on its way, and nobody else has that name.
        let http = self.made.insert(http);
        if let Err(error) = http.put(&format!("/collections/{}", self.name), &body).await {
            if error.came_before_all() {
                self.made = None;
            }
            return Err(error);
        }
        for condition in 0..sample.wanted().len() {
            let body = json!({"field_name": field(condition), "field_schema": "keyword"});
            http.put(&format!("/collections/{}/index?wait=true", self.name), &body).await?;
        }
        Ok(())
    }

    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error> {
        let point = |point| {
            let values = sample.values(point).iter().enumerate();
            let payload: Map<_, _> = values.map(|(at, values)| (field(at), Value::from(values.clone()))).collect();
            json!({"id": point, "vector": sample.vector(point), "payload": payload})
        };
        let body = json!({"points": points.map(point).collect::<Vec<_>>()});
        self.made()?.put(&self.at("/points?wait=true"), &body).await.map(drop)
    }

    /// It is green before its optimizer has looked at the last points, so green counts when it is seen twice.
    async fn settle(&mut self, _: &Arc<Sample>) -> Result<(), Error> {
        let (http, begun, mut green) = (self.made()?, Instant::now(), 0);
        loop {
            let shown = http.get(&self.at("")).await?;
            let status = shown["result"]["status"].as_str().unwrap_or("no status").to_owned();
            green = if status == "green" { green + 1 } else { 0 };
            if green == 2 {
                return Ok(());
            }
            if status == "red" {
                let why = &shown["result"]["optimizer_status"]["error"];
                let told = format!("its optimizer failed ({})", why.as_str().unwrap_or("it says not why"));
                return Err(Error::Refused { address: http.address.clone(), told });
            }
            if begun.elapsed() > PATIENCE {
                let (address, minutes) = (http.address.clone(), PATIENCE.as_secs() / 60);
                return Err(Error::Unready { address, minutes, state: format!("the collection is {status}") });
            }
            sleep(PAUSE).await;
        }
    }

    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error> {
        let mut body = json!({"query": sample.vector(point), "limit": limit, "with_payload": false});
        if !sample.wanted().is_empty() {
            let wanted = sample.wanted().iter().enumerate();
            let must = wanted.map(|(at, value)| json!({"key": field(at), "match": {"value": value}}));
            body["filter"] = json!({"must": must.collect::<Vec<_>>()});
        }
        let answer = self.made()?.post(&self.at("/points/query"), &body).await?;
        let points = answer["result"]["points"].as_array().into_iter().flatten();
        Ok(points.filter_map(|point| u32::try_from(point["id"].as_u64()?).ok()).collect())
    }

    /// Its interface tells no bytes of one collection.
    async fn size(&mut self) -> Result<Size, Error> {
        Ok(Size::default())
    }

    async fn remove(&mut self) -> Result<(), Error> {
        let Some(http) = &self.made else { return Ok(()) };
        http.delete(&self.at("")).await.map_err(|error| Error::LeftBehind {
            what: format!("The collection {} at {}", self.name, http.address),
            reason: error.to_string().trim_end_matches('.').to_owned(),
        })?;
        self.made = None;
        Ok(())
    }
}
