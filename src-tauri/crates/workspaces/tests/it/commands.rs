use std::{collections::BTreeMap, path::Path, time::Duration};

use checks::{Command, Exit, Probe, Ran};

use crate::support::{FAMILY, HANG, all_end, ground, probe, probe_in, processes, put, surroundings};

fn command(argv: &[&str]) -> Command {
    Command {
        argv: argv.iter().map(|&word| word.to_owned()).collect(),
        stdin: None,
        env: BTreeMap::new(),
        timeout: HANG,
        memory_mb: 1024,
        output_cap: 64 << 10,
    }
}

async fn run(folder: &Path, command: &Command) -> Ran {
    tokio::time::timeout(HANG, probe(folder).run(command)).await.expect("it hangs").unwrap()
}

#[tokio::test]
async fn a_program_ends_in_its_own_way() {
    let ground = ground(&[("hello.py", "print('hello')")]);
    let folder = ground.start().folder;
    put(&folder, "here.sh", "#!/bin/sh\necho here");
    std::process::Command::new("chmod").args(["+x", "here.sh"]).current_dir(&folder).status().unwrap();
    for (argv, exit, stdout, stderr) in [
        (&["python", "hello.py"][..], Exit::Code(0), "hello\n", ""),
        (&["./here.sh"], Exit::Code(0), "here\n", ""),
        (&["sh", "-c", "echo out; echo err >&2; exit 3"], Exit::Code(3), "out\n", "err\n"),
        (&["sh", "-c", "kill -s SEGV $$"], Exit::Signal(11), "", ""),
        (&["sh", "-c", "cat"], Exit::Code(0), "", ""),
        (&["echo", "a b", "$HOME", "'"], Exit::Code(0), "a b $HOME '\n", ""),
        (&["no-such-program"], Exit::NotFound, "", ""),
        (&["./no-such-script"], Exit::NotFound, "", ""),
        (&["printf", r"\303\244\377"], Exit::Code(0), "ä\u{fffd}", ""),
    ] {
        let ran = run(&folder, &command(argv)).await;
        assert_eq!((ran.exit, &*ran.stdout, &*ran.stderr, ran.cut), (exit, stdout, stderr, false), "{argv:?}");
    }
    let outside = probe(&folder).run(&command(&["../../pack/first/starter/hello.py"])).await;
    assert_eq!(outside.unwrap_err().message, "../../pack/first/starter/hello.py leaves the workspace");
}

#[tokio::test]
async fn a_program_reads_its_input() {
    let folder = ground(&[("a", "")]);
    let folder = folder.start().folder;
    let mut sort = command(&["sort"]);
    sort.stdin = Some("b\na\n".into());
    assert_eq!(run(&folder, &sort).await.stdout, "a\nb\n");
    // More than a pipe holds, for a program that reads none of it.
    let mut deaf = command(&["true"]);
    deaf.stdin = Some("x".repeat(1 << 20));
    assert_eq!(run(&folder, &deaf).await.exit, Exit::Code(0));
}

#[tokio::test]
async fn nothing_of_our_own_environment_leaks_in() {
    let ground = ground(&[("a", "")]);
    let folder = ground.start().folder;
    let mut env = command(&["env"]);
    env.env.insert("GREETING".into(), "hi there".into());
    let stdout = run(&folder, &env).await.stdout;
    let seen: BTreeMap<_, _> = stdout.lines().filter_map(|line| line.split_once('=')).collect();
    // A shell adds PWD and the like by itself.
    let names: Vec<_> = seen.keys().copied().filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(name)).collect();
    assert_eq!(
        names,
        [
            "GREETING",
            "GROUNDWORK_FREE_PORT",
            "GROUNDWORK_RUN",
            "HOME",
            "LANG",
            "PATH",
            "PYTHONDONTWRITEBYTECODE",
            "PYTHONUNBUFFERED",
            "TMPDIR"
        ]
    );
    assert_eq!((seen["GREETING"], seen["HOME"]), ("hi there", folder.to_str().unwrap()));
}

