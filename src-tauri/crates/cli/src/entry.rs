//! `groundwork entry …`.

use workbench::{
    Problem,
    view::{Entry, NewEntry},
};

use crate::{
    Ended, Run,
    arguments::EntryCommand,
    lab::{title, titles},
};

pub async fn run(run: &mut Run, command: EntryCommand) -> Result<Ended, Problem> {
    match command {
        EntryCommand::Add { lab, sort, title, text, url } => add(run, &lab, NewEntry { sort, title, text, url }).await,
        EntryCommand::List { lab } => {
            for entry in run.workbench.entries(lab.as_deref())? {
                run.draw.json("entry", &entry);
                run.draw.say(line(&entry));
            }
            Ok(Ended::Well)
        }
    }
}

async fn add(run: &mut Run, slug: &str, entry: NewEntry) -> Result<Ended, Problem> {
    let added = run.workbench.add_entry(slug, entry).await?;
    run.draw.json("entry", &added.entry);
    run.draw.say(line(&added.entry));
    if added.outcomes.is_empty() {
        return Ok(Ended::Well);
    }
    let titles = titles(&run.workbench.lab(slug).await?);
    for outcome in &added.outcomes {
        run.draw.json("outcome", outcome);
        run.draw.outcome(title(&titles, &outcome.check), outcome);
    }
    Ok(Ended::Well)
}

fn line(entry: &Entry) -> String {
    let day = entry.at.split('T').next().unwrap_or_default();
    let url = entry.url.as_ref().map(|url| format!("  {url}")).unwrap_or_default();
    format!("{day}  {:<20} {:<12} {}{url}", entry.lab, entry.sort, entry.title)
}
