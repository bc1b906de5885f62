use std::time::Duration;

use serde_json::json;
use task::Fault;

use super::*;

#[test]
fn what_was_kept_comes_back_as_it_was_given() {
    let (folder, collection) = collection(2, Metric::Cosine);
    let uuid = PointId::uuid("550e8400-e29b-41d4-a716-446655440000".parse().unwrap());
    let given = [
        point("a", &[3.0, 4.0], json!({ "z": 1, "a": [1, null, { "b": 1.5 }], "big": 9_007_199_254_740_993i64 })),
        Point { id: PointId::number(7), ..point("x", &[0.1, 0.2], json!({})) },
        Point { id: uuid.clone(), ..point("x", &[1e-30, 1e30], json!({})) },
    ];
    collection.upsert("one", given.to_vec()).unwrap();
    let ids = [id("a"), id("7"), id("nobody"), uuid];
    for _ in 0..2 {
        let found = Collections::open(folder.path()).unwrap().get("docs").unwrap();
        let found = found.fetch("one", &ids, Include::ALL).unwrap();
        assert_eq!(found.len(), 3);
        for (found, given) in found.iter().zip(&given) {
            assert_eq!(found.id, given.id);
            assert_eq!(found.vector.as_ref(), Some(&given.vector));
            assert_eq!(serde_json::to_string(&found.payload).unwrap(), serde_json::to_string(&given.payload).unwrap());
        }
    }
    assert!(collection.fetch("", &ids, Include::ALL).unwrap().is_empty(), "namespaces hold their own points");
}

#[test]
fn the_last_of_one_id_stays_and_is_counted_once() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let first = collection
        .upsert("", vec![point("a", &[1.0], json!({ "n": 1 })), point("a", &[2.0], json!({ "n": 2 }))])
        .unwrap();
    let second = collection.upsert("", vec![point("a", &[3.0], json!({ "n": 3 }))]).unwrap();
    assert!(second.sequence > first.sequence);
    let found = collection.fetch("", &[id("a")], Include::ALL).unwrap();
    assert_eq!(found[0].vector, Some(vec![3.0]));
    assert_eq!(found[0].version, second.sequence);
    assert_eq!(collection.describe().unwrap().points, 1);
    assert_eq!(collection.count("", None).unwrap(), 1);
}

#[test]
fn points_are_deleted_by_id_by_filter_and_by_namespace() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let points = || (0..10).map(|n| point(&format!("p{n}"), &[n as f32], json!({ "n": n }))).collect::<Vec<_>>();
    collection.upsert("one", points()).unwrap();
    collection.upsert("two", points()).unwrap();
    let small =
        Filter::Field(Path::key("n"), Test::Within(Bounds { below: Some(Number::Integer(3)), ..Bounds::default() }));
    let deleted = |which| collection.delete("one", which).unwrap().points;
    assert_eq!(deleted(Selection::Ids(vec![id("p9"), id("p9"), id("nobody")])), Some(1));
    assert_eq!(deleted(Selection::Matching(small.clone())), Some(3));
    assert_eq!(deleted(Selection::Matching(small)), Some(0));
    let size = |name: &str, points| NamespaceSize { name: name.into(), points };
    assert_eq!(collection.namespaces().unwrap(), [size("one", 6), size("two", 10)]);
    assert_eq!(deleted(Selection::All), Some(6));
    assert_eq!(collection.namespaces().unwrap(), [size("two", 10)]);
    assert_eq!(collection.delete_namespace("two").unwrap().points, Some(10));
    assert_eq!(collection.delete_namespace("two").unwrap().points, Some(0));
    assert_eq!(collection.describe().unwrap().points, 0);
}

