//! `groundwork model …`.

use std::io::{BufRead, IsTerminal, Write};

use console::style;
use serde_json::json;
use workbench::{
    Event, Problem,
    view::{ChatOptions, Generation, Message, Model, Speed},
};

use crate::{Ended, Run, arguments::ModelCommand};

pub async fn run(run: &mut Run, command: ModelCommand) -> Result<Ended, Problem> {
    match command {
        ModelCommand::List => list(run).await,
        ModelCommand::Show { model } => show(run, &model).await,
        ModelCommand::Import { path, name, link } => {
            let task = run.workbench.import_model(path, name, link);
            run.see_through(task).await
        }
        ModelCommand::Download { what, name, sha256 } => {
            let task = run.workbench.download_model(what, name, sha256);
            run.see_through(task).await
        }
        ModelCommand::Remove { model } => {
            run.workbench.remove_model(&model).await?;
            run.draw.say(format!("{model} is removed."));
            Ok(Ended::Well)
        }
        ModelCommand::Use { model } => {
            run.workbench.use_model(&model)?;
            run.draw.say(format!("{model} is asked from now on, where no model is named."));
            Ok(Ended::Well)
        }
        ModelCommand::Measure { model } => {
            let task = run.workbench.measure_model(&model)?;
            run.see_through(task).await?;
            show(run, &model).await
        }
        ModelCommand::Chat { prompt, max_tokens, temperature, top_p, seed } => {
            let options = ChatOptions { max_tokens, temperature, top_p, seed };
            match prompt {
                Some(prompt) => answer(run, vec![user(prompt)], options).await.map(|_| Ended::Well),
                None => talk(run, options).await,
            }
        }
        ModelCommand::Bench { rounds } => bench(run, rounds.max(1)).await,
    }
}

async fn list(run: &Run) -> Result<Ended, Problem> {
    let models = run.workbench.models().await?;
    run.draw.json("models", &models);
    let mut ended = Ended::Well;
    for model in &models.models {
        let state = match (&model.file, &model.problem) {
            (None, _) => "can be fetched",
            (_, None) if model.chosen => "installed, asked where none is named",
            (_, None) => "installed",
            (_, Some(_)) => "cannot be used",
        };
        let facts =
            format!("{:.0} MB  {} tokens  {}  {}", model.bytes / 1e6, model.context, model.quantization, model.licence);
        run.draw.say(format!("{}  {state}  {facts}{}", style(&model.id).bold(), speed(model)));
        if let Some(problem) = &model.problem {
            run.draw.say(format!("  {}\n  {} {}", problem.message, style("next").cyan(), problem.next_step));
            ended = Ended::YourMove;
        }
    }
    if let Some(problem) = &models.problem {
        run.draw.problem(problem);
        ended = Ended::YourMove;
    }
    if let Some(device) = &models.device {
        run.draw.say(format!("Device: {} ({})", device.name, device.reason));
    }
    Ok(ended)
}

fn speed(model: &Model) -> String {
    let speed = model.speed.as_ref();
    speed.map_or_else(String::new, |speed| format!("  {:.0} and {:.0} tokens/s", speed.prefill, speed.decode))
}

async fn show(run: &Run, id: &str) -> Result<Ended, Problem> {
    let model = run.workbench.known_model(id).await?;
    run.draw.json("model", &model);
    let rows = [
        ("title", model.title.clone()),
        ("family", format!("{}, {} weights, {}", model.architecture, model.parameters, model.quantization)),
        ("context", format!("{} tokens", model.context)),
        ("licence", model.licence.clone()),
        ("from", model.source.clone()),
        ("packages", model.packages.join(", ")),
        ("size", format!("{} bytes", model.bytes)),
        ("SHA-256", model.sha256.clone()),
        ("file", model.file.clone().unwrap_or_else(|| format!("not here: groundwork model download {}", model.id))),
        ("prompt", measured(&model, |speed| speed.prefill)),
        ("answer", measured(&model, |speed| speed.decode)),
    ];
    run.draw.say(style(&model.id).bold());
    for (name, value) in rows.iter().filter(|(_, value)| !value.is_empty()) {
        run.draw.say(format!("  {name:<9} {value}"));
    }
    let Some(problem) = &model.problem else { return Ok(Ended::Well) };
    run.draw.say(format!("  {}\n  {} {}", problem.message, style("next").cyan(), problem.next_step));
    Ok(Ended::YourMove)
}

