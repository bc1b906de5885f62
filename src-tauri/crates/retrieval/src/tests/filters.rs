//! The filters beside a reading of their definition that knows no index.

use proptest::prelude::*;
use serde_json::{Map, json};

use super::*;
use crate::columns::{Columns, Sight, Standing};

/// The first of May 2024, in microseconds since 1970, and a day.
const MAY: i64 = 1_714_521_600_000_000;
const DAY: i64 = 86_400_000_000;

/// What the definition says of one point.
fn holds(filter: &Filter, id: &PointId, payload: &Map<String, Value>) -> bool {
    match filter {
        Filter::All(parts) => !parts.iter().any(|part| !holds(part, id, payload)),
        Filter::Any(parts) => parts.iter().any(|part| holds(part, id, payload)),
        Filter::AtLeast(count, parts) => parts.iter().filter(|part| holds(part, id, payload)).count() >= *count,
        Filter::Not(part) => !holds(part, id, payload),
        Filter::Ids(ids) => ids.contains(id),
        Filter::Nested(path, inner) => path
            .values(payload)
            .into_iter()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(Value::as_object)
            .any(|object| holds(inner, &self::id("of no point"), object)),
        Filter::Field(path, test) => {
            let values = path.values(payload);
            let mut elements = Vec::new();
            for value in &values {
                match value {
                    Value::Array(list) => elements.extend(list.clone()),
                    other => elements.push((*other).clone()),
                }
            }
            let equal = |one: &Value, other: &Scalar| match (one, other) {
                (Value::Bool(one), Scalar::Bool(other)) => one == other,
                (Value::String(one), Scalar::Text(other)) => **one == **other,
                (Value::Number(one), Scalar::Number(Number::Integer(other))) => one.as_f64() == Some(*other as f64),
                (Value::Number(one), Scalar::Number(Number::Float(other))) => one.as_f64() == Some(*other),
                _ => false,
            };
            let scalar = |value: &Value| value.is_boolean() || value.is_number() || value.is_string();
            let worth = |number: Number| match number {
                Number::Integer(number) => number as f64,
                Number::Float(number) => number,
            };
            let lower = |text: &str| text.to_lowercase().split(' ').map(str::to_owned).collect::<Vec<_>>();
            match test {
                Test::OneOf(wanted) => elements.iter().any(|value| wanted.iter().any(|wanted| equal(value, wanted))),
                Test::OtherThan(wanted) => {
                    elements.iter().any(|value| scalar(value) && !wanted.iter().any(|wanted| equal(value, wanted)))
                }
                Test::Within(bounds) => elements.iter().filter_map(Value::as_f64).any(|number| {
                    !(bounds.above.is_some_and(|limit| number <= worth(limit))
                        || bounds.at_least.is_some_and(|limit| number < worth(limit))
                        || bounds.below.is_some_and(|limit| number >= worth(limit))
                        || bounds.at_most.is_some_and(|limit| number > worth(limit)))
                }),
                Test::Times(bounds) => elements.iter().filter_map(Value::as_str).any(|text| {
                    let day = text.strip_prefix("2024-05-0").and_then(|day| day.parse::<i64>().ok());
                    day.is_some_and(|day| bounds.hold(Number::Integer(MAY + (day - 1) * DAY)))
                }),
                Test::Count(bounds) => {
                    let counts = values.iter().map(|value| match value {
                        Value::Null => 0,
                        Value::Array(list) => list.len(),
                        _ => 1,
                    });
                    let counts: Vec<_> = counts.collect();
                    let counts = if counts.is_empty() { vec![0] } else { counts };
                    counts.into_iter().any(|count| bounds.hold(Number::Integer(count as i64)))
                }
                Test::Begins(part) => {
                    elements.iter().any(|value| value.as_str().is_some_and(|text| text.starts_with(part.as_str())))
                }
                Test::Phrase(wanted) => elements.iter().any(|value| {
                    let spaced = |text: &str| format!(" {} ", text.to_lowercase());
                    value.as_str().is_some_and(|text| spaced(text).contains(&spaced(wanted)))
                }),
                Test::Contains(part) => {
                    elements.iter().any(|value| value.as_str().is_some_and(|text| text.contains(part.as_str())))
                }
                Test::Words(wanted) => elements.iter().any(|value| {
                    value.as_str().is_some_and(|text| lower(wanted).iter().all(|word| lower(text).contains(word)))
                }),
                Test::AnyWord(wanted) => elements.iter().any(|value| {
                    value.as_str().is_some_and(|text| lower(wanted).iter().any(|word| lower(text).contains(word)))
                }),
                Test::Present => !values.is_empty(),
                Test::Null => elements.iter().any(Value::is_null),
                Test::Empty => values.iter().all(|value| value.is_null() || *value == &json!([])),
            }
        }
    }
}

