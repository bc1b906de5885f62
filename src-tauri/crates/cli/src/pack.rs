//! `groundwork pack …`.

use std::path::Path;

use console::style;
use serde_json::json;
use workbench::{
    Problem,
    authoring::{self, Described, PageStyle},
};

use crate::{
    Ended, Run,
    arguments::{DescribedFile, PackCommand},
    draw::{Draw, plain},
};

/// Rows of the table of time.
const SHOWN: usize = 12;

/// What needs neither journal nor model, so that it works on any machine; `None` for the rest.
pub fn alone(draw: Draw, command: &PackCommand) -> Option<Result<Ended, Problem>> {
    match command {
        PackCommand::Lint { folder, guides } => Some(Ok(lint(draw, folder, *guides))),
        PackCommand::Kinds => Some(Ok(kinds(draw))),
        PackCommand::Schema { file } => {
            let described = match file {
                DescribedFile::Lab => Described::Lab,
                DescribedFile::Pack => Described::Pack,
            };
            draw.raw(authoring::schema(described).trim_end());
            Some(Ok(Ended::Well))
        }
        PackCommand::New { folder, title } => Some(new(draw, folder, title.as_deref())),
        PackCommand::Build { folder, output } => Some(build(draw, folder, output)),
        PackCommand::Verify { .. }
        | PackCommand::Install { .. }
        | PackCommand::List
        | PackCommand::Use { .. }
        | PackCommand::Allow { .. } => None,
    }
}

pub async fn run(run: &mut Run, command: PackCommand) -> Result<Ended, Problem> {
    match command {
        PackCommand::Verify { folder, lab, quick } => verify(run, &folder, lab.as_deref(), quick).await,
        PackCommand::Install { file, older } => install(run, &file, older).await,
        PackCommand::Use { pack } => open(run, &pack).await,
        PackCommand::Allow { yes } => allow(run, yes),
        PackCommand::List => Ok(list(run)),
        command => alone(run.draw, &command).unwrap_or(Ok(Ended::Well)),
    }
}

async fn verify(run: &mut Run, folder: &Path, lab: Option<&str>, quick: bool) -> Result<Ended, Problem> {
    let (task, verified) = run.workbench.verify_pack(folder, lab, quick)?;
    let draw = run.draw;
    run.follow(task, |line| draw.say(line)).await?;
    let verified = verified.await.map_err(|_| Problem::broken("The proof ended without a report."))?;
    draw.json("verified", &verified);
    for lab in &verified.labs {
        draw.say(format!("{}  {}", style(&lab.lab).bold(), lab.title));
        for case in &lab.cases {
            let mark = match case.complaints.is_empty() {
                true => style("proved").green(),
                false => style("wrong ").red().bold(),
            };
            draw.say(format!("  {mark}  {:>6.1} s  {:<32} {}", case.seconds, case.name, style(&case.proved).dim()));
            for complaint in &case.complaints {
                draw.say(format!("            {}", plain(complaint).replace('\n', "\n            ")));
            }
        }
    }
    draw.say(format!("\nWhere the time went ({:.1} s in all, {} at once)", verified.seconds, verified.at_once));
    for spent in verified.spent().iter().take(SHOWN) {
        draw.say(format!("  {:>6.1} s  {:>4} x  {}", spent.seconds, spent.times, spent.on));
    }
    if verified.quick {
        draw.say("\nOf each mutant only the checks that it names were asked; without --quick none of the others may fail either.");
    }
    Ok(if verified.holds() { Ended::Well } else { Ended::YourMove })
}

fn new(draw: Draw, folder: &Path, title: Option<&str>) -> Result<Ended, Problem> {
    let files = authoring::scaffold(folder, title)?;
    draw.json("made", &json!({ "folder": folder, "files": files }));
    draw.say(format!("{} holds a pack of {}.\n", style(folder.display()).bold(), count(files.len(), "file")));
    let folder = folder.display();
    draw.say(format!("  groundwork pack lint {folder}\n  groundwork pack verify {folder}"));
    Ok(Ended::Well)
}

fn build(draw: Draw, folder: &Path, output: &Path) -> Result<Ended, Problem> {
    let built = authoring::build(folder, output)?;
    draw.json("built", &built);
    let (file, files) = (built.file.display(), count(built.files, "file"));
    draw.say(format!("{file}: {}, version {}, {files}, {} bytes", built.title, built.version, built.bytes));
    Ok(Ended::Well)
}

