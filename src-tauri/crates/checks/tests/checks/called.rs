//! Workflows that call others of the workspace.

use std::collections::BTreeMap;

use testkit::memory_probe::MemoryProbe;

use crate::world::{one, outcome, render, table};

const FILE: &str = ".github/workflows/ci.yml";
const BUILD: &str = ".github/workflows/build.yml";

const CALLS: &str = r#"on: push
jobs:
  first:
    runs-on: ubuntu-latest
    outputs: { word: "${{ steps.say.outputs.word }}" }
    steps:
      - id: say
        run: output word=hello
  call:
    needs: first
    uses: ./.github/workflows/build.yml
    with:
      word: ${{ needs.first.outputs.word }}
      many: 2
    secrets: inherit
  last:
    needs: call
    runs-on: ubuntu-latest
    steps:
      - env: { TOLD: "${{ needs.call.outputs.told }}-${{ needs.call.result }}" }
        run: have TOLD hello-2-true-main-success
"#;

const CALLED: &str = r#"on:
  push:
  workflow_call:
    inputs:
      word: { type: string, required: true }
      many: { type: number, default: 1 }
      loud: { type: boolean, default: true }
      where: { type: string, default: "${{ github.ref_name }}" }
    secrets:
      TOKEN: { required: true }
    outputs:
      told: { value: "${{ jobs.say.outputs.told }}" }
jobs:
  say:
    runs-on: ubuntu-latest
    outputs: { told: "${{ steps.say.outputs.told }}" }
    env: { TOKEN: "${{ secrets.TOKEN }}" }
    steps:
      - name: Know the token
        run: have TOKEN hunter2
      - id: say
        if: inputs.loud && inputs.many > 1
        run: output told=${{ inputs.word }}-${{ inputs.many }}-${{ inputs.loud }}-${{ inputs.where }}
"#;

const TOKEN: &str = "secrets = { TOKEN = \"hunter2\" }";
const PASSED: &str = "passed: 3 jobs of `.github/workflows/ci.yml` succeeded.\nmeasured: jobs 3";

fn world(calls: &str, called: &str) -> MemoryProbe {
    MemoryProbe::new().file(FILE, calls).file(BUILD, called).machines(&[])
}

fn changed(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from}");
    text.replacen(from, to, 1)
}

/// Where the call has something else.
fn calls(from: &str, to: &str) -> MemoryProbe {
    world(&changed(CALLS, from, to), CALLED)
}

/// Where what is called has something else.
fn called(from: &str, to: &str) -> MemoryProbe {
    world(CALLS, &changed(CALLED, from, to))
}

#[tokio::test]
async fn a_job_calls_a_workflow_with_inputs_and_secrets_and_has_its_outputs() {
    let mapped = "secrets: { TOKEN: \"${{ secrets.OTHER }}\" }";
    table(
        "workflow",
        vec![
            ("secrets that it inherits", TOKEN, world(CALLS, CALLED), PASSED),
            ("one that is given", "secrets = { OTHER = \"hunter2\" }", calls("secrets: inherit", mapped), PASSED),
        ],
    )
    .await;
    let matrix = changed(CALLS, "    uses:", "    strategy: { matrix: { many: [3, 2] } }\n    uses:");
    let probe = world(&changed(&matrix, "many: 2", "many: ${{ matrix.many }}"), CALLED);
    assert_eq!(render(&outcome(&one("workflow", TOKEN), &probe, &BTreeMap::new()).await), PASSED);
    assert_eq!(probe.record().machines.len(), 4);
}