fn scalars() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|value| json!(value)),
        (-3i64..4).prop_map(|value| json!(value)),
        (-4i64..4).prop_map(|value| json!(value as f64 / 2.0)),
        "[ab]( [AB])?".prop_map(|value| json!(value)),
        "2024-05-0[1-3]".prop_map(|value| json!(value)),
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let list = proptest::collection::vec(scalars(), 0..3).prop_map(Value::from);
    prop_oneof![4 => scalars(), 2 => list, 1 => scalars().prop_map(|value| json!({ "b": value }))]
}

fn payloads() -> impl Strategy<Value = Map<String, Value>> {
    let objects = proptest::collection::vec(scalars().prop_map(|value| json!({ "n": value })), 0..3);
    (proptest::option::of(values()), proptest::option::of(values()), proptest::option::of(objects)).prop_map(
        |(a, b, l)| {
            let all = [("a", a), ("b", b), ("l", l.map(Value::from))];
            all.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect()
        },
    )
}

fn tests() -> impl Strategy<Value = Test> {
    let few = || proptest::collection::vec(scalars().prop_filter_map("null", |value| Scalar::of(&value)), 0..3);
    let limit = proptest::option::of(prop_oneof![
        (-3i64..4).prop_map(Number::Integer),
        (-4i64..4).prop_map(|n| Number::Float(n as f64 / 2.0))
    ]);
    fn bounds(limit: BoxedStrategy<Option<Number>>) -> BoxedStrategy<Bounds> {
        let all = (limit.clone(), limit.clone(), limit.clone(), limit);
        all.prop_map(|(above, at_least, below, at_most)| Bounds { above, at_least, below, at_most }).boxed()
    }
    let times = proptest::option::of((0i64..4).prop_map(|day| Number::Integer(MAY + day * DAY)));
    let (times, bounds) = (bounds(times.boxed()), bounds(limit.boxed()));
    prop_oneof![
        few().prop_map(Test::OneOf),
        few().prop_map(Test::OtherThan),
        bounds.clone().prop_map(Test::Within),
        bounds.prop_map(Test::Count),
        times.prop_map(Test::Times),
        "[ab]( [AB])?".prop_map(Test::Begins),
        "[aAbB]( [aAbB])?".prop_map(Test::Phrase),
        "[ab]".prop_map(Test::Contains),
        "[aAbB]( [aAbB])?".prop_map(Test::Words),
        "[aAbB]( [aAbB])?".prop_map(Test::AnyWord),
        Just(Test::Present),
        Just(Test::Null),
        Just(Test::Empty),
    ]
}

