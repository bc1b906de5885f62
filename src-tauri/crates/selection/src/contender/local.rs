//! What is here: the local index (usearch), and the comparison of every vector. Both are a collection of their own in a
//! temporary folder.

use std::{
    fs::{self, File},
    io,
    ops::Range,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use async_trait::async_trait;
use retrieval::{Collection, Collections, Filter, Payload, Point, PointId, Query, Scalar, Search, Sizes, Target, Test};
use serde_json::Value;
use task::Cancellation;
use uuid::Uuid;

use super::{About, Contender, Operations, Size};
use crate::{Error, Sample, sample::field};

const NAME: &str = "sample";
/// Of the folder, and of the lock beside it.
const PREFIX: &str = "selection-";
/// How long a thread that builds the index may take to see that it is gone, and the pause between two attempts.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(50);
/// The collection's namespace without a name.
const NAMESPACE: &str = "";

pub struct Local {
    exact: bool,
    scratch: PathBuf,
    /// Where all of it lies.
    folder: Option<(PathBuf, File)>,
    made: Option<(Collections, Collection)>,
}

impl Local {
    pub fn index(scratch: &Path) -> Self {
        Self { exact: false, scratch: scratch.to_owned(), folder: None, made: None }
    }

    pub fn exact(scratch: &Path) -> Self {
        Self { exact: true, scratch: scratch.to_owned(), folder: None, made: None }
    }

    fn collection(&self) -> Result<Collection, Error> {
        self.made.as_ref().map(|(_, collection)| collection.clone()).ok_or(Error::Thread)
    }
}

#[async_trait]
impl Contender for Local {
    fn about(&self) -> About {
        let (name, what) = match self.exact {
            true => ("exact", "Groundwork's collection, every vector compared"),
            false => ("index", "Groundwork's collection with its index (usearch, HNSW), set as the collection is"),
        };
        About { name, what: what.into(), operations: Operations::Nothing }
    }

    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let refused = |error: io::Error| Error::Scratch { reason: error.to_string() };
        // At once: a folder that comes after this was given up would stay.
        fs::create_dir_all(&self.scratch).map_err(refused)?;
        sweep(&self.scratch);
        let (folder, lock) = claim(&self.scratch).map_err(refused)?;
        self.folder = Some((folder.clone(), lock));
        let settings = sample.settings.clone();
        let made = blocking(move || {
            let collections = Collections::open(&folder)?;
            let collection = collections.create(NAME, &settings)?;
            Ok((collections, collection))
        });
        self.made = Some(made.await?);
        Ok(())
    }

    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error> {
        let (collection, sample) = (self.collection()?, sample.clone());
        blocking(move || {
            let points = points.map(|point| Point {
                id: PointId::number(point as u64),
                vector: sample.vector(point).to_vec(),
                payload: payload(sample.values(point)),
            });
            collection.upsert(NAMESPACE, points.collect())?;
            Ok(())
        })
        .await
    }

    async fn settle(&mut self, _: &Arc<Sample>) -> Result<(), Error> {
        if self.exact {
            return Ok(());
        }
        let collection = self.collection()?;
        let threads = thread::available_parallelism().map_or(1, Into::into);
        while_awaited(move |stop| Ok(collection.settle(threads, stop)?)).await
    }

    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error> {
        let (collection, sample, exact) = (self.collection()?, sample.clone(), self.exact);
        blocking(move || {
            let to = Target::Vector(sample.vector(point).to_vec());
            let query = Query::Nearest { to, expansion: None, exact };
            let hits =
                collection.search(&Search { filter: filter(&sample), ..Search::new(NAMESPACE, query, limit) })?;
            Ok(hits.iter().filter_map(|hit| u32::try_from(hit.id.as_number()?).ok()).collect())
        })
        .await
    }

    async fn size(&mut self) -> Result<Size, Error> {
        let (collection, exact) = (self.collection()?, self.exact);
        blocking(move || {
            let Sizes { points, index } = collection.sizes()?;
            // The index is mapped from its file, so it takes as much memory; points are read as they are asked for.
            Ok(Size { memory: (!exact).then_some(index), disk: Some(points + if exact { 0 } else { index }) })
        })
        .await
    }

    async fn remove(&mut self) -> Result<(), Error> {
        let (made, Some((folder, lock))) = (self.made.take(), self.folder.take()) else { return Ok(()) };
        blocking(move || {
            // Whoever still works with it finds it gone, and stops.
            if let Some((collections, collection)) = made {
                drop(collection);
                let _ = collections.delete(NAME);
            }
            let begun = Instant::now();
            loop {
                match fs::remove_dir_all(&folder) {
                    Err(_) if !folder.exists() => {
                        drop(lock);
                        let _ = fs::remove_file(lock_of(&folder));
                        return Ok(());
                    }
                    Err(error) if begun.elapsed() > PATIENCE => {
                        let what = format!("The folder {}", folder.display());
                        return Err(Error::LeftBehind { what, reason: error.to_string() });
                    }
                    _ => thread::sleep(PAUSE),
                }
            }
        })
        .await
    }
}

