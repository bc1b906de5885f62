//! What happens while a shell looks on: one closed enum for everything that a shell may have to redraw.

use serde::Serialize;
use specta::Type;

use crate::view;

/// Names one piece of long work.
pub type TaskId = u32;

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Event {
    /// Long work goes on. Each task says `Started` once, then anything, then exactly one of `Finished`, `Failed`,
    /// `Cancelled`.
    Task {
        task: TaskId,
        step: TaskStep,
    },
    /// Statistics of a chat, sent just before its task finishes.
    Generated {
        task: TaskId,
        generation: view::Generation,
    },
    /// What a collection's index finds and how quickly, sent just before the task that measured it finishes.
    Measured {
        task: TaskId,
        stands: Vec<view::Stand>,
    },
    /// How engines compare on a collection, sent just before the task that compared them finishes.
    Compared {
        task: TaskId,
        comparison: Box<view::Comparison>,
    },
    /// The learner saved a file.
    Saved {
        lab: String,
        save: view::Save,
    },
    CheckStarted {
        lab: String,
        check: String,
    },
    CheckFinished {
        lab: String,
        outcome: view::Outcome,
    },
    /// The checks that a save, or the learner, asked for have all run, but for those of a run that was stopped.
    ReportFinished {
        lab: String,
        passed: u32,
        checks: u32,
        /// Ids of those that did not run.
        stopped: Vec<String>,
    },
    /// The workspace or its watch changed.
    WorkspaceChanged {
        lab: String,
        workspace: Option<view::Workspace>,
    },
    ServiceChanged {
        lab: String,
        service: view::Service,
    },
    ServiceLog {
        lab: String,
        service: String,
        line: String,
    },
    GatewayCall {
        lab: String,
        call: view::Call,
    },
    /// The lab's programs told of spans.
    SpansExported {
        lab: String,
    },
    /// A piece of what the lab's terminal shows: text and control sequences.
    TerminalOutput {
        lab: String,
        terminal: u32,
        text: String,
    },
    /// The terminal's shell is gone.
    TerminalEnded {
        lab: String,
        terminal: u32,
    },
    /// Something that did not stop the work but that the learner should know: no editor could be opened.
    Notice {
        problem: view::Problem,
    },
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "step", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum TaskStep {
    Started {
        title: String,
    },
    /// `total` is missing where it is not known. `unit` is `bytes` or `steps`.
    Progress {
        what: String,
        done: f64,
        total: Option<f64>,
        unit: String,
    },
    /// One of several things that the step of the last `Progress` is made of: a layer of an image. `share` is from 0 to 1.
    Part {
        name: String,
        what: String,
        share: f64,
    },
    /// A generated token's text, or a line that a program printed.
    Output {
        text: String,
    },
    Finished,
    Failed {
        problem: view::Problem,
    },
    Cancelled,
}

/// Where events go: the one shell that looks on. A shell that has left hears nothing, and nothing waits for it.
#[derive(Debug, Clone)]
pub struct Events(tokio::sync::mpsc::UnboundedSender<Event>);

impl Events {
    pub fn new(sender: tokio::sync::mpsc::UnboundedSender<Event>) -> Self {
        Self(sender)
    }

    pub fn send(&self, event: Event) {
        let _ = self.0.send(event);
    }
}
