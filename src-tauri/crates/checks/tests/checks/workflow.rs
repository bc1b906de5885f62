use std::collections::BTreeMap;

use testkit::memory_probe::MemoryProbe;

use crate::world::{one, outcome, render, table};

const FILE: &str = ".github/workflows/ci.yml";

/// Tests, evaluates, and publishes what was good enough. Its scripts are those of `testkit`'s machine.
pub const GOOD: &str = r#"name: CI
on:
  push:
    branches: [main]
env:
  BAR: "0.8"
jobs:
  test:
    runs-on: ubuntu-latest
    strategy:
      matrix:
        part: [one, two]
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.11"
      - run: need app/${{ matrix.part }}.py fine
  evaluate:
    needs: test
    runs-on: ubuntu-24.04
    outputs:
      score: ${{ steps.measure.outputs.score }}
    steps:
      - uses: actions/checkout@v4
      - id: measure
        name: Measure
        env:
          MODEL: ${{ format('{0}-{1}', github.ref_name, env.BAR) }}
        run: |
          have MODEL main-0.8
          have GITHUB_REF refs/heads/main
          output score=0.9
          env SEEN=yes
          write report/result.txt good
      - name: Gate
        run: |
          have SEEN yes
          need model.txt good
      - uses: actions/upload-artifact@v4
        if: success()
        with: { name: report, path: report }
  publish:
    needs: [test, evaluate]
    if: needs.evaluate.outputs.score >= 0.8 && github.ref == 'refs/heads/main'
    runs-on: ubuntu-latest
    steps:
      - uses: actions/download-artifact@v4
        with:
          name: report
          path: in
      - run: need in/result.txt good
"#;

const ALL: &str = r#"jobs = ["test", "evaluate", "publish"]
must_fail = [{ because = "a model that answers worse", change = [{ file = "model.txt", text = "worse" }], at = "evaluate", not_run = ["publish"] }]"#;

fn world(text: &str) -> MemoryProbe {
    let probe = MemoryProbe::new().file(FILE, text).file("app/one.py", "fine").file("app/two.py", "fine");
    probe.file("model.txt", "a good one").machines(&["here:1"])
}

fn with(from: &str, to: &str) -> MemoryProbe {
    assert!(GOOD.contains(from), "{from}");
    world(&GOOD.replacen(from, to, 1))
}

#[tokio::test]
async fn a_workflow_passes_whose_gate_stops_a_bad_build() {
    let probe = world(GOOD);
    let told = render(&outcome(&one("workflow", ALL), &probe, &BTreeMap::new()).await);
    assert_eq!(
        told,
        "passed: 3 jobs of `.github/workflows/ci.yml` succeeded. 1 bad build was stopped.\nmeasured: jobs 3"
    );
    let record = probe.record();
    // Two parts of the test, the evaluation, and what is published; and in the bad build the first three again.
    assert_eq!((record.machines.len(), record.left), (7, 0));
}

