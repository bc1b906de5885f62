//! What is made from the code and committed: the window's TypeScript bindings, the reference of the check kinds, the schemas
//! of a pack's files. The tests that compare them also write them, when asked.

use anyhow::Result;

use crate::places::Places;
use crate::turn::Turn;
use crate::{compile, setup, shell, ui};

pub fn bindings(places: &Places) -> Result<()> {
    let _turn = Turn::take(places)?;
    setup::everything(places)?;
    ui::build(places)?;
    let mut nextest = compile::linted(places)?;
    let tests = "(package(desktop) & test(bindings)) | (package(checks) & test(fresh))";
    nextest.args(["nextest", "run", "--workspace", "--locked", "--filterset", tests]);
    nextest.envs(compile::test_environment(places)?);
    shell::run(nextest.env("GROUNDWORK_WRITE_BINDINGS", "1").env("GROUNDWORK_WRITE_DOCS", "1"))
}