fn filters() -> impl Strategy<Value = Filter> {
    let paths = prop_oneof![Just("a"), Just("b"), Just("a.b"), Just("l[].n"), Just("l[0].n"), Just("a[]")];
    let leaf = prop_oneof![
        6 => (paths, tests()).prop_map(|(path, test)| Filter::Field(Path::parse(path).unwrap(), test)),
        1 => proptest::collection::vec(0u64..12, 0..4).prop_map(|ids| Filter::Ids(ids.into_iter().map(PointId::number).collect())),
    ];
    leaf.prop_recursive(3, 12, 3, |inner| {
        let parts = || proptest::collection::vec(inner.clone(), 0..3);
        prop_oneof![
            parts().prop_map(Filter::All),
            parts().prop_map(Filter::Any),
            inner.clone().prop_map(Filter::negated),
            inner.clone().prop_map(|inner| Filter::Nested(Path::key("l"), Box::new(inner))),
            (0usize..4, parts()).prop_map(|(count, parts)| Filter::AtLeast(count, parts)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Through everything that changes points, in both namespaces, as this process and another see it.
    #[test]
    fn every_filter_finds_what_its_definition_says(
        first in proptest::collection::vec(payloads(), 10),
        second in proptest::collection::vec(payloads(), 10),
        filters in proptest::collection::vec(filters(), 6),
    ) {
        let (folder, collection) = collection(1, Metric::Dot);
        let other = Collections::open(folder.path()).unwrap().get("docs").unwrap();
        let points = |payloads: &[Map<String, Value>], from: u64| payloads.iter().zip(from..).map(|(payload, id)| {
            Point { id: PointId::number(id), vector: vec![1.0], payload: payload.clone() }
        }).collect::<Vec<_>>();
        collection.upsert("elsewhere", points(&second, 0)).unwrap();
        let mut expected: std::collections::BTreeMap<u64, Map<String, Value>> = (0..).zip(first.iter().cloned()).collect();
        collection.upsert("", points(&first, 0)).unwrap();
        for round in 0..3 {
            for filter in &filters {
                let found = other.scroll("", Some(filter), None, 100, Include::default()).unwrap();
                let found: Vec<_> = found.items.iter().map(|record| record.id.as_number().unwrap()).collect();
                let wanted: Vec<_> = expected.iter().filter(|(id, payload)| holds(filter, &PointId::number(**id), payload)).map(|(id, _)| *id).collect();
                prop_assert_eq!(&found, &wanted, "{:?}", filter);
                let search = Search { filter: Some(filter.clone()), ..Search::new("", Query::nearest(vec![1.0]), 3) };
                prop_assert_eq!(collection.search(&search).unwrap().len(), wanted.len().min(3));
            }
            if round == 0 {
                collection.upsert("", points(&second[..5], 5)).unwrap();
                expected.extend((5..).zip(second[..5].iter().cloned()));
                other.delete("", Selection::Ids(vec![PointId::number(1)])).unwrap();
                expected.remove(&1);
            } else {
                let changed = Selection::Ids([2, 6].map(PointId::number).to_vec());
                collection.change_payload("", changed, PayloadChange::Set(second[9].clone())).unwrap();
                for id in [2, 6] {
                    expected.get_mut(&id).unwrap().extend(second[9].clone());
                }
            }
        }
    }
}

#[test]
fn who_looks_is_not_disturbed_by_who_writes_meanwhile() {
    let (folder, collection) = collection(1, Metric::Dot);
    let file = rusqlite::Connection::open(folder.path().join("docs/points.db")).unwrap();
    let standing = || {
        let row = "SELECT sequence, newest, points, floor FROM collection";
        let read = |row: &rusqlite::Row<'_>| {
            Ok(Standing { sequence: row.get(0)?, newest: row.get(1)?, points: row.get(2)?, floor: row.get(3)? })
        };
        file.query_row(row, [], read).unwrap()
    };
    let filter = Filter::Field(Path::key("n"), Test::OneOf(vec![1.into()]));
    let found = |sight: &Sight<'_>| sight.select(&file, &[&filter]).unwrap().into_iter().collect::<Vec<u32>>();
    let mut columns = Columns::default();
    collection.upsert("", vec![point("a", &[1.0], json!({ "n": 1 }))]).unwrap();
    let before = columns.see(&file, standing(), 1, filter.paths()).unwrap();
    let two = json!({ "n": 2 }).as_object().unwrap().clone();
    collection.change_payload("", Selection::All, PayloadChange::Set(two)).unwrap();
    collection.upsert("", vec![point("b", &[1.0], json!({ "n": 1 }))]).unwrap();
    let after = columns.see(&file, standing(), 1, filter.paths()).unwrap();
    assert_eq!((found(&before), found(&after)), (vec![1], vec![2]));
}

#[test]
fn a_column_outlives_what_costs_it_nothing() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let points = || (0..3000).map(|n| point(&n.to_string(), &[1.0], json!({ "n": n }))).collect::<Vec<_>>();
    let with =
        |n: i64| collection.count("", Some(&Filter::Field(Path::key("n"), Test::OneOf(vec![n.into()])))).unwrap();
    collection.upsert("", points()).unwrap();
    assert_eq!(with(7), 1);
    // A look at each value for each of these would cost more than building it anew.
    collection.upsert("", points()).unwrap();
    collection.delete("", Selection::Ids((0..500).map(PointId::number).collect())).unwrap();
    assert_eq!(collection.count("", Some(&Filter::Ids(vec![id("7"), id("700")]))).unwrap(), 1);
    assert_eq!(collection.built_columns(), [(Path::key("n"), 3000)]);
    assert_eq!([7, 700].map(with), [0, 1]);
}

#[test]
fn whether_a_field_is_there_is_known_without_its_values() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let payloads = [json!({ "t": "red fox" }), json!({ "t": ["a", "red hen"] }), json!({ "t": null }), json!({})];
    let points = (0..).zip(&payloads).map(|(n, payload)| point(&u64::to_string(&n), &[1.0], payload.clone()));
    collection.upsert("", points.collect()).unwrap();
    let field = |test| Filter::Field(Path::key("t"), test);
    let count = |filter: Filter| collection.count("", Some(&filter)).unwrap();
    assert_eq!(count(field(Test::Empty).negated()), 2);
    assert_eq!(count(field(Test::Present)), 3);
    assert_eq!(collection.built_columns(), [(Path::key("t"), 0)]);
    let red = field(Test::Words("Red".into()));
    assert_eq!(count(Filter::All(vec![field(Test::Empty).negated(), red.clone()])), 2);
    assert_eq!(collection.built_columns(), [(Path::key("t"), 3)]);
    assert_eq!(count(Filter::All(vec![red, field(Test::Null).negated()])), 2);
}

#[test]
fn both_dialects_can_say_what_a_missing_field_means() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let payloads = [
        json!({ "g": "drama" }),
        json!({ "g": "comedy" }),
        json!({}),
        json!({ "g": ["drama", "war"] }),
        json!({ "g": null }),
    ];
    collection
        .upsert(
            "",
            payloads.iter().enumerate().map(|(n, payload)| point(&n.to_string(), &[1.0], payload.clone())).collect(),
        )
        .unwrap();
    let field = |test| Filter::Field(Path::key("g"), test);
    let drama = || vec!["drama".into()];
    let found = |filter: Filter| {
        let page = collection.scroll("", Some(&filter), None, 9, Include::default()).unwrap();
        page.items.iter().map(|record| record.id.to_string()).collect::<String>()
    };
    for (filter, expected) in [
        (field(Test::OneOf(drama())), "03"),
        (field(Test::OneOf(drama())).negated(), "124"),
        (Filter::All(vec![field(Test::Present), field(Test::OneOf(drama())).negated()]), "14"),
        (field(Test::OtherThan(drama())), "13"),
        (field(Test::Empty), "24"),
        (field(Test::Null), "4"),
        (field(Test::Present), "0134"),
        (Filter::All(vec![]), "01234"),
        (Filter::Any(vec![]), ""),
    ] {
        assert_eq!(found(filter.clone()), expected, "{filter:?}");
    }
}

