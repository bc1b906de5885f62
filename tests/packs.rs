//! Packs from outside: the shipped one proves itself; a new one does too, until something in it is broken; an archive goes out
//! and comes back.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use serde_json::Value;

use crate::support::{Home, copy};

/// The cases of a proof, by name, with what was wrong.
fn verify(home: &Home, folder: &str) -> Vec<(String, Vec<String>)> {
    proved(home, &["pack", "verify", folder])
}

fn proved(home: &Home, command: &[&str]) -> Vec<(String, Vec<String>)> {
    let lines = home.json(command);
    let verified = lines.iter().find(|line| line["type"] == "verified").unwrap_or_else(|| panic!("{lines:#?}"));
    let cases = verified["labs"].as_array().unwrap().iter().flat_map(|lab| lab["cases"].as_array().unwrap());
    let complaints = |case: &Value| {
        case["complaints"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect()
    };
    cases.map(|case| (case["name"].as_str().unwrap().to_owned(), complaints(case))).collect()
}

/// What the proof of a pack finds wrong: the case, and the complaints about it.
pub fn complaints(home: &Home, folder: &str) -> Vec<(String, Vec<String>)> {
    wrong(verify(home, folder))
}

fn wrong(cases: Vec<(String, Vec<String>)>) -> Vec<(String, Vec<String>)> {
    assert!(cases.len() >= 5, "a lab has at least three mutants: {cases:#?}");
    cases.into_iter().filter(|(_, complaints)| !complaints.is_empty()).collect()
}

/// That each mutant is caught by the checks that it names. `cargo xtask bench labs` asks all the others as well.
#[test]
fn the_shipped_pack_proves_itself() {
    let home = Home::new();
    let wrong = wrong(proved(&home, &["pack", "verify", home.resources.join("labs").to_str().unwrap(), "--quick"]));
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_mutant_that_fails_more_than_it_says_is_found_unless_the_proof_is_quick() {
    let home = Home::new();
    let pack = new_pack(&home);
    // Its checks no longer wait for each other, and the mutant fails both.
    for (path, from, to) in
        [("lab.toml", "after = [\"port-set\"]\n", ""), ("mutants/milliseconds/service.toml", "port = 8080", "port = 0")]
    {
        let file = pack.join("first-lab").join(path);
        let text = fs::read_to_string(&file).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        fs::write(&file, text.replace(from, to)).unwrap();
    }
    let found = |command: &[&str]| -> Vec<(String, Vec<String>)> {
        proved(&home, command).into_iter().filter(|(_, complaints)| !complaints.is_empty()).collect()
    };
    let whole = found(&["pack", "verify", "my-pack"]);
    let [(case, told)] = whole.as_slice() else { panic!("{whole:#?}") };
    assert!(case == "mutant milliseconds" && told[0].contains("does not say that `port-set` failed"), "{whole:#?}");
    let quick = found(&["pack", "verify", "my-pack", "--quick"]);
    assert!(quick.is_empty(), "{quick:#?}");
    assert!(home.must(&["pack", "verify", "my-pack", "--quick"]).contains("only the checks that it names were asked"));
}

/// A fresh pack at `my-pack` in the home.
pub fn new_pack(home: &Home) -> PathBuf {
    home.must(&["pack", "new", "my-pack", "--title", "Limits \"here\""]);
    home.folder.path().join("my-pack")
}

#[test]
fn a_new_pack_is_whole_and_each_break_is_found() {
    let home = Home::new();
    let pack = new_pack(&home);
    assert!(home.must(&["pack", "lint", "my-pack"]).contains("Nothing to mend: 1 lab, 2 checks."));
    let out = home.must(&["pack", "verify", "my-pack"]);
    assert!(out.contains("Where the time went") && out.contains("fails first on port-set"), "{out}");
    let said = home.run(&["pack", "new", "my-pack"]);
    assert!(said.code == Some(1) && said.err.contains("my-pack is not empty."), "{said:#?}");

    let lab = pack.join("first-lab");
    let edit = |path: &str, from: &str, to: &str| {
        let text = fs::read_to_string(lab.join(path)).unwrap();
        assert!(text.contains(from), "{path} has no {from}");
        fs::write(lab.join(path), text.replace(from, to)).unwrap();
    };
    edit("starter/service.toml", "port = 0", "port = 8080");
    edit("solution/service.toml", "timeout_s = 20", "timeout_s = 90");
    edit("mutants/milliseconds/service.toml", "timeout_s = 20000", "timeout_s = 20");
    edit("guide/01-limits.md", "cat service.toml", "touch left-over; cat srvice.toml");
    let cases = verify(&home, "my-pack");
    let told: Vec<(&str, String)> =
        cases.iter().map(|(name, complaints)| (name.as_str(), complaints.join(" | "))).collect();
    for (name, parts) in [
        ("starter", vec!["has to fail first on `port-set`, and `timeout-set` failed"]),
        (
            "solution",
            vec![
                "in the first round, `timeout-set` failed",
                "in the second round, `timeout-set` failed",
                "first-lab/guide/01-limits.md:7:1: the block ends with 1, not 0\ncat: srvice.toml",
                "`left-over` was left behind",
            ],
        ),
        ("mutant milliseconds", vec!["mutant.toml says that `timeout-set` fails, and `timeout-set` passed"]),
    ] {
        let (_, said) = told.iter().find(|(known, _)| *known == name).unwrap();
        assert!(parts.iter().all(|part| said.contains(part)), "{name}: {said}");
    }
    assert_eq!(home.run(&["pack", "verify", "my-pack"]).code, Some(1));

    edit("lab.toml", "kind = \"data\"", "kind = \"dataa\"");
    let flaws = home.json(&["pack", "lint", "my-pack"]);
    assert_eq!((&flaws[0]["file"], &flaws[0]["line"]), (&"first-lab/lab.toml".into(), &28.into()), "{flaws:#?}");
    let said = home.run(&["pack", "verify", "my-pack"]);
    assert!(said.code == Some(1) && said.err.contains("there is no kind of check called `dataa`"), "{said:#?}");
}

#[test]
fn a_lab_about_entries_proves_itself_with_those_of_its_author() {
    let home = Home::new();
    let lab = new_pack(&home).join("first-lab");
    let text = fs::read_to_string(lab.join("lab.toml")).unwrap();
    let check = "\n[[steps.checks]]\nid = \"decided\"\ntitle = \"A decision is written down\"\nkind = \"entry\"\n\
        sort = \"decision\"\nmin_words = 4\n";
    fs::write(lab.join("lab.toml"), text + check).unwrap();
    let wrong = |cases: Vec<(String, Vec<String>)>| -> Vec<_> {
        cases.into_iter().filter(|(_, complaints)| !complaints.is_empty()).map(|(name, _)| name).collect()
    };
    // The mutant changes a file that no entry is about.
    assert_eq!(wrong(verify(&home, "my-pack")), ["solution"]);

    let entry = |text: &str| format!("[[entries]]\nsort = \"decision\"\ntitle = \"Limits\"\ntext = \"{text}\"\n");
    fs::write(lab.join("solution/entries.toml"), entry("Twenty seconds, as measured.")).unwrap();
    fs::create_dir(lab.join("mutants/terse")).unwrap();
    fs::write(lab.join("mutants/terse/mutant.toml"), "fails = [\"decided\"]\n").unwrap();
    fs::write(lab.join("mutants/terse/entries.toml"), entry("Twenty.")).unwrap();
    assert_eq!(wrong(verify(&home, "my-pack")), [""; 0]);

    fs::write(lab.join("solution/entries.toml"), "[[entries]]\nsort = \"decision\"\ntitel = \"Limits\"\n").unwrap();
    let flaws = home.json(&["pack", "lint", "my-pack"]);
    assert_eq!(
        (&flaws[0]["file"], &flaws[0]["line"]),
        (&"first-lab/solution/entries.toml".into(), &3.into()),
        "{flaws:#?}"
    );
}

#[test]
fn a_lab_about_calls_proves_itself_with_those_of_its_author() {
    let home = Home::new();
    let lab = new_pack(&home).join("first-lab");
    let text = fs::read_to_string(lab.join("lab.toml")).unwrap();
    let check = "\n[[steps.checks]]\nid = \"recorded\"\ntitle = \"The burst was recorded\"\nkind = \"gateway\"\n\
        told = { path = \"burst.json\", began = \"began\", ended = \"ended\", statuses = { 200 = \"answered\" } }\n\n\
        [[files]]\npath = \"burst.json\"\nrole = \"watch\"\n";
    fs::write(lab.join("lab.toml"), text + check).unwrap();
    let burst = |answered: u32| {
        let times = "\"began\": \"2025-01-31T09:30:00Z\", \"ended\": \"2025-01-31T09:31:00Z\"";
        format!("{{{times}, \"answered\": {answered}}}\n")
    };
    fs::write(lab.join("solution/burst.json"), burst(2)).unwrap();
    fs::create_dir(lab.join("mutants/typed")).unwrap();
    fs::write(lab.join("mutants/typed/mutant.toml"), "fails = [\"recorded\"]\n").unwrap();
    fs::write(lab.join("mutants/typed/burst.json"), burst(3)).unwrap();
    let calls = |second: &str| {
        let rest =
            "path = \"/v1/chat/completions\", dialect = \"openai\", status = 200, model = \"small\", millis = 9.5";
        let at = ["2025-01-31T09:30:00Z", second, "2025-01-31T09:32:00Z"];
        format!("calls = [\n{}]\n", at.map(|at| format!("  {{ at = {at}, {rest} }},\n")).concat())
    };
    // Nothing was recorded, and the solution tells of two calls.
    let cases = verify(&home, "my-pack");
    let told = cases.iter().find(|(name, _)| name == "solution").map(|(_, complaints)| complaints.concat()).unwrap();
    assert!(told.contains("2 in the file, 0 with status 200 in the record"), "{told}");

    fs::write(lab.join("solution/calls.toml"), calls("2025-01-31T10:30:30.5+01:00")).unwrap();
    let cases = verify(&home, "my-pack");
    assert!(cases.iter().all(|(_, complaints)| complaints.is_empty()), "{cases:#?}");

    fs::write(lab.join("solution/calls.toml"), calls("2025-01-31T09:30:30")).unwrap();
    let flaw = &home.json(&["pack", "lint", "my-pack"])[0];
    assert_eq!(
        (&flaw["file"], &flaw["message"]),
        (&"first-lab/solution/calls.toml".into(), &"`2025-01-31T09:30:30` is not a moment".into()),
        "{flaw:#}"
    );
}

#[test]
fn guides_are_judged_where_that_is_asked_for() {
    let home = Home::new();
    let judged = |folder: &str| {
        let lines = home.json(&["pack", "lint", folder, "--guides"]);
        let of = |kind: &str| lines.iter().filter(|line| line["type"] == kind).cloned().collect::<Vec<_>>();
        (of("page"), of("flaw"))
    };
    let labs = home.resources.join("labs");
    let (pages, flaws) = judged(labs.to_str().unwrap());
    assert!(flaws.is_empty(), "{flaws:#?}");
    let guides = fs::read_dir(&labs).unwrap().filter_map(|lab| fs::read_dir(lab.unwrap().path().join("guide")).ok());
    assert_eq!(pages.len(), guides.flatten().count());

    let page = new_pack(&home).join("first-lab/guide/01-limits.md");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text + "\n```sh\nshutdown -h now\n```\n").unwrap();
    home.must(&["pack", "lint", "my-pack"]);
    assert_eq!(home.run(&["pack", "lint", "my-pack", "--guides"]).code, Some(1));
    let (_, flaws) = judged("my-pack");
    let told: Vec<_> =
        flaws.iter().map(|flaw| (flaw["line"].as_u64().unwrap(), flaw["message"].as_str().unwrap())).collect();
    let [(1, short), (16, "no proof runs this block, and nothing says why")] = told[..] else { panic!("{flaws:#?}") };
    assert!(short.starts_with("the page has "), "{short}");
}

/// Installs the next version of a pack whose lab runs a program that leaves a mark, and says what `install` said.
pub fn install_workshop(home: &Home, version: u32) -> String {
    let folder = home.folder.path().join("my-pack");
    let pack = if folder.exists() { folder } else { new_pack(home) };
    let text = fs::read_to_string(pack.join("pack.toml")).unwrap();
    let title = text.replace("title = \"Limits \\\"here\\\"\"", "title = \"Workshop: limits\"");
    fs::write(pack.join("pack.toml"), title.replace("version = 1", &format!("version = {version}"))).unwrap();
    let lab = fs::read_to_string(pack.join("first-lab/lab.toml")).unwrap();
    if version == 1 {
        let check = "\n[[steps.checks]]\nid = \"marks\"\ntitle = \"A program runs\"\nkind = \"command\"\n\
            run = [\"sh\", \"-c\", \"echo ran > mark\"]\n";
        fs::write(pack.join("first-lab/lab.toml"), lab + check).unwrap();
    }
    home.must(&["pack", "build", "my-pack", "-o", "workshop.gwpack"]);
    home.must(&["pack", "install", "workshop.gwpack"])
}

/// The folder of its lab, once it was started.
pub fn workshop(home: &Home) -> PathBuf {
    let pack = fs::read_to_string(home.folder.path().join("my-pack/pack.toml")).unwrap();
    let id = pack.split("\nid = \"").nth(1).unwrap();
    home.folder.path().join(format!("workspaces/workshop-limits-{}/first-lab", &id[..8]))
}

#[test]
fn nothing_of_an_installed_pack_runs_before_it_is_allowed() {
    let home = Home::new();
    let said = install_workshop(&home, 1);
    let id = said.split("groundwork pack use ").nth(1).unwrap().trim().to_owned();
    assert!(home.must(&["pack", "use", &id[..8]]).contains("Workshop: limits, version 1, is open: 1 lab"));
    assert!(home.must(&["lab", "list"]).contains("first-lab"));
    let said = home.run(&["lab", "start", "orientation", "--no-editor"]);
    assert!(said.code == Some(1) && said.err.contains("There is no lab called orientation."), "{said:#?}");

    let start = ["lab", "start", "first-lab", "--no-editor"];
    let said = home.run(&start);
    let refusal = "Workshop: limits, version 1, did not come with Groundwork, and its labs run programs.";
    assert!(said.code == Some(1) && said.err.contains(refusal), "{said:#?}");
    assert!(said.err.contains("groundwork pack allow"), "{said:#?}");
    let folder = workshop(&home);
    assert!(!folder.exists());

    // Nobody answers the question: shown, and not allowed.
    let said = home.run(&["pack", "allow"]);
    assert!(said.out.contains("sh -c 'echo ran > mark'") && said.out.contains("Not allowed"), "{said:#?}");
    assert_eq!(home.run(&start).code, Some(1));

    assert!(home.must(&["pack", "allow", "--yes"]).contains("Allowed, until its content changes."));
    assert!(home.must(&["pack", "allow", "--yes"]).contains("Nothing to allow"));
    home.must(&start);
    home.run(&["lab", "check", "first-lab"]);
    assert_eq!(fs::read_to_string(folder.join("mark")).unwrap(), "ran\n");

    // Another content asks again, also for a lab that was started; the check stays where it was.
    fs::remove_file(folder.join("mark")).unwrap();
    install_workshop(&home, 2);
    let said = home.run(&["lab", "check", "first-lab"]);
    assert!(said.code == Some(1) && said.err.contains("Workshop: limits, version 2, did not come"), "{said:#?}");
    assert!(!folder.join("mark").exists());
    home.must(&["pack", "allow", "--yes"]);
    home.run(&["lab", "check", "first-lab"]);
    assert!(folder.join("mark").exists());

    // The open pack is gone: the shipped one is open in its place, and that is said.
    fs::remove_dir_all(home.folder.path().join("data/packs")).unwrap();
    let lines = home.json(&["plan"]);
    let plan = lines.iter().find(|line| line["type"] == "plan").unwrap();
    assert_eq!(plan["today"], "orientation");
    assert_eq!(plan["notices"][0]["code"], "pack.gone", "{plan:#?}");
    home.must(&["pack", "use", "shipped"]);
    assert_eq!(home.json(&["plan"])[0]["notices"], Value::Array(Vec::new()));
    let said = home.run(&["pack", "use", "workshop"]);
    assert!(said.code == Some(1) && said.err.contains("No pack on this machine is called workshop."), "{said:#?}");
}

#[test]
fn an_archive_goes_out_and_comes_back() {
    let home = Home::new();
    let pack = new_pack(&home);
    home.must(&["pack", "build", "my-pack", "-o", "out/mine.gwpack"]);
    assert!(home.must(&["pack", "install", "out/mine.gwpack"]).contains("version 1, is installed: 1 lab"));
    assert!(home.must(&["pack", "install", "out/mine.gwpack"]).contains("was installed already"));
    let list = home.must(&["pack", "list"]);
    assert!(list.contains("shipped") && list.contains("Limits \"here\""), "{list}");

    // A pack with a flaw in an archive whose hashes are right: refused, and nothing stays.
    let store = home.folder.path().join("data/packs");
    let count = |folder: &Path| fs::read_dir(folder).unwrap().count();
    let before = count(&store);
    fs::write(home.folder.path().join("out/letter.gwpack"), "no archive").unwrap();
    let said = home.run(&["pack", "install", "out/letter.gwpack"]);
    assert!(said.code == Some(1) && said.err.contains("not a pack's archive, or it is damaged"), "{said:#?}");
    assert_eq!(count(&store), before);

    copy(&pack, &home.folder.path().join("flawed"));
    let lab = home.folder.path().join("flawed/first-lab/lab.toml");
    fs::write(&lab, fs::read_to_string(&lab).unwrap().replace("kind = \"data\"", "kind = \"dada\"")).unwrap();
    let said = home.run(&["pack", "build", "flawed", "-o", "flawed.gwpack"]);
    assert!(said.code == Some(1) && !home.folder.path().join("flawed.gwpack").exists(), "{said:#?}");
}

#[test]
fn a_list_of_packages_that_cannot_be_installed_is_a_flaw() {
    let home = Home::new();
    let pack = new_pack(&home);
    fs::write(pack.join("first-lab/starter/requirements.txt"), "httpx\n").unwrap();
    let flaw = &home.json(&["pack", "lint", "my-pack"])[0];
    assert_eq!(flaw["file"], "first-lab/starter/requirements.txt", "{flaw:#}");
    pack_up(&pack, &home.folder.path().join("unpinned.gwpack"));
    for arguments in [&["pack", "build", "my-pack", "-o", "mine.gwpack"][..], &["pack", "install", "unpinned.gwpack"]] {
        let said = home.run(arguments);
        let why =
            "first-lab/starter/requirements.txt:1:1: the lab's list of packages cannot be used: httpx is not pinned";
        assert!(said.code == Some(1) && said.err.contains(why), "{said:#?}");
    }
}

#[test]
fn names_that_no_archive_may_hold_are_flaws() {
    let home = Home::new();
    let pack = new_pack(&home);
    for name in ["aux.md", "manifest.toml", "README.md", "readme.md"] {
        fs::write(pack.join(name), "x").unwrap();
    }
    let lines = home.json(&["pack", "lint", "my-pack"]);
    let flaws = lines.iter().filter(|line| line["type"] == "flaw");
    let told: Vec<&str> = flaws.map(|flaw| flaw["message"].as_str().unwrap()).collect();
    assert_eq!(
        told,
        [
            "the name is a device on Windows",
            "the name is kept for the archive's manifest",
            "`README.md` and `readme.md` are one name where case does not count"
        ]
    );
}

/// Writes the archive of a folder as it stands, flaws and all.
fn pack_up(folder: &Path, archive: &Path) {
    let script = r#"
import hashlib, io, json, os, re, sys, tarfile
folder, archive = sys.argv[1:]
names = sorted(os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names)
files = {name: open(os.path.join(folder, name), "rb").read() for name in names}
number = re.search('^id = "(.*)"', files["pack.toml"].decode(), re.M).group(1)
manifest = f'format = 1\nid = "{number}"\nversion = 1\ntitle = "A pack"\n'
for name, content in files.items():
    manifest += f'[[files]]\npath = {json.dumps(name)}\nbytes = {len(content)}\n'
    manifest += f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
with tarfile.open(archive, "w:gz", format=tarfile.USTAR_FORMAT) as packed:
    for name, content in [("manifest.toml", manifest.encode()), *files.items()]:
        member = tarfile.TarInfo(name)
        member.size = len(content)
        packed.addfile(member, io.BytesIO(content))
"#;
    let status = Command::new("python3").args(["-c", script]).arg(folder).arg(archive).status().unwrap();
    assert!(status.success());
}

#[test]
fn nothing_of_a_pack_steers_the_terminal() {
    let home = Home::new();
    let pack = new_pack(&home);
    let page = pack.join("first-lab/guide/01-limits.md");
    let text = fs::read_to_string(&page).unwrap();
    fs::write(&page, text + "\nSee [this](<\u{1b}]0;owned\u{7}\u{202e}.md>).\n").unwrap();
    pack_up(&pack, &home.folder.path().join("hostile.gwpack"));
    for arguments in [["pack", "lint", "my-pack"], ["pack", "verify", "my-pack"], ["pack", "install", "hostile.gwpack"]]
    {
        let said = home.run(&arguments);
        assert_eq!(said.code, Some(1), "{said:#?}");
        let all = said.out + &said.err;
        assert!(all.contains(r"the link `\u{1b}]0;owned\u{7}\u{202e}.md` leads nowhere"), "{all:?}");
        assert!(!all.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{all:?}");
    }
}
