//! Calls and spans from the learner's own terminal make checks look again, and what checks do themselves comes to rest.

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    process::{Child, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, channel},
    time::Duration,
};

use serde_json::Value;

use crate::support::Home;

/// After the check that reads the calls comes one that calls, and after that one that reads the calls again.
const LOOPS: &str = r#"
[[steps.checks]]
id = "calls-again"
title = "The program calls again"
kind = "command"
after = ["called"]
run = ["python", "ask.py", "ask"]

[[steps.checks]]
id = "called-again"
title = "It called again"
kind = "gateway"
after = ["calls-again"]
"#;

/// `groundwork lab watch`, ended with the test.
struct Watching {
    program: Child,
    events: Receiver<Value>,
}

impl Watching {
    fn start(home: &Home) -> Self {
        let mut watch = home.command(&["lab", "watch", "telling", "--json"]);
        let mut program = watch.stdout(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(program.stdout.take().unwrap()).lines();
        let (sender, events) = channel();
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                let _ = sender.send(serde_json::from_str(&line).unwrap());
            }
        });
        Self { program, events }
    }

    /// The checks that finished, each with its status, until nothing has happened for so long.
    fn finished(&self, quiet: Duration) -> Vec<String> {
        let mut finished = Vec::new();
        loop {
            match self.events.recv_timeout(quiet) {
                Ok(event) if event["type"] == "check_finished" => {
                    let outcome = &event["outcome"];
                    let word = |key: &str| outcome[key].as_str().unwrap().to_owned();
                    if word("status") == "failed" {
                        println!("{outcome:#}");
                    }
                    finished.push(format!("{} {}", word("check"), word("status")));
                }
                Ok(_) => assert!(finished.len() < 100, "no rest: {finished:#?}"),
                Err(RecvTimeoutError::Timeout) => return finished,
                Err(RecvTimeoutError::Disconnected) => panic!("the program ended: {finished:#?}"),
            }
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

#[test]
fn a_call_from_a_terminal_turns_its_check_and_checks_that_call_come_to_rest() {
    let home = Home::with_telling_pack();
    let lab = home.resources.join("labs/telling/lab.toml");
    let text = fs::read_to_string(&lab).unwrap();
    let (before, after) = text.split_once("[[steps]]\nid = \"after\"").unwrap();
    let mut file = fs::File::create(&lab).unwrap();
    write!(file, "{before}{LOOPS}\n[[steps]]\nid = \"after\"{after}").unwrap();
    // An environment of the lab's own: a system's Python may need more than a confined program may read.
    fs::write(lab.with_file_name("starter").join("requirements.txt"), "# Nothing beyond Python.\n").unwrap();
    home.must(&["lab", "start", "telling", "--no-editor"]);
    let watching = Watching::start(&home);
    let quiet = Duration::from_secs(5);
    watching.finished(quiet);

    home.run_ask("tell 1");
    assert_eq!(
        watching.finished(Duration::from_secs(3)),
        ["traced passed"],
        "spans concern only the check that reads them"
    );

    home.run_ask("ask");
    let found = watching.finished(quiet);
    let times = |what: &str| found.iter().filter(|each| *each == what).count();
    assert_eq!(found.first().map(String::as_str), Some("called passed"), "{found:#?}");
    assert_eq!(times("calls-again passed"), 1, "what comes after ran once: {found:#?}");
    assert!(times("called-again passed") >= 1, "{found:#?}");
    assert!(found.iter().all(|each| each.ends_with(" passed") && !each.starts_with("traced")), "{found:#?}");
    assert!(found.len() <= 6, "a call makes its readers look again, once a burst: {found:#?}");

    home.run_ask("ask");
    let found = watching.finished(quiet);
    assert!(!found.is_empty() && found.iter().all(|each| each.starts_with("called")), "nothing turned: {found:#?}");
}
