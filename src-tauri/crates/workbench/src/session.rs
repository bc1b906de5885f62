//! One started lab while somebody looks at it: its saves come in, its checks run in order, its outcomes are recorded and
//! then shown. No save is lost: saves wait in an unbounded queue, and one that concerns the check now running stops that
//! check and puts it back.
//!
//! A call or a span makes the checks due that read the gateway's record. These run no code, so looking causes no call. What
//! comes after one of them runs when its outcome turned, and only so often before the learner does something: whatever a
//! pack's checks do to each other, they come to rest.

mod asking;
mod due;
mod missed;

#[cfg(test)]
mod tests;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
};

use checks::{Context, Outcome, Prepared};
use jiff::Timestamp;
use journal::{Journal, ReportId};
use tokio::sync::mpsc;
use workspaces::{LiveProbe, Services, Surroundings, Terminal, Watcher, Workspace};

use crate::{
    Event, Events, Problem, keeping, outcome,
    record::WorkspaceRecord,
    session::due::{Ask, Due, with_followers},
    view::{self, Watch},
};

/// A started lab.
pub struct Session {
    pub lab: Arc<curriculum::Lab>,
    pub workspace: Workspace,
    pub services: Arc<Services>,
    surroundings: Surroundings,
    record: Arc<WorkspaceRecord>,
    prepared: Vec<Prepared>,
    /// What each check asserts, by its id.
    definitions: BTreeMap<String, String>,
    journal: Journal,
    events: Events,
    asks: mpsc::UnboundedSender<Ask>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    running: BTreeSet<String>,
    last_save: Option<view::Save>,
    /// The latest outcome of every check that ever ran.
    latest: BTreeMap<String, Outcome>,
    /// Checks whose latest outcome is a pass of before the lab changed them.
    stale: BTreeSet<String>,
    watcher: Option<Watcher>,
    /// The latest one opened, with its number.
    terminal: Option<(u32, Arc<Terminal>)>,
}

impl Session {
    /// Begins to serve a started lab. `latest` is what the journal knows of its checks.
    pub fn open(
        lab: Arc<curriculum::Lab>,
        workspace: Workspace,
        services: Arc<Services>,
        surroundings: Surroundings,
        record: WorkspaceRecord,
        events: Events,
        latest: BTreeMap<String, Outcome>,
    ) -> Result<Arc<Self>, Problem> {
        let prepared = checks::prepare(&lab).map_err(crate::pack::problem)?;
        let (asks, receiver) = mpsc::unbounded_channel();
        let definitions = checks::definitions(&lab, &prepared);
        let (journal, record) = (record.journal.clone(), Arc::new(record));
        let mut stale = keeping::standings(&journal, &workspace)?;
        stale.retain(|standing| definitions.get(&standing.check).is_some_and(|now| standing.stale(lab.version, now)));
        let stale = stale.into_iter().map(|standing| standing.check).collect();
        let session = Arc::new(Self {
            lab,
            workspace,
            services,
            surroundings,
            record,
            prepared,
            definitions,
            journal,
            events,
            asks,
            state: Mutex::new(State { latest, stale, ..State::default() }),
        });
        tokio::spawn(session.clone().serve(receiver));
        Ok(session)
    }

    /// Watches the folder and the gateway from now on, and asks for the checks of what was saved while nobody watched.
    pub async fn watch(&self) -> Result<(), Problem> {
        if self.state().watcher.is_some() {
            return Ok(());
        }
        let (watcher, mut saves) = Watcher::start(&self.workspace.folder, crate::DEBOUNCE)?;
        self.state().watcher = Some(watcher);
        let asks = self.asks.clone();
        tokio::spawn(async move {
            while let Some(batch) = saves.recv().await {
                if asks.send(Ask::Saved(batch)).is_err() {
                    return;
                }
            }
        });
        let (asks, mut ear) = (self.asks.clone(), self.record.door.traffic.of(self.workspace.id));
        tokio::spawn(async move {
            while let Some(heard) = ear.next().await {
                if asks.send(Ask::Heard(heard)).is_err() {
                    return;
                }
            }
        });
        let missed = self.missed();
        if !missed.is_empty() {
            let _ = self.asks.send(Ask::Run(missed, None));
        }
        Ok(())
    }

    /// Looks at nothing any more, and stops what runs for the lab.
    pub async fn close(&self) {
        self.state().watcher = None;
        // Ended after the state is free again.
        let terminal = self.state().terminal.take();
        hang_up(terminal).await;
        let _ = self.asks.send(Ask::End);
        self.services.stop().await;
    }

    /// Runs everything without waiting.
    pub fn ask_for_all(&self) {
        let _ = self.asks.send(Ask::Run((0..self.prepared.len()).collect(), None));
    }

