//! What works on this machine, and what mends the rest.

mod repair;

use std::sync::Arc;

use containers::{BASE, Engine};
use inference::{FileError, Manifest};
use task::Fault;
use workspaces::{Isolation, Python};

use crate::{
    Problem, Workbench,
    shelf::Opened,
    view::{Finding, FindingState, Repair},
};

/// Below this, a Python environment or a snapshot may not fit.
const LITTLE_SPACE: u64 = 2_000_000_000;

/// Looks at everything that a lab needs. Reads the journal whole, so it may take a second.
pub async fn findings(workbench: &Arc<Workbench>) -> Vec<Finding> {
    let (python, deployments, containers) =
        tokio::join!(python(workbench), deployments(workbench), containers(workbench));
    let mut findings = vec![python];
    let workbench = workbench.clone();
    let looking = tokio::task::spawn_blocking(move || LOOKS.map(|look| look(&workbench)).to_vec());
    findings.extend(looking.await.unwrap_or_default());
    findings.extend(containers);
    findings.extend(deployments);
    findings
}

const LOOKS: [fn(&Workbench) -> Finding; 9] =
    [model, embedder, device, pack, journal, gateway, disk, editor, isolation];

fn good(name: &str, detail: impl Into<String>) -> Finding {
    Finding { name: name.into(), state: FindingState::Good, detail: detail.into(), next_step: None, repair: None }
}

fn found(name: &str, state: FindingState, problem: &Problem) -> Finding {
    let (detail, next_step) = (problem.message.clone(), Some(problem.next_step.clone()));
    Finding { name: name.into(), state, detail, next_step, repair: None }
}

fn judged<F: Fault>(name: &str, judged: Result<String, F>) -> Finding {
    match judged {
        Ok(detail) => good(name, detail),
        Err(fault) => found(name, FindingState::Bad, &fault.into()),
    }
}

async fn python(workbench: &Workbench) -> Finding {
    let python = Python::find(&workbench.options.search_path).await;
    judged("Python", python.map(|python| format!("{} at {}", python.version, python.program.display())))
}

/// Only the labs about containers need an engine, so none is no fault.
async fn containers(workbench: &Workbench) -> Vec<Finding> {
    let engine = match workbench.containers().await {
        Ok(engine) => engine,
        Err(problem) => return vec![found("Containers", FindingState::Warning, &problem)],
    };
    if let Err(error) = engine.reaches_this_machine() {
        return vec![found("Containers", FindingState::Warning, &error.into())];
    }
    vec![limits(&engine), base_image(&engine).await]
}

fn limits(engine: &Engine) -> Finding {
    let about = engine.about();
    let detail = format!("{} at {}", about.title, about.address);
    if about.without_limits.is_empty() {
        return good("Containers", detail);
    }
    let detail = format!("{detail} cannot limit the {}", about.without_limits.join(", "));
    let next_step = "Start the kernel with the control groups that it lacks.";
    found("Containers", FindingState::Warning, &Problem::new("containers.limits", detail, next_step))
}

/// What labs build their images from.
async fn base_image(engine: &Engine) -> Finding {
    match engine.image_id(BASE).await {
        Ok(Some(_)) => good("Base image", BASE),
        Ok(None) => {
            let detail = format!("{BASE} is not here, and labs about containers build their images from it.");
            let problem = Problem::new("containers.no_base", detail, "Bring it: groundwork image base.");
            Finding { repair: Some(Repair::BaseImage), ..found("Base image", FindingState::Warning, &problem) }
        }
        Err(error) => found("Base image", FindingState::Warning, &error.into()),
    }
}

/// The learner's own names for models; nothing where there are none.
async fn deployments(workbench: &Workbench) -> Vec<Finding> {
    let (own, problems) = workbench.deployment_problems().await;
    match own {
        _ if !problems.is_empty() => {
            problems.iter().map(|problem| found("Deployments", FindingState::Warning, problem)).collect()
        }
        0 => Vec::new(),
        own => vec![good("Deployments", format!("{own} of your own"))],
    }
}

fn model(workbench: &Workbench) -> Finding {
    match workbench.model() {
        Ok(model) => {
            let finding = verified("Model", &model.manifest, model.verify());
            let wrong = finding.state != FindingState::Good;
            Finding { repair: wrong.then(|| repair::of_model(workbench, &model.manifest.id)).flatten(), ..finding }
        }
        Err(problem) => found("Model", FindingState::Bad, &problem),
    }
}

