//! What a stack's services say, merged by time, followed past their ends: a service that was killed and came back goes on.
//! Holds no more than the lines that were asked for, and a few that wait to be shown.

use std::time::Duration;

use bollard::container::LogOutput;
use bollard::models::ContainerStateStatusEnum;
use bollard::query_parameters::LogsOptions;
use futures::StreamExt;
use task::Cancellation;
use tokio::sync::mpsc;

use super::label_of;
use crate::lines::Lines;
use crate::{Engine, Error, label};

/// Lines that wait for a shell; a service that says more waits, too.
const WAITING: usize = 256;
const LOOKS_EVERY: Duration = Duration::from_millis(300);

/// One line of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub service: String,
    /// RFC 3339, to the nanosecond, as the engine noted it.
    pub at: String,
    pub text: String,
    pub is_error: bool,
}

/// Which lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// This service alone.
    pub service: Option<String>,
    /// Lines of each service, the newest.
    pub tail: u32,
    /// Whether to go on with what is said from now on, until cancelled or until every container has ended for good.
    pub follow: bool,
}

impl Engine {
    /// Hands each line to `show`: what was said before in the order of its time, then what is said now as it comes.
    pub async fn logs(
        &self,
        project: &str,
        wanted: &Wanted,
        cancellation: &Cancellation,
        mut show: impl FnMut(Line) + Send,
    ) -> Result<(), Error> {
        let mut sources = Vec::new();
        for found in self.containers_of(project).await? {
            let service = label_of(&found, label::SERVICE).to_owned();
            if wanted.service.as_ref().is_none_or(|only| *only == service) {
                sources.push(Source { engine: self.clone(), id: found.id.unwrap_or_default(), service });
            }
        }
        if sources.is_empty() {
            return Err(match &wanted.service {
                Some(service) => Error::NoService { stack: project.into(), service: service.clone() },
                None => Error::NoStack { name: project.into() },
            });
        }
        let mut before = Vec::new();
        let mut following = Vec::new();
        for source in sources {
            let lines = source.before(wanted.tail).await?;
            let last = lines.iter().map(|line| line.at.clone()).max().unwrap_or_default();
            before.extend(lines);
            following.push((source, last));
        }
        // Stable: lines of one moment stay in their service's order.
        before.sort_by(|a, b| a.at.cmp(&b.at));
        before.into_iter().for_each(&mut show);
        if !wanted.follow {
            return Ok(());
        }
        let (sender, mut lines) = mpsc::channel(WAITING);
        let followers: tokio::task::JoinSet<()> =
            following.into_iter().map(|(source, last)| source.follow(last, sender.clone())).collect();
        drop(sender);
        loop {
            tokio::select! {
                line = lines.recv() => match line {
                    Some(line) => show(line?),
                    None => break,
                },
                () = cancellation.cancelled() => break,
            }
        }
        drop(followers);
        Ok(())
    }
}

struct Source {
    engine: Engine,
    id: String,
    service: String,
}

impl Source {
    async fn before(&self, tail: u32) -> Result<Vec<Line>, Error> {
        let options = LogsOptions { tail: tail.to_string(), ..asked() };
        let mut told = std::pin::pin!(self.engine.docker.logs(&self.id, Some(options)));
        let mut cut = Cut::default();
        let mut lines = Vec::new();
        while let Some(output) = told.next().await {
            lines.extend(cut.lines(&self.service, output?));
        }
        Ok(lines)
    }

    /// Sends what is newer than `last`. A container that has ended is looked at again: it may come back.
    async fn follow(self, mut last: String, to: mpsc::Sender<Result<Line, Error>>) {
        loop {
            // The engine counts whole seconds; what was seen in that second is left out below.
            let (since, seen) = (seconds(&last), last.clone());
            let tail = if last.is_empty() { "0" } else { "all" };
            let options = LogsOptions { follow: true, since, tail: tail.to_owned(), ..asked() };
            let mut told = std::pin::pin!(self.engine.docker.logs(&self.id, Some(options)));
            let mut cut = Cut::default();
            while let Some(output) = told.next().await {
                let output = match output {
                    Ok(output) => output,
                    Err(error) => {
                        let _ = to.send(Err(error.into())).await;
                        return;
                    }
                };
                for line in cut.lines(&self.service, output).into_iter().filter(|line| line.at > seen) {
                    if line.at > last {
                        last.clone_from(&line.at);
                    }
                    if to.send(Ok(line)).await.is_err() {
                        return;
                    }
                }
            }
            if self.has_ended().await {
                return;
            }
            if last.is_empty() {
                // It said nothing yet; what it says after its return is new.
                last = "1970-01-01T00:00:01Z".to_owned();
            }
            tokio::time::sleep(LOOKS_EVERY).await;
        }
    }

