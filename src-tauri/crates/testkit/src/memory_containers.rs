//! Made-up containers: one image that is built, one container and one stack that are as a test says, and machines for jobs with
//! files in memory and a shell of a few words, so that what is tried is the check and not the engine.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use checks::{
    Condition, Container, ContainerRun, Containers, Exit, Files, Image, ImageBuild, Machine, MachineRun, Obstacle,
    Program, Ran, Read, Revealed, Stack, Stopped, Trouble,
};

/// Builds one image, and runs nothing but what it was told of.
#[derive(Debug, Clone, Default)]
pub(crate) struct MemoryContainers {
    pub built: Option<Result<Image, Trouble>>,
    pub revealed: Vec<Revealed>,
    /// How the container ends that is started.
    pub started: Option<Result<Stopped, Trouble>>,
    pub raised: Option<Result<MemoryStack, Trouble>>,
    pub images: Vec<String>,
    pub workspace: BTreeMap<String, Vec<u8>>,
    pub record: Arc<Mutex<Record>>,
}

#[async_trait]
impl Containers for MemoryContainers {
    async fn build(&self, _: &ImageBuild) -> Result<Result<Image, Trouble>, Obstacle> {
        self.built.clone().ok_or_else(Obstacle::no_containers)
    }

    async fn revealing_files(&self, _: &Image) -> Result<Vec<Revealed>, Obstacle> {
        Ok(self.revealed.clone())
    }

    async fn start(&self, _: &ContainerRun) -> Result<Result<Box<dyn Container>, Trouble>, Obstacle> {
        let started = self.started.clone().ok_or_else(Obstacle::no_containers)?;
        Ok(started.map(|stopped| Box::new(MemoryContainer(stopped)) as Box<dyn Container>))
    }

    async fn raise(&self, _: &str) -> Result<Result<Box<dyn Stack>, Trouble>, Obstacle> {
        let raised = self.raised.clone().ok_or_else(Obstacle::no_containers)?;
        Ok(raised.map(|stack| Box::new(stack) as Box<dyn Stack>))
    }

    async fn machine(&self, wanted: &MachineRun) -> Result<Result<Box<dyn Machine>, Trouble>, Obstacle> {
        let mut images = wanted.image.iter().chain(wanted.services.iter().map(|service| &service.image));
        if let Some(image) = images.find(|image| !self.images.contains(image)) {
            let summary = format!("There is no image {image} on this machine.");
            return Ok(Err(Trouble { summary, detail: String::new(), next_step: "Fetch it.".to_owned() }));
        }
        Ok(Ok(Box::new(MemoryMachine::start(self.workspace.clone(), wanted, self.record.clone()))))
    }
}

/// At `http://127.0.0.1:8000`, until it is told to end.
#[derive(Debug)]
struct MemoryContainer(Stopped);

#[async_trait]
impl Container for MemoryContainer {
    fn url(&self) -> String {
        "http://127.0.0.1:8000".to_owned()
    }

    async fn stop(self: Box<Self>, _: Duration) -> Result<Stopped, Obstacle> {
        Ok(self.0)
    }
}

/// A made-up stack that is up. A port that it publishes is the same on 127.0.0.1.
#[derive(Debug, Clone, Default)]
pub struct MemoryStack {
    pub services: Vec<(String, Condition)>,
    pub ports: Vec<(String, u16)>,
    /// What is said of those that do not come back from a kill. The others take two seconds.
    pub stays_down: BTreeMap<String, Trouble>,
    /// What is said where it does not come up again from its volumes.
    pub renewed: Option<Trouble>,
}

#[async_trait]
impl Stack for MemoryStack {
    async fn services(&self) -> Result<Vec<(String, Condition)>, Obstacle> {
        Ok(self.services.clone())
    }

    async fn url(&self, service: &str, port: u16) -> Result<Option<String>, Obstacle> {
        let published = self.ports.iter().any(|(of, its)| of == service && *its == port);
        Ok(published.then(|| format!("http://127.0.0.1:{port}")))
    }

    async fn kill(&self, _: &str) -> Result<(), Obstacle> {
        Ok(())
    }

    async fn recovered(&self, service: &str, _: Duration) -> Result<Result<Duration, Trouble>, Obstacle> {
        Ok(self.stays_down.get(service).cloned().map_or(Ok(Duration::from_secs(2)), Err))
    }

    async fn renew(&self) -> Result<Result<(), Trouble>, Obstacle> {
        Ok(self.renewed.clone().map_or(Ok(()), Err))
    }

    async fn lower(self: Box<Self>) -> Result<(), Obstacle> {
        Ok(())
    }
}

/// Lines of its scripts are words: `say TEXT`, `fail CODE`, `output NAME=VALUE`, `env NAME=VALUE`, `write FILE TEXT`, `need FILE
/// TEXT` (which must stand in it), `have NAME VALUE` (of a variable), `slow` (never ends in time). Its Python is 3.11.2.
#[derive(Debug, Default)]
struct MemoryMachine {
    workspace: Files,
    files: Mutex<Files>,
    record: Arc<Mutex<Record>>,
}

