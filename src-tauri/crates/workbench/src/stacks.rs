//! Stacks as a shell sees them: brought up from a compose file, stopped, taken down, listened to, looked into. A stack is named
//! by its file or, where that is gone, by the name in the list.

use std::{path::Path, sync::Arc};

use containers::{Compose, Engine, Wanted};
use task::Reporter;

use crate::{Problem, TaskId, Workbench, engine::Code, homes::MACHINE, view};

impl Workbench {
    pub async fn list_stacks(&self) -> Result<Vec<view::Stack>, Problem> {
        let stacks = self.containers().await?.stacks().await?;
        Ok(stacks.into_iter().map(listed).collect())
    }

    /// Brings a compose file's stack up. Says at its end where its ports are.
    pub fn stack_up(self: &Arc<Self>, file: String, variables: Vec<(String, String)>) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Starting a stack", |handle| async move {
            let engine = workbench.containers().await?;
            let (mut known, arguments) = workbench.told_to_containers(Path::new(&file), &engine).await?;
            known.extend(variables);
            let compose = Compose::read(Path::new(&file), &known)?.with_arguments(&arguments);
            if compose.tells(MACHINE)
                && let Err(error) = engine.reaches_this_machine()
            {
                handle.output(&Problem::from(error).told());
            }
            for service in listed(engine.up(&compose, &handle, &handle.cancellation).await?).services {
                handle.output(&service.line());
            }
            Ok(())
        })
    }

    pub fn stack_stop(self: &Arc<Self>, stack: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Stopping a stack", |handle| async move {
            let engine = workbench.containers().await?;
            let project = project(&engine, &stack).await?;
            Ok(engine.stop(&project, &handle, &handle.cancellation).await?)
        })
    }

    /// Takes a stack away; its volumes, which are data, only where they are asked for.
    pub fn stack_down(self: &Arc<Self>, stack: String, volumes: bool) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Taking a stack down", |handle| async move {
            let engine = workbench.containers().await?;
            let project = project(&engine, &stack).await?;
            Ok(engine.down(&project, volumes, &handle, &handle.cancellation).await?)
        })
    }

    pub fn stack_logs(self: &Arc<Self>, question: view::LogQuestion) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Reading a stack's log", |handle| async move {
            let engine = workbench.containers().await?;
            let project = project(&engine, &question.stack).await?;
            let view::LogQuestion { service, tail, follow, .. } = question;
            let wanted = Wanted { service, tail, follow };
            let show = |line: containers::Line| handle.output(&format!("{} | {}", line.service, line.text));
            Ok(engine.logs(&project, &wanted, &handle.cancellation, show).await?)
        })
    }

    /// Runs a command in a service. Its code is in what comes beside the task, once that has finished.
    pub fn stack_exec(self: &Arc<Self>, stack: String, service: String, command: Vec<String>) -> (TaskId, Code) {
        let (workbench, code) = (self.clone(), Code::default());
        let left = code.clone();
        let task = self.tasks.start("Running a command", |handle| async move {
            let engine = workbench.containers().await?;
            let project = project(&engine, &stack).await?;
            left.set(engine.exec(&project, &service, &command, &handle, &handle.cancellation).await?);
            Ok(())
        });
        (task, code)
    }

    pub async fn stack_usage(&self, stack: &str) -> Result<Vec<view::ServiceUsage>, Problem> {
        let engine = self.containers().await?;
        let found = engine.stack_usage(&project(&engine, stack).await?).await?;
        let usages = found.into_iter().map(|one| {
            let containers::Usage { cpus, memory, memory_limit, processes, received, sent } = one.usage;
            view::ServiceUsage {
                service: one.service,
                cpus,
                memory: memory as f64,
                memory_limit: memory_limit as f64,
                processes: u32::try_from(processes).unwrap_or(u32::MAX),
                received: received as f64,
                sent: sent as f64,
            }
        });
        Ok(usages.collect())
    }
}

/// What a stack's containers are labelled with. The file is not read: it may be broken, and the stack is to go all the same.
async fn project(engine: &Engine, stack: &str) -> Result<String, Problem> {
    let file = Path::new(stack).canonicalize().map(|file| file.display().to_string()).ok();
    let there = engine.stacks().await?;
    let found = there.into_iter().find(|one| one.project == stack || file.as_ref() == Some(&one.file));
    match (found, file) {
        (Some(found), _) => Ok(found.project),
        // Nothing of it runs; its networks and volumes may still be there.
        (None, Some(file)) => Ok(Compose::project_of(Path::new(&file))?),
        (None, None) => Err(containers::Error::NoStack { name: stack.to_owned() }.into()),
    }
}

fn listed(stack: containers::Listed) -> view::Stack {
    let services = stack.services.into_iter().map(|one| view::StackService {
        service: one.service,
        container: one.container,
        state: one.state,
        status: one.status,
        ports: one.ports.into_iter().map(|(host, container)| view::StackPort { host, container }).collect(),
    });
    view::Stack { name: stack.project, file: stack.file, services: services.collect() }
}

impl view::StackService {
    /// `web  Up 2 seconds (healthy)  http://127.0.0.1:8000 (80 inside)`
    pub fn line(&self) -> String {
        let ports = self.ports.iter().map(|port| format!("  127.0.0.1:{} ({} inside)", port.host, port.container));
        format!("{}  {}{}", self.service, self.status, ports.collect::<String>())
    }
}