    /// Whether it is gone, or nobody will start it again.
    async fn has_ended(&self) -> bool {
        let found = self.engine.inspect(&self.id, false).await;
        let Ok(found) = found else { return true };
        let status = found.state.and_then(|state| state.status);
        let ended = matches!(status, Some(ContainerStateStatusEnum::EXITED | ContainerStateStatusEnum::DEAD));
        let policy = found.host_config.and_then(|host| host.restart_policy?.name).map(|name| name.to_string());
        ended && policy.is_none_or(|policy| matches!(policy.as_str(), "" | "no"))
    }
}

fn asked() -> LogsOptions {
    LogsOptions { stdout: true, stderr: true, timestamps: true, ..LogsOptions::default() }
}

/// Lines of the two outputs, which come interleaved and each in pieces.
#[derive(Default)]
struct Cut {
    out: Said,
    err: Said,
}

#[derive(Default)]
struct Said {
    lines: Lines,
    /// When the line that was last begun began.
    at: String,
}

impl Cut {
    /// The engine puts the time before each message: a line, or a part of a long one. Here all parts have the first's.
    fn lines(&mut self, service: &str, output: LogOutput) -> Vec<Line> {
        let is_error = matches!(output, LogOutput::StdErr { .. });
        let said = if is_error { &mut self.err } else { &mut self.out };
        let mut whole = Vec::new();
        for message in output.into_bytes().split_inclusive(|byte| *byte == b'\n') {
            let (at, text) = timed(message);
            if let Some(at) = at.filter(|_| said.lines.is_empty()) {
                said.at = at.to_owned();
            }
            let line = |text| Line { service: service.to_owned(), at: said.at.clone(), text, is_error };
            whole.extend(said.lines.push(text).into_iter().map(line));
        }
        whole
    }
}

/// The time at the head of a message, where there is one, and what follows.
fn timed(message: &[u8]) -> (Option<&str>, &[u8]) {
    let end = message.iter().position(|byte| *byte == b' ').unwrap_or_default();
    let at = std::str::from_utf8(&message[..end]).ok().filter(|at| at.parse::<jiff::Timestamp>().is_ok());
    if at.is_some() { (at, &message[end + 1..]) } else { (None, message) }
}

/// The second of an RFC 3339 time, since 1970; 0 where it is none.
fn seconds(at: &str) -> i32 {
    let parsed = at.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_second).unwrap_or_default();
    i32::try_from(parsed).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What these messages of one output give, as time and text.
    fn lines(messages: &[String]) -> Vec<(String, String)> {
        let mut cut = Cut::default();
        let output = |text: &String| LogOutput::StdOut { message: text.clone().into() };
        messages.iter().flat_map(|text| cut.lines("a", output(text))).map(|line| (line.at, line.text)).collect()
    }

    #[test]
    fn a_long_line_keeps_the_time_at_which_it_began_and_all_its_text() {
        let (first, later) = ("2026-01-01T10:00:00.000000001Z", "2026-01-01T10:00:00.000000002Z");
        let long = "x".repeat(16 * 1024);
        let expected = [(first.to_owned(), long.clone()), (first.to_owned(), "IT goes on".to_owned())];
        // As Docker cuts a line, with a time before each part; in one message; and a part without a time.
        assert_eq!(lines(&[format!("{first} {long}"), format!("{later} IT goes on\n")]), expected);
        assert_eq!(lines(&[format!("{first} {long}IT goes on\n")]), expected);
        assert_eq!(lines(&[format!("{first} {long}"), "IT goes on\n".to_owned()]), expected);
        let short = [(first.to_owned(), "one".to_owned()), (later.to_owned(), String::new())];
        assert_eq!(lines(&[format!("{first} one\n"), format!("{later} \n")]), short);
        assert_eq!(lines(&[format!("{first} one\n{later} \n")]), short);
    }
}
