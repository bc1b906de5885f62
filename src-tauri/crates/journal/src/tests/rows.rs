use std::time::{Duration, Instant};

use super::*;
use crate::{
    Entry, Error, FirstPass, Narrative, Notes, ReportId, Standing, answers, entries, evidence, gateway_calls,
    narratives, outcomes, reports, time_on_task, workspaces,
};

#[test]
fn a_workspace_is_found_by_lab_and_by_key_and_can_move() {
    let (_folder, journal) = journal();
    let newer = Workspace { created_at: at(60), ..workspace(Uuid::from_u128(2), "two") };
    journal.record_workspace(&newer).unwrap();
    assert_eq!(journal.workspace_of_lab(LAB).unwrap(), Some(newer.clone()));
    assert_eq!(journal.workspace_of_key("one").unwrap(), Some(HERE));
    assert_eq!(journal.workspace_of_key("three").unwrap(), None);

    let moved = Workspace { folder: "/elsewhere".into(), key_hash: "three".into(), lab_version: 4, ..newer };
    journal.record_workspace(&moved).unwrap();
    assert_eq!(journal.workspaces().unwrap(), [workspace(HERE, "one"), moved]);
    assert_eq!(journal.workspace_of_key("two").unwrap(), None, "a replaced key opens nothing");
}

#[test]
fn outcomes_come_back_as_recorded_and_the_latest_counts() {
    let (_folder, journal) = journal();
    let report = journal.begin_report(HERE, 3, at(10)).unwrap();
    let seen = [
        outcome("starts", Status::Passed, 11),
        outcome("answers", Status::Failed, 12),
        outcome("cites", Status::Blocked, 13),
        outcome("serves", Status::Error, 14),
    ];
    for outcome in &seen {
        journal.record_outcome(report, outcome).unwrap();
    }
    journal.finish_report(report, at(20)).unwrap();
    assert_eq!(journal.outcomes(report).unwrap(), seen);

    let later = [outcome("starts", Status::Failed, 30), outcome("answers", Status::Passed, 31)];
    let second = journal.record_report(HERE, 4, at(30), at(32), &later).unwrap();
    let latest = journal.latest_outcomes(HERE).unwrap();
    assert_eq!(latest, [later[1].clone(), seen[2].clone(), seen[3].clone(), later[0].clone()], "by check id");

    let reports = journal.reports(HERE, 10).unwrap();
    assert_eq!(reports.iter().map(|report| report.id).collect::<Vec<_>>(), [second, report], "newest first");
    assert_eq!((reports[0].lab_version, reports[0].finished_at), (4, Some(at(32))));
}

#[test]
fn evidence_keeps_the_first_and_the_latest_pass_and_survives_a_failure() {
    let (_folder, journal) = journal();
    for (lab_version, status, seconds) in [
        (1, Status::Failed, 1),
        (1, Status::Passed, 2),
        (2, Status::Passed, 3),
        (3, Status::Passed, 4),
        (3, Status::Failed, 5),
    ] {
        let report = journal.begin_report(HERE, lab_version, at(seconds)).unwrap();
        journal.record_outcome(report, &outcome("answers", status, seconds)).unwrap();
        journal.record_outcome(report, &outcome("never", Status::Failed, seconds)).unwrap();
    }
    let evidence = journal.evidence(HERE).unwrap();
    assert_eq!(evidence.len(), 1);
    let pass = |pass: &crate::Pass| (pass.at, pass.lab_version, pass.measured[0].value.clone());
    assert_eq!(evidence[0].check, "answers");
    assert_eq!(pass(&evidence[0].first), (at(2), 1, "2".into()));
    assert_eq!(pass(&evidence[0].latest), (at(4), 3, "4".into()));

    let standing = |check: &str, evidence| Standing {
        workspace: HERE,
        lab: LAB,
        check: check.into(),
        latest: Status::Failed,
        evidence,
        lab_version: 3,
        definition: Some("first".into()),
    };
    assert_eq!(journal.standings().unwrap(), [standing("answers", true), standing("never", false)]);
}

#[test]
fn first_passes_are_those_of_every_workspace_of_a_pack() {
    let (_folder, journal) = journal();
    let again = workspace(Uuid::from_u128(2), "two");
    let elsewhere = Workspace { pack: Uuid::from_u128(8), ..workspace(Uuid::from_u128(3), "three") };
    for workspace in [&again, &elsewhere] {
        journal.record_workspace(workspace).unwrap();
    }
    for (workspace, status, seconds) in [
        (HERE, Status::Failed, 1),
        (HERE, Status::Passed, 2),
        (HERE, Status::Passed, 3),
        (again.id, Status::Passed, 4),
        (elsewhere.id, Status::Passed, 5),
    ] {
        let outcomes = [outcome("answers", status, seconds)];
        journal.record_report(workspace, 3, at(seconds), at(seconds), &outcomes).unwrap();
    }
    let mut passes = journal.first_passes(Uuid::from_u128(9)).unwrap();
    passes.sort_by_key(|pass| pass.at);
    let pass = |seconds| FirstPass { lab: LAB, check: "answers".into(), at: at(seconds) };
    assert_eq!(passes, [pass(2), pass(4)]);
    assert!(journal.first_passes(Uuid::from_u128(404)).unwrap().is_empty());
}

