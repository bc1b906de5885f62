use async_trait::async_trait;

use super::*;
use crate::kinds::workflow::plan::Texts;
use crate::{Container, ContainerRun, Image, ImageBuild, Obstacle, Ran, Read, Revealed, Stack, Trouble};

/// An engine whose machines make folders with this code, and take this long over any other program.
#[derive(Debug, Clone, Copy)]
struct Slow {
    code: i32,
    takes: Duration,
}

#[async_trait]
impl Containers for Slow {
    async fn build(&self, _: &ImageBuild) -> Result<Result<Image, Trouble>, Obstacle> {
        Err(Obstacle::no_containers())
    }

    async fn revealing_files(&self, _: &Image) -> Result<Vec<Revealed>, Obstacle> {
        Err(Obstacle::no_containers())
    }

    async fn start(&self, _: &ContainerRun) -> Result<Result<Box<dyn Container>, Trouble>, Obstacle> {
        Err(Obstacle::no_containers())
    }

    async fn raise(&self, _: &str) -> Result<Result<Box<dyn Stack>, Trouble>, Obstacle> {
        Err(Obstacle::no_containers())
    }

    async fn machine(&self, _: &MachineRun) -> Result<Result<Box<dyn Machine>, Trouble>, Obstacle> {
        Ok(Ok(Box::new(*self)))
    }
}

#[async_trait]
impl Machine for Slow {
    async fn copy_workspace(&self, _: &str, _: &Changes) -> Result<(), Obstacle> {
        Ok(())
    }

    async fn write(&self, _: &Files) -> Result<(), Obstacle> {
        Ok(())
    }

    async fn read(&self, _: &str, _: u64) -> Result<Read, Obstacle> {
        Ok(Read::Nothing)
    }

    async fn run(&self, program: &Program) -> Result<Ran, Obstacle> {
        let folders = program.argv.first().is_some_and(|word| word == "mkdir");
        if !folders {
            tokio::time::sleep(self.takes).await;
        }
        let exit = Exit::Code(if folders { self.code } else { 0 });
        Ok(Ran { exit, stdout: "said".to_owned(), stderr: String::new(), cut: false, elapsed: self.takes })
    }

    async fn end(self: Box<Self>) -> Result<(), Obstacle> {
        Ok(())
    }
}

/// How the job `one` ends, whose body this is; else the summary and the line of the failure.
async fn ran(engine: Slow, body: &str) -> Result<Ended, (String, Option<u32>)> {
    let text = format!("on: push\njobs:\n  one:\n    runs-on: ubuntu-latest\n{body}");
    let told = |halt: Halt| match halt {
        Halt::Failed(failure) => match failure.place {
            Some(Place::File { line, .. }) => (failure.summary, line),
            _ => (failure.summary, None),
        },
        Halt::Obstacle(obstacle) => (obstacle.message, None),
    };
    let workflow = Workflow::read("ci.yml", text, &Texts::new()).map_err(told)?;
    let run = Run {
        workflow: &workflow,
        event: Event { name: "push", branch: "main", changed: None },
        changes: &Changes::new(),
        variables: &BTreeMap::new(),
        secrets: &BTreeMap::new(),
        gateway: false,
        containers: &engine,
        until: Until::after(60),
    };
    let mut report = run.run().await.map_err(told)?;
    Ok(report.remove("one").unwrap())
}

const PYTHON: &str = "    steps:\n      - uses: actions/setup-python@v5\n";
const LONG: Slow = Slow { code: 0, takes: Duration::from_secs(20) };

#[tokio::test]
async fn an_action_that_takes_too_long_is_stopped() {
    let job = format!("    timeout-minutes: 0.001\n    continue-on-error: true\n{PYTHON}");
    let step = format!("{PYTHON}        timeout-minutes: 0.001\n");
    for (body, conclusion, why) in [
        // What a job's time ends is cancelled, and nothing lets that pass.
        (job, Conclusion::Cancelled, "the job was stopped after 0 s, its `timeout-minutes`"),
        (step, Conclusion::Failure, "it was stopped after 0 s, its `timeout-minutes`"),
    ] {
        let ended = ran(LONG, &body).await.unwrap();
        assert_eq!((ended.conclusion, ended.broken.unwrap().why.as_str()), (conclusion, why));
    }
    let excused = format!("{PYTHON}        timeout-minutes: 0.001\n        continue-on-error: true\n");
    assert_eq!(ran(LONG, &excused).await.unwrap().conclusion, Conclusion::Success);
}

#[tokio::test]
async fn an_image_that_can_make_no_folder_is_told() {
    let told = ran(Slow { code: 127, ..LONG }, &format!("    container: small:1\n{PYTHON}")).await;
    let summary = "The job's machine cannot make the folders that a job begins with.";
    assert_eq!(told.unwrap_err(), (summary.to_owned(), Some(5)));
}