fn embedder(workbench: &Workbench) -> Finding {
    match workbench.embedder() {
        Ok(embedder) => verified("Embedding model", &embedder.manifest, embedder.verify()),
        Err(problem) => found("Embedding model", FindingState::Bad, &problem),
    }
}

fn verified(name: &str, manifest: &Manifest, verified: Result<(), FileError>) -> Finding {
    judged(name, verified.map(|()| format!("{}, {:.0} MB", manifest.title, manifest.bytes as f64 / 1e6)))
}

fn device(workbench: &Workbench) -> Finding {
    match workbench.model() {
        Ok(model) => {
            let device = model.device();
            good("Device", format!("{}: {}", device.name, device.reason))
        }
        Err(problem) => found("Device", FindingState::Bad, &problem),
    }
}

fn pack(workbench: &Workbench) -> Finding {
    match workbench.opened() {
        Ok(Opened { instead: Some(problem), .. }) => {
            Finding { repair: Some(Repair::ShippedPack), ..found("Pack", FindingState::Warning, &problem) }
        }
        Ok(Opened { pack, .. }) => {
            let labs = if pack.labs.len() == 1 { "lab" } else { "labs" };
            good("Pack", format!("{}, version {}, {} {labs}", pack.title, pack.version, pack.labs.len()))
        }
        Err(problem) => found("Pack", FindingState::Bad, &problem),
    }
}

fn journal(workbench: &Workbench) -> Finding {
    if let Some(rescued) = workbench.journal.rescued() {
        return found("Journal", FindingState::Warning, &rescued.clone().into());
    }
    match workbench.journal.check() {
        Err(error) => found("Journal", FindingState::Bad, &error.into()),
        Ok(integrity) if !integrity.problems.is_empty() => Finding {
            name: "Journal".into(),
            state: FindingState::Bad,
            detail: format!("The journal is damaged: {}", integrity.problems.join("; ")),
            next_step: Some(
                "Start Groundwork again: it sets the damaged file aside and carries over what can be read.".into(),
            ),
            repair: None,
        },
        Ok(integrity) => {
            let outcomes = integrity.outcomes.unwrap_or_default();
            good("Journal", format!("sound, {outcomes} outcomes in {}", workbench.journal.path().display()))
        }
    }
}

fn gateway(workbench: &Workbench) -> Finding {
    let state = workbench.gateway();
    match (state.url, state.problem) {
        (Some(url), _) => good("Gateway", format!("serves at {url}")),
        (None, Some(problem)) => found("Gateway", FindingState::Bad, &problem),
        (None, None) => found("Gateway", FindingState::Bad, &Problem::broken("The gateway waits for a model.")),
    }
}

fn disk(workbench: &Workbench) -> Finding {
    let folder = &workbench.options.data;
    match workspaces::free_space(folder) {
        Ok(free) if free < LITTLE_SPACE => Finding {
            name: "Disk".into(),
            state: FindingState::Warning,
            detail: format!("{:.1} GB free where {} lies", free as f64 / 1e9, folder.display()),
            next_step: Some("Free some space: a lab's Python environment may need 1 GB.".into()),
            repair: None,
        },
        Ok(free) => good("Disk", format!("{:.0} GB free", free as f64 / 1e9)),
        Err(error) => found("Disk", FindingState::Warning, &error.into()),
    }
}

fn editor(workbench: &Workbench) -> Finding {
    match workbench.editor() {
        Ok(editor) => good("Editor", editor.name),
        Err(problem) => found("Editor", FindingState::Warning, &problem),
    }
}

/// What a check's program is kept from. A kernel without it is no fault: the learner's own terminal keeps nothing back either.
fn isolation(_: &Workbench) -> Finding {
    good("Isolation", confinement())
}

pub fn confinement() -> &'static str {
    match workspaces::isolation() {
        Isolation::FilesAndNetwork => {
            "what checks run writes to its workspace alone, sees no home folder and calls the gateway alone (Landlock, seccomp)"
        }
        Isolation::Files => "what checks run writes to its workspace alone and sees no home folder (Landlock)",
        Isolation::None => "what checks run may do what you may: this system has no Landlock",
    }
}
