//! A made-up workspace for checks to look at: files, programs, services, calls and answers, all in memory.
//!
//! Never touches the disk, starts a program or opens a connection. What a test does not set up is not there: a file is
//! missing, a program is not found, an address refuses.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use checks::{
    Answer, Call, Command, Containers, Entry, Exit, Image, InForce, Injection, Look, Obstacle, Piece, Probe, Ran,
    Request, Revealed, ServiceState, Span, Spans, Stopped, Stored, StreamEnd, Streamed, Trouble,
};
use jiff::Timestamp;

use crate::memory_containers::{MemoryContainers, MemoryStack, Record};

/// An answer that comes in pieces.
#[derive(Debug, Clone)]
struct Scripted {
    status: u16,
    content_type: String,
    pieces: Vec<Piece>,
    end: StreamEnd,
}

#[derive(Debug, Default)]
pub struct MemoryProbe {
    files: BTreeMap<String, Vec<u8>>,
    programs: BTreeMap<Vec<String>, Ran>,
    any_program: Option<Ran>,
    endless: Vec<Vec<String>>,
    services: BTreeMap<String, ServiceState>,
    answers: BTreeMap<(String, String), Vec<Answer>>,
    streams: BTreeMap<(String, String), Vec<Scripted>>,
    calls: Vec<Call>,
    /// Of which the first look at the calls sees nothing.
    late: Vec<Call>,
    looks: AtomicUsize,
    spans: Spans,
    chosen: BTreeMap<String, Vec<String>>,
    entries: Vec<Entry>,
    collections: BTreeMap<(String, String), Stored>,
    containers: Option<MemoryContainers>,
    obstacle: Option<Obstacle>,
    asked: Mutex<Asked>,
    in_force: Arc<AtomicUsize>,
}

/// What checks have asked of a [`MemoryProbe`].
#[derive(Debug, Clone, Default)]
pub struct Asked {
    pub commands: Vec<Command>,
    pub requests: Vec<Request>,
    /// Each time faults were laid.
    pub faults: Vec<Vec<Injection>>,
}

impl MemoryProbe {
    pub fn new() -> Self {
        Self::default()
    }

