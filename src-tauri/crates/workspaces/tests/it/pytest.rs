//! The check kind `pytest` with a real Python and a real pytest: what its runner tells, and that it leaves nothing behind.

use std::{collections::BTreeMap, env, fs, path::PathBuf, sync::Arc};

use checks::{Context, Outcome, Place, Status, prepare, run};
use curriculum::{Check, Lab, Step};
use workspaces::{LiveProbe, Services, Surroundings};

use crate::support::{Ground, HANG, Nothing, ground, put, search_path, surroundings};

/// The programs of an environment that has pytest. It must be there: a test that skips itself proves nothing.
fn programs() -> PathBuf {
    let python = env::var_os("GROUNDWORK_PYTEST").map_or_else(set_up, PathBuf::from);
    assert!(python.exists(), "{} is not there: `cargo xtask test` sets it up", python.display());
    python.parent().unwrap().to_path_buf()
}

/// Where set-up puts the clients' environments, which have pytest.
fn set_up() -> PathBuf {
    let clients = env::home_dir().unwrap().join(".cache/groundwork/clients");
    let folders = fs::read_dir(&clients).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path()));
    let mut complete: Vec<PathBuf> = folders.filter(|folder| folder.join("complete").is_file()).collect();
    complete.sort();
    complete.pop().unwrap_or(clients).join("bin/python")
}

fn with_pytest(ground: &Ground) -> (PathBuf, Surroundings) {
    let folder = ground.start().folder;
    let own = search_path();
    let paths = [programs()].into_iter().chain(env::split_paths(&own));
    let search_path = env::join_paths(paths).unwrap();
    (folder.clone(), Surroundings { search_path, ..surroundings(&folder) })
}

fn lab(ground: &Ground, settings: &str) -> Lab {
    let place = curriculum::Place { file: "lab.toml".into(), line: 1, column: 1 };
    let check = Check {
        id: "it".into(),
        title: "It".into(),
        kind: "pytest".into(),
        after: vec![],
        watches: vec![],
        faults: vec![],
        hints: vec![],
        hint_when: vec![],
        settings: toml::from_str(settings).unwrap(),
        place,
        setting_places: BTreeMap::new(),
    };
    let step = Step {
        id: "step".into(),
        title: "Step".into(),
        page: "01.md".into(),
        guide: String::new(),
        checks: vec![check],
    };
    Lab { steps: vec![step], ..ground.lab.clone() }
}

async fn outcome(lab: &Lab, surroundings: Surroundings) -> Outcome {
    let services = Services::new(&[], &surroundings).unwrap();
    let probe = LiveProbe::new(surroundings, Arc::new(services), Arc::new(Nothing)).unwrap();
    let prepared = prepare(lab).unwrap();
    let context = Context { probe: &probe, earlier: &BTreeMap::new() };
    tokio::time::timeout(HANG, run(&prepared[0], &context)).await.expect("it hangs")
}

fn told(outcome: &Outcome) -> String {
    let place = match &outcome.place {
        Some(Place::File { path, line }) => format!(" at {path}:{}", line.unwrap_or_default()),
        _ => String::new(),
    };
    format!("{:?}{place}: {}", outcome.status, outcome.summary)
}

const SUMS: &str = "def add(a, b):\n    if a < 0:\n        raise ValueError(\"negative\")\n    return a + b\n";

