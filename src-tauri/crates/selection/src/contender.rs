//! What is compared. A contender is one file here and one line in [`contenders`].

mod http;
mod local;
mod pgvector;
mod pinecone;
mod qdrant;

use std::{ops::Range, path::Path, sync::Arc, time::Duration};

use async_trait::async_trait;
use uuid::Uuid;

use crate::{Address, Addresses, Error, Sample};

/// How long a server may take to remove what was made there. Whoever cancels waits for it.
const REMOVAL: Duration = Duration::from_secs(10);

/// What a contender is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    /// A short name, one word: `index`, `qdrant`.
    pub name: &'static str,
    /// A sentence's end: what it is and how it was set.
    pub what: String,
    pub operations: Operations,
}

/// What it takes to run an engine, the least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Operations {
    /// It runs within the program that asks.
    Nothing,
    /// A part of a database that is kept, backed up and watched anyway.
    Database,
    /// Somebody else runs it, for money, and has the vectors.
    Account,
    /// One more server to keep, back up and watch.
    Server,
}

impl Operations {
    /// 1 is the least effort. A judgement and no measurement: a weight of 0 leaves it out.
    pub fn grade(self) -> f64 {
        match self {
            Self::Nothing => 1.0,
            Self::Database => 0.7,
            Self::Account => 0.6,
            Self::Server => 0.5,
        }
    }

    /// What it takes, as a phrase.
    pub fn told(self) -> &'static str {
        match self {
            Self::Nothing => "nothing more",
            Self::Database => "a PostgreSQL database",
            Self::Account => "an account, money, and trust with the vectors",
            Self::Server => "one more server",
        }
    }
}

/// Bytes, where the engine can say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Size {
    pub memory: Option<u64>,
    pub disk: Option<u64>,
}

/// An engine that takes points and finds neighbours. The calls come in the order that they stand here; a call that is
/// dropped half way leaves it fit for [`Contender::remove`].
#[async_trait]
pub trait Contender: Send {
    fn about(&self) -> About;

    /// Makes what is to hold the points, under a name of our own.
    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error>;

    /// Takes some of the points; they are kept when this returns.
    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error>;

    /// Waits until all points are seen by searches, through the index where there is one.
    async fn settle(&mut self, sample: &Arc<Sample>) -> Result<(), Error>;

    /// The `limit` points nearest to a point, itself included, among those that pass the sample's filter.
    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error>;

    /// What it takes now.
    async fn size(&mut self) -> Result<Size, Error>;

    /// Removes what [`Contender::make`] made, whole or in part. Nothing where nothing was made.
    async fn remove(&mut self) -> Result<(), Error>;
}

/// All that can be measured: what is here, which keeps its points below `scratch` meanwhile, and the servers.
pub fn contenders(scratch: &Path, addresses: &Addresses) -> Vec<Box<dyn Contender>> {
    let mut all: Vec<Box<dyn Contender>> =
        vec![Box::new(local::Local::index(scratch)), Box::new(local::Local::exact(scratch))];
    all.extend(addresses.qdrant.clone().map(qdrant_at));
    all.extend(addresses.pgvector.clone().map(pgvector_at));
    if let Some(address) = &addresses.pinecone {
        all.push(Box::new(pinecone::Pinecone::new(address.clone())));
    }
    all
}

/// The Qdrant server at an address.
pub fn qdrant_at(address: Address) -> Box<dyn Contender> {
    Box::new(qdrant::Qdrant::new(address))
}

/// The PostgreSQL server with pgvector at an address.
pub fn pgvector_at(address: Address) -> Box<dyn Contender> {
    Box::new(pgvector::Pgvector::new(address))
}

/// A name that nobody else has. No longer than a Pinecone index's may be.
fn own_name() -> String {
    let mark = Uuid::new_v4().simple().to_string();
    format!("groundwork-selection-{}", &mark[..16])
}
