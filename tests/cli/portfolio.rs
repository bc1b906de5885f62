//! What a learner tells in the portfolio page, kept and exported from the terminal.

use std::fs;

use crate::support::Home;

#[test]
fn a_narrative_is_kept_exported_and_taken_away_by_nobody_unseen() {
    let home = Home::new();
    let file = home.folder.path().join("told.md");
    let from = |lab: &[&str], text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        home.run(&[&["narrative"][..], lab, &["--from", file.to_str().unwrap()], more].concat())
    };
    let orientation = &["orientation"][..];
    assert!(home.must(&["narrative"]).contains("Nothing is written yet."));
    let said = home.run(&["narrative", "orientation"]);
    assert!(said.code == Some(1) && said.err.contains("groundwork lab start orientation"), "{said:#?}");

    assert_eq!(from(&[], "Ten years of clouds.\n", &[]).code, Some(0));
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    home.must(&["entry", "add", "orientation", "--sort", "decision", "--title", "One file", "--text", "Both read it."]);
    let said = from(orientation, "# Größe\n\nI chose <b>one</b> file.\n", &[]);
    assert!(said.out.contains("as revision 1"), "{said:#?}");
    assert_eq!(home.must(&["narrative", "orientation"]), "# Größe\n\nI chose <b>one</b> file.\n");

    // A text that is there already is replaced by its revision, as long as that is the newest.
    let said = from(orientation, "mine", &[]);
    assert!(said.code == Some(1) && said.err.contains("--replaces 1"), "{said:#?}");
    assert_eq!(from(orientation, "# Größe\n\nI chose two files.\n", &["--replaces", "1"]).code, Some(0));
    let said = from(orientation, "mine", &["--replaces", "1"]);
    assert!(said.code == Some(1) && said.err.contains("(revision 2)"), "{said:#?}");
    let kept = &home.json(&["narrative", "orientation"])[0];
    assert_eq!((&kept["text"], &kept["revision"]), (&"# Größe\n\nI chose two files.\n".into(), &2.into()));
    assert_eq!(from(orientation, kept["text"].as_str().unwrap(), &["--replaces", "1"]).code, Some(0), "the same text");

    let long = from(orientation, &"x".repeat(64_001), &["--replaces", "2"]);
    assert!(long.code == Some(1) && long.err.contains("longer than 64 kB"), "{long:#?}");
    fs::write(&file, b"\xff\xfe").unwrap();
    let bad = home.run(&["narrative", "--from", file.to_str().unwrap()]);
    assert!(bad.code == Some(1) && bad.err.contains("cannot be read"), "{bad:#?}");

    let page = home.must(&["export", "--output", "-"]);
    assert!(page.contains("## Introduction\n\nTen years of clouds.\n"), "{page}");
    assert!(page.contains("### In my own words\n\n#### Größe\n\nI chose two files.\n"), "{page}");
    assert!(page.contains("| decision | One file | Both read it. |"), "{page}");
    let out = home.must(&["export", "--format", "html"]);
    let path = out.trim().strip_prefix("Written to ").unwrap();
    assert!(path.ends_with("portfolio.html"), "{path}");
    let html = fs::read_to_string(path).unwrap();
    assert!(html.contains("<h4>Größe</h4>\n<p>I chose two files.</p>"), "{html}");

    // Taking files back takes no words back.
    home.must(&["lab", "reset", "orientation"]);
    assert!(home.must(&["narrative", "orientation"]).contains("two files"));
    let unknown = home.run(&["export", "--format", "pdf"]);
    assert!(unknown.code == Some(1) && unknown.err.contains("--format markdown or --format html"), "{unknown:#?}");
}

#[test]
fn an_export_takes_the_place_of_its_file_and_of_nothing_else() {
    let home = Home::new();
    let folder = home.folder.path().join("mine");
    fs::create_dir(&folder).unwrap();
    let (page, beside) = (folder.join("README.md"), folder.join("README.md.new"));
    fs::write(&beside, "from an update").unwrap();
    for _ in 0..2 {
        home.must(&["export", "--output", page.to_str().unwrap()]);
        assert!(fs::read_to_string(&page).unwrap().starts_with("# AI systems engineering portfolio"));
    }
    assert_eq!(fs::read_to_string(&beside).unwrap(), "from an update");
    let said = home.run(&["export", "--output", folder.to_str().unwrap()]);
    assert!(said.code == Some(1) && said.err.contains("is a directory"), "{said:#?}");
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 2);
}
