//! `actions/setup-python`: an environment of its own with the one Python that is here, where that is what was asked for.

use super::{Done, With};
use crate::{Exit, finding::Halt, kinds::workflow::job::Running};

const HOME: &str = "/__t/python";

pub async fn set_up(with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
    let mut wanted = with.lines("python-version");
    if let (true, Some(file)) = (wanted.is_empty(), with.get("python-version-file")) {
        let Some(text) = running.file(&file).await? else { return Ok(Err(format!("there is no file `{file}`"))) };
        wanted = text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    }
    let asked = running.run_program(&["python3", "-c", "import platform; print(platform.python_version())"]).await?;
    let here = asked.stdout.trim().to_owned();
    if asked.exit != Exit::Code(0) {
        return Ok(Err("the job's image has no `python3`".to_owned()));
    }
    if let Some(other) = wanted.iter().find(|wanted| !fits(wanted, &here)) {
        let minor = here.rsplit_once('.').map_or(here.as_str(), |(minor, _)| minor);
        let mut why = format!("it asks for Python {other}, and {here} is here; write `python-version: \"{minor}\"`");
        if other == "3.1" {
            why += " (without quotation marks, 3.10 is the number 3.1)";
        }
        return Ok(Err(why));
    }
    let made = running.run_program(&["python3", "-m", "venv", HOME]).await?;
    if made.exit != Exit::Code(0) {
        return Ok(Err(format!("no environment could be made: {}", made.stdout.trim())));
    }
    running.paths.insert(0, format!("{HOME}/bin"));
    running.exported.insert("pythonLocation".to_owned(), HOME.to_owned());
    let path = format!("{HOME}/bin/python");
    let outputs = [("python-version", here.clone()), ("python-path", path), ("cache-hit", String::new())];
    let outputs = outputs.map(|(name, value)| (name.to_owned(), value)).into();
    Ok(Ok(Done { log: format!("Python {here}"), outputs }))
}

/// Whether a version is one that was asked for: `3.11`, `3.x`, `>=3.10`, `>=3.10 <3.13`, `~3.11.1`.
fn fits(wanted: &str, version: &str) -> bool {
    let parts = wanted.split([' ', ',']).filter(|part| !part.is_empty());
    parts.into_iter().all(|part| {
        let signs = part.len() - part.trim_start_matches(['<', '>', '=', '~', '^', 'v']).len();
        let (sign, number) = part.split_at(signs);
        let (own, asked) = (numbers(version), numbers(number));
        let same = |count: usize| own.iter().zip(&asked).take(count).all(|(own, asked)| own == asked);
        match sign {
            ">=" => own >= asked,
            "<" => own < asked,
            ">" => own > asked && !same(asked.len()),
            "<=" => own <= asked || same(asked.len()),
            "~" | "~=" => own >= asked && same(asked.len().saturating_sub(1).clamp(1, 2)),
            "^" => own >= asked && same(1),
            _ => !asked.is_empty() && same(asked.len()) && number.split('.').count() <= 3,
        }
    })
}

/// `3.x` says as much as `3`; what is no number says that no version fits.
fn numbers(text: &str) -> Vec<u32> {
    let parts = text.split('.').take_while(|part| !matches!(*part, "x" | "X" | "*"));
    parts.map(|part| part.parse().unwrap_or(u32::MAX)).collect()
}

#[cfg(test)]
mod tests {
    use super::fits;

    #[test]
    fn a_version_is_asked_for_in_many_ways() {
        for wanted in [
            "3",
            "3.x",
            "3.11",
            "3.11.x",
            "3.11.2",
            ">=3.10",
            ">=3.10 <3.13",
            ">=3.10,<3.13",
            "~3.11.1",
            "^3.9",
            "<=3.11",
        ] {
            assert!(fits(wanted, "3.11.2"), "{wanted}");
        }
        for wanted in
            ["3.12", "3.1", "2", "3.11.3", ">=3.12", "<3.11", ">3.11", "~3.10.1", "pypy3.11", "3.11-dev", "x.y"]
        {
            assert!(!fits(wanted, "3.11.2"), "{wanted}");
        }
    }
}