#[test]
fn vectors_and_payloads_change_without_each_other() {
    let (_folder, collection) = collection(1, Metric::Dot);
    collection.upsert("", vec![point("a", &[1.0], json!({ "n": 1 })), point("b", &[2.0], json!({ "n": 1 }))]).unwrap();
    let updated = collection.update_vectors("", vec![(id("a"), vec![5.0]), (id("nobody"), vec![5.0])]).unwrap();
    assert_eq!(updated.points, Some(1));
    let one = Filter::Field(Path::key("n"), Test::OneOf(vec![1.into()]));
    assert_eq!(collection.count("", Some(&one)).unwrap(), 2);
    let change = PayloadChange::Set(json!({ "n": 2, "m": 3 }).as_object().unwrap().clone());
    let changed = collection.change_payload("", Selection::Ids(vec![id("a")]), change).unwrap();
    assert_eq!(collection.count("", Some(&one)).unwrap(), 1, "filters follow the change");
    let found = collection.fetch("", &[id("a"), id("b")], Include::ALL).unwrap();
    assert_eq!(found[0].vector, Some(vec![5.0]));
    assert_eq!(found[0].payload.as_ref().unwrap()["m"], 3);
    assert_eq!(found[0].version, changed.sequence);
    assert_eq!(found[1].vector, Some(vec![2.0]));
    assert_eq!(collection.change_payload("", Selection::Matching(one), PayloadChange::Clear).unwrap().points, Some(1));
    assert_eq!(collection.fetch("", &[id("b")], Include::ALL).unwrap()[0].payload, Some(Payload::new()));
}

#[test]
fn an_update_changes_vector_and_payload_together_or_neither() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let before = collection.upsert("", vec![point("a", &[1.0], json!({ "n": 1, "m": 1 }))]).unwrap();
    let change = || PayloadChange::Set(json!({ "n": 2 }).as_object().unwrap().clone());
    let updated = collection.update("", id("a"), vec![5.0], change()).unwrap();
    assert_eq!((updated.points, updated.sequence), (Some(1), before.sequence + 1), "one change, not two");
    assert!(collection.update("", id("a"), vec![5.0, 6.0], PayloadChange::Clear).is_err());
    let found = collection.fetch("", &[id("a")], Include::ALL).unwrap();
    assert_eq!((&found[0].vector, found[0].version), (&Some(vec![5.0]), updated.sequence));
    assert_eq!(Value::from(found[0].payload.clone().unwrap()), json!({ "n": 2, "m": 1 }));
    let two = Filter::Field(Path::key("n"), Test::OneOf(vec![2.into()]));
    assert_eq!(collection.count("", Some(&two)).unwrap(), 1, "filters follow the change");
    assert_eq!(collection.update("", id("nobody"), vec![5.0], change()).unwrap().points, Some(0));
    assert_eq!(collection.update("nowhere", id("a"), vec![5.0], change()).unwrap().points, Some(0));
}

#[test]
fn a_payload_too_deep_to_be_read_back_is_refused_and_what_is_there_stays_readable() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let nested = |depth: usize| (1..depth).fold(json!({}), |inner, _| json!({ "a": [inner] }));
    let object =
        |depth: usize| (1..depth).fold(json!({}), |inner, _| json!({ "a": inner })).as_object().unwrap().clone();
    let all = || Selection::All;
    collection.upsert("", vec![point("a", &[1.0], object(100).into()), point("b", &[1.0], nested(50))]).unwrap();
    assert_eq!(collection.upsert("", vec![point("c", &[1.0], nested(51))]).unwrap_err().code(), "retrieval.request");
    let path = Path::parse(&vec!["b"; 64].join(".")).unwrap();
    for (change, is_kept) in [
        (PayloadChange::SetAt(path.clone(), object(36)), true),
        (PayloadChange::SetAt(path, object(37)), false),
        (PayloadChange::Set(object(100)), true),
        (PayloadChange::Set(object(101)), false),
        (PayloadChange::Replace(object(101)), false),
    ] {
        let changed = collection.change_payload("", all(), change.clone()).map_err(|error| error.code());
        assert_eq!(changed.map(|written| written.points), if is_kept { Ok(Some(2)) } else { Err("retrieval.request") });
        assert_eq!(collection.update("", id("a"), vec![2.0], change).is_ok(), is_kept);
    }
    assert_eq!(collection.fetch("", &[id("a"), id("b")], Include::ALL).unwrap().len(), 2);
    assert_eq!(collection.count("", Some(&Filter::Field(Path::key("b"), Test::Present))).unwrap(), 2);
}

