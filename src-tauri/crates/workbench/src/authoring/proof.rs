//! One proof: a workspace of its own, made as a learner's is, and what its checks must say.
//!
//! It runs in a workbench of its own, with a journal, a gateway and keys of its own and the model that all share, so that
//! nothing of it is seen in the author's own record.

use std::{
    collections::BTreeMap,
    net::TcpStream,
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};

use checks::{Command, Exit, Outcome, Probe as _, Status};
use curriculum::{Lab, Mutant, Pack, RecordedCall, Role, Run, WrittenEntry};
use jiff::Timestamp;
use tempfile::TempDir;
use workspaces::{Environment, State, path_text};

use crate::{
    Events, Problem, Workbench,
    authoring::{
        overlay::{contents, files, lay_over},
        verify::{Case, Spent},
    },
    session::Session,
    shelf::Opened,
    view,
};

/// What a case sets out to show.
pub enum Goal {
    /// Fails first on its named check.
    Starter,
    /// Passes twice, and leaves nothing behind.
    Solution,
    /// Fails the checks that it names, and no others; in a quick proof the others are not asked.
    Mutant { mutant: Mutant, quick: bool },
}

impl Goal {
    /// `starter`, `solution`, `mutant fixed-port`.
    pub fn name(&self) -> String {
        match self {
            Self::Starter => "starter".into(),
            Self::Solution => "solution".into(),
            Self::Mutant { mutant, .. } => format!("mutant {}", mutant.name),
        }
    }
}

/// Bytes kept of what a block prints.
const OUTPUT_CAP: usize = 64 << 10;
const BLOCK_MEMORY_MB: u32 = 2048;
/// Where no container can run, blocks for Docker are not shown to a learner either.
const DOCKER: bool = false;

/// Makes the workspace, runs its checks, and says what they prove. An error is ours or the machine's.
pub async fn prove(
    author: &Workbench,
    pack: Arc<Pack>,
    lab: &Arc<Lab>,
    python: Option<Environment>,
    goal: &Goal,
) -> Result<Case, Problem> {
    let clock = Instant::now();
    let home = tempfile::Builder::new().prefix("groundwork-verify-").tempdir().map_err(|error| disk(&error))?;
    let bench = apart(author, pack, &home).await?;
    let session = bench.begin(lab, python).await?;
    let mut watch = Watch::default();
    let proved = match goal {
        Goal::Starter => starter(&session, &mut watch).await,
        Goal::Solution => solution(&bench, &session, &mut watch).await,
        Goal::Mutant { mutant, quick } => caught(&bench, &session, mutant, *quick, &mut watch).await,
    };
    bench.forget_image(lab, session.workspace.id).await;
    let urls = urls(&session);
    bench.close().await;
    let proved = proved?;
    watch.left_behind(&session, &urls);
    let seconds = clock.elapsed().as_secs_f64();
    let checks: f64 = watch.spent.values().map(|(_, seconds)| seconds).sum();
    let rest = Spent { on: "workspace, services, journal".into(), times: 1, seconds: (seconds - checks).max(0.0) };
    let spent = watch.spent.into_iter().map(|(on, (times, seconds))| Spent { on, times, seconds });
    Ok(Case { name: goal.name(), proved, complaints: watch.complaints, seconds, spent: spent.chain([rest]).collect() })
}

/// A workbench with nobody else's record in it.
async fn apart(author: &Workbench, pack: Arc<Pack>, home: &TempDir) -> Result<Workbench, Problem> {
    let mut options = author.options.clone();
    options.data = home.path().join("data");
    options.workspaces = home.path().join("workspaces");
    options.port = 0;
    let installed = author.installed.clone();
    // Nobody listens: an author sees the report.
    let events = Events::new(tokio::sync::mpsc::unbounded_channel().0);
    let opening = tokio::task::spawn_blocking(move || {
        let journal = journal::Journal::open(&options.data.join("journal.db"))?;
        // The author asks for the proof: it may run.
        let opened = Opened { pack, digest: None, instead: None };
        Workbench::assemble(options, journal, Ok(opened), installed, events)
    });
    opening.await.map_err(|error| Problem::broken(&error.to_string()))?
}

/// What went wrong so far, and what took how long.
#[derive(Default)]
struct Watch {
    complaints: Vec<String>,
    spent: BTreeMap<String, (u32, f64)>,
}

impl Watch {
    fn spend(&mut self, on: String, seconds: f64) {
        let spent = self.spent.entry(on).or_default();
        spent.0 += 1;
        spent.1 += seconds;
    }

    async fn check(&mut self, session: &Session) -> Result<Vec<Outcome>, Problem> {
        let outcomes = session.check_all().await?;
        self.spend_on(&outcomes);
        Ok(outcomes)
    }

    fn spend_on(&mut self, outcomes: &[Outcome]) {
        for outcome in outcomes.iter().filter(|outcome| outcome.status != Status::Blocked) {
            self.spend(format!("check {}", outcome.check), outcome.millis / 1e3);
        }
    }