/// What machines were asked for.
#[derive(Debug, Clone, Default)]
pub struct Record {
    pub machines: Vec<MachineRun>,
    /// Those that have not been taken away.
    pub left: usize,
}

impl MemoryMachine {
    fn start(workspace: Files, wanted: &MachineRun, record: Arc<Mutex<Record>>) -> Self {
        {
            let mut record = record.lock().unwrap_or_else(PoisonError::into_inner);
            record.machines.push(wanted.clone());
            record.left += 1;
        }
        Self { workspace, files: Mutex::default(), record }
    }

    fn files(&self) -> MutexGuard<'_, Files> {
        self.files.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn add(&self, path: &str, text: &str) {
        let mut files = self.files();
        let file = files.entry(path.to_owned()).or_default();
        file.extend(text.as_bytes());
        file.push(b'\n');
    }

    /// Runs a line; the code that it ends with, where it ends the script.
    fn line(&self, line: &str, folder: &str, environment: &BTreeMap<String, String>, log: &mut String) -> Option<i32> {
        let (word, rest) = line.trim().split_once(' ').unwrap_or((line.trim(), ""));
        let (first, last) = rest.split_once(' ').unwrap_or((rest, ""));
        let told = |name: &str| environment.get(name).cloned().unwrap_or_default();
        match word {
            "" => None,
            "say" => {
                *log += &format!("{rest}\n");
                None
            }
            "fail" => Some(rest.parse().unwrap_or(1)),
            "slow" => Some(124),
            "output" => {
                self.add(&told("GITHUB_OUTPUT"), rest);
                None
            }
            "env" => {
                self.add(&told("GITHUB_ENV"), rest);
                None
            }
            "write" => {
                self.files().insert(format!("{folder}/{first}"), last.as_bytes().to_vec());
                None
            }
            "need" => {
                let file = self.files().get(&format!("{folder}/{first}")).cloned().unwrap_or_default();
                (!String::from_utf8_lossy(&file).contains(last)).then(|| {
                    *log += &format!("{first} does not hold {last}\n");
                    1
                })
            }
            "have" => (told(first) != last).then(|| {
                *log += &format!("{first} is {}\n", told(first));
                1
            }),
            other => {
                *log += &format!("{other}: command not found\n");
                Some(127)
            }
        }
    }
}

#[async_trait]
impl Machine for MemoryMachine {
    async fn copy_workspace(&self, folder: &str, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<(), Obstacle> {
        let mut workspace = self.workspace.clone();
        for (path, content) in changes {
            match content {
                Some(content) => workspace.insert(path.clone(), content.clone()),
                None => workspace.remove(path),
            };
        }
        self.files().extend(workspace.into_iter().map(|(path, content)| (format!("{folder}/{path}"), content)));
        Ok(())
    }

    async fn write(&self, files: &Files) -> Result<(), Obstacle> {
        self.files().extend(files.clone());
        Ok(())
    }

    async fn read(&self, path: &str, most: u64) -> Result<Read, Obstacle> {
        if let Some(content) = self.files().get(path) {
            return Ok(Read::File(content.clone()));
        }
        let below = format!("{path}/");
        let inside =
            |(name, content): (&String, &Vec<u8>)| Some((name.strip_prefix(&below)?.to_owned(), content.clone()));
        let found: Files = self.files().iter().filter_map(inside).collect();
        Ok(match found.values().map(Vec::len).sum::<usize>() as u64 {
            _ if found.is_empty() => Read::Nothing,
            bytes if bytes > most => Read::TooLarge,
            _ => Read::Folder(found),
        })
    }

    async fn run(&self, program: &Program) -> Result<Ran, Obstacle> {
        let words: Vec<&str> = program.argv.iter().map(String::as_str).collect();
        let mut log = String::new();
        let code = match words.as_slice() {
            ["python3", "-c", _] => {
                log += "3.11.2\n";
                0
            }
            ["mkdir", ..] | ["python3", "-m", ..] => 0,
            ["sh", "-c", _, "sh", folder, .., file] => {
                let script = self.files().get(*file).cloned().unwrap_or_default();
                let script = String::from_utf8_lossy(&script).into_owned();
                let mut lines = script.lines();
                lines.find_map(|line| self.line(line, folder, &program.environment, &mut log)).unwrap_or(0)
            }
            _ => 127,
        };
        let elapsed = if code == 124 { program.within } else { Duration::from_millis(50) };
        Ok(Ran { exit: Exit::Code(code), stdout: log, stderr: String::new(), cut: false, elapsed })
    }

    async fn end(self: Box<Self>) -> Result<(), Obstacle> {
        Ok(())
    }
}

impl Drop for MemoryMachine {
    fn drop(&mut self) {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).left -= 1;
    }
}
