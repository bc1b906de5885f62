//! A service that speaks Pinecone's REST interface of 2025-04, with a serverless index.

use std::{ops::Range, sync::Arc, time::Duration};

use async_trait::async_trait;
use retrieval::Metric;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

use super::{About, Contender, Operations, Size, http::Http, own_name};
use crate::{Address, Error, Sample, sample::field};

const HEADERS: &[(&str, &str)] = &[("x-pinecone-api-version", "2025-04")];
/// How long the service may take to be ready, or to show what was written, and the pause between two looks.
const PATIENCE: Duration = Duration::from_secs(10 * 60);
const PAUSE: Duration = Duration::from_millis(250);

pub struct Pinecone {
    address: Address,
    name: String,
    /// The control plane, once an index may be there.
    made: Option<Http>,
    /// The index's own host.
    index: Option<Http>,
}

impl Pinecone {
    pub fn new(address: Address) -> Self {
        Self { address, name: own_name(), made: None, index: None }
    }

    fn index(&self) -> Result<&Http, Error> {
        self.index.as_ref().ok_or(Error::Thread)
    }
}

#[async_trait]
impl Contender for Pinecone {
    fn about(&self) -> About {
        let what = format!("a serverless index at {}", self.address.shown());
        About { name: "pinecone", what, operations: Operations::Account }
    }

    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let http = Http::new("Pinecone", &self.address, HEADERS)?;
        let metric = match sample.metric() {
            Metric::Cosine => "cosine",
            Metric::Dot => "dotproduct",
            Metric::Euclidean => "euclidean",
        };
        let body = json!({
            "name": self.name,
            "dimension": sample.settings.dimension,
            "metric": metric,
            "vector_type": "dense",
            "deletion_protection": "disabled",
            // The region that every plan of the service has.
            "spec": {"serverless": {"cloud": "aws", "region": "us-east-1"}},
        });
        // Before it is asked: an answer may be lost on its way, and nobody else has that name.
        let http = self.made.insert(http);
        if let Err(error) = http.post("/indexes", &body).await {
            if error.came_before_all() {
                self.made = None;
            }
            return Err(error);
        }
        let begun = Instant::now();
        loop {
            let shown = http.get(&format!("/indexes/{}", self.name)).await?;
            if shown["status"]["ready"] == true {
                let host = shown["host"].as_str().unwrap_or_default();
                // The service leaves the scheme out.
                let url = if host.contains("://") { host.to_owned() } else { format!("https://{host}") };
                self.index = Some(http.at("Pinecone", &url)?);
                return Ok(());
            }
            let state = shown["status"]["state"].as_str().unwrap_or("no state").to_owned();
            if state == "InitializationFailed" {
                return Err(Error::Refused {
                    address: http.address.clone(),
                    told: "the index could not be made".into(),
                });
            }
            wait(http, begun, || format!("the index is {state}")).await?;
        }
    }

    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error> {
        let vector = |point: usize| {
            let values = sample.values(point).iter().enumerate();
            let metadata: Map<_, _> = values.map(|(at, values)| (field(at), Value::from(values.clone()))).collect();
            let mut vector = json!({"id": point.to_string(), "values": sample.vector(point)});
            if !metadata.is_empty() {
                vector["metadata"] = metadata.into();
            }
            vector
        };
        let body = json!({"vectors": points.map(vector).collect::<Vec<_>>()});
        self.index()?.post("/vectors/upsert", &body).await.map(drop)
    }

    /// The service shows late what was written; its count says when.
    async fn settle(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let (index, begun) = (self.index()?, Instant::now());
        loop {
            let stats = index.post("/describe_index_stats", &json!({})).await?;
            let seen = stats["totalVectorCount"].as_u64().unwrap_or_default();
            if seen >= sample.len() as u64 {
                return Ok(());
            }
            wait(index, begun, || format!("{seen} of {} vectors can be seen", sample.len())).await?;
        }
    }

    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error> {
        let mut body = json!({
            "vector": sample.vector(point), "topK": limit, "includeValues": false, "includeMetadata": false,
        });
        if !sample.wanted().is_empty() {
            let wanted = sample.wanted().iter().enumerate();
            let all = wanted.map(|(at, value)| json!({field(at): {"$eq": value}}));
            body["filter"] = json!({"$and": all.collect::<Vec<_>>()});
        }
        let answer = self.index()?.post("/query", &body).await?;
        let matches = answer["matches"].as_array().into_iter().flatten();
        Ok(matches.filter_map(|found| found["id"].as_str()?.parse().ok()).collect())
    }

    /// The service bills by reads and writes and tells no bytes.
    async fn size(&mut self) -> Result<Size, Error> {
        Ok(Size::default())
    }

    async fn remove(&mut self) -> Result<(), Error> {
        let Some(http) = &self.made else { return Ok(()) };
        http.delete(&format!("/indexes/{}", self.name)).await.map_err(|error| Error::LeftBehind {
            what: format!("The index {} at {}", self.name, http.address),
            reason: error.to_string().trim_end_matches('.').to_owned(),
        })?;
        (self.made, self.index) = (None, None);
        Ok(())
    }
}

/// Until the next look; no longer than the service is waited for.
async fn wait(http: &Http, begun: Instant, state: impl FnOnce() -> String) -> Result<(), Error> {
    if begun.elapsed() > PATIENCE {
        let (address, minutes) = (http.address.clone(), PATIENCE.as_secs() / 60);
        return Err(Error::Unready { address, minutes, state: state() });
    }
    sleep(PAUSE).await;
    Ok(())
}