#[test]
fn notes_of_two_who_write_at_once_are_both_kept() {
    let (folder, collection) = collection(1, Metric::Dot);
    let elsewhere = Collections::open(folder.path()).unwrap().get("docs").unwrap();
    std::thread::scope(|scope| {
        for (who, collection) in [("here", &collection), ("there", &elsewhere)] {
            scope.spawn(move || {
                for number in 0..10 {
                    collection.annotate(|notes| notes.insert(format!("{who} {number}"), Value::Null)).unwrap();
                }
            });
        }
    });
    assert_eq!(collection.describe().unwrap().settings.notes.len(), 20);
}

#[test]
fn lists_go_on_where_a_page_ended() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let ids = ["10", "9", "2", "doc#1", "doc#10", "doc#2", "e", "18446744073709551615"];
    collection
        .upsert("", ids.iter().map(|id| point(id, &[1.0], json!({ "even": id.len() % 2 == 0 }))).collect())
        .unwrap();
    let walk = |limit, next: &dyn Fn(Option<&PointId>, usize) -> Page<PointId>| {
        let (mut all, mut from) = (Vec::new(), None);
        loop {
            let page = next(from.as_ref(), limit);
            assert!(page.items.len() <= limit);
            all.extend(page.items.iter().map(PointId::to_string));
            from = page.next;
            if from.is_none() {
                return all;
            }
        }
    };
    let even = Filter::Field(Path::key("even"), Test::OneOf(vec![true.into()]));
    for limit in [1, 2, 3, 100] {
        let listed = walk(limit, &|from, limit| collection.list_ids("", "doc#", from, limit).unwrap());
        assert_eq!(listed, ["doc#1", "doc#10", "doc#2"], "the order of bytes");
        let listed = walk(limit, &|from, limit| collection.list_ids("", "", from, limit).unwrap());
        assert_eq!(listed, ["10", "18446744073709551615", "2", "9", "doc#1", "doc#10", "doc#2", "e"]);
        let scroll = |filter: Option<&Filter>| {
            walk(limit, &|from, limit| {
                let page = collection.scroll("", filter, from, limit, Include::default()).unwrap();
                Page { items: page.items.into_iter().map(|record| record.id).collect(), next: page.next }
            })
        };
        assert_eq!(scroll(None), ["2", "9", "10", "18446744073709551615", "doc#1", "doc#10", "doc#2", "e"]);
        assert_eq!(scroll(Some(&even)), ["10", "18446744073709551615", "doc#10"]);
    }
}

#[test]
fn what_does_not_belong_is_refused_with_the_way_out() {
    let (_folder, collection) = with(&Settings { model: Some("minilm".into()), ..Settings::new(3, Metric::Cosine) });
    let refused = |vector: &[f32]| {
        let batch = vec![point("good", &[1.0, 0.0, 0.0], json!({})), point("bad", vector, json!({}))];
        collection.upsert("", batch).unwrap_err()
    };
    let error = refused(&[1.0]);
    assert_eq!(error.to_string(), "The collection \"docs\" holds vectors of 3 numbers; this one has 1.");
    assert!(error.next_step().contains("collection reembed docs NEW-NAME"), "{}", error.next_step());
    assert_eq!(refused(&[f32::NAN, 0.0, 0.0]).code(), "retrieval.not_finite");
    assert_eq!(collection.count("", None).unwrap(), 0, "nothing of a refused group is kept");
    assert_eq!(
        collection.search(&Search::new("", Query::nearest(vec![1.0]), 1)).unwrap_err().code(),
        "retrieval.dimension"
    );
    collection.expect_model("minilm").unwrap();
    let error = collection.expect_model("other").unwrap_err();
    assert_eq!(error.to_string(), "The collection \"docs\" holds vectors of the model minilm; these are of other.");
    assert!(error.next_step().starts_with("Embed with minilm"), "{}", error.next_step());
    let change = Change { model: Some("other".into()), ..Change::default() };
    assert_eq!(collection.change(&change).unwrap_err().code(), "retrieval.model");
}

