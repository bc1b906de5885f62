//! What a model file says of itself, and whether it can really be used: found out before a file is ever offered.
//!
//! Never moves or keeps a file.

use std::path::Path;
use std::time::Duration;

use candle_core::quantized::GgmlDType;
use task::Cancellation;

use crate::blueprint::Blueprint;
use crate::cpu::{self, PAGE};
use crate::device;
use crate::engine::{Network, Span};
use crate::fault::FileError;
use crate::generator::{Error, Message, Role};
use crate::gguf::ModelFile;
use crate::memory::{Memory, Reservation};
use crate::template::ChatTemplate;
use crate::tokenizer::Tokenizer;

/// What a model file says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inspection {
    pub architecture: String,
    pub title: Option<String>,
    pub licence: Option<String>,
    /// Tokens of prompt and answer together.
    pub context: u32,
    /// `135M`
    pub parameters: String,
    /// The kind that most weights are of: `Q4_K`.
    pub quantization: String,
    /// Whether the file has a chat template; one that has none goes on with plain text only.
    pub converses: bool,
}

/// Positions that are enough to say something.
const FEW: usize = 16 * PAGE;
/// Between two looks whether others have made room.
const PAUSE: Duration = Duration::from_millis(100);

/// Reads the file's header, tokenizer and template, loads it whole, and computes a token. What succeeds here can be served.
/// `memory` is shared with the models that are loaded: waits until there is room beside those that answer, so it is not for
/// a thread that drives futures.
pub fn try_out(path: &Path, memory: &Memory, cancellation: &Cancellation) -> Result<Inspection, Error> {
    guarded(path, || inspect(path, memory, cancellation))
}

fn inspect(path: &Path, memory: &Memory, cancellation: &Cancellation) -> Result<Inspection, Error> {
    let (file, blueprint) = header(path)?;
    let needed = (cpu::packed_bytes(&file) + FEW * blueprint.position_bytes(2)) as u64;
    if needed > memory.limit() {
        return Err(FileError::TooLarge { file: path.into(), needed, limit: memory.limit() }.into());
    }
    let tokenizer = Tokenizer::from_gguf(&file)?;
    let template = ChatTemplate::from_gguf(&file)?;
    let converses = template.exists();
    if converses && let Err(refused) = template.render(&[Message::new(Role::User, "Hello")], &[]) {
        return Err(file.unsupported(refused.to_string()).into());
    }
    let _room = room(memory, needed, cancellation)?;
    let threads = candle_core::utils::get_num_threads();
    let mut network = cpu::Decoder::load(&file, threads, Some(FEW))?;
    tokenizer.fits(&file, network.vocabulary())?;
    let tokens = tokenizer.encode_prompt("Hello, what can you do?")?;
    let pages: Vec<u32> = (0..(FEW / PAGE) as u32).collect();
    let span = Span { tokens: &tokens[..tokens.len().min(FEW)], at: 0, pages: &pages, logits: 1 };
    let mut logits = Vec::new();
    if !network.forward(&[span], &mut logits, &|| cancellation.is_cancelled())? {
        return Err(FileError::Cancelled.into());
    }
    let same = logits.iter().all(|logit| *logit == logits[0]);
    if same || !logits.iter().all(|logit| logit.is_finite()) {
        return Err(file.unsupported("what its weights compute says nothing".into()).into());
    }
    let text = |key: &str| file.text(key).ok().map(str::to_owned).filter(|text| !text.trim().is_empty());
    let (count, kind) = weights(&file);
    Ok(Inspection {
        architecture: file.text("general.architecture")?.to_owned(),
        title: text("general.name"),
        licence: text("general.license"),
        context: u32::try_from(blueprint.context).unwrap_or(u32::MAX),
        parameters: shortened(count),
        quantization: kind.map_or_else(String::new, name),
        converses,
    })
}

/// Reads the file's header and tokenizer: quick, and enough to refuse what is no model of ours.
pub fn look(path: &Path) -> Result<(), Error> {
    guarded(path, || {
        let (file, _) = header(path)?;
        Tokenizer::from_gguf(&file)?;
        Ok(())
    })
}

/// A file over which a library panics is a damaged one.
fn guarded<T>(path: &Path, work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    device::attempt(work).unwrap_or_else(|| {
        let detail = "what it says of itself cannot be true".into();
        Err(FileError::Damaged { file: path.into(), detail }.into())
    })
}

fn room(memory: &Memory, needed: u64, cancellation: &Cancellation) -> Result<Reservation, Error> {
    loop {
        if cancellation.is_cancelled() {
            return Err(FileError::Cancelled.into());
        }
        match memory.reserve(needed, None) {
            Err(Error::Busy { .. }) => std::thread::sleep(PAUSE),
            reserved => return reserved,
        }
    }
}

fn header(path: &Path) -> Result<(ModelFile, Blueprint), FileError> {
    let file = ModelFile::open(path)?;
    for name in file.tensors() {
        file.tensor(name)?;
    }
    let blueprint = Blueprint::read(&file)?;
    Ok((file, blueprint))
}

/// How many weights there are, and the kind that most of them are of.
fn weights(file: &ModelFile) -> (usize, Option<GgmlDType>) {
    let mut kinds: Vec<(GgmlDType, usize)> = Vec::new();
    for place in file.matrices() {
        let count = place.rows * place.columns;
        match kinds.iter_mut().find(|(kind, _)| *kind == place.kind) {
            Some((_, known)) => *known += count,
            None => kinds.push((place.kind, count)),
        }
    }
    let most = kinds.iter().max_by_key(|(_, count)| *count).map(|(kind, _)| *kind);
    (kinds.iter().map(|(_, count)| count).sum(), most)
}

/// `Q4_K`
fn name(kind: GgmlDType) -> String {
    let name = format!("{kind:?}");
    match name.strip_suffix('K') {
        Some(bits) => format!("{bits}_K"),
        None => name,
    }
}

/// `135M`, `1.5B`
fn shortened(count: usize) -> String {
    match count {
        0..1_000_000 => format!("{:.0}K", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.0}M", count as f64 / 1e6),
        _ => format!("{:.1}B", count as f64 / 1e9),
    }
}
