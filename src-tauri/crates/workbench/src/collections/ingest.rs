//! A folder's documents into a collection, and again after they changed: what is unchanged stays, what is gone goes.
//!
//! A document is known by its folder and name, and one state of it by its print: what its bytes and the way of cutting
//! come to. Its new chunks are written in one transaction before its former ones are deleted, so whenever a run is
//! killed, each document is there as it was or as it is, and the next run mends what is there twice.
//!
//! A long document of which no state is there is written in parts, whose chunks say that others are still to come. A
//! run that is killed has embedded them for the next one, and the document counts as new until all are there.

mod writing;

use std::{
    collections::{BTreeMap, BTreeSet},
    mem::take,
    path::PathBuf,
    sync::Arc,
};

use inference::WordPiece;
use ingestion::{Chunk, Chunker, Chunking, Document, Original, Source, Walk, chunkers, walk};
use retrieval::{Collection, Include};
use sha2::{Digest, Sha256};
use task::{Progress, Reporter, Unit};

use super::{for_texts, threads};
use crate::{Problem, TaskId, Workbench, keeping::on_disk, model::LocalEmbedder, tasks::Handle, view::Ingest};
use writing::equals;

/// Texts that the model is given at once, of one document or of several.
const TOGETHER: usize = 64;
/// Points that are read at once.
const PAGE: usize = 1000;

const FOLDER: &str = "folder";
const SOURCE: &str = "source";
const PRINT: &str = "print";
/// On chunks of a document that is not all there yet.
const UNFINISHED: &str = "unfinished";

/// What is needed for each document.
struct Ingesting {
    collection: Collection,
    namespace: String,
    /// The folder's own path: two folders may name documents alike.
    folder: String,
    cutting: Arc<Cutting>,
    embedder: Arc<LocalEmbedder>,
    handle: Handle,
}

struct Cutting {
    chunker: &'static Chunker,
    chunking: Chunking,
    tokens: Tokens,
}

struct Tokens(WordPiece);

impl ingestion::Tokens for Tokens {
    fn count(&self, text: &str) -> usize {
        self.0.count(text)
    }

    fn starts(&self, text: &str) -> Vec<usize> {
        self.0.starts(text)
    }
}

/// A document whose chunks are to be embedded.
struct Waiting {
    document: Document,
    print: String,
    chunks: Vec<Chunk>,
    known: States,
}

impl Waiting {
    /// Whether a whole state of it is there. Searches find that one until the new one is whole.
    fn is_known(&self) -> bool {
        self.known.values().any(|unfinished| *unfinished == 0)
    }

    /// How many of its chunks a run kept that was killed.
    fn begun(&self) -> usize {
        self.known.get(&self.print).copied().unwrap_or_default()
    }

    fn in_parts(&self) -> bool {
        self.begun() > 0 || (self.chunks.len() > TOGETHER && !self.is_known())
    }
}

#[derive(Default)]
struct Counts {
    new: usize,
    changed: usize,
    unchanged: usize,
    removed: usize,
    unread: usize,
    chunks: usize,
}

/// The prints that a document has chunks of, one unless a run was killed, each with how many of them say that others are
/// still to come. None do of a state that is whole.
type States = BTreeMap<String, usize>;

impl Workbench {
    /// Takes a folder's documents in, in batches, until it is told to stop. Run again, it goes on.
    pub fn ingest(self: &Arc<Self>, ingest: Ingest) -> Result<TaskId, Problem> {
        let chunker = chunkers().iter().find(|chunker| chunker.name == ingest.chunker).ok_or_else(|| {
            let known: Vec<_> = chunkers().iter().map(|chunker| chunker.name).collect();
            let message = format!("There is no chunker {:?}.", ingest.chunker);
            Problem::new("collections.chunker", message, format!("Name one of {}.", known.join(", ")))
        })?;
        let workbench = self.clone();
        Ok(self.tasks.start("Taking documents in", |handle| async move {
            let ingesting = workbench.prepare(&ingest, chunker, handle).await?;
            ingesting.all(ingest.folder.into()).await
        }))
    }

    async fn prepare(&self, ingest: &Ingest, chunker: &'static Chunker, handle: Handle) -> Result<Ingesting, Problem> {
        let embedder = self.embedder()?;
        let most = inference::Embedder::describe(&*embedder.embeddings).context as usize;
        let most_tokens = ingest.tokens.map_or(most, |tokens| tokens as usize);
        if most_tokens > most {
            let message =
                format!("{} reads {most} tokens, and chunks of {most_tokens} are longer.", embedder.manifest.id);
            return Err(Problem::new("collections.tokens", message, format!("Ask for {most} tokens or fewer.")));
        }
        let (collections, name, settings) =
            (self.collections.clone(), ingest.collection.clone(), self.settings_for_texts()?);
        let (model, files) = (embedder.clone(), PathBuf::from(&ingest.folder));
        let (collection, folder, words) = on_disk(move || {
            model.verify()?;
            let folder = files.canonicalize().map_err(|error| {
                let message = format!("{} cannot be read: {error}.", files.display());
                Problem::new("collections.folder", message, "Name a folder or a file that is there.")
            })?;
            let collection = for_texts(&collections, &name, &settings, &model.manifest.id)?;
            Ok((collection, folder.display().to_string(), model.words()?))
        })
        .await?;
        let chunking = Chunking { most_tokens, overlap: ingest.overlap as usize, with_headings: true };
        let cutting = Arc::new(Cutting { chunker, chunking, tokens: Tokens(words) });
        Ok(Ingesting { collection, namespace: ingest.namespace.clone(), folder, cutting, embedder, handle })
    }
}