#[test]
fn what_a_nested_filter_asks_holds_of_one_object() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let diet = |parts: Value| json!({ "diet": parts });
    let payloads = [
        diet(json!([{ "food": "leaves", "likes": false }, { "food": "meat", "likes": true }])),
        diet(json!([{ "food": "leaves", "likes": true, "when": [{ "day": 1, "hour": 2 }] }])),
        diet(json!({ "food": "leaves", "likes": true })),
        diet(json!(["leaves", true])),
    ];
    let points = (0..).zip(&payloads).map(|(n, payload)| point(&u64::to_string(&n), &[1.0], payload.clone()));
    collection.upsert("", points.collect()).unwrap();
    let is = |path: &str, value: Scalar| Filter::Field(Path::parse(path).unwrap(), Test::OneOf(vec![value]));
    let both = || vec![is("food", "leaves".into()), is("likes", true.into())];
    let nested = |path: &str, inner| Filter::Nested(Path::parse(path).unwrap(), Box::new(inner));
    let at = |day: i64, hour: i64| nested("when", Filter::All(vec![is("day", day.into()), is("hour", hour.into())]));
    for (filter, expected) in [
        (nested("diet", Filter::All(both())), vec!["1"]),
        (nested("diet", Filter::All(both())).negated(), vec!["0", "2", "3"]),
        (nested("diet", Filter::Any(both())), vec!["0", "1"]),
        (nested("diet", is("likes", true.into()).negated()), vec!["0"]),
        (nested("diet", Filter::Ids(vec![id("1")])), vec![]),
        (nested("diet", at(1, 2)), vec!["1"]),
        (nested("diet", at(1, 3)), vec![]),
        (nested("none", Filter::All(vec![])), vec![]),
    ] {
        let page = collection.scroll("", Some(&filter), None, 9, Include::default()).unwrap();
        let found: Vec<_> = page.items.iter().map(|record| record.id.as_str()).collect();
        assert_eq!(found, expected, "{filter:?}");
    }
}