async fn install(run: &Run, file: &Path, older: bool) -> Result<Ended, Problem> {
    let installed = run.workbench.install_pack(file, older).await?;
    run.draw.json("installed", &installed);
    let pack = &installed.pack;
    let how = if installed.already { "was installed already" } else { "is installed" };
    run.draw.say(format!("{}, version {}, {how}: {}", pack.title, pack.version, count(pack.labs, "lab")));
    if !pack.open {
        run.draw.say(format!("\n  groundwork pack use {}", pack.id));
    }
    Ok(Ended::Well)
}

async fn open(run: &Run, pack: &str) -> Result<Ended, Problem> {
    let opened = run.workbench.use_pack(pack).await?;
    run.draw.json("opened", &opened);
    run.draw.say(format!("{}, version {}, is open: {}", opened.title, opened.version, count(opened.labs, "lab")));
    Ok(Ended::Well)
}

/// Shows what the open pack may run, and asks.
fn allow(run: &Run, yes: bool) -> Result<Ended, Problem> {
    let draw = run.draw;
    let Some(asked) = run.workbench.consent()? else {
        draw.say("Nothing to allow: the pack that is open came with Groundwork, or is allowed already.");
        return Ok(Ended::Well);
    };
    draw.json("asked", &asked);
    let by = if asked.authors.is_empty() { String::new() } else { format!(", by {}", asked.authors.join(", ")) };
    draw.say(format!("{}, version {}{}, may run:", style(plain(&asked.title)).bold(), asked.version, plain(&by)));
    for lab in &asked.labs {
        draw.say(format!("\n{}  {}", style(&lab.slug).bold(), plain(&lab.title)));
        for (what, list) in [("service", &lab.services), ("check", &lab.programs), ("installs", &lab.packages)] {
            for one in list {
                draw.say(format!("  {what:<9} {}", plain(one)));
            }
        }
    }
    draw.say(format!(
        "\nOn this machine, {}. Services, and what you run yourself, may do what you may.",
        asked.confinement
    ));
    if !yes {
        draw.prompt_for("Allow it? Type yes");
        let mut answer = String::new();
        let read = std::io::stdin().read_line(&mut answer);
        if read.is_err() || !answer.trim().eq_ignore_ascii_case("yes") {
            draw.say("Not allowed: nothing of it runs. To allow it without being asked: groundwork pack allow --yes");
            return Ok(Ended::YourMove);
        }
    }
    run.workbench.allow_pack(&asked.digest)?;
    draw.say("Allowed, until its content changes.");
    Ok(Ended::Well)
}

fn list(run: &Run) -> Ended {
    for pack in run.workbench.packs() {
        run.draw.json("pack", &pack);
        let origin = if pack.shipped { "shipped  " } else { "installed" };
        let open = if pack.open { "open" } else { "    " };
        let labs = count(pack.labs, "lab");
        run.draw.say(format!("{open}  {origin}  {labs:>8}  version {:<4} {}  {}", pack.version, pack.id, pack.title));
        if let Some(problem) = &pack.problem {
            run.draw.problem(problem);
        }
    }
    Ended::Well
}

fn lint(draw: Draw, folder: &Path, guides: bool) -> Ended {
    let mut judged = authoring::lint(folder);
    if guides {
        let (pages, flaws) = authoring::styles(folder);
        draw.say("words  sentences  longest  grade  commands run  page");
        for page in &pages {
            draw.json("page", page);
            let PageStyle { page, words, sentences, grade, longest, commands, run } = page;
            draw.say(format!(
                "{words:>5}  {sentences:>9}  {longest:>7}  {grade:>5.1}  {run:>5} of {commands:<4}  {page}"
            ));
        }
        draw.say("");
        judged.flaws.extend(flaws);
    }
    for flaw in &judged.flaws {
        draw.json("flaw", flaw);
        let place = plain(&format!("{}:{}:{}:", folder.join(&flaw.file).display(), flaw.line, flaw.column));
        let (message, next_step) = (plain(&flaw.message), plain(&flaw.next_step));
        draw.say(format!("{} {message}\n    {} {next_step}", style(place).bold(), style("next:").cyan()));
    }
    let flaws = judged.flaws.len();
    draw.json("linted", &json!({ "labs": judged.labs, "checks": judged.checks, "flaws": flaws }));
    let size = format!("{}, {}", count(judged.labs, "lab"), count(judged.checks, "check"));
    if flaws == 0 {
        draw.say(format!("Nothing to mend: {size}."));
        return Ended::Well;
    }
    draw.say(format!("\n{} to mend ({size})", count(flaws, "thing")));
    Ended::YourMove
}

fn kinds(draw: Draw) -> Ended {
    for kind in authoring::kinds_for_programs() {
        draw.json("kind", &kind);
    }
    draw.say(authoring::kinds().trim_end());
    Ended::Well
}

pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