impl Ingesting {
    async fn all(self, folder: PathBuf) -> Result<(), Problem> {
        let (collection, namespace, of) = (self.collection.clone(), self.namespace.clone(), self.folder.clone());
        let (walked, known) = on_disk(move || {
            let walked = walk(&folder, &Walk::default())?;
            Ok((walked, states(&collection, &namespace, &of)?))
        })
        .await?;
        let mut counts = Counts { unread: walked.problems.len(), ..Counts::default() };
        for problem in &walked.problems {
            self.handle.output(&problem.to_string());
        }
        let mut waiting: Vec<Waiting> = Vec::new();
        for (done, source) in walked.sources.iter().enumerate() {
            self.tell(&source.name, done, walked.sources.len());
            if self.handle.cancellation.is_cancelled() {
                return Err(Problem::cancelled());
            }
            let taken = self.take(source, known.get(&source.name), &mut counts).await?;
            match taken {
                Some(document) if document.in_parts() => self.write_in_parts(document, &mut counts).await?,
                document => waiting.extend(document),
            }
            if waiting.iter().map(|document| document.chunks.len()).sum::<usize>() >= TOGETHER {
                self.write(take(&mut waiting), &mut counts).await?;
            }
        }
        self.write(waiting, &mut counts).await?;
        let here: BTreeSet<&str> = walked.sources.iter().map(|source| source.name.as_str()).collect();
        for gone in known.keys().filter(|name| !here.contains(name.as_str())) {
            // What is out of reach for now, behind a folder that cannot be read, is not gone.
            if std::path::Path::new(&self.folder).join(gone).try_exists().is_ok() {
                self.delete(self.chunks_of(gone, None)?).await?;
                counts.removed += 1;
            }
        }
        self.tell("the index", walked.sources.len(), walked.sources.len());
        let (collection, cancellation) = (self.collection.clone(), self.handle.cancellation.clone());
        on_disk(move || Ok(collection.settle(threads(), &|| cancellation.is_cancelled())?)).await?;
        let Counts { new, changed, unchanged, removed, unread, chunks } = counts;
        self.handle.output(&format!(
            "{new} new, {changed} changed, {unchanged} unchanged, {removed} gone, {unread} not read; {chunks} chunks written."
        ));
        Ok(())
    }

    fn tell(&self, what: &str, done: usize, of: usize) {
        let (done, total) = (done as u64, Some(of as u64));
        self.handle.progress(Progress { what: what.into(), done, total, unit: Unit::Steps });
    }

    /// A document that is new or has changed, cut. One that cannot be read is told of, and keeps what is known of it.
    async fn take(
        &self,
        source: &Source,
        known: Option<&States>,
        counts: &mut Counts,
    ) -> Result<Option<Waiting>, Problem> {
        let (source, cutting, known) = (source.clone(), self.cutting.clone(), known.cloned().unwrap_or_default());
        let before = known.clone();
        let cut = on_disk(move || Ok(cutting.cut(&source, &before))).await?;
        match cut {
            Ok(Cut::Same) => counts.unchanged += 1,
            // Its new state is here, and a former one as well.
            Ok(Cut::Twice(name, print)) => {
                counts.unchanged += 1;
                self.delete(self.other_states(&name, &print)?).await?;
            }
            // It says nothing, so there is no chunk that could hold its print.
            Ok(Cut::Into(_, document, chunks)) if chunks.is_empty() => {
                if known.is_empty() {
                    counts.unchanged += 1;
                } else {
                    self.delete(self.chunks_of(&document.source, None)?).await?;
                    counts.changed += 1;
                }
            }
            Ok(Cut::Into(print, document, chunks)) => return Ok(Some(Waiting { document, print, chunks, known })),
            Err(error) => {
                counts.unread += 1;
                self.handle.output(&error.to_string());
            }
        }
        Ok(None)
    }
}

enum Cut {
    Same,
    Twice(String, String),
    Into(String, Document, Vec<Chunk>),
}

impl Cutting {
    fn cut(&self, source: &Source, known: &States) -> ingestion::Result<Cut> {
        let original = source.read()?;
        let print = self.print(&original);
        if known.get(&print) == Some(&0) {
            return Ok(if known.len() == 1 { Cut::Same } else { Cut::Twice(original.name, print) });
        }
        let document = original.document()?;
        let chunks = self.chunker.cut(&document, &self.tokens, &self.chunking)?;
        Ok(Cut::Into(print, document, chunks))
    }

    /// What the bytes and the way of cutting come to: another way of cutting makes other chunks.
    fn print(&self, original: &Original) -> String {
        let Chunking { most_tokens, overlap, .. } = self.chunking;
        let way = format!("{} {most_tokens} {overlap} {}", self.chunker.name, original.sha256);
        Sha256::digest(way).iter().take(16).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// The documents of a folder that the collection holds chunks of.
fn states(collection: &Collection, namespace: &str, folder: &str) -> Result<BTreeMap<String, States>, Problem> {
    let (filter, mut from, mut known) = (equals(FOLDER, folder)?, None, BTreeMap::<String, States>::new());
    loop {
        let page = collection.scroll(namespace, Some(&filter), from.as_ref(), PAGE, Include::PAYLOAD)?;
        for payload in page.items.iter().filter_map(|record| record.payload.as_ref()) {
            let word = |key: &str| payload.get(key).and_then(|value| value.as_str()).map(str::to_owned);
            if let (Some(source), Some(print)) = (word(SOURCE), word(PRINT)) {
                let unfinished = usize::from(payload.contains_key(UNFINISHED));
                *known.entry(source).or_default().entry(print).or_default() += unfinished;
            }
        }
        from = page.next;
        if from.is_none() {
            return Ok(known);
        }
    }
}
