use std::{path::Path, time::Duration};

use tokio::{sync::mpsc::UnboundedReceiver, time::timeout};
use workspaces::{Said, Size, Surroundings, Terminal, write_activation};

use crate::support::{FAMILY, HANG, all_end, ground, processes, put, surroundings};

const SIZE: Size = Size { columns: 90, rows: 30 };

fn open(folder: &Path) -> (Terminal, UnboundedReceiver<Said>) {
    let mut surroundings = surroundings(folder);
    surroundings.variables.insert("OPENAI_API_KEY".into(), "gw-here".into());
    Terminal::open(&surroundings, Path::new("/bin/sh"), SIZE).unwrap()
}

/// Reads until the output holds `wanted`.
async fn until(terminal: &Terminal, said: &mut UnboundedReceiver<Said>, wanted: &str) -> String {
    let mut all = String::new();
    while !all.contains(wanted) {
        let next = timeout(HANG, said.recv()).await.unwrap_or_else(|_| panic!("no {wanted:?} in {all:?}"));
        let Some(Said::Text(text)) = next else { panic!("the shell ended: {all:?}") };
        terminal.drawn(1);
        all.push_str(&text);
    }
    all
}

/// All that is said to the end.
async fn to_end(said: &mut UnboundedReceiver<Said>) -> String {
    let mut all = String::new();
    loop {
        match timeout(HANG, said.recv()).await.expect("the shell does not end") {
            Some(Said::Text(text)) => all.push_str(&text),
            Some(Said::Ended) => {
                assert_eq!(said.recv().await, None);
                return all;
            }
            None => panic!("the end was not told"),
        }
    }
}

