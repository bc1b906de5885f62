//! Which changes of a lab make another check of a check, and which leave its passes standing.

use std::fs;

use checks::{definitions, prepare};
use curriculum::{File, Lab, Role};

use crate::world::{lab, one};

const WRITTEN: &str = "path = \"profile.toml\"\nassert = [{ at = \"hours\", min = 1, max = 40 }]\n";

fn definition(lab: &Lab) -> String {
    definitions(lab, &prepare(lab).unwrap())["it"].clone()
}

#[test]
fn what_a_check_asserts_is_its_definition_and_its_words_are_not() {
    let before = definition(&one("data", WRITTEN));
    for (case, changed, same) in [
        ("as it was", WRITTEN.to_owned(), true),
        ("in another order", WRITTEN.replace("min = 1, max = 40", "max = 40, min = 1"), true),
        ("with hints", format!("{WRITTEN}hints = [\"Look again.\"]\n"), true),
        ("with a glob to watch", format!("{WRITTEN}watches = [\"*.md\"]\n"), true),
        ("another limit", WRITTEN.replace("40", "39"), false),
        ("another type", WRITTEN.replace("40", "40.0"), false),
        ("another file", WRITTEN.replace("profile", "other"), false),
        ("one more assertion", WRITTEN.replace(" }]", " }, { at = \"name\", type = \"string\" }]"), false),
    ] {
        assert_eq!(definition(&one("data", &changed)) == before, same, "{case}");
    }
    let other = "[[steps.checks]]\nid = \"first\"\ntitle = \"First\"\nkind = \"file\"\npath = \"a.md\"\n";
    let it = format!("[[steps.checks]]\nid = \"it\"\ntitle = \"Another title\"\nkind = \"data\"\n{WRITTEN}");
    assert_eq!(definition(&lab(&format!("{other}{it}")).unwrap()), before, "a neighbour");
    assert_ne!(definition(&lab(&format!("{other}{it}after = [\"first\"]\n")).unwrap()), before, "one to wait for");
}

#[test]
fn a_fixed_file_belongs_to_the_checks_that_read_it() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("starter")).unwrap();
    let mut lab =
        lab("[[steps.checks]]\nid = \"it\"\ntitle = \"It\"\nkind = \"command\"\nrun = [\"python\", \"judge.py\"]\n\
                       [[steps.checks]]\nid = \"apart\"\ntitle = \"Apart\"\nkind = \"file\"\npath = \"notes.md\"\n")
        .unwrap();
    lab.folder = folder.path().to_path_buf();
    lab.files.push(File { path: "judge.py".into(), role: Role::Fixed, open: false });
    let now = |text: &str| {
        fs::write(folder.path().join("starter/judge.py"), text).unwrap();
        let found = definitions(&lab, &prepare(&lab).unwrap());
        (found["it"].clone(), found["apart"].clone())
    };
    let (it, apart) = now("assert 1");
    assert_eq!(now("assert 1"), (it.clone(), apart.clone()));
    let (changed, untouched) = now("assert 2");
    assert_ne!(changed, it);
    assert_eq!(untouched, apart);
}

#[test]
fn a_service_belongs_to_the_checks_that_call_it() {
    let mut lab = one("http", "service = \"web\"\npath = \"/\"");
    let before = definition(&lab);
    lab.services[0].restart_on.clear();
    lab.services[0].command.push("--fast".into());
    assert_ne!(definition(&lab), before);
}