#[test]
fn a_pass_is_stale_once_the_lab_asserts_something_else() {
    let (_folder, journal) = journal();
    // What was recorded: status, version, definition. What the lab is now. Whether the pass is one of before.
    for (status, version, definition, now, asserts, stale) in [
        (Status::Passed, 1, Some("a"), 1, "a", false),
        (Status::Passed, 1, Some("a"), 2, "a", false),
        (Status::Passed, 1, Some("a"), 2, "b", true),
        // A pack of before went back into place: its own pass is current.
        (Status::Passed, 2, Some("b"), 1, "a", true),
        // An author edits without counting up.
        (Status::Passed, 1, Some("a"), 1, "b", false),
        // Rows of an earlier Groundwork.
        (Status::Passed, 1, None, 1, "a", false),
        (Status::Passed, 1, None, 2, "a", true),
        (Status::Failed, 1, Some("a"), 2, "b", false),
    ] {
        let case = format!("{status:?} {version} {definition:?} {now} {asserts}");
        let definition = definition.map(str::to_owned);
        let row = Outcome { definition: definition.clone(), ..outcome("answers", status, 1) };
        journal.record_report(HERE, version, at(1), at(2), &[row]).unwrap();
        let found = journal.standings().unwrap().remove(0);
        assert_eq!((found.lab_version, &found.definition), (version, &definition), "{case}");
        assert_eq!(found.stale(now, asserts), stale, "{case}");
        assert_eq!(journal.latest_outcomes(HERE).unwrap()[0].definition, definition, "{case}");
    }
}

#[test]
fn a_report_that_cannot_be_recorded_whole_leaves_nothing() {
    let (_folder, journal) = journal();
    let good = outcome("starts", Status::Passed, 1);
    let far = Outcome { started_at: Timestamp::MAX, ..good.clone() };
    assert!(journal.record_report(HERE, 1, at(0), at(2), &[good, far]).is_err());
    assert!(journal.reports(HERE, 10).unwrap().is_empty());
    assert!(journal.evidence(HERE).unwrap().is_empty());
    assert!(journal.latest_outcomes(HERE).unwrap().is_empty());
}

#[test]
fn calls_are_bounded_to_the_newest_and_add_up_by_model() {
    let (_folder, journal) = journal();
    let calls =
        [call(1, Some("small"), 200), call(2, None, 200), call(3, Some("small"), 429), call(4, Some("large"), 200)];
    for call in &calls {
        journal.record_call(HERE, call).unwrap();
    }
    assert_eq!(journal.calls(HERE, at(0)..=at(9), 100).unwrap(), calls);
    assert_eq!(journal.calls(HERE, at(2)..=at(9), 2).unwrap(), calls[2..]);
    assert_eq!(journal.calls(HERE, at(0)..=at(2), 100).unwrap(), calls[..2]);
    assert_eq!(journal.calls(HERE, Timestamp::MIN..=Timestamp::MAX, 100).unwrap(), calls);
    assert_eq!(journal.calls(Uuid::from_u128(2), at(0)..=at(9), 100).unwrap(), []);

    let small = Call { cached_tokens: 7, cost: Some(0.5), currency: Some("EUR".into()), ..call(5, Some("small"), 200) };
    journal.record_call(HERE, &small).unwrap();
    let usage = journal.usage(HERE).unwrap();
    let seen: Vec<_> = usage
        .iter()
        .map(|usage| {
            let tokens = [usage.prompt_tokens, usage.cached_tokens, usage.completion_tokens];
            (usage.model.as_deref(), usage.calls, usage.failed, tokens, usage.cost, usage.currency.as_deref())
        })
        .collect();
    let expected = [
        (Some("large"), 1, 0, [30, 0, 12], 0.25, Some("USD")),
        (Some("small"), 1, 1, [30, 0, 12], 0.0, None),
        (Some("small"), 1, 0, [30, 7, 12], 0.5, Some("EUR")),
        (Some("small"), 1, 0, [30, 0, 12], 0.25, Some("USD")),
        (None, 1, 0, [30, 0, 12], 0.25, Some("USD")),
    ];
    assert_eq!(seen, expected);
}

