//! `groundwork entry …`.

use workbench::{
    Problem,
    view::{Entry, NewEntry, Outcome},
};

use crate::{
    Ended, Run,
    arguments::EntryCommand,
    lab::{title, titles, verdict},
};

pub async fn run(run: &mut Run, command: EntryCommand) -> Result<Ended, Problem> {
    match command {
        EntryCommand::Add { lab, sort, title, text, url } => add(run, &lab, NewEntry { sort, title, text, url }).await,
        EntryCommand::Remove { lab, title } => remove(run, &lab, &title).await,
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
    judged(run, slug, &added.outcomes).await
}

async fn remove(run: &mut Run, slug: &str, title: &str) -> Result<Ended, Problem> {
    let found = run.workbench.entry_titled(slug, title)?;
    let removed = run.workbench.remove_entry(slug, &found.at).await?;
    run.draw.json("removed", &removed.entry);
    run.draw.say(format!("Taken back: {}", line(&removed.entry)));
    judged(run, slug, &removed.outcomes).await
}

async fn judged(run: &Run, slug: &str, outcomes: &[Outcome]) -> Result<Ended, Problem> {
    let titles = titles(&run.workbench.lab(slug).await?);
    for outcome in outcomes {
        run.draw.json("outcome", outcome);
        run.draw.outcome(title(&titles, &outcome.check), outcome);
    }
    Ok(verdict(outcomes))
}

fn line(entry: &Entry) -> String {
    let day = entry.at.split('T').next().unwrap_or_default();
    let url = entry.url.as_ref().map(|url| format!("  {url}")).unwrap_or_default();
    format!("{day}  {:<20} {:<12} {}{url}", entry.lab, entry.sort, entry.title)
}