#[test]
fn collections_are_made_listed_and_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let [one, other] = [(); 2].map(|()| Collections::open(folder.path()).unwrap());
    let settings = Settings::new(2, Metric::Dot);
    for name in ["docs", "Docs", "a b", "über", "con"] {
        one.create(name, &settings).unwrap();
    }
    assert_eq!(other.list().unwrap(), ["Docs", "a b", "con", "docs", "über"]);
    assert_eq!(other.create("docs", &settings).unwrap_err().code(), "retrieval.exists");
    for bad in ["", "a/b", "..", ".x", "a\0", &"x".repeat(201)] {
        assert_eq!(one.create(bad, &settings).unwrap_err().code(), "retrieval.name", "{bad:?}");
    }
    let too_big = Settings::new(100_000, Metric::Dot);
    assert_eq!(
        one.create("big", &too_big).unwrap_err().to_string(),
        "This cannot be asked of a collection: the dimension is 100000; it can be 1 to 65536."
    );

    let held = other.get("docs").unwrap();
    one.delete("docs").unwrap();
    assert_eq!(held.upsert("", vec![point("a", &[1.0, 2.0], json!({}))]).unwrap_err().code(), "retrieval.unknown");
    assert_eq!(held.describe().unwrap_err().code(), "retrieval.unknown");
    assert_eq!(other.get("docs").unwrap_err().code(), "retrieval.unknown");
    assert_eq!(one.delete("docs").unwrap_err().code(), "retrieval.unknown");
    one.create("docs", &Settings::new(1, Metric::Dot)).unwrap();
    assert_eq!(other.get("docs").unwrap().describe().unwrap().settings.dimension, 1);
}

#[test]
fn a_collection_is_had_while_another_program_writes_to_it() {
    let folder = tempfile::tempdir().unwrap();
    let collections = Collections::open(folder.path()).unwrap();
    let late = Settings { delay: Duration::from_millis(1), ..Settings::new(1, Metric::Dot) };
    let late = collections.create("late", &late).unwrap();
    late.upsert("", vec![point("a", &[1.0], json!({}))]).unwrap();
    std::thread::sleep(Duration::from_millis(5));
    let elsewhere = rusqlite::Connection::open(folder.path().join("late/points.db")).unwrap();
    elsewhere.execute_batch("BEGIN IMMEDIATE").unwrap();
    // What waits cannot come into sight now, and the handle with all that it knows is still the same.
    assert!(collections.get("late").unwrap().is(&late));
    elsewhere.execute_batch("ROLLBACK").unwrap();
    assert_eq!(collections.get("late").unwrap().count("", None).unwrap(), 1);
}

#[test]
fn another_process_sees_what_this_one_wrote() {
    let (folder, collection) = collection(1, Metric::Dot);
    let other = Collections::open(folder.path()).unwrap().get("docs").unwrap();
    let even = Filter::Field(Path::key("even"), Test::OneOf(vec![true.into()]));
    let both = || [&collection, &other].map(|handle| handle.count("", Some(&even)).unwrap());
    assert_eq!(both(), [0, 0]);
    let written: Vec<_> = (0..10).map(|n| point(&format!("{n}"), &[1.0], json!({ "even": n % 2 == 0 }))).collect();
    collection.upsert("", written.clone()).unwrap();
    assert_eq!(both(), [5, 5]);
    other.delete("", Selection::Ids(vec![id("0"), id("1")])).unwrap();
    assert_eq!(both(), [4, 4]);
    other
        .change_payload(
            "",
            Selection::Ids(vec![id("3")]),
            PayloadChange::Set(json!({ "even": true }).as_object().unwrap().clone()),
        )
        .unwrap();
    assert_eq!(both(), [5, 5]);
    collection.upsert("", written).unwrap();
    assert_eq!(both(), [5, 5]);
    other.change(&Change { expansion: Some(99), ..Change::default() }).unwrap();
    assert_eq!(collection.describe().unwrap().settings.expansion, 99);
}

