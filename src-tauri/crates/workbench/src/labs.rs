//! Labs: start, look at, check, answer, and the programs and calls that belong to one.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use jiff::Timestamp;
use task::{Cancellation, Progress, Reporter, Silent};
use workspaces::{Environment, EnvironmentRequest, Services, Surroundings, Workspace};

use crate::{
    Event, Problem, TaskId, Workbench, consent, homes::Home, keeping, key, outcome, pack, programs, record,
    session::Session, tasks::Handle, view,
};

/// The Python packages of a lab; one without it needs no Python.
pub(crate) const REQUIREMENTS: &str = "starter/requirements.txt";

impl Workbench {
    /// Makes the lab's workspace and Python environment, runs its checks once, and opens the learner's editor.
    pub fn start_lab(self: &Arc<Self>, slug: &str, open_editor: bool) -> Result<TaskId, Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        self.permit()?;
        let workbench = self.clone();
        let title = format!("Starting {}", lab.title);
        Ok(self.tasks.start(&title, move |handle| async move { workbench.make(lab, open_editor, handle).await }))
    }

    async fn make(
        self: Arc<Self>,
        lab: Arc<curriculum::Lab>,
        open_editor: bool,
        handle: Handle,
    ) -> Result<(), Problem> {
        let python = self.environment(&lab, &handle, &handle.cancellation).await?;
        let session = self.begin(&lab, python).await?;
        session.touch();
        if open_editor && let Err(problem) = self.open_files(&session, None, None).await {
            self.events.send(Event::Notice { problem });
        }
        let event = Event::WorkspaceChanged { lab: lab.slug.clone(), workspace: Some(session.view()) };
        self.events.send(event);
        Ok(())
    }

    /// The lab's workspace, made unless it is there, and its session.
    pub(crate) async fn begin(
        &self,
        lab: &Arc<curriculum::Lab>,
        python: Option<Environment>,
    ) -> Result<Arc<Session>, Problem> {
        let known = self.journal.workspace_of_lab(lab.id)?;
        let parent = known.as_ref().and_then(|known| known.folder.parent().map(PathBuf::from));
        let parent = match parent {
            Some(parent) => parent,
            None => self.folder_for_labs()?,
        };
        let workspace = workspaces::create(&parent, lab)?;
        let key = key::of(&workspace)?;
        self.journal.record_workspace(&journal::Workspace {
            id: workspace.id,
            lab: lab.id,
            slug: lab.slug.clone(),
            pack: self.pack()?.id,
            lab_version: workspace.lab_version,
            folder: workspace.folder.clone(),
            key_hash: gateway::hash_key(&key),
            created_at: workspace.created_at,
        })?;
        self.leave(&lab.slug).await;
        self.open_session(lab, python).await
    }

    /// Ends the session of a lab, its services too.
    async fn leave(&self, slug: &str) {
        let before = self.sessions.lock().await.remove(slug);
        if let Some(before) = before {
            before.close().await;
        }
    }

    /// Serves a started lab anew, with the variables that its programs get now.
    pub(crate) async fn serve_anew(&self, lab: &Arc<curriculum::Lab>) -> Result<(), Problem> {
        self.leave(&lab.slug).await;
        self.session(lab).await.map(drop)
    }

    /// Where workspaces are made. An installed pack has a folder of its own: its labs may be called like others.
    fn folder_for_labs(&self) -> Result<PathBuf, Problem> {
        let opened = self.opened()?;
        let all = &self.options.workspaces;
        Ok(if opened.digest.is_some() { all.join(folder_name(&opened.pack)) } else { all.clone() })
    }

    /// Everything the Lab screen shows. From now on the lab's workspace is watched.
    pub async fn lab(&self, slug: &str) -> Result<view::Lab, Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        let session = self.session_if_any(&lab).await?;
        if let Some(session) = &session {
            session.watch().await?;
            let workspace = Some(session.view());
            self.events.send(Event::WorkspaceChanged { lab: lab.slug.clone(), workspace });
        }
        self.shown(&lab, session.as_deref())
    }

    /// The same at a glance: nothing is watched, and no check runs for it.
    pub async fn glance_at_lab(&self, slug: &str) -> Result<view::Lab, Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        let session = self.session_if_any(&lab).await?;
        self.shown(&lab, session.as_deref())
    }

    fn shown(&self, lab: &curriculum::Lab, session: Option<&Session>) -> Result<view::Lab, Problem> {
        let docker = workspaces::has_docker(&self.options.search_path);
        Ok(view::Lab {
            slug: lab.slug.clone(),
            title: lab.title.clone(),
            summary: lab.summary.clone(),
            minutes: lab.minutes,
            skills: lab.skills.clone(),
            needs: needs(lab),
            consent: self.consent()?,
            workspace: session.map(Session::view),
            new_version: session.map(keeping::new_version).transpose()?.flatten(),
            services: session.map(|session| programs::view(&session.services)).unwrap_or_default(),
            running: session.map(Session::running).unwrap_or_default(),
            resources: self.resources_about(&lab.slug),
            steps: lab
                .steps
                .iter()
                .map(|step| {
                    Ok(view::Step {
                        id: step.id.clone(),
                        title: step.title.clone(),
                        guide: curriculum::page(lab, step, docker),
                        checks: step.checks.iter().map(|check| self.check(session, check)).collect::<Result<_, _>>()?,
                    })
                })
                .collect::<Result<_, Problem>>()?,
        })
    }

    /// A started lab's workspace.
    pub async fn workspace(&self, slug: &str) -> Result<view::Workspace, Problem> {
        Ok(self.started(slug).await?.view())
    }

    fn check(&self, session: Option<&Session>, check: &curriculum::Check) -> Result<view::Check, Problem> {
        let found = session.and_then(|session| session.outcome(&check.id));
        let chosen = match session {
            Some(session) => self.journal.answer(session.workspace.id, &check.id)?.unwrap_or_default(),
            None => Vec::new(),
        };
        Ok(view::Check {
            id: check.id.clone(),
            title: check.title.clone(),
            kind: check.kind.clone(),
            outcome: session.zip(found).map(|(session, found)| session.show(&found)),
            hints: check.hints.clone(),
            quiz: checks::quiz(check).map(|quiz| view::Quiz {
                question: quiz.question,
                several: quiz.answer.len() > 1,
                options: quiz.options.into_iter().map(|o| view::QuizOption { id: o.id, text: o.text }).collect(),
                chosen,
            }),
            entry: checks::entry(check).map(|asked| view::AskedEntry {
                sort: asked.sort,
                at_least: u32::try_from(asked.at_least).unwrap_or(u32::MAX),
                min_words: u32::try_from(asked.min_words).unwrap_or(u32::MAX),
                url: asked.url,
            }),
        })
    }

    /// Runs every check once, in order.
    pub async fn check_lab(&self, slug: &str) -> Result<Vec<view::Outcome>, Problem> {
        let session = self.started(slug).await?;
        session.touch();
        let found = session.check_all().await?;
        Ok(found.iter().map(|found| session.show(found)).collect())
    }

    /// Stops the run of checks, if one goes on.
    pub async fn stop_checks(&self, slug: &str) -> Result<(), Problem> {
        self.started(slug).await?.stop_checks();
        Ok(())
    }

    /// Records an answer and judges it.
    pub async fn answer_quiz(&self, slug: &str, check: &str, chosen: Vec<String>) -> Result<view::Outcome, Problem> {
        let session = self.started(slug).await?;
        let quiz = session.find(check).and_then(checks::quiz).ok_or_else(|| {
            let next_step = format!("Run `groundwork lab check {slug}` to see the lab's checks.");
            Problem::new("quiz.unknown", format!("The lab {slug} has no question called {check}."), next_step)
        })?;
        if let Some(unknown) = chosen.iter().find(|id| !quiz.options.iter().any(|option| option.id == **id)) {
            let ids: Vec<&str> = quiz.options.iter().map(|option| option.id.as_str()).collect();
            let message = format!("The question {check} has no option {unknown:?}.");
            return Err(Problem::new("quiz.option", message, format!("Choose from {}.", ids.join(", "))));
        }
        session.touch();
        self.journal.record_answer(session.workspace.id, check, &chosen, Timestamp::now())?;
        Ok(session.show(&session.check_one(check).await?))
    }

    /// Opens the workspace, or one of its files at a line, in the learner's editor.
    pub async fn open_editor(&self, slug: &str, path: Option<&str>, line: Option<u32>) -> Result<(), Problem> {
        let session = self.started(slug).await?;
        session.touch();
        self.open_files(&session, path, line).await
    }

    async fn open_files(&self, session: &Session, path: Option<&str>, line: Option<u32>) -> Result<(), Problem> {
        let editor = self.editor()?;
        let first = session.lab.files.iter().find(|file| file.open).map(|file| file.path.as_str());
        let file = path.or(first).filter(|path| curriculum::unfit(path).is_none());
        let file = file.map(|path| session.workspace.folder.join(path));
        let file = file.as_deref().filter(|file| file.exists()).map(|file| (file, line.unwrap_or(1)));
        Ok(editor.open(&session.workspace.folder, file).await?)
    }

    pub async fn start_service(&self, slug: &str, name: &str) -> Result<(), Problem> {
        self.started(slug).await?.services.get(name)?.restart().await;
        Ok(())
    }

    pub async fn stop_service(&self, slug: &str, name: &str) -> Result<(), Problem> {
        self.started(slug).await?.services.get(name)?.stop().await;
        Ok(())
    }

    pub async fn service_log(&self, slug: &str, name: &str) -> Result<Vec<String>, Problem> {
        Ok(self.started(slug).await?.services.get(name)?.log())
    }

    /// A started lab with what the journal has of its workspace.
    pub(crate) fn recorded(&self, slug: &str) -> Result<(Arc<curriculum::Lab>, journal::Workspace), Problem> {
        let lab = pack::lab(&*self.pack()?, slug)?;
        let row = self.journal.workspace_of_lab(lab.id)?.ok_or_else(|| Problem::not_started(slug))?;
        Ok((lab, row))
    }

    pub(crate) async fn started(&self, slug: &str) -> Result<Arc<Session>, Problem> {
        self.session(&pack::lab(&*self.pack()?, slug)?).await
    }

    /// The session of a started lab, opened if need be.
    async fn session(&self, lab: &Arc<curriculum::Lab>) -> Result<Arc<Session>, Problem> {
        if let Some(session) = self.sessions.lock().await.get(&lab.slug) {
            return Ok(session.clone());
        }
        if self.journal.workspace_of_lab(lab.id)?.is_none() {
            return Err(Problem::not_started(&lab.slug));
        }
        self.permit()?;
        let python = self.environment(lab, &Silent, &Cancellation::new()).await?;
        self.open_session(lab, python).await
    }

    /// `None` for a lab that is not started, and for one of a pack that is not allowed.
    async fn session_if_any(&self, lab: &Arc<curriculum::Lab>) -> Result<Option<Arc<Session>>, Problem> {
        match self.session(lab).await {
            Ok(session) => Ok(Some(session)),
            Err(problem) if ["lab.not_started", consent::NOT_ALLOWED].contains(&problem.code.as_str()) => Ok(None),
            Err(problem) => Err(problem),
        }
    }

    async fn open_session(
        &self,
        lab: &Arc<curriculum::Lab>,
        python: Option<Environment>,
    ) -> Result<Arc<Session>, Problem> {
        let mut sessions = self.sessions.lock().await;
        if let Some(session) = sessions.get(&lab.slug) {
            return Ok(session.clone());
        }
        let row = self.journal.workspace_of_lab(lab.id)?.ok_or_else(|| Problem::not_started(&lab.slug))?;
        let workspace = Workspace::known(&row.folder, row.id)?;
        if let Err(error) = workspaces::snapshots(&workspace) {
            tracing::warn!(%error, "what an exchange of files left behind was not looked at");
        }
        self.open_gateway().await;
        let key = key::of(&workspace)?;
        let key_hash = gateway::hash_key(&key);
        // A key that was lost, or renewed by a program that was ended half way.
        if row.key_hash != key_hash {
            self.journal.record_workspace(&journal::Workspace { key_hash, ..row })?;
        }
        let variables = variables(&self.door.root_for_programs(), &key, &lab.slug);
        workspaces::write_activation(&workspace, &variables, python.as_ref())?;
        let surroundings = Surroundings {
            folder: workspace.folder.clone(),
            kept: workspace.kept(),
            search_path: self.options.search_path.clone(),
            python,
            variables,
            started: self::variables(&self.door.root_for_programs(), &key::started(&key), &lab.slug),
        };
        let services = Arc::new(Services::new(&lab.services, &surroundings)?);
        programs::follow(&lab.slug, &services, &self.events);
        let latest = self.journal.latest_outcomes(workspace.id)?;
        let latest: BTreeMap<_, _> =
            latest.into_iter().map(|row| (row.check.clone(), outcome::from_row(row))).collect();
        let record = record::WorkspaceRecord {
            journal: self.journal.clone(),
            workspace: workspace.id,
            door: self.door.clone(),
            key,
            collections: self.collections.clone(),
            home: Home {
                engine: self.options.surroundings.clone(),
                folder: workspace.folder.clone(),
                variables: surroundings.started.clone(),
            },
        };
        let session =
            Session::open(lab.clone(), workspace, services, surroundings, record, self.events.clone(), latest)?;
        sessions.insert(lab.slug.clone(), session.clone());
        Ok(session)
    }

    /// The lab's Python packages; `None` where the lab names none.
    pub(crate) async fn environment(
        &self,
        lab: &curriculum::Lab,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Option<Environment>, Problem> {
        let requirements = lab.folder.join(REQUIREMENTS);
        if !requirements.exists() {
            return Ok(None);
        }
        let wheelhouse = self.options.wheelhouse();
        let request = EnvironmentRequest {
            search_path: &self.options.search_path,
            requirements: &requirements,
            wheelhouse: wheelhouse.as_deref(),
            store: &self.options.data.join("environments"),
        };
        Ok(Some(Environment::prepare(&request, &Steps(reporter), cancellation).await?))
    }
}