    /// Stops the check that runs, and leaves those undone that are due; what is saved from now on is checked as ever.
    pub fn stop_checks(&self) {
        let _ = self.asks.send(Ask::Stop);
    }

    pub fn running(&self) -> Vec<String> {
        self.state().running.iter().cloned().collect()
    }

    pub fn outcome(&self, check: &str) -> Option<Outcome> {
        self.state().latest.get(check).cloned()
    }

    /// Whether the check's latest outcome is a pass of before the lab changed it.
    pub fn is_stale(&self, check: &str) -> bool {
        self.state().stale.contains(check)
    }

    pub fn view(&self) -> view::Workspace {
        let state = self.state();
        view::Workspace {
            path: self.workspace.folder.display().to_string(),
            created_at: self.workspace.created_at.to_string(),
            watch: match state.watcher.as_ref().map(Watcher::mode) {
                None => Watch::Off,
                Some(workspaces::Mode::Events) => Watch::Events,
                Some(workspaces::Mode::Polling) => Watch::Polling,
            },
            last_save: state.last_save.clone(),
        }
    }

    async fn serve(self: Arc<Self>, mut asks: mpsc::UnboundedReceiver<Ask>) {
        let mut due = Due::default();
        while !due.ended
            && let Some(ask) = asks.recv().await
        {
            let may_be_idle = matches!(ask, Ask::Heard(_) | Ask::Stop);
            self.take(ask, None, &mut due).await;
            if !due.ended && (!may_be_idle || !due.checks.is_empty()) {
                self.run(&mut asks, &mut due).await;
            }
        }
    }

    /// Notes what an ask makes due while a check, or none, is running.
    async fn take(&self, ask: Ask, running: Option<usize>, due: &mut Due) {
        match ask {
            Ask::Run(checks, waiting) => {
                due.checks.extend(checks);
                due.waiting.extend(waiting);
                due.turns = 0;
            }
            Ask::Stop => due.stop(running),
            Ask::End => due.end(),
            Ask::Heard(heard) => {
                let concerned = |check: &Prepared| {
                    (heard.calls && check.concerns_calls()) || (heard.spans && check.concerns_spans())
                };
                let all = self.prepared.iter().enumerate();
                due.checks.extend(all.filter(|(_, check)| concerned(check)).map(|(index, _)| index));
            }
            Ask::Saved(saves) => {
                self.touch();
                due.turns = 0;
                for saved in saves {
                    let save = view::Save { path: saved.path.clone(), at: saved.at.to_string() };
                    self.state().last_save = Some(save.clone());
                    self.events.send(Event::Saved { lab: self.lab.slug.clone(), save });
                    for service in self.services.concerned(&saved.path) {
                        service.restart().await;
                    }
                    due.checks.extend(checks::concerned(&self.prepared, &saved.path));
                }
            }
        }
    }

    /// Runs what is due until nothing is.
    async fn run(&self, asks: &mut mpsc::UnboundedReceiver<Ask>, due: &mut Due) {
        let probe = match self.probe() {
            Ok(probe) => probe,
            Err(obstacle) => return tracing::error!(%obstacle, "no check can run"),
        };
        let mut report = None;
        loop {
            let next = due.next(&self.prepared, &self.state().latest);
            let Some(index) = next else { break };
            let prepared = &self.prepared[index];
            self.state().running.insert(prepared.id().to_owned());
            self.events.send(Event::CheckStarted { lab: self.lab.slug.clone(), check: prepared.id().into() });
            let earlier = self.state().latest.clone();
            let context = Context { probe: &probe, earlier: &earlier };
            let mut running = std::pin::pin!(async {
                // Before each: they may have been edited while another ran.
                match workspaces::restore_fixed(&self.workspace, &self.lab) {
                    Ok(_) => checks::run(prepared, &context).await,
                    Err(error) => outcome::unchecked(prepared.id(), &error.into()),
                }
            });
            let finished = loop {
                tokio::select! {
                    outcome = &mut running => break Some(outcome),
                    Some(ask) = asks.recv() => {
                        self.take(ask, Some(index), due).await;
                        if due.ended || due.checks.contains(&index) || due.stopped.contains(&index) {
                            break None;
                        }
                    }
                }
            };
            self.state().running.remove(prepared.id());
            if let Some(outcome) = finished {
                let turned = earlier.get(prepared.id()).is_none_or(|before| before.status != outcome.status);
                due.follow(with_followers(&self.prepared, prepared.id()).into_iter().skip(1), turned);
                self.keep(&mut report, outcome).await;
                // Who waits for all is answered below, when the report is complete.
                if !due.checks.is_empty() {
                    self.answer(due);
                }
            }
        }
        if let Some(report) = report
            && let Err(error) = self.journal.finish_report(report, Timestamp::now())
        {
            tracing::warn!(%error, "the end of a report was not recorded");
        }
        let outcomes = self.outcomes();
        self.events.send(Event::ReportFinished {
            lab: self.lab.slug.clone(),
            passed: outcomes
                .iter()
                .filter(|outcome| outcome.status == checks::Status::Passed && !self.is_stale(&outcome.check))
                .count() as u32,
            checks: self.prepared.len() as u32,
            stopped: std::mem::take(&mut due.stopped)
                .into_iter()
                .map(|index| self.prepared[index].id().to_owned())
                .collect(),
        });
        self.answer(due);
    }