#[test]
fn points_come_in_the_order_of_their_numbers_and_times() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let payloads = [
        json!({ "n": 3, "t": "2024-05-02" }),
        json!({ "n": [1, 4.5], "t": "2024-05-01T23:00:00-02:00" }),
        json!({ "n": "two", "t": 7 }),
        json!({ "n": 2, "t": "some day" }),
        json!({ "n": true }),
    ];
    let points = (0..).zip(&payloads).map(|(n, payload)| point(&u64::to_string(&n), &[1.0], payload.clone()));
    collection.upsert("", points.collect()).unwrap();
    let (two, one): (Number, Number) = (Number::Integer(2), Number::Integer(1));
    for (path, descending, from, limit, expected) in [
        ("n", false, None, 9, "1 3 0 1"),
        ("n", true, None, 9, "1 0 3 1"),
        ("n", false, Some(two), 2, "3 0"),
        ("n", true, Some(two), 9, "3 1"),
        ("n", true, Some(one), 9, "1"),
        ("t", false, None, 9, "2 0 1"),
        ("none", false, None, 9, ""),
    ] {
        let order = Order { path: Path::key(path), descending, from };
        let found = collection.ordered("", None, &order, limit, Include::default()).unwrap();
        let found: Vec<_> = found.iter().map(|(_, record)| record.id.as_str()).collect();
        assert_eq!(found.join(" "), expected, "{order:?}");
    }
    let late = Bounds { at_least: time::parse("2024-05-02T00:00:00Z").map(Number::Integer), ..Bounds::default() };
    let late = Filter::Field(Path::key("t"), Test::Times(late));
    assert_eq!(collection.count("", Some(&late)).unwrap(), 2);
}

#[test]
fn a_facet_counts_points_by_value() {
    let (_folder, collection) = collection(1, Metric::Dot);
    let payloads =
        [json!({ "g": ["a", "b", "a"] }), json!({ "g": "b" }), json!({ "g": 2 }), json!({ "g": 1.5 }), json!({})];
    let points = (0..).zip(&payloads).map(|(n, payload)| point(&u64::to_string(&n), &[1.0], payload.clone()));
    collection.upsert("", points.collect()).unwrap();
    let counted = |filter, limit| collection.facet("", filter, &Path::key("g"), limit).unwrap();
    assert_eq!(counted(None, 9), [("b".into(), 2), (2.into(), 1), ("a".into(), 1)]);
    assert_eq!(counted(None, 1), [("b".into(), 2)]);
    assert_eq!(counted(Some(&Filter::Ids(vec![id("1")])), 9), [("b".into(), 1)]);
}
