//! What the model's thread does: load, take requests, and hand them to the schedule.

use std::fs::File;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::{OnceLock, Weak};
use std::time::Instant;

use task::{Cancellation, Silent};

use super::pages::{PAGE, Pages};
use super::queue::Job;
use super::schedule::Schedule;
use super::sequence::Sequence;
use super::{EngineOptions, Shared, Status};
use crate::blueprint::Blueprint;
use crate::constraint::{Constrained, ConstraintCompiler};
use crate::device::{DeviceKind, DevicePreference, pace};
use crate::fault::FileError;
use crate::generator::{Error, Request};
use crate::gguf::ModelFile;
use crate::memory::{Reservation, Tenant};
use crate::template::ChatTemplate;
use crate::tokenizer::Tokenizer;
use crate::{cpu, gpu, tools};

/// Makes the model on such a device. Called on the model's thread, again after a failure.
pub(super) type Load = Box<dyn Fn(DeviceKind) -> Result<Model, Error> + Send>;

/// Positions that a model must have memory for to be of use.
const FEWEST: u64 = 2048;

/// Says whether the work is to stop.
pub(crate) type Stop<'a> = &'a (dyn Fn() -> bool + Sync);

/// Tokens of one text in one pass.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span<'a> {
    pub tokens: &'a [u32],
    /// Position of the first.
    pub at: usize,
    /// Where the keys and values of all positions up to the last one lie.
    pub pages: &'a [u32],
    /// For how many of the tokens, from the end, it is asked what follows.
    pub logits: usize,
}

/// The arithmetic, apart from text. It owns the memory of pages of [`PAGE`] positions.
pub(crate) trait Network {
    /// Tokens that the model was trained to read.
    fn context(&self) -> usize;
    fn pages(&self) -> usize;
    fn vocabulary(&self) -> usize;

    /// Computes `batch`, and puts the logits that it asks for in place of what `logits` holds, one row of
    /// [`Network::vocabulary`] values below the other; false if `stop` said so.
    fn forward(&mut self, batch: &[Span], logits: &mut Vec<f32>, stop: Stop) -> Result<bool, Error>;
}

pub(crate) struct Model {
    pub tokenizer: Tokenizer,
    pub template: ChatTemplate,
    pub network: Box<dyn Network>,
    /// Tokens of prompt and answer together.
    pub context: u32,
    /// Made when it is first needed: that takes a while.
    pub constraints: OnceLock<ConstraintCompiler>,
    #[expect(dead_code, reason = "kept for what dropping it does")]
    pub held: Held,
}

/// What is given back when the model goes.
#[derive(Default)]
pub(crate) struct Held {
    _room: Option<Reservation>,
    /// Locked, so that no other program takes the file away meanwhile.
    _file: Option<File>,
}

impl Model {
    pub fn load(
        options: &EngineOptions,
        device: &candle_core::Device,
        threads: usize,
        tenant: Option<&Weak<dyn Tenant>>,
    ) -> Result<Self, Error> {
        // The check of a file that was right before takes no time; any other must be seen to be right before it is
        // used.
        options.manifest.verify_cached(&options.file, &options.verified, &Silent, &Cancellation::new())?;
        let file = ModelFile::open(&options.file)?;
        let mut positions = options.positions;
        let mut held = Held { _file: lock(&options.file), _room: None };
        if device.is_cpu()
            && let (Some(memory), Some(tenant)) = (&options.memory, tenant)
        {
            let (bytes, fitting) = fitting(&file, &options.file, positions, memory.limit())?;
            held._room = Some(memory.reserve(bytes, Some(tenant))?);
            positions = Some(fitting);
        }
        std::thread::scope(|scope| {
            let words = scope.spawn(|| Ok((Tokenizer::from_gguf(&file)?, ChatTemplate::from_gguf(&file)?)));
            let network: Box<dyn Network> = if device.is_cpu() {
                Box::new(cpu::Decoder::load(&file, threads, positions)?)
            } else {
                let mut decoder = gpu::Decoder::load(&file, device, positions)?;
                if options.device == DevicePreference::Auto {
                    let cpu = pace::on_cpu(cpu::packed_bytes(&file) as u64, threads);
                    if let Some(message) = pace::objection(decoder.token_time()?, cpu) {
                        return Err(Error::Model { message });
                    }
                }
                Box::new(decoder)
            };
            let (tokenizer, template) = words.join().unwrap_or_else(|_| Err(stopped()))?;
            tokenizer.fits(&file, network.vocabulary())?;
            let context = (options.manifest.context as usize).min(network.context()).min(network.pages() * PAGE);
            Ok(Self { tokenizer, template, network, context: context as u32, constraints: OnceLock::new(), held })
        })
    }