#[test]
fn the_latest_answer_and_the_latest_setting_count() {
    let (_folder, journal) = journal();
    assert_eq!(journal.answer(HERE, "why").unwrap(), None);
    for chosen in [vec![], vec!["b".to_owned(), "a".to_owned()]] {
        journal.record_answer(HERE, "why", &chosen, at(1)).unwrap();
        assert_eq!(journal.answer(HERE, "why").unwrap(), Some(chosen));
    }
    assert_eq!(journal.setting("theme").unwrap(), None);
    for value in ["dark", "light"] {
        journal.record_setting("theme", value).unwrap();
        assert_eq!(journal.setting("theme").unwrap().as_deref(), Some(value));
    }
}

#[test]
fn notes_are_as_written_last_and_belong_to_their_workspace() {
    let (_folder, journal) = journal();
    assert_eq!(journal.notes(HERE).unwrap(), None);
    for (text, seconds) in [("# “Größe” 🙂\n", 10), ("", 20), ("- [ ] again", 30)] {
        let notes = Notes { text: text.into(), at: at(seconds) };
        journal.record_notes(HERE, &notes).unwrap();
        assert_eq!(journal.notes(HERE).unwrap(), Some(notes));
    }
    assert_eq!(journal.notes(Uuid::from_u128(2)).unwrap(), None);
}

#[test]
fn a_narrative_takes_the_place_of_the_one_before_it_alone() {
    let (_folder, journal) = journal();
    let narrative = |revision: u32, text: &str| Narrative { revision, text: text.into(), at: at(revision.into()) };
    assert_eq!(journal.narrative(LAB).unwrap(), None);
    assert!(!journal.record_narrative(LAB, &narrative(2, "follows nothing")).unwrap());
    assert!(journal.record_narrative(LAB, &narrative(1, "# “Größe” 🙂\n")).unwrap());
    // Another window, which has read what this one has.
    let other = Journal::open(journal.path()).unwrap();
    assert!(other.record_narrative(LAB, &narrative(2, "theirs")).unwrap());
    for late in [0, 1, 2, 4] {
        assert!(!journal.record_narrative(LAB, &narrative(late, "mine")).unwrap(), "{late}");
    }
    assert_eq!(journal.narrative(LAB).unwrap(), Some(narrative(2, "theirs")));
    assert!(journal.record_narrative(LAB, &narrative(3, "")).unwrap());
    assert_eq!(other.narrative(LAB).unwrap(), Some(narrative(3, "")));
    assert_eq!(journal.narrative(Uuid::from_u128(9)).unwrap(), None);
}

#[test]
fn entries_come_back_oldest_first_and_belong_to_their_workspace() {
    let (_folder, journal) = journal();
    let entry = |seconds: i64, sort: &str, url: Option<&str>| Entry {
        at: at(seconds),
        sort: sort.into(),
        title: "“Größe” 🙂".into(),
        text: "line\nline".into(),
        url: url.map(str::to_owned),
    };
    let late = entry(20, "decision", None);
    let early = entry(10, "community", Some("https://discuss.python.org/t/1"));
    for entry in [&late, &early, &late] {
        journal.record_entry(HERE, entry).unwrap();
    }
    assert_eq!(journal.entries(HERE).unwrap(), [early.clone(), late.clone(), late.clone()]);
    // Of two at one moment one is taken back.
    assert_eq!(journal.remove_entry(HERE, late.at).unwrap(), Some(late.clone()));
    assert_eq!(journal.entries(HERE).unwrap(), [early, late.clone()]);
    assert_eq!(journal.remove_entry(HERE, at(30)).unwrap(), None);
    assert_eq!(journal.remove_entry(Uuid::from_u128(2), late.at).unwrap(), None);
    assert_eq!(journal.entries(Uuid::from_u128(2)).unwrap(), []);
    assert!(journal.record_entry(Uuid::from_u128(2), &late).is_err(), "no workspace, no entry");
}

#[test]
fn time_on_task_counts_activity_and_not_pauses() {
    let minutes = |touches: &[i64]| {
        let (_folder, journal) = journal();
        for minute in touches {
            journal.touch(HERE, at(minute * 60)).unwrap();
        }
        journal.minutes_spent().unwrap()[&HERE].round() as i64
    };
    let cases: [(&str, &[i64], i64); 7] = [
        ("one touch is no time yet", &[0], 0),
        ("pauses up to five minutes count", &[0, 5, 10, 12], 12),
        ("longer ones do not", &[0, 5, 11, 13], 7),
        ("the same moment twice", &[0, 3, 3], 3),
        ("late news of an earlier moment", &[0, 3, 2], 3),
        ("a clock set back", &[100, 104, 0, 3], 7),
        ("a clock set back, then caught up", &[100, 104, 96, 99, 103], 7),
    ];
    for (case, touches, expect) in cases {
        assert_eq!(minutes(touches), expect, "{case}");
    }
}