    /// Processes and ports that outlived the workspace's services.
    fn left_behind(&mut self, session: &Session, urls: &[String]) {
        #[cfg(target_os = "linux")]
        for name in workspaces::processes_in(&session.workspace.folder) {
            self.complaints.push(format!("the process `{name}` still runs in the workspace"));
        }
        let _ = session;
        for url in urls.iter().filter(|url| answers(url)) {
            self.complaints.push(format!("something still listens at {url}"));
        }
    }
}

async fn starter(session: &Session, watch: &mut Watch) -> Result<String, Problem> {
    let named = &session.lab.starter_fails_on;
    let outcomes = watch.check(session).await?;
    match outcomes.iter().find(|outcome| outcome.status != Status::Passed) {
        Some(first) if first.check == *named && first.status == Status::Failed => {}
        Some(first) => watch
            .complaints
            .push(format!("the starter has to fail first on `{named}`, and {} comes first", told(first))),
        None => watch.complaints.push(format!("the starter passes every check, and has to fail on `{named}`")),
    }
    Ok(format!("fails first on {named}"))
}

async fn solution(bench: &Workbench, session: &Session, watch: &mut Watch) -> Result<String, Problem> {
    solve(bench, session, None)?;
    let folder = &session.workspace.folder;
    let made = |path: &str| session.lab.files.iter().any(|file| file.path == path && file.role == Role::Watch);
    let given: Vec<String> = given(&session.lab).into_iter().filter(|path| !made(path)).collect();
    let before = contents(folder, given.iter().map(String::as_str));
    for round in ["first", "second"] {
        let outcomes = watch.check(session).await?;
        for outcome in outcomes.iter().filter(|outcome| outcome.status != Status::Passed) {
            watch.complaints.push(format!("in the {round} round, {}", told(outcome)));
        }
    }
    let after = contents(folder, given.iter().map(String::as_str));
    for (path, _) in before.iter().filter(|(path, was)| after.get(*path) != Some(*was)) {
        watch.complaints.push(format!("the checks changed `{path}`; a check only reads"));
    }
    extra(session, watch).await?;
    let mut blocks = 0;
    for run in curriculum::runs(&session.lab) {
        if curriculum::shown(&run, DOCKER) {
            block(session, &run, watch).await?;
            blocks += 1;
        }
    }
    extra(session, watch).await?;
    let checks: usize = session.lab.steps.iter().map(|step| step.checks.len()).sum();
    Ok(format!("passes {checks} checks twice, {blocks} blocks run, nothing is left behind"))
}

async fn caught(
    bench: &Workbench,
    session: &Session,
    mutant: &Mutant,
    quick: bool,
    watch: &mut Watch,
) -> Result<String, Problem> {
    solve(bench, session, Some(mutant))?;
    lay_over(&mutant.folder, &session.workspace.folder).map_err(|error| disk(&error))?;
    let changed: Vec<String> = files(&mutant.folder).map(|(path, _)| path_text(&path)).collect();
    let entries = changed.iter().any(|path| path == curriculum::ENTRIES);
    let mut outcomes = match quick {
        true => session.check_named(&mutant.fails).await?,
        false => session.check_saved(&changed, entries).await?,
    };
    // What a save of these files does not concern is as the solution has it, unless the mutant says otherwise.
    if mutant.fails.iter().any(|named| !outcomes.iter().any(|outcome| outcome.check == *named)) {
        outcomes = session.check_all().await?;
    }
    watch.spend_on(&outcomes);
    for outcome in &outcomes {
        let named = mutant.fails.contains(&outcome.check);
        match outcome.status {
            Status::Failed if named => {}
            Status::Failed | Status::Error => {
                watch.complaints.push(format!("mutant.toml does not say that {}", told(outcome)));
            }
            Status::Passed | Status::Blocked if named => {
                watch.complaints.push(format!(
                    "mutant.toml says that `{}` fails, and {}",
                    outcome.check,
                    told(outcome)
                ));
            }
            Status::Passed | Status::Blocked => {}
        }
    }
    Ok(format!("fails {}", mutant.fails.join(", ")))
}

/// Lays the solution down, answers every question as it says, and writes its entries and calls into the journal, or the
/// mutant's.
fn solve(bench: &Workbench, session: &Session, mutant: Option<&Mutant>) -> Result<(), Problem> {
    lay_over(&session.lab.folder.join("solution"), &session.workspace.folder).map_err(|error| disk(&error))?;
    for check in session.lab.steps.iter().flat_map(|step| &step.checks) {
        if let Some(quiz) = checks::quiz(check) {
            bench.journal.record_answer(session.workspace.id, &check.id, &quiz.answer, Timestamp::now())?;
        }
    }
    let lab = &*session.lab;
    let pack = lab.folder.parent().unwrap_or(&lab.folder);
    for WrittenEntry { sort, title, text, url } in said(mutant, |folder| curriculum::entries(pack, lab, folder))? {
        bench.record(session, view::NewEntry { sort, title, text, url })?;
    }
    for call in said(mutant, |folder| curriculum::calls(pack, lab, folder))? {
        bench.journal.record_call(session.workspace.id, &row(call)?)?;
    }
    Ok(())
}