async fn eventually(holds: impl Fn() -> bool) -> bool {
    let holding = async {
        while !holds() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(HANG, holding).await.is_ok()
}

#[tokio::test]
async fn a_shell_runs_in_the_workspace_with_its_variables_and_knows_its_size() {
    let ground = ground(&[("ask.py", "")]);
    let folder = ground.start().folder;
    let (terminal, mut said) = open(&folder);
    // In two halves: the echo of what is typed does not hold what is printed.
    terminal.type_in("ls; echo key-${OPENAI_API_KEY#gw-}; stty size; tty -s && echo a-\"tty\"\n".into());
    let out = until(&terminal, &mut said, "a-tty").await;
    assert!(out.contains("ask.py") && out.contains("key-here") && out.contains("30 90"), "{out}");
    terminal.resize(Size { columns: 120, rows: 40 });
    terminal.type_in("stty size\n".into());
    until(&terminal, &mut said, "40 120").await;
    // A terminal's own key ends a program, and not the shell.
    assert!(eventually(|| !terminal.busy()).await, "stty has not ended");
    terminal.type_in("sleep 1000; echo interrupted-$?\n".into());
    assert!(eventually(|| terminal.busy()).await, "a program runs, and the terminal is not busy");
    terminal.type_in("\u{3}".into());
    terminal.type_in("echo still-\"here\"\n".into());
    until(&terminal, &mut said, "still-here").await;
    assert!(eventually(|| !terminal.busy()).await, "nothing runs, and the terminal is busy");
    terminal.type_in("exit\n".into());
    to_end(&mut said).await;
    terminal.type_in("nobody hears this\n".into());
}

/// A learner's own start-up file has another key; the lab's counts in the lab's shell, and the rest of the file too.
#[tokio::test]
async fn a_start_up_file_does_not_have_the_last_word() {
    // zsh is not on every machine.
    for (shell, file) in [("/bin/bash", ".bashrc"), ("/bin/sh", "")] {
        let ground = ground(&[("ask.py", "")]);
        let workspace = ground.start();
        let home = ground.folder.path().join("home of a learner");
        std::fs::create_dir_all(&home).unwrap();
        if !file.is_empty() {
            put(&home, file, "export OPENAI_API_KEY=sk-mine\nOWN=word\n");
        }
        let mut surroundings = Surroundings { kept: workspace.kept(), ..surroundings(&workspace.folder) };
        surroundings.variables.insert("OPENAI_API_KEY".into(), "gw-here".into());
        write_activation(&workspace, &surroundings.variables, None).unwrap();
        surroundings.started.insert("OPENAI_API_KEY".into(), "gw-here-started".into());
        // Whatever a check's program made of the one in the workspace.
        put(&workspace.folder, ".groundwork/activate", "export OPENAI_API_KEY=of-a-stranger\n");
        surroundings.variables.insert("HOME".into(), home.to_str().unwrap().into());
        let (terminal, mut said) = Terminal::open(&surroundings, Path::new(shell), SIZE).unwrap();
        terminal.type_in("echo \"key is ${OPENAI_API_KEY}, own is ${OWN}.\"\n".into());
        let own = if file.is_empty() { "" } else { "word" };
        until(&terminal, &mut said, &format!("key is gw-here, own is {own}.")).await;
    }
}

#[tokio::test]
async fn what_a_shell_started_ends_with_it() {
    for by_exit in [true, false] {
        let ground = ground(&[("family.py", FAMILY)]);
        let folder = ground.start().folder;
        let (terminal, mut said) = open(&folder);
        terminal.type_in("python3 family.py\n".into());
        let pids = processes(&folder.join("pids"), 3);
        if by_exit {
            terminal.type_in("exit\n".into());
            to_end(&mut said).await;
        } else {
            drop(terminal);
        }
        all_end(&pids);
    }
}

#[tokio::test]
async fn what_runs_in_a_terminal_that_is_closed_can_put_its_files_in_order() {
    for by_exit in [true, false] {
        let ground = ground(&[("ask.py", "")]);
        let folder = ground.start().folder;
        let (terminal, mut said) = open(&folder);
        let (ready, kept) = (folder.join("ready"), folder.join("kept"));
        let editor = "sh -c 'trap \"echo all > kept; exit\" HUP; touch ready; while :; do sleep 0.01; done'";
        terminal.type_in(format!("{editor}{}\n", if by_exit { " &" } else { "" }));
        assert!(eventually(|| ready.exists()).await, "it has not started");
        if by_exit {
            terminal.type_in("exit\n".into());
            to_end(&mut said).await;
        } else {
            drop(terminal);
        }
        assert_eq!(std::fs::read_to_string(kept).unwrap(), "all\n");
    }
}

#[tokio::test]
async fn output_that_nobody_draws_is_held_up_and_nothing_of_it_is_lost() {
    let ground = ground(&[("ask.py", "")]);
    let folder = ground.start().folder;
    let (terminal, mut said) = open(&folder);
    terminal.type_in("stty -echo; echo; seq 1 400000; echo last-\"line\"\n".into());
    // Nothing is drawn: after a while nothing more comes.
    let mut pieces = Vec::new();
    while let Ok(Some(Said::Text(text))) = timeout(Duration::from_secs(1), said.recv()).await {
        pieces.push(text);
    }
    assert!(pieces.len() <= 16, "{} pieces came ahead of what was drawn", pieces.len());
    terminal.drawn(pieces.len());
    let rest = until(&terminal, &mut said, "last-line").await;
    let all = pieces.concat() + &rest;
    let numbers: Vec<u32> = all.lines().filter_map(|line| line.trim().parse().ok()).collect();
    assert!(numbers.iter().copied().eq(1..=400_000), "{} numbers came", numbers.len());
}

#[tokio::test]
async fn a_terminal_that_nobody_draws_ends_all_the_same() {
    let ground = ground(&[("ask.py", "")]);
    let folder = ground.start().folder;
    let (terminal, mut said) = open(&folder);
    terminal.type_in("yes\n".into());
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(terminal);
    to_end(&mut said).await;
}

#[tokio::test]
async fn a_shell_that_is_not_there_is_named() {
    let ground = ground(&[("ask.py", "")]);
    let folder = ground.start().folder;
    let failed = Terminal::open(&surroundings(&folder), Path::new("/no/such/shell"), SIZE).unwrap_err();
    let text = failed.to_string();
    assert!(text.starts_with("the shell /no/such/shell did not start"), "{text}");
}
