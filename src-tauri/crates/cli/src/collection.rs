//! `groundwork collection …`.

use console::style;
use workbench::{
    Event, Found, Problem,
    view::{Collection, Collections, IndexChange, Ingest, NewCollection, Question, Reembed, Sought},
};

use crate::{Ended, Run, arguments::CollectionCommand, comparison, draw::plain};

/// Letters of a chunk that a result shows.
const SHOWN: usize = 160;

pub async fn run(run: &mut Run, command: CollectionCommand) -> Result<Ended, Problem> {
    match command {
        CollectionCommand::List => list(run).await,
        CollectionCommand::Create { name, dimension, metric, delay } => {
            let new = NewCollection { name, dimension, metric, delay_millis: delay };
            let made = run.workbench.create_collection(new).await?;
            run.draw.json("collection", &made);
            run.draw.say(line(&made));
            Ok(Ended::Well)
        }
        CollectionCommand::Ingest { collection, folder, namespace, chunker, tokens, overlap } => {
            let folder = folder.display().to_string();
            let task = run.workbench.ingest(Ingest { collection, namespace, folder, chunker, tokens, overlap })?;
            // It names the documents that cannot be read.
            let draw = run.draw;
            run.follow(task, |line| draw.say(plain(line))).await?;
            Ok(Ended::Well)
        }
        CollectionCommand::Query { collection, text, point, namespace, keyword, hybrid, conditions, limit } => {
            let text = text.unwrap_or_default();
            let sought = match (point, keyword, hybrid) {
                (Some(id), ..) => Sought::Point { id },
                (_, true, _) => Sought::Words { text },
                (_, _, true) => Sought::Both { text },
                _ => Sought::Meaning { text },
            };
            query(run, Question { collection, namespace, sought, conditions, limit }).await
        }
        CollectionCommand::Rebuild { collection, ef, m, ef_construction } => {
            let change = IndexChange { connectivity: m, expansion_of_build: ef_construction, expansion: ef };
            run.workbench.change_index(&collection, change).await?;
            let task = run.workbench.rebuild_collection(collection);
            run.see_through(task).await
        }
        CollectionCommand::Reembed { collection, into, field } => {
            let task = run.workbench.reembed_collection(Reembed { from: collection, into, field })?;
            run.see_through(task).await
        }
        CollectionCommand::Export { collection, output } => {
            let task = run.workbench.export_collection(collection, output);
            run.see_through(task).await
        }
        CollectionCommand::Bench { collection, namespace } => bench(run, collection, namespace).await,
        CollectionCommand::Compare(arguments) => comparison::run(run, *arguments).await,
        CollectionCommand::Delete { collection, yes } => delete(run, &collection, yes).await,
    }
}

async fn list(run: &Run) -> Result<Ended, Problem> {
    let Collections { collections, unreadable } = run.workbench.list_collections().await?;
    for collection in &collections {
        run.draw.json("collection", collection);
        run.draw.say(line(collection));
    }
    for one in &unreadable {
        run.draw.json("unreadable", one);
        let Problem { message, next_step, .. } = &one.problem;
        run.draw.say(format!("{}  {} {}", style(&one.name).bold(), plain(message), plain(next_step)));
    }
    if collections.is_empty() && unreadable.is_empty() {
        run.draw.say("There are no collections yet. Make one: groundwork collection ingest NAME FOLDER");
    }
    Ok(Ended::Well)
}

fn line(collection: &Collection) -> String {
    let index = match collection.behind {
        None => "compared exactly".into(),
        Some(0) => "indexed".into(),
        Some(points) => format!("{points} not indexed yet"),
    };
    let model = collection.model.as_deref().unwrap_or("vectors from elsewhere");
    let delay = match collection.delay_millis {
        0.0 => String::new(),
        millis => format!("  {millis} ms late"),
    };
    let name = style(&collection.name).bold();
    let Collection { points, dimension, metric, .. } = collection;
    format!("{name}  {points} points  {dimension} numbers  {metric}  {model}  {index}{delay}")
}

async fn query(run: &Run, question: Question) -> Result<Ended, Problem> {
    let found = run.workbench.query_collection(question).await?;
    for one in &found {
        run.draw.json("found", one);
        run.draw.say(shown(one));
    }
    if found.is_empty() {
        run.draw.say("Nothing was found.");
    }
    Ok(Ended::Well)
}

fn shown(found: &Found) -> String {
    let word = |key: &str| found.payload.get(key).and_then(|value| value.as_str());
    let from_to = |key: &str| {
        let pair = found.payload.get(key)?.as_array()?;
        Some(format!(" {key} {}-{}", pair.first()?, pair.get(1)?))
    };
    let place = ["lines", "pages", "rows"].into_iter().find_map(from_to).unwrap_or_default();
    let source = plain(word("source").unwrap_or(&found.id));
    let text = word("text").unwrap_or_default().split_whitespace().collect::<Vec<_>>().join(" ");
    let text = plain(&text.chars().take(SHOWN).collect::<String>());
    format!("{:>8.4}  {}{}\n          {text}", found.score, style(source).bold(), style(plain(&place)).dim())
}

async fn bench(run: &mut Run, collection: String, namespace: String) -> Result<Ended, Problem> {
    let task = run.workbench.measure_collection(collection, namespace);
    let events = run.follow(task, |_| {}).await?;
    run.draw.say("candidates  recall@10       p50       p95");
    let stands = events.into_iter().find_map(|event| match event {
        Event::Measured { stands, .. } => Some(stands),
        _ => None,
    });
    for stand in &stands.unwrap_or_default() {
        run.draw.json("stand", stand);
        let expansion = stand.expansion.map_or_else(|| "all".into(), |expansion| expansion.to_string());
        let (recall, p50, p95) = (stand.recall, stand.p50_millis, stand.p95_millis);
        run.draw.say(format!("{expansion:>10}  {recall:>9.3}  {p50:>6.2} ms  {p95:>6.2} ms"));
    }
    Ok(Ended::Well)
}

async fn delete(run: &Run, name: &str, yes: bool) -> Result<Ended, Problem> {
    if !yes {
        run.draw.prompt_for(&format!("Delete {name} with all that it holds? Type yes"));
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        if read.is_err() || !answer.trim().eq_ignore_ascii_case("yes") {
            run.draw.say(format!(
                "{name} stays. To delete it without being asked: groundwork collection delete {name} --yes"
            ));
            return Ok(Ended::YourMove);
        }
    }
    run.workbench.delete_collection(name).await?;
    run.draw.say(format!("{name} is deleted."));
    Ok(Ended::Well)
}