    pub fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), content.as_ref().to_vec());
        self
    }

    /// What running exactly `argv` gives.
    pub fn ran(mut self, argv: &[&str], ran: Ran) -> Self {
        self.programs.insert(argv.iter().map(|&argument| argument.to_owned()).collect(), ran);
        self
    }

    /// What running any program gives that no other line speaks of.
    pub fn any_program(mut self, exit: Exit, stdout: &str, stderr: &str) -> Self {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        self.any_program = Some(Ran { exit, stdout, stderr, cut: false, elapsed: Duration::from_millis(50) });
        self
    }

    /// A program that ends with `code` after 50 ms.
    pub fn prints(self, argv: &[&str], code: i32, stdout: &str, stderr: &str) -> Self {
        let (stdout, stderr) = (stdout.to_owned(), stderr.to_owned());
        self.ran(argv, Ran { exit: Exit::Code(code), stdout, stderr, cut: false, elapsed: Duration::from_millis(50) })
    }

    /// A program that never ends.
    pub fn never_ends(mut self, argv: &[&str]) -> Self {
        self.endless.push(argv.iter().map(|&argument| argument.to_owned()).collect());
        self
    }

    pub fn collection(mut self, name: &str, namespace: &str, stored: Stored) -> Self {
        self.collections.insert((name.to_owned(), namespace.to_owned()), stored);
        self
    }

    pub fn service(mut self, name: &str, state: ServiceState) -> Self {
        self.services.insert(name.to_owned(), state);
        self
    }

    /// What `method url` is answered with. Of several answers each request takes the next, and the last for good.
    pub fn answer(mut self, method: &str, url: &str, answer: Answer) -> Self {
        self.answers.entry((method.to_owned(), url.to_owned())).or_default().push(answer);
        self
    }

    /// An answer to `method url` with status and content type, whose pieces come at these milliseconds. As with
    /// [`MemoryProbe::answer`], several are taken in turn.
    pub fn stream(
        mut self,
        (method, url): (&str, &str),
        (status, content_type): (u16, &str),
        pieces: &[(u64, &str)],
        end: StreamEnd,
    ) -> Self {
        let pieces = pieces
            .iter()
            .map(|(millis, text)| Piece { at: Duration::from_millis(*millis), bytes: text.as_bytes().to_vec() });
        let scripted = Scripted { status, content_type: content_type.to_owned(), pieces: pieces.collect(), end };
        self.streams.entry((method.to_owned(), url.to_owned())).or_default().push(scripted);
        self
    }

    /// An answer in plain text, after 12 ms.
    pub fn answer_text(self, method: &str, url: &str, status: u16, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "text/plain; version=0.0.4".to_owned())];
        let body = body.as_bytes().to_vec();
        self.answer(method, url, Answer::Response { status, headers, body, elapsed: Duration::from_millis(12) })
    }

    /// An answer with a body of the content type `application/json`, after 12 ms.
    pub fn answer_json(self, method: &str, url: &str, status: u16, body: &str) -> Self {
        let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
        let body = body.as_bytes().to_vec();
        self.answer(method, url, Answer::Response { status, headers, body, elapsed: Duration::from_millis(12) })
    }

    pub fn call(mut self, call: Call) -> Self {
        self.calls.push(call);
        self
    }

    /// A call whose record comes after the first look at the calls.
    pub fn late_call(mut self, call: Call) -> Self {
        self.late.push(call);
        self
    }

    pub fn span(mut self, span: Span) -> Self {
        self.spans.spans.push(span);
        self
    }

    /// So many older spans were not kept.
    pub fn dropped_spans(mut self, dropped: u64) -> Self {
        self.spans.dropped = dropped;
        self
    }

    pub fn chose(mut self, check: &str, options: &[&str]) -> Self {
        self.chosen.insert(check.to_owned(), options.iter().map(|&option| option.to_owned()).collect());
        self
    }

    pub fn entry(mut self, entry: Entry) -> Self {
        self.entries.push(entry);
        self
    }

    /// What building an image gives, whatever it is built from.
    pub fn builds(mut self, built: Result<Image, Trouble>) -> Self {
        self.containers = Some(MemoryContainers { built: Some(built), ..MemoryContainers::default() });
        self
    }

    /// What starting a container of that image gives: how it ends, or why it does not come up.
    pub fn starts(mut self, started: Result<Stopped, Trouble>) -> Self {
        self.containers.get_or_insert_default().started = Some(started);
        self
    }

    /// What bringing a stack up gives, whatever its file says.
    pub fn raises(mut self, raised: Result<MemoryStack, Trouble>) -> Self {
        self.containers.get_or_insert_default().raised = Some(raised);
        self
    }

    /// Machines for jobs, with the files so far as their workspace; what stands beside them has an image that is here.
    pub fn machines(mut self, images: &[&str]) -> Self {
        let images = images.iter().map(|&image| image.to_owned()).collect();
        self.containers =
            Some(MemoryContainers { images, workspace: self.files.clone(), ..MemoryContainers::default() });
        self
    }

    /// The machines that were asked for.
    pub fn record(&self) -> Record {
        let record = self.containers.as_ref().map(|containers| containers.record.clone()).unwrap_or_default();
        record.lock().map(|record| record.clone()).unwrap_or_default()
    }

    /// A file of one of that image's layers that gives something away.
    pub fn reveals(mut self, layer: usize, path: &str, what: &str, step: &str) -> Self {
        if let Some(containers) = &mut self.containers {
            containers.revealed.push(Revealed { layer, path: path.into(), what: what.into(), step: step.into() });
        }
        self
    }

    /// From now on nothing can be looked at, for this reason.
    pub fn obstacle(mut self, message: &str, next_step: &str) -> Self {
        self.obstacle = Some(Obstacle { message: message.to_owned(), next_step: next_step.to_owned() });
        self
    }

    /// What was asked so far.
    pub fn asked(&self) -> Asked {
        self.asked.lock().map(|asked| asked.clone()).unwrap_or_default()
    }

    /// How many times faults are laid and not yet taken away.
    pub fn in_force(&self) -> usize {
        self.in_force.load(Ordering::SeqCst)
    }

    /// Keeps the request; answers with how many there were before of its method and address.
    fn note(&self, request: &Request) -> usize {
        let Ok(mut asked) = self.asked.lock() else { return 0 };
        let same = |other: &&Request| other.method == request.method && other.url == request.url;
        let turn = asked.requests.iter().filter(same).count();
        asked.requests.push(request.clone());
        turn
    }

    fn clear(&self) -> Result<(), Obstacle> {
        self.obstacle.clone().map_or(Ok(()), Err)
    }
}

