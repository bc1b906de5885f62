//! `groundwork engine`, `groundwork image …`, `groundwork stack …`.

use console::style;
use workbench::{
    Problem,
    view::{Image, LogQuestion, NewImage},
};

use crate::{
    Ended, Run,
    arguments::{ImageCommand, StackCommand},
};

/// Letters of a step that a layer shows.
const SHOWN: usize = 100;

pub async fn engine(run: &Run) -> Result<Ended, Problem> {
    let engine = run.workbench.engine().await?;
    run.draw.json("engine", &engine);
    run.draw.say(format!("{}  interface {}", style(&engine.title).bold(), engine.api));
    run.draw.say(format!("at      {} ({})", engine.address, engine.found_by));
    run.draw.say(format!("has     {} cores, {:.1} GB of memory", engine.cpus, engine.memory / 1e9));
    run.draw.say(format!("stores  {}", engine.root));
    if !engine.without_limits.is_empty() {
        run.draw.say(format!("cannot limit the {}: this kernel lacks it", engine.without_limits.join(", ")));
    }
    Ok(Ended::Well)
}

pub async fn image(run: &mut Run, command: ImageCommand) -> Result<Ended, Problem> {
    let task = match command {
        ImageCommand::List => return list(run).await,
        ImageCommand::History { image } => return history(run, &image).await,
        ImageCommand::Remove { image } => {
            run.workbench.remove_image(&image).await?;
            run.draw.say(format!("{image} is removed."));
            return Ok(Ended::Well);
        }
        ImageCommand::Build { folder, name, file, arguments, target } => {
            let (folder, dockerfile) = (folder.display().to_string(), file.display().to_string());
            run.workbench.build_image(NewImage { name, folder, dockerfile, arguments, target })
        }
        ImageCommand::Pull { image } => run.workbench.pull_image(image),
        ImageCommand::Save { image, output } => run.workbench.save_image(image, output),
        ImageCommand::Load { file } => run.workbench.load_images(file),
        ImageCommand::Base { from } => run.workbench.bring_base_image(from),
        ImageCommand::Prune { yes } => return prune(run, yes).await,
    };
    run.see_through(task).await
}

async fn list(run: &Run) -> Result<Ended, Problem> {
    let images = run.workbench.list_images().await?;
    for image in &images {
        run.draw.json("image", image);
        let Image { names, bytes, ours, .. } = image;
        let name = if names.is_empty() { "(no name)".to_owned() } else { names.join(", ") };
        let whose = if *ours { "built by Groundwork" } else { "" };
        run.draw.say(format!("{}  {:.1} MB  {whose}", style(name).bold(), bytes / 1e6).trim_end());
    }
    if images.is_empty() {
        run.draw.say("There are no images yet. Build one: groundwork image build FOLDER --name NAME");
    }
    Ok(Ended::Well)
}

async fn history(run: &Run, image: &str) -> Result<Ended, Problem> {
    for layer in run.workbench.image_layers(image).await? {
        run.draw.json("layer", &layer);
        let step: String = layer.made_by.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(SHOWN).collect();
        run.draw.say(format!("{:>9.1} MB  {step}", layer.bytes / 1e6));
    }
    Ok(Ended::Well)
}

async fn prune(run: &mut Run, yes: bool) -> Result<Ended, Problem> {
    let leftovers = run.workbench.leftovers().await?;
    for left in &leftovers {
        run.draw.json("leftover", left);
        let size = left.bytes.map(|bytes| format!("  {:.1} MB", bytes / 1e6)).unwrap_or_default();
        let kind = format!("{:?}", left.kind).to_lowercase();
        run.draw.say(format!("{kind:<10} {}{size}", style(&left.name).bold()));
    }
    if leftovers.is_empty() {
        run.draw.say("Nothing of Groundwork's is left unused.");
        return Ok(Ended::Well);
    }
    if !yes {
        run.draw.say("These would go, volumes with their data. Remove them: groundwork image prune --yes");
        return Ok(Ended::Well);
    }
    let task = run.workbench.clean_up(leftovers);
    run.see_through(task).await
}

pub async fn stack(run: &mut Run, command: StackCommand) -> Result<Ended, Problem> {
    let task = match command {
        StackCommand::List => return stacks(run).await,
        StackCommand::Stats { stack } => return stats(run, &stack).await,
        StackCommand::Up { file, variables } => run.workbench.stack_up(file, variables),
        StackCommand::Stop { stack } => run.workbench.stack_stop(stack),
        StackCommand::Down { stack, volumes } => run.workbench.stack_down(stack, volumes),
        StackCommand::Logs { stack, service, tail, follow } => {
            let task = run.workbench.stack_logs(LogQuestion { stack, service, tail, follow });
            // Ctrl-C ends the listening, which is no failure.
            return match run.see_through(task).await {
                Err(problem) if follow && problem.is_cancelled() => Ok(Ended::Well),
                ended => ended,
            };
        }
        StackCommand::Exec { stack, service, command } => {
            let (task, code) = run.workbench.stack_exec(stack, service, command);
            run.see_through(task).await?;
            return Ok(if code.get() == Some(0) { Ended::Well } else { Ended::YourMove });
        }
    };
    run.see_through(task).await
}

async fn stacks(run: &Run) -> Result<Ended, Problem> {
    let stacks = run.workbench.list_stacks().await?;
    for stack in &stacks {
        run.draw.json("stack", stack);
        run.draw.say(format!("{}  {}", style(&stack.name).bold(), stack.file));
        stack.services.iter().for_each(|service| run.draw.say(format!("  {}", service.line())));
    }
    if stacks.is_empty() {
        run.draw.say("There are no stacks. Bring one up: groundwork stack up compose.yaml");
    }
    Ok(Ended::Well)
}

async fn stats(run: &Run, stack: &str) -> Result<Ended, Problem> {
    let services = run.workbench.stack_usage(stack).await?;
    for one in &services {
        run.draw.json("usage", one);
        let (memory, limit) = (one.memory / 1e6, one.memory_limit / 1e6);
        let name = style(&one.service).bold();
        let processes = one.processes;
        run.draw.say(format!("{name}  {:.2} cores  {memory:.1} of {limit:.0} MB  {processes} processes", one.cpus));
    }
    if services.is_empty() {
        run.draw.say("Nothing of it runs.");
    }
    Ok(Ended::Well)
}
