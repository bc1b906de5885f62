//! `groundwork deployment …` and `groundwork usage`.

use std::{io, path::Path};

use serde_json::json;
use workbench::{
    Owner, Problem,
    view::{self, Deployed, NewDeployment, Used},
};

use crate::{Ended, Run, arguments::DeploymentCommand};

pub fn run(run: &Run, command: DeploymentCommand) -> Result<Ended, Problem> {
    match command {
        DeploymentCommand::List => list(run),
        DeploymentCommand::Add { name, model, url, key_file, dimension, tokens_per_minute, requests_per_minute } => {
            let key = key_file.as_deref().map(key).transpose()?;
            let (name, model, url) = (&name, &model, &url);
            run.workbench.add_deployment(NewDeployment {
                name: name.clone(),
                model: model.clone(),
                url: url.clone(),
                tokens_per_minute,
                requests_per_minute,
                key,
                dimension,
            })?;
            run.draw.json("deployed", &json!({ "name": name, "model": model, "url": url }));
            let place = url.as_ref().map(|url| format!(" at {url}")).unwrap_or_default();
            run.draw.say(format!("{name} leads to {model}{place}. Ask for it as the model, or as Azure's deployment."));
            Ok(Ended::Well)
        }
        DeploymentCommand::Remove { name } => {
            run.workbench.remove_deployment(&name)?;
            run.draw.json("removed", &json!({ "name": name }));
            run.draw.say(format!("{name} is served no longer."));
            Ok(Ended::Well)
        }
    }
}

fn list(run: &Run) -> Result<Ended, Problem> {
    let view::Deployments { deployments, problems, .. } = run.workbench.deployments();
    for deployment in &deployments {
        run.draw.json("deployment", deployment);
        run.draw.say(line(deployment));
    }
    for problem in &problems {
        run.draw.problem(problem);
    }
    Ok(if problems.is_empty() { Ended::Well } else { Ended::YourMove })
}

fn line(deployment: &Deployed) -> String {
    let bound = |most: Option<u32>, of: &str| most.map(|most| format!("  {most} {of}/min")).unwrap_or_default();
    let bounds = bound(deployment.tokens_per_minute, "tokens") + &bound(deployment.requests_per_minute, "requests");
    let own = if deployment.own { "yours" } else { "model" };
    let place = deployment.url.as_ref().map(|url| format!("  at {url}")).unwrap_or_default();
    format!("{own}  {:<28} {:<28}{bounds}{place}", deployment.name, deployment.model)
}

/// A key is never an argument: everybody on the machine can read those.
fn key(file: &Path) -> Result<String, Problem> {
    let read = match file.as_os_str().as_encoded_bytes() {
        b"-" => io::read_to_string(io::stdin()),
        _ => std::fs::read_to_string(file),
    };
    match read {
        Ok(text) => Ok(text.trim().to_owned()),
        Err(error) => {
            let message = format!("The key cannot be read from {}: {error}.", file.display());
            let next_step = "Name a file that holds the key alone, or - to type it in.".into();
            Err(Problem { code: "deployments.key".into(), message, next_step, owner: Owner::Learner })
        }
    }
}

pub fn usage(run: &Run, lab: Option<&str>) -> Result<Ended, Problem> {
    let used = run.workbench.usage(lab)?;
    for row in &used {
        run.draw.json("usage", row);
        run.draw.say(spent(row));
    }
    if used.is_empty() {
        run.draw.say("No program has asked for a model yet.");
    }
    run.draw.say(format!("\nPrices: {}", run.workbench.price_table()));
    Ok(Ended::Well)
}

fn spent(row: &Used) -> String {
    let cost = match &row.currency {
        Some(currency) => format!("{:.6} {currency}", row.cost),
        None => "no price".into(),
    };
    let calls = if row.calls == 1 { "call, " } else { "calls," };
    format!(
        "{:<20} {:<28} {:>6} {calls} {} failed  {:>9} + {:<9} tokens ({} cached)  {cost}",
        row.lab, row.deployment, row.calls, row.failed, row.prompt_tokens, row.completion_tokens, row.cached_tokens
    )
}
