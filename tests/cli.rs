//! The command line as a black box: what it prints, how it exits, what it leaves on the disk.

mod collections;
mod compare;
mod containers;
mod deployments;
mod disk;
mod entries;
pub mod faults;
mod first_lab;
mod keeping;
mod keys;
mod library;
pub mod models;
mod portfolio;
mod settings;
mod terminal;
mod traffic;

use crate::support::Home;

#[test]
fn help_names_every_command_and_usage_errors_are_the_callers() {
    let home = Home::new();
    let help = home.must(&["--help"]);
    for command in [
        "doctor",
        "folders",
        "editor",
        "data",
        "plan",
        "roadmap",
        "lab",
        "entry",
        "pack",
        "model",
        "engine",
        "image",
        "stack",
        "deployment",
        "key",
        "usage",
        "serve",
        "narrative",
        "export",
    ] {
        assert!(help.contains(command), "{help}");
    }
    let said = home.run(&["lab", "explode"]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("unrecognized subcommand 'explode'"), "{}", said.err);
}

#[test]
fn the_plan_has_ninety_days_and_starts_with_orientation() {
    let home = Home::new();
    let text = home.must(&["plan"]);
    assert!(text.contains("not started") && text.contains("Next: groundwork lab start orientation"), "{text}");
    let plan = &home.json(&["plan"])[0];
    assert_eq!(plan["days"], 90);
    assert_eq!(plan["today"], "orientation");
    let phases = plan["phases"].as_array().unwrap();
    assert_eq!(phases.iter().map(|phase| phase["labs"].as_array().unwrap().len()).sum::<usize>(), 26);
}

#[test]
fn the_roadmap_has_three_years_and_counts_what_is_proved() {
    let home = Home::new();
    let roadmap = &home.json(&["roadmap"])[0];
    let years = roadmap["years"].as_array().unwrap();
    assert_eq!(years.len(), 3);
    let standing = |id: &str| {
        let all = years.iter().flat_map(|year| year["milestones"].as_array().unwrap());
        all.clone().find(|milestone| milestone["id"] == id).unwrap()["standing"].clone()
    };
    assert_eq!((standing("model-served"), standing("governance")), ("open".into(), "outside".into()));
    let skills = roadmap["skills"].as_array().unwrap();
    let counted = |id: &str| {
        let skill = skills.iter().find(|skill| skill["id"] == id).unwrap();
        (skill["passed"].as_u64().unwrap(), skill["checks"].as_u64().unwrap())
    };
    assert_eq!((skills.len(), counted("model-serving").0), (39, 0));
    assert_eq!(roadmap["priorities"][0]["title"], "Retrieval with sources");
    let row = roadmap["atlas"].as_array().unwrap().iter().find(|row| row["azure"] == "Azure OpenAI").unwrap();
    assert_eq!((&row["aws"], &row["lab"]["slug"]), (&"Amazon Bedrock".into(), &"orientation".into()));
    // Every resource is about skills of the map.
    for resource in roadmap["resources"].as_array().unwrap() {
        for skill in resource["skills"].as_array().unwrap() {
            assert!(skills.iter().any(|known| known["id"] == *skill), "{resource:#}");
        }
    }

    home.must(&["lab", "start", "orientation", "--no-editor"]);
    home.run(&["lab", "check", "orientation"]);
    let text = home.must(&["roadmap"]);
    assert!(text.contains("begun    A model is served"), "{text}");
    assert!(text.contains("its labs are not in this pack yet") && text.contains(" measurements, 0 entries"), "{text}");
    assert!(text.contains("1  Retrieval with sources") && text.contains("AWS   Amazon Bedrock"), "{text}");
    let atlas = home.must(&["roadmap", "atlas"]);
    assert!(atlas.contains("AWS   Amazon Bedrock") && !atlas.contains("Retrieval with sources"), "{atlas}");
    let roadmap = &home.json(&["roadmap"])[0];
    let skill = roadmap["skills"].as_array().unwrap().iter().find(|skill| skill["id"] == "model-serving").unwrap();
    assert!(skill["passed"].as_u64().unwrap() > 0, "{skill:#}");
}

#[test]
fn the_doctor_finds_a_prepared_machine_good() {
    let home = Home::new();
    let findings = home.json(&["doctor"]);
    for name in ["Python", "Model", "Pack", "Journal"] {
        let finding = findings.iter().find(|finding| finding["name"] == name);
        assert_eq!(finding.map(|finding| &finding["state"]), Some(&"good".into()), "{name}: {findings:#?}");
    }
}

#[test]
fn the_model_streams_an_answer_and_says_how_fast() {
    let home = Home::new();
    let lines = home.json(&["model", "chat", "Say hello.", "--max-tokens", "16", "--temperature", "0"]);
    let pieces = lines.iter().filter(|line| line["step"]["step"] == "output").count();
    assert!(pieces > 1, "one token at a time: {lines:#?}");
    let generation = &lines.iter().find(|line| line["type"] == "generated").unwrap()["generation"];
    assert!(generation["completionTokens"].as_u64().unwrap() <= 16);
    assert!(generation["tokensPerSecond"].as_f64().unwrap() > 0.0);
    assert_eq!(lines.last().unwrap()["step"]["step"], "finished");
}