#[tokio::test]
async fn files_that_github_refuses() {
    let keys = "name, needs, snapshot, permissions, cache-mode, runs-on, environment, outputs, env, defaults, if, steps, timeout-minutes, strategy, continue-on-error, container, services, concurrency";
    let many = "\nnext: Mend it; GitHub refuses the whole file over it, before any job runs.";
    table(
        "workflow",
        vec![
            ("no file", "", MemoryProbe::new().file(".github/workflows/ci.yaml", "x"), "failed: There is no `.github/workflows/ci.yml`, but there is `.github/workflows/ci.yaml`: the name ends differently.\nexpected: a file `.github/workflows/ci.yml`\nactual: `.github/workflows/ci.yaml`\nat: .github/workflows/ci.yaml\nnext: Rename `.github/workflows/ci.yaml` to `.github/workflows/ci.yml`. Your system may hide the ending."),
            ("a tab", "", with("    needs: test\n", "\tneeds: test\n"), "failed: `.github/workflows/ci.yml` is not YAML from line 20 on: the line is indented with a tab.\nexpected: YAML\nactual: needs: test\nat: .github/workflows/ci.yml:20\nnext: YAML is indented with spaces, never tabs, the same number for entries that belong together."),
            ("a key that is not there", "", with("    needs: test\n    runs-on", "    needs: test\n    run-on"), &format!("failed: `jobs.evaluate` has no key `run-on`.\nexpected: {keys}\nactual: `run-on`\nat: .github/workflows/ci.yml:21\nnext: Did you mean `runs-on`?")),
            ("a key that is no key", "", with("    needs: test\n", "    need: test\n"), &format!("failed: `jobs.evaluate` has no key `need`.\nexpected: {keys}\nactual: `need`\nat: .github/workflows/ci.yml:20\nnext: Did you mean `needs`?")),
            ("a step that does nothing", "", with("      - id: measure\n", "      - id: none\n      - id: measure\n"), "failed: `jobs.evaluate.steps[1]` has neither `run` nor `uses`.\nexpected: `run` or `uses`\nactual: id\nat: .github/workflows/ci.yml:26\nnext: Write `run` or `uses`."),
            ("an event that is none", "", with("  push:\n    branches: [main]", "  push:\n  - pull_requests"), "failed: `on.push` must be empty or a mapping of keys, and is a list.\nexpected: empty or a mapping of keys\nactual: [\"pull_requests\"]\nat: .github/workflows/ci.yml:3\nnext: Look how it is indented, and whether a dash or a colon is missing."),
            ("a value that is none", "", with("name: CI\n", "name: CI\npermissions: reads-all\n"), "failed: `permissions` cannot be `reads-all`.\nexpected: read-all, write-all\nactual: reads-all\nat: .github/workflows/ci.yml:2\nnext: Did you mean `read-all`?"),
            ("no runs-on", "", with("    runs-on: ubuntu-24.04\n", ""), "failed: `jobs.evaluate` lacks `runs-on`.\nexpected: a key `runs-on`\nactual: needs, outputs, steps\nat: .github/workflows/ci.yml:19\nnext: Add `runs-on:`."),
            ("a list that is a text", "", with("    steps:\n      - uses: actions/download-artifact@v4\n        with:\n          name: report\n          path: in\n      - run: need in/result.txt good\n", "    steps: later\n"), "failed: `jobs.publish.steps` must be a list, and is a text.\nexpected: a list\nactual: later\nat: .github/workflows/ci.yml:47\nnext: Look how it is indented, and whether a dash or a colon is missing."),
            ("an unknown name", "", with("needs.evaluate.outputs.score >= 0.8", "need.evaluate.outputs.score >= 0.8"), &format!("failed: The expression at `jobs.publish.if` cannot be used: there is no `need`; did you mean `needs`?\nexpected: an expression that GitHub takes here\nactual: need.evaluate.outputs.score >= 0.8 && github.ref == 'refs/heads/main'\nat: .github/workflows/ci.yml:45{many}")),
            ("a name that is not known there", "", with("github.ref == 'refs", "env.REF == 'refs"), &format!("failed: The expression at `jobs.publish.if` cannot be used: `env` is not known here, where github, needs, vars, inputs are.\nexpected: an expression that GitHub takes here\nactual: needs.evaluate.outputs.score >= 0.8 && env.REF == 'refs/heads/main'\nat: .github/workflows/ci.yml:45{many}")),
            ("within a script", "", with("          need model.txt good", "          need model.txt ${{ steps.gate }} ${{ secret.X }}"), &format!("failed: The expression at `jobs.evaluate.steps[2].run` cannot be used: there is no `secret`; did you mean `secrets`?\nexpected: an expression that GitHub takes here\nactual: secret.X\nat: .github/workflows/ci.yml:39{many}")),
            ("a need that is no job", "", with("needs: test", "needs: tests"), "failed: The job `evaluate` needs `tests`, which is no job.\nexpected: test, evaluate, publish\nactual: tests\nat: .github/workflows/ci.yml:20\nnext: Did you mean `test`?"),
            ("a circle", "", with("  test:\n", "  test:\n    needs: publish\n"), "failed: The job `test` waits for itself, by way of its `needs`.\nexpected: jobs that wait in no circle\nactual: test needs publish\nat: .github/workflows/ci.yml:9\nnext: Take one of the `needs` out of the circle."),
            ("an action from elsewhere", "", with("actions/setup-python@v5", "acme/setup@v1"), "failed: The action `acme/setup` is not here.\nexpected: actions/checkout, actions/setup-python, actions/upload-artifact, actions/download-artifact, actions/cache, actions/cache/restore, actions/cache/save\nactual: acme/setup@v1\nat: .github/workflows/ci.yml:15\nnext: Do it by a step with `run`: other actions would have to come from GitHub."),
            ("an old action", "", with("upload-artifact@v4", "upload-artifact@v3"), "failed: GitHub stops a job that uses `actions/upload-artifact@v3`: it is too old.\nexpected: actions/checkout, actions/setup-python, actions/upload-artifact, actions/download-artifact, actions/cache, actions/cache/restore, actions/cache/save\nactual: actions/upload-artifact@v3\nat: .github/workflows/ci.yml:40\nnext: Write `actions/upload-artifact@v4` or newer."),
            ("another branch", "", with("branches: [main]", "branches: ['release/**']"), "failed: Nothing starts on a push to `main`: `branches` does not let `main` in.\nexpected: a run on each push to `main`\nat: .github/workflows/ci.yml:4\nnext: Let `on` name `push` for that."),
            ("another type", "event = \"pull_request\"", with("  push:\n    branches: [main]", "  pull_request:\n    types: [closed]"), "failed: Nothing starts on a pull_request to `main`: `types` does not name `opened`.\nexpected: a run on each pull_request to `main`\nat: .github/workflows/ci.yml:4\nnext: Let `on` name `pull_request` for that."),
            ("a job that is missing", "jobs = [\"deploy\"]", world(GOOD), "failed: There is no job `deploy`.\nexpected: a job `deploy`\nactual: test, evaluate, publish\nat: .github/workflows/ci.yml:7\nnext: Describe it under `jobs:` by the name `deploy`."),
            ("no engine", "", MemoryProbe::new().file(FILE, GOOD), "error: There is no container engine here.\nnext: Run `groundwork engine`."),
        ],
    )
    .await;
}