#[tokio::test]
async fn what_pytest_finds() {
    let good = "from app.sums import add\n\ndef test_small():\n    print('noise')\n    assert add(1, 2) == 3\n";
    let tests = "paths = [\"tests\"]";
    for (case, file, text, settings, expected) in [
        ("all pass", "tests/test_sums.py", good, tests, "Passed: 1 test passed."),
        (
            "one fails",
            "tests/test_sums.py",
            "from app.sums import add\ndef test_small():\n    assert add(1, 2) == 4\n",
            tests,
            "Failed at tests/test_sums.py:3: `test_small` fails: assert 3 == 4. 0 passed, 1 failed.",
        ),
        (
            "the learner's module raises",
            "tests/test_sums.py",
            "from app.sums import add\ndef test_ok(): pass\ndef test_small():\n    add(-1, 2)\n",
            tests,
            "Failed at app/sums.py:3: `test_small` fails: ValueError: negative. 1 passed, 1 failed.",
        ),
        (
            "an import that fails",
            "tests/test_sums.py",
            "import os\nfrom app.sum import add\n",
            tests,
            "Failed at tests/test_sums.py:2: `tests/test_sums.py` cannot be read: ModuleNotFoundError: No module named \
             'app.sum'.",
        ),
        (
            "a syntax error",
            "tests/test_sums.py",
            "def test_small():\n    assert (1 == 1\n",
            tests,
            "Failed at tests/test_sums.py:2: `tests/test_sums.py` cannot be read: SyntaxError: '(' was never closed.",
        ),
        (
            "a conftest that cannot be read",
            "tests/conftest.py",
            "import os\nimport nothing_here\n",
            tests,
            "Failed at tests/conftest.py:2: pytest cannot begin: ModuleNotFoundError: No module named 'nothing_here'.",
        ),
        (
            "no test in the file",
            "tests/test_sums.py",
            "def small_test():\n    pass\n",
            tests,
            "Failed at tests/test_sums.py:1: No test was found: `small_test` in `tests/test_sums.py` is not called test_….",
        ),
        (
            "no test file",
            "tests/sums.py",
            "def test_small():\n    pass\n",
            tests,
            "Failed at tests/sums.py:1: No test was found, but `tests/sums.py` holds `test_small`.",
        ),
        (
            "a fixture with another name",
            "tests/test_sums.py",
            "import pytest\n@pytest.fixture\ndef client():\n    yield 1\ndef test_small(clint):\n    pass\n",
            tests,
            "Failed at tests/test_sums.py:5: `test_small` could not be set up: fixture 'clint' not found. 0 passed, 1 error.",
        ),
        (
            "skipped",
            "tests/test_sums.py",
            "import pytest\n@pytest.mark.skip(reason='later')\ndef test_small():\n    pass\n",
            tests,
            "Failed at tests/test_sums.py:2: Not enough tests pass: 0 passed, 1 skipped.",
        ),
        (
            "a test that hangs",
            "tests/test_sums.py",
            "import time\ndef test_ok(): pass\ndef test_small():\n    time.sleep(1000)\n",
            "paths = [\"tests\"]\ntimeout_s = 3",
            "Failed at tests/test_sums.py:3: `test_small` did not end within 3 s and was stopped.",
        ),
        (
            "a test that ends the process",
            "tests/test_sums.py",
            "import os\ndef test_small():\n    os._exit(0)\n",
            tests,
            "Failed at tests/test_sums.py:2: Python ended with exit code 0 while `test_small` ran, before pytest could.",
        ),
        (
            "a crash",
            "tests/test_sums.py",
            "import os, signal\ndef test_small():\n    os.kill(os.getpid(), signal.SIGSEGV)\n",
            tests,
            "Failed at tests/test_sums.py:2: Python was ended by signal 11 (SIGSEGV, an access to memory that is not its \
             own) while `test_small` ran.",
        ),
        (
            "a module that ends the program",
            "tests/test_sums.py",
            "import sys\nsys.exit('bye')\n",
            tests,
            "Failed at tests/test_sums.py:2: pytest stopped while `tests/test_sums.py` was read: SystemExit: bye.",
        ),
        (
            "one test of several",
            "tests/test_sums.py",
            "import pytest\ndef test_bad(): assert 0\n@pytest.mark.parametrize('n', [1, 2])\ndef test_n(n): assert n\n",
            "paths = [\"tests/test_sums.py::test_n\"]\nnames = [\"test_n\"]\nat_least = 2",
            "Passed: 2 tests passed.",
        ),
        (
            "a test that should fail and does not",
            "tests/test_sums.py",
            "import pytest\n@pytest.mark.xfail(strict=True)\ndef test_small(): pass\n",
            tests,
            "Failed at tests/test_sums.py:2: `test_small` fails: [XPASS(strict)]. 0 passed, 1 failed.",
        ),
        (
            "a thread that is left behind",
            "tests/test_sums.py",
            "import threading, time\ndef test_small():\n    threading.Thread(target=time.sleep, args=(1000,)).start()\n",
            tests,
            "Passed: 1 test passed.",
        ),
    ] {
        let ground = ground(&[("app/sums.py", SUMS), (file, text)]);
        let (folder, surroundings) = with_pytest(&ground);
        assert_eq!(told(&outcome(&lab(&ground, settings), surroundings).await), expected, "{case}");
        let left = walkdir::WalkDir::new(&folder).into_iter().filter_map(|entry| Some(entry.ok()?.into_path()));
        let left: Vec<_> =
            left.filter(|path| path.ends_with("__pycache__") || path.ends_with(".pytest_cache")).collect();
        assert!(left.is_empty(), "{case}: {left:?}");
    }
}

#[tokio::test]
async fn without_pytest_the_machine_is_to_blame() {
    let ground = ground(&[("tests/test_sums.py", "def test_small(): pass\n")]);
    let folder = ground.start().folder;
    // A module of that name that cannot be imported stands for none.
    put(&folder, "none/pytest.py", "raise ImportError(\"No module named 'pytest'\")\n");
    let found =
        outcome(&lab(&ground, "paths = [\"tests\"]\nenv = { PYTHONPATH = \"none\" }"), surroundings(&folder)).await;
    assert_eq!(found.status, Status::Error);
    assert_eq!(found.summary, "pytest cannot be used in the lab's environment: No module named 'pytest'.");
}