#[tokio::test]
async fn calls_that_github_refuses() {
    let refused = |summary: &str, actual: &str, line: &str, next: &str| {
        format!(
            "failed: {summary}\nexpected: `./.github/workflows/NAME.yml`\nactual: {actual}\nat: {line}\nnext: {next}"
        )
    };
    let number = "cannot be used: it must be a number, which `fromJSON` makes of a text.";
    let (remote, none) = ("acme/ci/.github/workflows/build.yml@v1", "./.github/workflows/none.yml");
    let plain = "on: push\njobs:\n  say:\n    runs-on: ubuntu-latest\n    steps:\n      - run: say x\n";
    let itself = "jobs:\n  again: { uses: ./.github/workflows/build.yml }\n";
    let here = "./.github/workflows/build.yml";
    table(
        "workflow",
        vec![
            ("one of another repository", TOKEN, calls(here, remote), &refused(&format!("The workflow `{remote}` is not here."), remote, ".github/workflows/ci.yml:11", "Lay it into that folder and name it there: those of others would have to come from GitHub.")),
            ("one that is not there", TOKEN, calls(here, none), &refused("There is no `.github/workflows/none.yml`.", none, ".github/workflows/ci.yml:11", "Make it, or name one that is there.")),
            ("one that cannot be called", TOKEN, world(CALLS, plain), &refused("`.github/workflows/build.yml` cannot be called: its `on` does not name `workflow_call`.", here, ".github/workflows/ci.yml:11", "Add `workflow_call:` to its `on`.")),
            ("one that calls itself", TOKEN, called("jobs:\n", itself), &refused("The workflow `.github/workflows/build.yml` would call itself without end.", here, ".github/workflows/build.yml:14", "Let no workflow call one that calls it.")),
            ("an input that is none", TOKEN, calls("many: 2", "mani: 2"), "failed: `.github/workflows/build.yml` takes no input `mani`.\nexpected: word, many, loud, where\nactual: `mani`\nat: .github/workflows/ci.yml:14\nnext: Did you mean `many`?"),
            ("an input that is missing", TOKEN, calls("      word: ${{ needs.first.outputs.word }}\n", ""), "failed: `.github/workflows/build.yml` needs the input `word`.\nexpected: `word` under `jobs.call.with`\nat: .github/workflows/ci.yml:12\nnext: Add `word:` there."),
            ("a secret that is missing", TOKEN, calls("    secrets: inherit\n", ""), "failed: `.github/workflows/build.yml` needs the secret `TOKEN`.\nexpected: `TOKEN` under `jobs.call.secrets`\nat: .github/workflows/ci.yml:9\nnext: Add `TOKEN:` there."),
            ("another type", TOKEN, calls("many: 2", "many: two"), &format!("failed: `jobs.call.with.many` {number}\nexpected: a value of the input's type\nactual: two\nat: .github/workflows/ci.yml:14\nnext: Write such a value, or change the input's `type`.")),
            ("another type by an expression", TOKEN, calls("many: 2", "many: ${{ needs.first.outputs.word }}"), &format!("failed: `jobs.call.with.many` {number}\nexpected: a value that GitHub can use\nat: .github/workflows/ci.yml:14\nnext: Look at what it is made from.")),
            ("a default of another type", TOKEN, called("default: 1", "default: one"), &format!("failed: `on.workflow_call.inputs.many.default` {number}\nexpected: a value of the input's type\nactual: one\nat: .github/workflows/build.yml:6\nnext: Write such a value, or change the input's `type`.")),
            ("an output of what is not known there", TOKEN, called("jobs.say.outputs", "needs.say.outputs"), "failed: The expression at `on.workflow_call.outputs.told.value` cannot be used: `needs` is not known here, where github, jobs, vars, inputs are.\nexpected: an expression that GitHub takes here\nactual: needs.say.outputs.told\nat: .github/workflows/build.yml:12\nnext: Mend it; GitHub refuses the whole file over it, before any job runs."),
            ("a step that fails", "secrets = { TOKEN = \"other\" }", world(CALLS, CALLED), "failed: The job `call / say` failed at the step “Know the token”.\nexpected: every step ends with exit code 0\nactual: exit code 1\nTOKEN is ***\nat: .github/workflows/build.yml:20\nnext: Its last words say why. Each job begins on an empty machine: what it needs, a step before it must bring."),
        ],
    )
    .await;
}