#[tokio::test]
async fn a_program_that_we_start_has_a_key_that_says_so() {
    let ground = ground(&[("a", "")]);
    let mut surroundings = surroundings(&ground.start().folder);
    surroundings.variables.insert("OPENAI_API_KEY".into(), "gw-1".into());
    surroundings.started.insert("OPENAI_API_KEY".into(), "gw-1-started".into());
    let ran = probe_in(surroundings).run(&command(&["sh", "-c", "echo $OPENAI_API_KEY"])).await.unwrap();
    assert_eq!(ran.stdout, "gw-1-started\n");
}

#[tokio::test]
async fn a_program_that_takes_too_long_ends_with_all_it_started() {
    let ground = ground(&[("family.py", &format!("{FAMILY}\nprint('waiting', flush=True)\ntime.sleep(1000)"))]);
    let folder = ground.start().folder;
    let mut slow = command(&["python", "family.py"]);
    slow.timeout = Duration::from_secs(3);
    let ran = run(&folder, &slow).await;
    assert_eq!((ran.exit, &*ran.stdout), (Exit::TimedOut, "waiting\n"));
    all_end(&processes(&folder.join("pids"), 3));
}

#[tokio::test]
async fn what_a_program_leaves_in_the_background_ends_with_it() {
    let ground = ground(&[("family.py", &format!("{FAMILY}\nprint('done')"))]);
    let folder = ground.start().folder;
    let ran = run(&folder, &command(&["python", "family.py"])).await;
    assert_eq!((ran.exit, &*ran.stdout), (Exit::Code(0), "done\n"));
    all_end(&processes(&folder.join("pids"), 3));
}

#[tokio::test]
async fn a_run_that_is_given_up_ends_the_program() {
    let ground = ground(&[("family.py", &format!("{FAMILY}\ntime.sleep(1000)"))]);
    let folder = ground.start().folder;
    let (probe, slow) = (probe(&folder), command(&["python", "family.py"]));
    let pids = tokio::select! {
        ran = probe.run(&slow) => panic!("{ran:?}"),
        pids = tokio::task::spawn_blocking({
            let file = folder.join("pids");
            move || processes(&file, 3)
        }) => pids.unwrap(),
    };
    all_end(&pids);
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn memory_is_capped() {
    let ground = ground(&[("greedy.py", "x = bytearray(1 << 30)\nprint('got it')")]);
    let folder = ground.start().folder;
    let mut greedy = command(&["python", "greedy.py"]);
    greedy.memory_mb = 256;
    let ran = run(&folder, &greedy).await;
    assert_eq!((ran.exit, &*ran.stdout), (Exit::OutOfMemory, ""), "{}", ran.stderr);
    greedy.memory_mb = 2048;
    assert_eq!(run(&folder, &greedy).await.stdout, "got it\n");
    // Threads reserve far more than they use.
    let many = "import threading, time\nfor _ in range(60): threading.Thread(target=time.sleep, args=(0.2,)).start()\nprint('all')";
    assert_eq!(run(&folder, &Command { memory_mb: 1024, ..command(&["python", "-c", many]) }).await.stdout, "all\n");
}

#[tokio::test]
async fn output_is_cut_and_the_program_is_not() {
    let ground = ground(&[("a", "")]);
    let folder = ground.start().folder;
    let talk = "import sys\nsys.stdout.write('é' * 5_000_000)\nsys.stderr.write('short')\nsys.exit(7)";
    let mut talkative = command(&["python", "-c", talk]);
    talkative.output_cap = 1001;
    let ran = run(&folder, &talkative).await;
    assert_eq!((ran.exit, ran.cut, &*ran.stderr), (Exit::Code(7), true, "short"));
    assert_eq!(ran.stdout, "é".repeat(500), "cut between characters");
}
