//! Keeps the index near the file of points: opens it, adds what it lacks, builds it anew where it is missing or holds too
//! many deleted vectors. One thread for a collection and process at a time, started by whoever finds the index behind.
//! Of several processes one at a time builds; the others take what it placed. Never holds up a reader or a writer.

use std::{
    fs::{self, File, TryLockError},
    io,
    path::PathBuf,
    sync::{
        self, Arc, Mutex, MutexGuard, PoisonError, RwLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use rusqlite::Connection;
use uuid::Uuid;

use super::{Collection, Open, View, lock};
use crate::{
    Error, Indexed,
    graph::{Code, Graph, Unusable, file},
    similarity::numbers,
};

/// So many vectors are compared in about the time that the index takes to answer.
pub(super) const FEW: u64 = 1000;

/// Vectors that are added between two looks at the file of points.
const GROUP: usize = 512;

/// So many vectors are added one after another before threads share the work: some seconds.
const SEEDS: usize = 16_384;

/// Of what it holds, at most this share may be deleted (one in so many), or it is built anew.
const DEAD: u64 = 3;

/// How long another process's build is waited for before its file is looked for again.
const REST: Duration = Duration::from_millis(200);

#[derive(Debug, Default)]
pub(super) struct Indexing {
    graph: RwLock<Option<Arc<Graph>>>,
    /// Whether the file was looked for.
    opened: Mutex<bool>,
    /// A thread is at work.
    busy: AtomicBool,
    /// Held by whoever builds, so that two do not do the same work.
    building: Mutex<()>,
    /// Why the last attempt failed. No other is made until the collection is opened again.
    failed: Mutex<Option<String>>,
}

impl Indexing {
    fn graph(&self) -> Option<Arc<Graph>> {
        self.graph.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn place(&self, graph: Arc<Graph>) {
        *self.graph.write().unwrap_or_else(PoisonError::into_inner) = Some(graph);
    }

    /// None while another thread builds.
    fn begin(&self) -> Option<MutexGuard<'_, ()>> {
        match self.building.try_lock() {
            Ok(building) => Some(building),
            Err(sync::TryLockError::Poisoned(building)) => Some(building.into_inner()),
            Err(sync::TryLockError::WouldBlock) => None,
        }
    }
}

/// The mark of the one index file that belongs to the points as they are. Whoever puts an older file of points back gets
/// its mark with it.
fn generation(connection: &Connection) -> rusqlite::Result<Uuid> {
    connection.query_row("SELECT generation FROM collection", [], |row| row.get(0))
}

/// How many new vectors may be compared one by one before the index is given them. Adding to one that is mapped from its
/// file costs reading it into memory, so that has to be worth while.
fn allowance(graph: &Graph) -> u64 {
    if graph.mapped() { (graph.size() as u64 / 50).max(512) } else { 64 }
}

impl Collection {
    /// Brings the index up to date now, on so many threads, and places it on the disk: some seconds for 10,000 vectors.
    /// Searches need no call of this; it is for those who want the index ready before they ask.
    ///
    /// Fails with [`Error::Cancelled`] once `stop` says so: what was not added is compared one by one, as before.
    pub fn settle(&self, threads: usize, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        *lock(&self.0.indexing.failed) = None;
        loop {
            if stop() {
                return Err(Error::Cancelled);
            }
            let done = self.catch_up(threads.clamp(1, 8), true, stop);
            if done.map_err(|Unusable(detail)| Error::Index { name: self.0.name.clone(), detail })? {
                return Ok(());
            }
            thread::sleep(REST);
        }
    }

    /// Forgets the index and its file, and builds both anew, until `stop` says so. Searches compare every vector meanwhile.
    pub fn rebuild(&self, threads: usize, stop: &dyn Fn() -> bool) -> Result<(), Error> {
        let indexing = &self.0.indexing;
        {
            let _building = loop {
                if stop() {
                    return Err(Error::Cancelled);
                }
                match indexing.begin() {
                    Some(building) => break building,
                    None => thread::sleep(REST),
                }
            };
            let path = self.0.index_file();
            match fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(Error::of_file(&path, &error)),
                _ => {}
            }
            *indexing.graph.write().unwrap_or_else(PoisonError::into_inner) = None;
            *lock(&indexing.opened) = true;
        }
        self.settle(threads, stop)
    }

    /// The index, where there is one, as it stands; and work on it begins where it is behind.
    pub(super) fn graph(&self, view: &View) -> Option<Arc<Graph>> {
        let graph = self.open_graph(view);
        let (points, newest) = (view.standing.points, view.standing.newest);
        let behind = match &graph {
            None => points >= FEW,
            Some(graph) => {
                u64::from(newest.saturating_sub(graph.upto())) > allowance(graph) || mostly_dead(graph, points)
            }
        };
        if behind {
            self.start_catching_up();
        }
        graph.filter(|graph| graph.size() > 0)
    }

    pub(super) fn indexed(&self, view: &View) -> Indexed {
        if view.standing.points < FEW {
            return Indexed::NotNeeded;
        }
        let upto = self.graph(view).map_or(0, |graph| graph.upto());
        match view.standing.newest.saturating_sub(upto) {
            0 => Indexed::Current,
            // Keys count deleted points too.
            behind => Indexed::Behind { points: u64::from(behind).min(view.standing.points) },
        }
    }

    /// Whether a thread is at work on it. To be asked after [`Collection::indexed`], which sets one to work.
    pub(super) fn indexing(&self) -> bool {
        self.0.indexing.busy.load(Ordering::Acquire)
    }

    fn open_graph(&self, view: &View) -> Option<Arc<Graph>> {
        let indexing = &self.0.indexing;
        let mut opened = lock(&indexing.opened);
        if !*opened && view.standing.points >= FEW {
            let (settings, newest) = (&view.settings.1, view.standing.newest);
            let generation = self.with_reader(|connection| Ok(generation(connection)?));
            if let Ok(generation) = generation
                && let Some(graph) = file::open(&self.0.index_file(), settings, generation, newest, true)
            {
                indexing.place(Arc::new(graph));
            }
            *opened = true;
        }
        indexing.graph()
    }

    fn start_catching_up(&self) {
        let indexing = &self.0.indexing;
        if lock(&indexing.failed).is_some() || indexing.busy.swap(true, Ordering::AcqRel) {
            return;
        }
        // Half of the machine: whoever builds also works with it.
        let threads = thread::available_parallelism().map_or(1, |threads| (threads.get() / 2).clamp(1, 8));
        let collection = self.clone();
        let work = move || {
            let done = loop {
                match collection.catch_up(threads, false, &|| false) {
                    Ok(false) => thread::sleep(REST),
                    done => break done,
                }
            };
            let indexing = &collection.0.indexing;
            if let Err(Unusable(detail)) = done {
                *lock(&indexing.failed) = Some(detail);
            }
            indexing.busy.store(false, Ordering::Release);
        };
        if thread::Builder::new().name("index".into()).spawn(work).is_err() {
            indexing.busy.store(false, Ordering::Release);
        }
    }

    /// One attempt: true where the index is as near as it has to be, false where another thread or process is at it or
    /// `stop` said so.
    fn catch_up(&self, threads: usize, whole: bool, stop: &dyn Fn() -> bool) -> Result<bool, Unusable> {
        let indexing = &self.0.indexing;
        let Some(_building) = indexing.begin() else { return Ok(false) };
        if self.read(|_, view| Ok(view.standing.points < FEW)).map_err(Unusable::because)? {
            return Ok(true);
        }
        let path = self.0.index_file();
        let turn = File::create(path.with_extension("lock")).map_err(Unusable::because)?;
        let waits = matches!(turn.try_lock(), Err(TryLockError::WouldBlock));
        // Read now that nobody else places a file.
        let (view, generation) =
            self.read(|connection, view| Ok((view.clone(), generation(connection)?))).map_err(Unusable::because)?;
        let (settings, newest, points) = (&view.settings.1, view.standing.newest, view.standing.points);
        let ours = self.open_graph(&view);

        // What another process has placed since.
        let placed = file::reaches(&path, settings, generation);
        if placed.is_some_and(|reaches| ours.is_none_or(|graph| graph.upto() < reaches))
            && let Some(graph) = file::open(&path, settings, generation, newest, true)
        {
            indexing.place(Arc::new(graph));
        }
        if waits {
            return Ok(false);
        }

        let current = indexing.graph().filter(|graph| !mostly_dead(graph, points));
        if current.as_ref().is_some_and(|graph| graph.upto() >= newest) && !whole {
            return Ok(true);
        }
        let graph = match current {
            Some(graph) if !graph.mapped() || graph.upto() >= newest => Some(graph),
            Some(_) => file::open(&path, settings, generation, newest, false).map(Arc::new),
            None => None,
        };
        let anew = graph.is_none();
        let graph = match graph {
            Some(graph) => graph,
            None => Arc::new(Graph::new(settings, Code::for_vectors(settings.metric, self.sample()?))?),
        };
        if !self.fill(&graph, threads, stop)? {
            return Ok(false);
        }
        let unsaved = u64::from(graph.upto().saturating_sub(placed.filter(|_| !anew).unwrap_or(0)));
        if unsaved > if whole { 0 } else { (graph.size() as u64 / 10).max(4096) } || anew {
            // Whoever is killed between the two leaves a file that nobody knows.
            let generation = Uuid::new_v4();
            graph.save(&path, settings, generation)?;
            let known = "UPDATE collection SET generation = ?1";
            match self.write_transaction(|transaction, _| Ok(transaction.execute(known, [generation])?)) {
                // Somebody writes without a break: it serves from memory meanwhile, and is placed at the next attempt.
                Err(Error::Busy { .. }) => {
                    indexing.place(graph);
                    return Ok(false);
                }
                done => done.map_err(Unusable::because)?,
            };
            // Mapped, it takes no more memory than the file has bytes, and shares them with other processes.
            if let Some(mapped) = file::open(&path, settings, generation, u32::MAX, true) {
                indexing.place(Arc::new(mapped));
                return Ok(true);
            }
        }
        indexing.place(graph);
        Ok(true)
    }

    /// Vectors that stand for all.
    fn sample(&self) -> Result<Vec<Vec<f32>>, Unusable> {
        let sample = self.read(|connection, _| {
            let rows = "SELECT vector FROM vectors WHERE key % (SELECT 1 + max(key) / 2000 FROM vectors) = 0";
            let mut rows = connection.prepare(rows)?;
            let rows = rows.query_map([], |row| Ok(numbers(row.get_ref(0)?.as_blob()?)))?;
            Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?)
        });
        sample.map_err(Unusable::because)
    }

    /// Adds all vectors above what the graph holds, in groups. False where `stop` said so before.
    fn fill(&self, graph: &Graph, threads: usize, stop: &dyn Fn() -> bool) -> Result<bool, Unusable> {
        loop {
            if stop() {
                return Ok(false);
            }
            let group = self.read(|connection, view| {
                let rows = "SELECT key, vector FROM vectors WHERE key > ?1 ORDER BY key LIMIT ?2";
                let mut rows = connection.prepare_cached(rows)?;
                let rows = rows.query_map((graph.upto(), GROUP), |row| {
                    Ok((row.get::<_, u32>(0)?, numbers(row.get_ref(1)?.as_blob()?)))
                })?;
                Ok((rows.collect::<rusqlite::Result<Vec<_>>>()?, view.standing.newest))
            });
            let (group, newest) = group.map_err(Unusable::because)?;
            let (length, last) = (group.len(), group.last().map_or(0, |(key, _)| *key));
            if length > 0 {
                graph.reserve(length)?;
                // Vectors that are added at once do not see each other. While there are few, a cluster of them can so stay
                // out of reach: one build in a hundred lost some of 2,000 vectors.
                add(graph, group, if graph.size() < SEEDS { 1 } else { threads })?;
            }
            if length < GROUP {
                // A group that is not full is all that there was; keys between belong to deleted points.
                graph.reached(newest);
                return Ok(true);
            }
            graph.reached(last);
        }
    }
}

impl Open {
    pub(super) fn index_file(&self) -> PathBuf {
        self.file.with_file_name("index.usearch")
    }
}

fn mostly_dead(graph: &Graph, points: u64) -> bool {
    let size = graph.size() as u64;
    size > FEW && points < size && (size - points) * DEAD > size
}

fn add(graph: &Graph, group: Vec<(u32, Vec<f32>)>, threads: usize) -> Result<(), Unusable> {
    if threads == 1 {
        return group.into_iter().try_for_each(|(key, vector)| graph.add(key, vector));
    }
    let left = Mutex::new(group.into_iter());
    thread::scope(|scope| {
        let work = || {
            loop {
                // Not in the condition: the lock would last as long as the addition.
                let next = lock(&left).next();
                let Some((key, vector)) = next else { return Ok(()) };
                graph.add(key, vector)?;
            }
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let done =
            workers.into_iter().map(|worker| worker.join().unwrap_or_else(|_| Err(Unusable("a thread ended".into()))));
        done.fold(Ok(()), Result::and)
    })
}