fn needs(lab: &curriculum::Lab) -> view::Needs {
    view::Needs {
        python: lab.folder.join(REQUIREMENTS).exists(),
        docker: match lab.requires.docker {
            curriculum::Docker::No => view::Docker::No,
            curriculum::Docker::Optional => view::Docker::Optional,
            curriculum::Docker::Required => view::Docker::Required,
        },
        memory_mb: lab.requires.memory_mb,
        disk_mb: lab.requires.disk_mb,
    }
}

/// The words of the pack's title, and the beginning of its id: a title alone may be another pack's too, or a lab's name.
fn folder_name(pack: &curriculum::Pack) -> String {
    let words = pack.title.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let id = pack.id.simple().to_string();
    words.map(str::to_ascii_lowercase).take(6).chain([id[..8].to_owned()]).collect::<Vec<_>>().join("-")
}

/// Hands on how far the work is; what pip prints goes to the log, where it helps with a failure that pip explains.
struct Steps<'a>(&'a dyn Reporter);

impl Reporter for Steps<'_> {
    fn progress(&self, progress: Progress) {
        self.0.progress(progress);
    }

    fn output(&self, line: &str) {
        tracing::info!(target: "pip", "{line}");
    }
}

/// What a workspace's programs need to call the gateway with any of the official clients, and to export telemetry to
/// it.
pub(crate) fn variables(root: &str, key: &str, slug: &str) -> BTreeMap<String, String> {
    let pairs = [
        ("OPENAI_BASE_URL", format!("{root}/v1")),
        ("OPENAI_API_KEY", key.to_owned()),
        ("AZURE_OPENAI_ENDPOINT", root.to_owned()),
        ("AZURE_OPENAI_API_KEY", key.to_owned()),
        ("OPENAI_API_VERSION", "2024-10-21".to_owned()),
        ("PINECONE_CONTROLLER_HOST", format!("{root}/pinecone")),
        ("PINECONE_API_KEY", key.to_owned()),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", root.to_owned()),
        ("OTEL_EXPORTER_OTLP_HEADERS", format!("api-key={key}")),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf".to_owned()),
        ("OTEL_SERVICE_NAME", slug.to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}