#[tokio::test]
async fn builds_that_fail_and_gates_that_do_not_hold() {
    let next = "\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring.";
    let broken = |job: &str, step: &str, actual: &str, line: u32| {
        format!(
            "failed: The job `{job}` failed at the step “{step}”.\nexpected: every step ends with exit code 0\nactual: {actual}\nat: {FILE}:{line}{next}"
        )
    };
    table(
        "workflow",
        vec![
            ("without checkout", "", with("      - uses: actions/checkout@v4\n      - uses: actions/setup", "      - uses: actions/setup"), &broken("test (one)", "Run need app/one.py fine", "exit code 1\napp/one.py does not hold fine", 17)),
            ("another Python", "", with("\"3.11\"", "3.10"), &broken("test (one)", "Run actions/setup-python@v5", "it asks for Python 3.1, and 3.11.2 is here; write `python-version: \"3.11\"` (without quotation marks, 3.10 is the number 3.1)", 15)),
            ("a second part", "", with("[one, two]", "[one, three]"), &broken("test (three)", "Run need app/three.py fine", "exit code 1\napp/three.py does not hold fine", 18)),
            ("an artifact that nobody kept", "", with("name: report, path: report", "name: other, path: report"), &broken("publish", "Run actions/download-artifact@v4", "there is no artifact `report`: jobs before this one have kept other", 48)),
            ("an old command", "", with("output score=0.9", "say ::set-output name=score::0.9"), &broken("evaluate", "Measure", "`::set-output` is not to be used any more; write to `$GITHUB_OUTPUT`\n::set-output name=score::0.9", 30)),
            ("no output", "", with("output score=0.9", "output score 0.9"), &broken("evaluate", "Measure", "`$GITHUB_OUTPUT` cannot be read: it holds `score 0.9`, which is not `name=value`", 30)),
            ("a place in a file", "", with("have SEEN yes", "say ::error file=app/one.py,line=3::no docstring\n          fail 2"), &broken("evaluate", "Gate", "exit code 2\n::error file=app/one.py,line=3::no docstring\napp/one.py:3: no docstring", 37)),
            ("a step that takes too long", "", with("        name: Measure\n", "        name: Measure\n        timeout-minutes: 1\n").file("x", "x"), "passed: 3 jobs of `.github/workflows/ci.yml` succeeded.\nmeasured: jobs 3"),
            ("no machine of that kind", "", with("ubuntu-24.04", "windows-latest"), "failed: No machine `windows-latest` is here.\nexpected: ubuntu-latest, or another ubuntu\nactual: windows-latest\nat: .github/workflows/ci.yml:21\nnext: Write `runs-on: ubuntu-latest`."),
            ("a job that never runs", ALL, with("needs.evaluate.outputs.score >= 0.8", "needs.evaluate.outputs.score >= 0.95"), "failed: The job `publish` was skipped.\nexpected: `publish` runs on a push to `main`, and succeeds\nactual: test success, evaluate success, publish skipped\nat: .github/workflows/ci.yml:45\nnext: Look at its `if`, and at those of the jobs that it needs."),
            ("no gate", ALL, with("          need model.txt good\n", ""), "failed: The gate lets a bad build through: a model that answers worse.\nexpected: `evaluate` fails, `publish` does not run\nactual: test success, evaluate success, publish success\nat: .github/workflows/ci.yml:19\nnext: Let a step end with an exit code other than 0 when what it measures is under the bar."),
            ("a gate that is let pass", ALL, with("      - name: Gate\n", "      - name: Gate\n        continue-on-error: true\n"), "failed: The gate lets a bad build through: a model that answers worse.\nexpected: `evaluate` fails, `publish` does not run\nactual: test success, evaluate success, publish success\nat: .github/workflows/ci.yml:38\nnext: The step “Gate” failed, and `continue-on-error` let that pass. Take it out."),
            ("published all the same", ALL, with("    if: needs.evaluate.outputs.score >= 0.8 && ", "    if: always() && "), "failed: `publish` ran although `evaluate` had stopped a bad build: a model that answers worse.\nexpected: `evaluate` fails, `publish` does not run\nactual: test success, evaluate failure, publish failure\nat: .github/workflows/ci.yml:45\nnext: Let `publish` need `evaluate`, without `always()` in its `if`."),
            ("too early", ALL, with("need app/${{ matrix.part }}.py fine", "need model.txt good"), "failed: A bad build (a model that answers worse) stopped at `test`, before `evaluate` could see it.\nexpected: `evaluate` fails, `publish` does not run\nactual: test failure, evaluate skipped, publish skipped\nat: .github/workflows/ci.yml:8\nnext: Let `evaluate` be the one that finds it."),
            ("a filter that does not look", ALL, with("    branches: [main]", "    branches: [main]\n    paths: ['app/**']"), "failed: The gate lets a bad build through (a model that answers worse): Nothing starts on a push to `main`: `paths` names none of the files that changed (model.txt).\nexpected: a run on each push to `main`\nat: .github/workflows/ci.yml:5\nnext: Let `on` name `push` for that."),
        ],
    )
    .await;
}