    /// Tells those who wait for nothing more that is due.
    fn answer(&self, due: &mut Due) {
        for waiting in due.served() {
            let _ = waiting.sender.send(self.outcomes());
        }
    }

    /// The latest of each check, in the lab's order.
    fn outcomes(&self) -> Vec<Outcome> {
        let latest = &self.state().latest;
        self.prepared.iter().filter_map(|check| latest.get(check.id()).cloned()).collect()
    }

    /// Records an outcome, then shows it. One that could not be recorded is shown as an error that says why.
    async fn keep(&self, report: &mut Option<ReportId>, outcome: Outcome) {
        let journal = self.journal.clone();
        let row = outcome::to_row(&outcome, self.definitions.get(&outcome.check));
        let (workspace, version, begun) = (self.workspace.id, self.lab.version, *report);
        let recorded = tokio::task::spawn_blocking(move || {
            let report = match begun {
                Some(report) => report,
                None => journal.begin_report(workspace, version, row.started_at)?,
            };
            journal.record_outcome(report, &row).map(|()| report)
        });
        let outcome = match recorded.await {
            Ok(Ok(recorded)) => {
                *report = Some(recorded);
                outcome
            }
            Ok(Err(error)) => outcome::unrecorded(outcome, &error.into()),
            Err(error) => outcome::unrecorded(outcome, &Problem::broken(&error.to_string())),
        };
        self.state().stale.remove(&outcome.check);
        let shown = self.show(&outcome);
        self.state().latest.insert(outcome.check.clone(), outcome);
        self.events.send(Event::CheckFinished { lab: self.lab.slug.clone(), outcome: shown });
    }

    pub fn find(&self, id: &str) -> Option<&curriculum::Check> {
        self.lab.steps.iter().flat_map(|step| &step.checks).find(|check| check.id == id)
    }

    /// An outcome with the hint that was written for it, if one was.
    pub fn show(&self, outcome: &Outcome) -> view::Outcome {
        let hint = self.find(&outcome.check).and_then(|check| checks::hint(check, outcome));
        outcome::view(outcome, self.is_stale(&outcome.check), hint.map(str::to_owned))
    }

    /// What the workspace's programs told of themselves since then.
    pub async fn spans(&self, since: Timestamp) -> Result<gateway::Spans, checks::Obstacle> {
        self.record.door.spans(self.workspace.id, &self.record.key, since).await
    }

    /// A fresh look at the workspace, for one report.
    pub fn probe(&self) -> Result<LiveProbe, checks::Obstacle> {
        LiveProbe::new(self.surroundings.clone(), self.services.clone(), self.record.clone())
    }

    pub fn surroundings(&self) -> &Surroundings {
        &self.surroundings
    }

    /// Keeps a terminal for as long as the lab is served, in place of the one before. Answers with its number.
    pub async fn keep_terminal(&self, terminal: Terminal) -> u32 {
        // One that a session before this one had may still tell of its end.
        static NUMBERS: AtomicU32 = AtomicU32::new(1);
        let number = NUMBERS.fetch_add(1, Ordering::Relaxed);
        let before = self.state().terminal.replace((number, Arc::new(terminal)));
        hang_up(before).await;
        number
    }

    /// The terminal of this number, unless another took its place.
    pub fn terminal(&self, number: u32) -> Option<Arc<Terminal>> {
        self.state().terminal.as_ref().filter(|(known, _)| *known == number).map(|(_, terminal)| terminal.clone())
    }

    /// Counts this moment as time on task.
    pub fn touch(&self) {
        if let Err(error) = self.journal.touch(self.workspace.id, Timestamp::now()) {
            tracing::warn!(%error, "time on task was not recorded");
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Ends a terminal, which may take a while, where that holds up nothing else.
async fn hang_up(terminal: Option<(u32, Arc<Terminal>)>) {
    if terminal.is_some()
        && let Err(error) = tokio::task::spawn_blocking(move || drop(terminal)).await
    {
        tracing::warn!(%error, "a terminal did not end");
    }
}
