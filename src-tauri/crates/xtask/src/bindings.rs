//! The window's TypeScript bindings. The test that compares them also writes them, when asked.

use anyhow::Result;

use crate::places::Places;
use crate::{compile, setup, shell, ui};

pub fn bindings(places: &Places) -> Result<()> {
    setup::everything(places)?;
    ui::build(places)?;
    let mut nextest = compile::linted(places)?;
    nextest.args(["nextest", "run", "--workspace", "--locked", "--filterset", "package(desktop) & test(bindings)"]);
    shell::run(nextest.envs(compile::test_environment(places)?).env("GROUNDWORK_WRITE_BINDINGS", "1"))
}