#[test]
fn rows_of_an_unknown_workspace_or_report_are_refused() {
    let (_folder, journal) = journal();
    let nobody = Uuid::from_u128(404);
    let refusals = [
        journal.begin_report(nobody, 1, at(0)).map(drop),
        journal.record_outcome(ReportId(404), &outcome("starts", Status::Passed, 0)),
        journal.finish_report(ReportId(404), at(0)),
        journal.record_call(nobody, &call(0, None, 200)),
        journal.touch(nobody, at(0)),
    ];
    for refusal in refusals {
        assert!(matches!(refusal, Err(Error::Unknown { .. })), "{refusal:?}");
    }
}

#[test]
fn several_processes_may_write_at_once() {
    let (_folder, journal) = journal();
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let journal = Journal::open(journal.path()).unwrap();
            scope.spawn(move || {
                for n in 0..50 {
                    let outcomes =
                        [outcome(&format!("{writer}-{n}"), Status::Passed, n), outcome("shared", Status::Failed, n)];
                    journal.record_report(HERE, 1, at(n), at(n), &outcomes).unwrap();
                }
            });
        }
    });
    assert_eq!(journal.evidence(HERE).unwrap().len(), 200);
    assert_eq!(journal.check().unwrap().outcomes, Some(400));
}

/// 100,000 outcomes of 150 checks in each of 26 workspaces, 20,000 calls.
fn fill(journal: &Journal) {
    for n in 0..26 {
        journal.record_workspace(&workspace(Uuid::from_u128(100 + n), &format!("key {n}"))).unwrap();
    }
    let connection = journal.0.connection.lock().unwrap();
    connection
        .execute_batch(
            "BEGIN;
             WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 10000)
             INSERT INTO reports SELECT i + 1, id, 1, i, i FROM n JOIN workspaces ON workspaces.rowid = i % 26 + 2;
             WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 100000)
             INSERT INTO outcomes SELECT i + 1, i / 10 + 1, 'check-' || (i % 300), iif(i % 3, 'failed', 'passed'), i, 1.5,
                 'The file app.py holds a route for /ask', 'citations[] is a list', printf('%.200c', 'x'), NULL, NULL,
                 NULL, '[{\"name\":\"latency\",\"value\":\"12.5\",\"unit\":\"ms\"}]', NULL FROM n;
             WITH n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n LIMIT 20000)
             INSERT INTO gateway_calls SELECT i + 1, id, i, 'POST', '/v1', 'openai', 200, 'small', 0, 1, 1, 'stop', 1.0,
                 1.0, NULL, 0, 0, 0.5, 'USD', 1 FROM n JOIN workspaces ON workspaces.rowid = i % 26 + 2;",
        )
        .unwrap();
    outcomes::renew_latest(&connection).unwrap();
    evidence::renew(&connection).unwrap();
    connection.execute_batch("COMMIT").unwrap();
}

#[test]
fn no_read_of_a_screen_searches_every_row() {
    let (_folder, journal) = journal();
    fill(&journal);
    let reads = [
        workspaces::OF_LAB,
        workspaces::OF_KEY,
        reports::OF_WORKSPACE,
        outcomes::OF_REPORT,
        outcomes::LATEST,
        outcomes::STANDINGS,
        evidence::OF_WORKSPACE,
        evidence::FIRST_PASSES,
        gateway_calls::BETWEEN,
        answers::LATEST,
        entries::OF_WORKSPACE,
        narratives::REVISION,
        time_on_task::BEFORE,
    ];
    let connection = journal.0.connection.lock().unwrap();
    for sql in reads {
        let mut explain = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let plan: Vec<String> = explain.raw_query().mapped(|row| row.get(3)).collect::<Result<_, _>>().unwrap();
        for line in &plan {
            // Workspaces are as few as labs.
            let few = ["SCAN latest_outcomes", "SCAN workspaces"];
            let quick = line.starts_with("SEARCH") || few.iter().any(|few| line.starts_with(few));
            assert!(quick, "{sql}\n{plan:#?}");
        }
    }
}

/// The best of five, because other tests share the machine.
#[test]
fn the_plan_is_quick_with_100_000_outcomes() {
    let (_folder, journal) = journal();
    fill(&journal);
    let took = (0..5).map(|_| {
        let since = Instant::now();
        assert_eq!(journal.standings().unwrap().len(), 3_900);
        since.elapsed()
    });
    let best = took.min().unwrap();
    assert!(best < Duration::from_millis(100), "{best:?}");
}