#[test]
fn a_collection_that_answers_late_shows_the_state_of_before_and_loses_nothing() {
    let (folder, collection) = collection(1, Metric::Dot);
    collection.upsert("", vec![point("a", &[1.0], json!({})), point("b", &[1.0], json!({}))]).unwrap();
    let delay = |delay| collection.change(&Change { delay: Some(delay), ..Change::default() }).unwrap();
    delay(Duration::from_secs(3600));
    assert_eq!(collection.upsert("", vec![point("c", &[0.1], json!({ "n": 1 }))]).unwrap().points, None);
    let n = Filter::Field(Path::key("n"), Test::Present);
    collection.delete("", Selection::Ids(vec![id("a")])).unwrap();
    collection.delete("", Selection::Matching(n)).unwrap();
    collection.upsert("", vec![point("d", &[0.3], json!({}))]).unwrap();
    let seen = |collection: &Collection| {
        let page = collection.scroll("", None, None, 10, Include::default()).unwrap();
        page.items.iter().map(|record| record.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(seen(&collection), ["a", "b"]);

    // What waits is on the disk: whoever opens the file next brings it into sight, in its order, once no one delays it.
    drop(collection);
    let collection = Collections::open(folder.path()).unwrap().get("docs").unwrap();
    assert_eq!(seen(&collection), ["a", "b"]);
    collection.change(&Change { delay: Some(Duration::ZERO), ..Change::default() }).unwrap();
    collection.upsert("", vec![point("e", &[0.1], json!({}))]).unwrap();
    assert_eq!(seen(&collection), ["b", "d", "e"]);
    assert_eq!(collection.fetch("", &[id("d")], Include::ALL).unwrap()[0].vector, Some(vec![0.3]), "to the last bit");
}

#[test]
fn what_waits_and_cannot_be_applied_holds_up_nothing_behind_it() {
    let (folder, collection) = with(&Settings { delay: Duration::from_secs(3600), ..Settings::new(1, Metric::Dot) });
    let upsert = |namespace: &str, names: &[&str]| {
        let points = names.iter().map(|name| point(name, &[1.0], json!({}))).collect();
        collection.upsert(namespace, points).map_err(|error| error.code())
    };
    let seen = || {
        let page = collection.scroll("", None, None, 10, Include::default()).unwrap();
        page.items.iter().map(|record| record.id.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(upsert(&"x".repeat(513), &["far"]), Err("retrieval.request"));
    let deep = (0..150).fold(Filter::All(vec![]), |inner, _| inner.negated());
    let refused = collection.delete("", Selection::Matching(deep)).map_err(|error| error.code());
    assert_eq!(refused, Err("retrieval.request"), "it could not be read back");
    upsert("", &["a"]).unwrap();
    upsert("", &["b", "c"]).unwrap();
    upsert("", &["d"]).unwrap();
    assert!(seen().is_empty());
    // A change of another program's, and one for whose second point no key is left.
    let file = rusqlite::Connection::open(folder.path().join("docs/points.db")).unwrap();
    let spoil = "INSERT INTO waiting (number, due, write) VALUES (0, 0, 'nonsense');
                 UPDATE waiting SET due = 0; UPDATE collection SET due = 0, newest = 4294967293";
    file.execute_batch(spoil).unwrap();
    assert_eq!(seen(), ["a", "d"]);
    assert_eq!(collection.count("", None).unwrap(), 2, "nothing of a change that failed stays");
}

#[test]
fn what_waits_comes_into_sight_when_its_time_has_come() {
    let (_folder, collection) = with(&Settings { delay: Duration::from_millis(20), ..Settings::new(1, Metric::Dot) });
    collection.upsert("", vec![point("a", &[1.0], json!({ "n": 1 }))]).unwrap();
    collection.delete("", Selection::Matching(Filter::Field(Path::key("n"), Test::Present))).unwrap();
    collection.upsert("", vec![point("b", &[1.0], json!({ "n": 2 }))]).unwrap();
    std::thread::sleep(Duration::from_millis(40));
    let filter = Filter::Field(Path::key("n"), Test::Present);
    let search = Search { filter: Some(filter), ..Search::new("", Query::nearest(vec![1.0]), 5) };
    assert_eq!(names(&collection.search(&search).unwrap()), ["b"]);
}