/// Counts down when it ends.
struct Counted(Arc<AtomicUsize>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A whole path is inside the workspace, as [`Probe`] demands of it.
fn inside(path: &str) -> Result<(), Obstacle> {
    let leaves = path.starts_with('/') || path.split('/').any(|part| part == "..");
    if leaves {
        let message = format!("the path `{path}` leaves the workspace");
        return Err(Obstacle { message, next_step: "Correct the check's path.".to_owned() });
    }
    Ok(())
}

#[async_trait]
impl Probe for MemoryProbe {
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Obstacle> {
        self.clear()?;
        inside(path)?;
        Ok(self.files.get(path).cloned())
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, Obstacle> {
        self.clear()?;
        inside(folder)?;
        let below =
            |path: &&String| folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        Ok(self.files.keys().filter(below).cloned().collect())
    }

    async fn run(&self, command: &Command) -> Result<Ran, Obstacle> {
        self.clear()?;
        if let Ok(mut asked) = self.asked.lock() {
            asked.commands.push(command.clone());
        }
        if self.endless.contains(&command.argv) {
            std::future::pending::<()>().await;
        }
        Ok(self.programs.get(&command.argv).or(self.any_program.as_ref()).cloned().unwrap_or(Ran {
            exit: Exit::NotFound,
            stdout: String::new(),
            stderr: String::new(),
            cut: false,
            elapsed: Duration::ZERO,
        }))
    }

    async fn service(&self, name: &str) -> Result<ServiceState, Obstacle> {
        self.clear()?;
        self.services.get(name).cloned().ok_or_else(|| Obstacle {
            message: format!("the lab has no service `{name}`"),
            next_step: "Correct the check's service.".to_owned(),
        })
    }

    async fn http(&self, request: &Request) -> Result<Answer, Obstacle> {
        self.clear()?;
        let turn = self.note(request);
        let key = (request.method.clone(), request.url.clone());
        let answers = self.answers.get(&key).map(Vec::as_slice).unwrap_or_default();
        Ok(answers.get(turn).or(answers.last()).cloned().unwrap_or(Answer::Refused))
    }

    async fn stream(
        &self,
        request: &Request,
        enough: &mut (dyn for<'p> FnMut(&'p Piece) -> bool + Send),
    ) -> Result<Streamed, Obstacle> {
        self.clear()?;
        let turn = self.note(request);
        let key = (request.method.clone(), request.url.clone());
        let streams = self.streams.get(&key).map(Vec::as_slice).unwrap_or_default();
        let Some(scripted) = streams.get(turn).or(streams.last()) else {
            return Ok(Streamed::Nothing(Answer::Refused));
        };
        let hung_up = scripted.pieces.iter().any(enough);
        let last = scripted.pieces.last().map_or(Duration::ZERO, |piece| piece.at);
        Ok(Streamed::Begun {
            status: scripted.status,
            headers: vec![("content-type".to_owned(), scripted.content_type.clone())],
            end: if hung_up { StreamEnd::HungUp } else { scripted.end },
            elapsed: last,
        })
    }

    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle> {
        self.clear()?;
        let late = if self.looks.fetch_add(1, Ordering::Relaxed) > 0 { &*self.late } else { &[] };
        Ok(self.calls.iter().chain(late).filter(|call| (since..=until).contains(&call.at)).cloned().collect())
    }

    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle> {
        self.clear()?;
        let mut found = self.spans.clone();
        found.spans.retain(|span| span.start >= since);
        Ok(found)
    }

    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle> {
        self.clear()?;
        if let Ok(mut asked) = self.asked.lock() {
            asked.faults.push(faults.to_vec());
        }
        self.in_force.fetch_add(1, Ordering::SeqCst);
        Ok(Box::new(Counted(self.in_force.clone())))
    }

    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle> {
        self.clear()?;
        Ok(self.chosen.get(check).cloned())
    }

    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        self.clear()?;
        Ok(self.entries.clone())
    }

    async fn containers(&self) -> Result<Arc<dyn Containers>, Obstacle> {
        self.clear()?;
        match &self.containers {
            Some(containers) => Ok(Arc::new(containers.clone())),
            None => Err(Obstacle::no_containers()),
        }
    }

    /// Measures no recall that was not set up.
    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle> {
        self.clear()?;
        let stored = self.collections.get(&(look.name.clone(), look.namespace.clone())).cloned();
        Ok(stored.map(|stored| Stored { recall: stored.recall.filter(|_| look.recall), ..stored }))
    }
}