fn measured(model: &Model, figure: fn(&Speed) -> f64) -> String {
    let speed = model.speed.as_ref();
    speed.map_or_else(String::new, |speed| format!("{:.1} tokens/s on {}", figure(speed), speed.machine))
}

fn user(content: String) -> Message {
    Message { role: "user".into(), content }
}

/// Streams one answer and returns it with how it came about.
async fn answer(run: &mut Run, messages: Vec<Message>, options: ChatOptions) -> Result<(String, Generation), Problem> {
    let task = run.workbench.chat(messages, options)?;
    let json = run.draw.json;
    let mut text = String::new();
    let others = run
        .follow(task, |piece| {
            text.push_str(piece);
            if !json {
                let mut out = std::io::stdout().lock();
                let _ = out.write_all(piece.as_bytes()).and_then(|()| out.flush());
            }
        })
        .await?;
    let generation = others.into_iter().find_map(|event| match event {
        Event::Generated { generation, .. } => Some(generation),
        _ => None,
    });
    let generation = generation.ok_or_else(|| Problem::broken("The model said nothing about its answer."))?;
    run.draw.say(format!(
        "\n{}",
        style(format!(
            "{} + {} tokens, first after {:.0} ms, then {:.1} tokens/s ({})",
            generation.prompt_tokens,
            generation.completion_tokens,
            generation.first_token_ms,
            generation.tokens_per_second,
            generation.finish_reason
        ))
        .dim()
    ));
    Ok((text, generation))
}

async fn talk(run: &mut Run, options: ChatOptions) -> Result<Ended, Problem> {
    let mut messages = Vec::new();
    let asks = std::io::stdin().is_terminal();
    loop {
        if asks {
            run.draw.prompt();
        }
        let mut line = String::new();
        let read = std::io::stdin().lock().read_line(&mut line).unwrap_or(0);
        if read == 0 {
            return Ok(Ended::Well);
        }
        if line.trim().is_empty() {
            continue;
        }
        messages.push(user(line.trim().to_owned()));
        let (content, _) = answer(run, messages.clone(), options.clone()).await?;
        messages.push(Message { role: "assistant".into(), content });
    }
}

/// Greedy answers of 64 tokens to one fixed prompt; figures are medians.
async fn bench(run: &mut Run, rounds: u32) -> Result<Ended, Problem> {
    let prompt = "Describe, in one paragraph, what a platform team does on the day before a launch.";
    let options = ChatOptions { max_tokens: 64, temperature: 0.0, top_p: 1.0, seed: None };
    let quiet = crate::draw::Draw::new(run.draw.json);
    let mut first = Vec::new();
    let mut rate = Vec::new();
    let mut prompt_tokens = 0;
    for round in 0..=rounds {
        let task = run.workbench.chat(vec![user(prompt.into())], options.clone())?;
        let events = run.follow(task, |_| {}).await?;
        for event in events {
            if let Event::Generated { generation, .. } = event
                && round > 0
            {
                prompt_tokens = generation.prompt_tokens;
                first.push(generation.first_token_ms);
                rate.push(generation.tokens_per_second);
            }
        }
    }
    let models = run.workbench.models().await?;
    let load = models.models.iter().find_map(|model| model.load_millis).unwrap_or_default();
    let (first, rate) = (median(first), median(rate));
    let device = models.device.ok_or_else(|| Problem::broken("There is no text model."))?;
    quiet.say(format!("device        {} ({})", device.name, device.reason));
    quiet.say(format!("load          {load:.0} ms"));
    quiet.say(format!("first token   {first:.0} ms after a prompt of {prompt_tokens} tokens"));
    quiet.say(format!("decode        {rate:.1} tokens/s"));
    let figures = json!({ "device": device, "loadMs": load, "firstTokenMs": first, "tokensPerSecond": rate,
        "promptTokens": prompt_tokens, "rounds": rounds });
    quiet.json("bench", &figures);
    Ok(Ended::Well)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