/// What the mutant says, or else the solution.
fn said<T>(
    mutant: Option<&Mutant>,
    read: impl Fn(&Path) -> Result<Option<Vec<T>>, curriculum::Problem>,
) -> Result<Vec<T>, Problem> {
    let own = mutant.map(|mutant| read(&Path::new("mutants").join(&mutant.name))).transpose()?.flatten();
    match own {
        Some(own) => Ok(own),
        None => Ok(read(Path::new("solution"))?.unwrap_or_default()),
    }
}

/// As the gateway had recorded it.
fn row(call: RecordedCall) -> Result<journal::Call, Problem> {
    let at = call.at.parse().map_err(|error: jiff::Error| {
        let message = format!("No call can have been made at `{}`: {error}.", call.at);
        Problem::new("verify.calls", message, "Correct the time in calls.toml.")
    })?;
    Ok(journal::Call {
        at,
        method: "POST".into(),
        path: call.path,
        dialect: call.dialect,
        status: call.status,
        model: Some(call.model),
        stream: call.stream,
        prompt_tokens: call.prompt_tokens,
        cached_tokens: 0,
        completion_tokens: call.completion_tokens,
        finish_reason: None,
        first_token_ms: call.first_token_ms,
        millis: call.millis,
        cost: None,
        currency: None,
        error: None,
        injected: false,
        started: false,
    })
}

/// Files of the starter, the solution and the description, and those shared with other labs: what may be in a solved
/// workspace.
fn given(lab: &Lab) -> Vec<String> {
    let solution = (lab.folder.join("solution"), "");
    let folders = lab.sources().into_iter().chain([solution]);
    let laid = folders.flat_map(|(folder, at)| files(&folder).map(|(name, _)| Path::new(at).join(name)));
    laid.map(|name| path_text(&name)).chain(lab.files.iter().map(|file| file.path.clone())).collect()
}

async fn extra(session: &Session, watch: &mut Watch) -> Result<(), Problem> {
    let given = given(&session.lab);
    let there = session.probe().map_err(obstacle)?.list("").await.map_err(obstacle)?;
    for path in there.into_iter().filter(|path| !given.contains(path)) {
        let complaint = format!("`{path}` was left behind; give it the role \"watch\" if it belongs there");
        if !watch.complaints.contains(&complaint) {
            watch.complaints.push(complaint);
        }
    }
    Ok(())
}

async fn block(session: &Session, run: &Run, watch: &mut Watch) -> Result<(), Problem> {
    let command = Command {
        argv: ["sh", "-eu", "-c", &run.script].map(str::to_owned).into(),
        stdin: None,
        env: BTreeMap::new(),
        timeout: run.within,
        memory_mb: BLOCK_MEMORY_MB,
        output_cap: OUTPUT_CAP,
    };
    let ran = session.probe().map_err(obstacle)?.run(&command).await.map_err(obstacle)?;
    let page = run.place.file.file_name().unwrap_or_default().to_string_lossy();
    watch.spend(format!("block {page}:{}", run.place.line), ran.elapsed.as_secs_f64());
    if ran.exit == Exit::Code(run.exits) {
        return Ok(());
    }
    let ended = match ran.exit {
        Exit::Code(code) => format!("ends with {code}, not {}", run.exits),
        Exit::Signal(signal) => format!("is ended by signal {signal}"),
        Exit::TimedOut => format!("runs longer than {} seconds", run.within.as_secs()),
        Exit::NotFound => "needs a shell, and none was found".into(),
        Exit::OutOfMemory => format!("takes more than {BLOCK_MEMORY_MB} MB"),
    };
    let said = if ran.stderr.trim().is_empty() { &ran.stdout } else { &ran.stderr };
    let last: Vec<&str> = said.trim().lines().rev().take(3).collect();
    let last = last.into_iter().rev().collect::<Vec<_>>().join("\n");
    watch.complaints.push(format!("{}: the block {ended}\n{last}", run.place).trim_end().to_owned());
    Ok(())
}

/// An outcome in a line or two.
fn told(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Blocked => "was blocked",
        Status::Error => "could not run",
    };
    let mut told = format!("`{}` {status}: {}", outcome.check, outcome.summary);
    for (name, text) in [("expected", &outcome.expected), ("actual", &outcome.actual)] {
        if let Some(text) = text.as_deref().filter(|_| outcome.status != Status::Passed) {
            told.push_str(&format!("\n{name}: {}", text.trim_end()));
        }
    }
    told
}

/// Where the services answer now.
fn urls(session: &Session) -> Vec<String> {
    let url = |state| match state {
        State::Ready { url } => Some(url),
        _ => None,
    };
    session.services.iter().filter_map(|service| url(service.state())).collect()
}

fn answers(url: &str) -> bool {
    let address = url.trim_start_matches("http://").parse();
    address.is_ok_and(|address| TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok())
}

fn disk(error: &std::io::Error) -> Problem {
    let next_step = "Make room in the folder for temporary files, then try again.";
    Problem::new("verify.disk", format!("A workspace for the proof cannot be made: {error}."), next_step)
}

fn obstacle(obstacle: checks::Obstacle) -> Problem {
    Problem::new("verify.obstacle", obstacle.message, obstacle.next_step)
}