    /// What the answer to `request` is held to.
    pub fn constrain(&self, request: &Request) -> Result<Option<Constrained>, Error> {
        let open = request.constraint.is_none() && tools::offered(&request.prompt).is_empty();
        if open {
            return Ok(None);
        }
        let compiler = match self.constraints.get() {
            Some(compiler) => compiler,
            None => {
                let compiler = ConstraintCompiler::new(&self.tokenizer)?;
                self.constraints.get_or_init(|| compiler)
            }
        };
        compiler.compile_request(request)
    }
}

/// What loading `file` takes, and for how many positions: fewer than were asked for where that is what fits.
fn fitting(file: &ModelFile, path: &Path, positions: Option<usize>, limit: u64) -> Result<(u64, usize), Error> {
    let blueprint = Blueprint::read(file)?;
    let each = blueprint.position_bytes(2) as u64;
    let weights = cpu::packed_bytes(file) as u64;
    let wanted = positions.unwrap_or_else(|| blueprint.positions(2)) as u64;
    let fit = wanted.min(limit.saturating_sub(weights) / each.max(1));
    if fit < wanted.min(FEWEST) {
        let needed = weights + wanted.min(FEWEST) * each;
        return Err(FileError::TooLarge { file: path.into(), needed, limit }.into());
    }
    Ok((weights + fit * each, fit as usize))
}

/// A lock that any number of readers share. Where the system has none, only the protection is missing.
fn lock(path: &Path) -> Option<File> {
    let file = File::open(path).ok()?;
    file.try_lock_shared().is_ok().then_some(file)
}

pub(super) fn stopped() -> Error {
    Error::Model { message: "it stopped unexpectedly".into() }
}

/// Does job after job until the queue is closed.
pub(super) fn work(shared: &Shared, load: &Load, at_once: usize) {
    let mut loaded = None;
    let mut schedule = Schedule::default();
    while let Some(jobs) = shared.queue.take(at_once - schedule.len(), schedule.is_empty()) {
        for job in jobs {
            match job {
                // Whoever asked may have stopped listening.
                Job::Load(reply) => drop(reply.send(guarded(shared, || ready(&mut loaded, shared, load).map(drop)))),
                Job::Unload(reply) => {
                    if schedule.is_empty() && loaded.take().is_some() {
                        shared.set_status(Status::default());
                    }
                    let _ = reply.send(loaded.is_none());
                }
                Job::Answer(question) if question.is_over() => question.let_go(),
                Job::Answer(question) => {
                    let read = guarded(shared, || {
                        let (model, _) = ready(&mut loaded, shared, load)?;
                        Sequence::read(&question.request, model)
                    });
                    match read {
                        Ok(prompt) => schedule.add(Sequence::new(question, prompt)),
                        Err(error) => question.fail(error),
                    }
                }
            }
        }
        let Some((model, pages)) = &mut loaded else { continue };
        if let Err(error) = guarded(shared, || schedule.step(model, pages, shared)) {
            // Whatever its pages held may be half written.
            shared.fall_back(&error);
            schedule.fail(&error);
            shared.set_status(Status { problem: Some(error), ..Status::default() });
            loaded = None;
        }
    }
    schedule.cancel();
    drop(loaded);
    shared.queue.end();
}

/// A panic ends what is under way, and the model is loaded anew for the next request.
fn guarded<T>(shared: &Shared, job: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(job)).unwrap_or_else(|_| {
        shared.set_status(Status { problem: Some(stopped()), ..Status::default() });
        Err(stopped())
    })
}

/// The model, loaded if it was not, and its pages.
fn ready<'a>(
    loaded: &'a mut Option<(Model, Pages)>,
    shared: &Shared,
    load: &Load,
) -> Result<&'a mut (Model, Pages), Error> {
    if let Some(model) = loaded {
        return Ok(model);
    }
    let started = Instant::now();
    // The bindings of GPUs panic where other libraries return an error.
    let model = guarded(shared, || load(shared.device().kind));
    let model = model.or_else(|error| if shared.fall_back(&error) { load(DeviceKind::Cpu) } else { Err(error) });
    let model = model.inspect_err(|error| {
        shared.set_status(Status { problem: Some(error.clone()), ..Status::default() });
    })?;
    let load_time = started.elapsed();
    tracing::info!(?load_time, "the model is loaded");
    shared.set_status(Status { loaded: true, load_time: Some(load_time), ..Status::default() });
    let pages = Pages::new(model.network.pages());
    Ok(loaded.insert((model, pages)))
}