/// A folder of our own, and the lock beside it that dies with this process. The lock is there first: a folder without one
/// that is held is nobody's.
fn claim(scratch: &Path) -> io::Result<(PathBuf, File)> {
    let folder = scratch.join(format!("{PREFIX}{}", Uuid::new_v4().simple()));
    let lock = File::create(lock_of(&folder))?;
    lock.lock()?;
    fs::create_dir(&folder)?;
    Ok((folder, lock))
}

/// Removes what a process that was killed has left.
fn sweep(scratch: &Path) {
    for entry in fs::read_dir(scratch).into_iter().flatten().flatten() {
        let folder = entry.path();
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX) && folder.is_dir();
        let held = || File::open(lock_of(&folder)).is_ok_and(|lock| lock.try_lock().is_err());
        if ours && !held() {
            // What stays is tried again by the next comparison.
            let _ = fs::remove_dir_all(&folder);
            let _ = fs::remove_file(lock_of(&folder));
        }
    }
}

fn lock_of(folder: &Path) -> PathBuf {
    folder.with_extension("lock")
}

fn payload(values: &[Vec<String>]) -> Payload {
    values.iter().enumerate().map(|(condition, values)| (field(condition), Value::from(values.clone()))).collect()
}

fn filter(sample: &Sample) -> Option<Filter> {
    let wanted = sample.wanted().iter().enumerate();
    let equal = |(condition, value): (usize, &String)| {
        Filter::field(retrieval::Path::key(field(condition)), Test::OneOf(vec![Scalar::from(value.as_str())]))
    };
    (!sample.wanted().is_empty()).then(|| Filter::All(wanted.map(equal).collect()))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Thread)?
}

/// Work that is told to stop once nobody waits for it any more.
async fn while_awaited<T: Send + 'static>(
    work: impl FnOnce(&dyn Fn() -> bool) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let given_up = Cancellation::new();
    let _guard = given_up.clone().drop_guard();
    blocking(move || work(&|| given_up.is_cancelled())).await
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{RecvTimeoutError, channel};

    use tokio::sync::oneshot;

    use super::*;

    #[tokio::test]
    async fn work_that_nobody_waits_for_is_told_to_stop() {
        let (begins, begun) = oneshot::channel();
        let (works, working) = channel::<()>();
        let work = while_awaited(move |stop| {
            let _works = works;
            let _ = begins.send(());
            while !stop() {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(())
        });
        tokio::select! {
            ended = work => panic!("it was stopped while it was waited for: {ended:?}"),
            begun = begun => begun.unwrap(),
        }
        assert_eq!(working.recv_timeout(Duration::from_secs(60)), Err(RecvTimeoutError::Disconnected));
    }
}
