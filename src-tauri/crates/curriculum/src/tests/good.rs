//! The good pack.

use std::{fs, path::Path};

pub const PACK: &str = r#"format = 1
id = "6f2b1c1e-8f8a-4a2e-9a55-0d6a1f0c7b11"
title = "A small pack"
version = 3
authors = ["One Author"]
licence = "CC-BY-4.0"

[plan]
days = 10

[[plan.phases]]
id = "foundation"
title = "Foundation"
summary = "The ground."
days = [1, 3]

[[plan.phases]]
id = "beyond"
title = "Beyond"
summary = "The rest."
days = [4, 4]

[[plan.labs]]
slug = "first"
title = "First"
summary = "One."
days = [1, 1]

[[plan.labs]]
slug = "second"
title = "Second"
summary = "Two."
days = [2, 3]

[[plan.labs]]
slug = "third"
title = "Third"
summary = "Three."
days = [4, 4]
"#;

pub const LAB: &str = r#"format = 1
id = "0c9d6f5e-3b1a-4c62-8d26-5a4f8e1b2c33"
version = 1
title = "First"
summary = "One."
minutes = 30
needs = []
skills = ["python"]
starter_fails_on = "notes-written"

[requires]
memory_mb = 512
disk_mb = 100
docker = "no"

[[files]]
path = "notes.md"
role = "edit"
open = true

[[files]]
path = "data/fixed.json"
role = "fixed"

[[services]]
name = "web"
command = ["python", "main.py"]
env = { MODE = "lab" }
ready = { path = "/health" }
restart_on = ["**/*.py"]

[[steps]]
id = "look"
title = "Look around"
guide = "01.md"

[[steps]]
id = "write"
title = "Write"
guide = "02.md"

[[steps.checks]]
id = "notes-written"
title = "The notes are written"
kind = "text"
watches = ["notes/*.md"]
hints = ["Open notes.md."]
path = "notes.md"
contains = "hello"

[[steps.checks.hint_when]]
actual = "^Hello"
hint = "Case matters here."



[[steps.checks]]
id = "port-is-set"
title = "The port is set"
kind = "data"
after = ["notes-written"]
path = "config.toml"
assert = [
  { at = "port", equals = 8080 },
  { at = "host", type = "string" },
]
"#;

pub struct Fixture(tempfile::TempDir);

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        };
        write("pack.toml", PACK);
        write("first/lab.toml", LAB);
        write("first/guide/01.md", "# Look around\n");
        write("first/guide/02.md", "# Write\n");
        write("first/starter/notes.md", "");
        write("first/starter/data/fixed.json", "{}");
        let second = LAB.replace("0c9d6f5e", "1c9d6f5e").replace("needs = []", "needs = [\"first\"]");
        write("second/lab.toml", &second);
        write("second/guide/01.md", "# One\n");
        write("second/guide/02.md", "# Two\n");
        write("second/starter/data/fixed.json", "{}");
        Self(folder)
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}