const SMALL: &str =
    "on: [push, workflow_dispatch]\njobs:\n  one:\n    runs-on: ubuntu-latest\n    JOB\n    steps:\n      - STEPS\n";

fn small(job: &str, steps: &str) -> MemoryProbe {
    let text = SMALL.replace("STEPS", &steps.trim().replace('\n', "\n      ")).replace("JOB", job);
    world(&text)
}

fn python(wanted: &str) -> MemoryProbe {
    let steps =
        "uses: actions/checkout@v4\n- uses: actions/setup-python@v5\n  with: { python-version-file: ./pyproject.toml }";
    let project = format!("[project]\nrequires-python = \"{wanted}\"\n");
    small("", steps).file("pyproject.toml", project).machines(&[])
}

#[tokio::test]
async fn what_a_job_can_do() {
    let passed = "passed: 1 job of `.github/workflows/ci.yml` succeeded.\nmeasured: jobs 1";
    table(
        "workflow",
        vec![
            ("a step after a failure", "", small("continue-on-error: true", "id: a\n  run: fail 3\n- run: fail 4\n- if: always()\n  run: say still\n- if: failure() && steps.a.outcome == 'failure'\n  run: write x y"), passed),
            ("variables at three levels", "", small("env: { A: job, B: job }", "env: { B: step, C: \"${{ env.A }}\" }\n  run: |\n    have A job\n    have B step\n    have C job"), passed),
            ("secrets and variables", "vars = { WHO = \"me\" }\nsecrets = { TOKEN = \"hunter2\" }", small("env: { T: \"${{ secrets.TOKEN }}\" }", "run: |\n    have T hunter2\n    say hunter2 ${{ vars.WHO }}\n    fail 1"), "failed: The job `one` failed at the step “Run have T hunter2”.\nexpected: every step ends with exit code 0\nactual: exit code 1\n*** me\nat: .github/workflows/ci.yml:7\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
            ("files that are hashed", "", small("", "if: hashFiles('app/*.py') != ''\n  run: fail 9\n- uses: actions/checkout@v4\n- uses: actions/cache@v4\n  id: cache\n  with: { path: x, key: \"k-${{ hashFiles('app/*.py') }}\" }\n- if: steps.cache.outputs.cache-hit != 'true' && hashFiles('nothing') == ''\n  run: have X ${{ hashFiles('app/*.py') }}\n  env: { X: \"${{ hashFiles('app/one.py', 'app/t*.py') }}\" }"), passed),
            ("a folder of its own", "", small("defaults: { run: { working-directory: app, shell: sh } }", "uses: actions/checkout@v4\n- run: need one.py fine\n- run: need one.py fine\n  working-directory: ./app"), passed),
            ("one that is started by hand", "event = \"workflow_dispatch\"", small("if: github.event_name == 'workflow_dispatch'", "run: have GITHUB_EVENT_NAME workflow_dispatch"), passed),
            ("a Python that the project takes", "", python(">=3.10, !=3.11.0, <4"), passed),
            ("a Python that it does not take", "", python(">=3.12"), "failed: The job `one` failed at the step “Run actions/setup-python@v5”.\nexpected: every step ends with exit code 0\nactual: it asks for Python >=3.12, and 3.11.2 is here; change `pyproject.toml` so that it asks for 3.11\nat: .github/workflows/ci.yml:8\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
            ("a Python that nobody can read", "", python(">=3.9 or so"), "failed: The job `one` failed at the step “Run actions/setup-python@v5”.\nexpected: every step ends with exit code 0\nactual: it asks for Python >=3.9 or so, and `or` cannot be read here; change `pyproject.toml` so that it asks for 3.11\nat: .github/workflows/ci.yml:8\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
            ("a container with an option", "", small("container: { image: \"here:1\", options: --privileged }", "run: say x"), "failed: A job's container cannot be tried with `options`.\nexpected: image and env\nactual: `options`\nat: .github/workflows/ci.yml:5\nnext: Take it out: the container of a job has an image and variables here."),
            ("a service that is not here", "", small("services: { db: { image: \"postgres:16\" } }", "run: say x"), "failed: There is no image postgres:16 on this machine.\nat: .github/workflows/ci.yml:5\nnext: Fetch it."),
            ("a service with an option", "", small("services: { db: { image: \"here:1\", options: --privileged } }", "run: say x"), "failed: The option `--privileged` of `db` is not known here.\nexpected: --health-cmd, --health-interval, --health-timeout, --health-retries, --health-start-period\nactual: --privileged\nat: .github/workflows/ci.yml:5\nnext: Take it out."),
            ("a step in time", "", small("", "run: slow\n  timeout-minutes: 0.05"), "failed: The job `one` failed at the step “Run slow”.\nexpected: every step ends with exit code 0\nactual: it was stopped after 3 s, its `timeout-minutes`\nat: .github/workflows/ci.yml:7\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
            ("a job over its time", "", small("timeout-minutes: 0.05", "run: slow\n  timeout-minutes: 1"), "failed: The job `one` failed at the step “Run slow”.\nexpected: every step ends with exit code 0\nactual: the job was stopped after 3 s, its `timeout-minutes`\nat: .github/workflows/ci.yml:7\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
        ],
    )
    .await;
}

/// What the job `one` leaves: a variable that its last step exports, and none that this step has for itself.
const LEFT: &str = r#"on: pull_request
jobs:
  one:
    runs-on: ubuntu-latest
    outputs: { seen: "${{ env.SEEN }}${{ env.OWN }}" }
    steps:
      - run: env SEEN=yes
        env: { OWN: step }
  two:
    needs: one
    if: github.event.pull_request.head.repo.full_name == github.repository
    runs-on: ubuntu-latest
    env: { SEEN: "${{ needs.one.outputs.seen }}" }
    steps:
      - run: |
          have SEEN yes
          have GITHUB_JOB two
          have NAME two
        env: { NAME: "${{ github.job }}" }
"#;

/// Hangs when there is a file `bad`.
const HANGS: &str = r#"on: push
jobs:
  one:
    runs-on: ubuntu-latest
    timeout-minutes: 0.05
    continue-on-error: true
    outputs: { seen: "${{ steps.seen.outputs.x }}" }
    steps:
      - uses: actions/checkout@v4
      - if: hashFiles('bad') != ''
        run: slow
      - run: output x=after
        id: after
      - run: output x=failure
        if: failure()
        id: failure
      - run: output x=${{ job.status }}${{ steps.after.outputs.x }}${{ steps.failure.outputs.x }}
        if: cancelled()
        id: seen
  told:
    needs: one
    if: always() && needs.one.result == 'cancelled' && needs.one.outputs.seen == 'cancelled' && !failure() && !cancelled()
    runs-on: ubuntu-latest
    steps:
      - run: fail 1
  publish:
    needs: one
    runs-on: ubuntu-latest
    steps:
      - run: say published
"#;

#[tokio::test]
async fn what_jobs_see_of_others() {
    let hangs = |at: &str| {
        format!(
            "must_fail = [{{ because = \"it hangs\", change = [{{ file = \"bad\", text = \"x\" }}], at = \"{at}\", not_run = [\"publish\"] }}]"
        )
    };
    let passed = "passed: 2 jobs of `.github/workflows/ci.yml` succeeded.\nmeasured: jobs 2";
    let stopped = "passed: 2 jobs of `.github/workflows/ci.yml` succeeded. 1 bad build was stopped.\nmeasured: jobs 2";
    table(
        "workflow",
        vec![
            ("what a job leaves", "jobs = [\"two\"]\nevent = \"pull_request\"", world(LEFT), passed),
            ("a job that is cancelled", &hangs("one"), world(HANGS), stopped),
            ("what runs because it is", &hangs("told"), world(HANGS), stopped),
        ],
    )
    .await;
}

/// An action of the workspace's own.
const ACTION: &str = r#"name: Greet
description: Says `${{ what }}` it is told.
inputs:
  who: { required: true }
  word: { default: "${{ github.ref_name }}" }
outputs:
  told: { value: "${{ steps.say.outputs.told }}" }
runs:
  using: composite
  steps:
    - id: say
      name: Say it
      shell: bash
      env: { WHO: "${{ inputs.who }}" }
      run: |
        have WHO me
        have FROM step
        have LEVEL job
        have GITHUB_ACTION_PATH /__w/project/project/greet
        output told=${{ inputs.word }}-${{ env.FROM }}
        env SEEN=inside
    - if: failure() || steps.say.outputs.told != 'main-step' || inputs.who != 'me'
      shell: sh
      run: fail 7
"#;

const GREETS: &str = r#"on: push
jobs:
  one:
    runs-on: ubuntu-latest
    env: { LEVEL: job }
    steps:
      - uses: actions/checkout@v4
      - uses: ./greet
        id: greet
        with: { WHO: me }
        env: { FROM: step }
      - env: { TOLD: "${{ steps.greet.outputs.told }}" }
        run: |
          have TOLD main-step
          have SEEN inside
          have FROM
"#;

#[tokio::test]
async fn an_action_of_the_workspace_runs_in_steps_of_its_own() {
    let acts = |workflow: &str, from: &str, to: &str| {
        assert!(ACTION.contains(from), "{from}");
        world(workflow).file("greet/action.yml", ACTION.replacen(from, to, 1)).machines(&[])
    };
    let with = |from: &str, to: &str| acts(GREETS, from, to);
    let broken = |why: &str| {
        format!(
            "failed: The job `one` failed at the step “Run ./greet”.\nexpected: every step ends with exit code 0\nactual: {why}\nat: {FILE}:8\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."
        )
    };
    let absent = GREETS.replace("      - uses: actions/checkout@v4\n", "      - run: say x\n");
    let late = GREETS.replace("        id: greet\n", "        id: greet\n        timeout-minutes: 0.05\n");
    let passed = "passed: 1 job of `.github/workflows/ci.yml` succeeded.\nmeasured: jobs 1";
    let refused = "expected: an expression that GitHub takes here";
    let many = "next: Mend it; GitHub refuses the whole file over it, before any job runs.";
    table(
        "workflow",
        vec![
            ("all of it", "", with("Greet", "Greeting"), passed),
            ("not there", "", acts(&absent, "Greet", "Greet"), &broken("there is no `action.yml` in `./greet`; `actions/checkout` has to run before it")),
            ("one that fails", "", with("have WHO me", "say so\n        fail 3"), &broken("at its step “Say it”: exit code 3\nso")),
            ("one that takes too long", "", acts(&late, "have WHO me", "slow"), &broken("it was stopped after 3 s, its `timeout-minutes`")),
            ("one that uses itself", "", with("    - id: say\n", "    - uses: ./greet\n    - id: say\n"), &broken(&format!("{}actions use one another more than 10 deep", "at its step “Run ./greet”: ".repeat(10)))),
            ("one of JavaScript", "", with("composite", "node20"), "failed: The action `greet/action.yml` cannot be used here.\nexpected: an action that is `using: composite`\nactual: `using: node20`\nat: greet/action.yml:9\nnext: Make it of steps, or write what it does into the job itself."),
            ("no shell", "", with("      shell: sh\n", ""), "failed: `runs.steps[1]` lacks `shell`.\nexpected: a key `shell`\nat: greet/action.yml:22\nnext: A script of an action says by which shell it runs: `shell: bash`."),
            ("a key that is none", "", with("shell: bash", "shel: bash"), "failed: `runs.steps[0]` has no key `shel`.\nexpected: name, id, if, run, shell, env, working-directory, continue-on-error\nactual: `shel`\nat: greet/action.yml:13\nnext: Take it out."),
            ("a secret", "", with("inputs.who }}", "secrets.WHO }}"), &format!("failed: The expression at `runs.steps[0].env.WHO` cannot be used: `secrets` is not known here, where github, inputs, strategy, matrix, steps, job, runner, env are.\n{refused}\nactual: secrets.WHO\nat: greet/action.yml:14\n{many}")),
        ],
    )
    .await;
}

#[tokio::test]
async fn a_service_is_asked_for_with_its_ports_and_health() {
    let job = "env: { B: job }\n    services: { db: { image: \"here:1\", ports: [\"5433:5432\", 80], env: { A: 1, B: \"${{ env.B }}\" }, options: --health-cmd \"ask me\" --health-retries 3 } }";
    let probe = small(job, "run: have PORT 5433\n  env: { PORT: \"${{ job.services.db.ports['5432'] }}\" }");
    let told = render(&outcome(&one("workflow", "gateway = true"), &probe, &BTreeMap::new()).await);
    assert!(told.starts_with("passed"), "{told}");
    let wanted = probe.record().machines.remove(0);
    let service = &wanted.services[0];
    assert!(wanted.gateway && wanted.image.is_none());
    assert_eq!((service.name.as_str(), service.image.as_str()), ("db", "here:1"));
    assert_eq!(service.ports, [(5433, 5432), (80, 80)]);
    let environment = [("A", "1"), ("B", "job")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(service.environment, BTreeMap::from(environment));
    let health = service.health.clone().unwrap();
    assert_eq!((health.command.as_str(), health.retries), ("ask me", Some(3)));
}

#[test]
fn settings_that_do_not_fit() {
    let problems = |settings: &str| {
        let found = checks::lint(&one("workflow", settings));
        found.into_iter().map(|problem| problem.message).collect::<Vec<_>>()
    };
    let bad = |change: &str| format!("must_fail = [{{ because = \"x\", change = [{change}] }}]");
    assert_eq!(
        problems(&bad(
            "{ file = \"a\", text = \"b\" }, { file = \"c\", gone = true }, { file = \"d\", find = \"e\", put = \"f\" }, { file = \"g\", from = \"h\" }"
        )),
        [""; 0]
    );
    assert_eq!(
        problems(&bad("{ file = \"a\", text = \"b\", gone = true }")),
        ["check `it`: it says in no or many ways what changes"]
    );
    assert_eq!(
        problems(&bad("{ file = \"a\", find = \"b\" }")),
        ["check `it`: it says in no or many ways what changes"]
    );
    assert_eq!(problems(&bad("")), ["check `it`: nothing is changed"]);
    assert_eq!(problems("within_s = 0"), ["check `it`: nobody waits so long"]);
    assert_eq!(problems("event = \"release\"").len(), 1);
}
