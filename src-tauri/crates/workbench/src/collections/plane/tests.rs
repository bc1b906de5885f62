//! A namespace on a plane, from a collection that is really there.

use retrieval::{Collections, Point, Settings};
use serde_json::json;
use task::Silent;

use super::*;

fn collection(points: usize) -> (tempfile::TempDir, Collection) {
    let folder = tempfile::tempdir().unwrap();
    let collection =
        Collections::open(folder.path()).unwrap().create("docs", &Settings::new(8, Metric::Cosine)).unwrap();
    let points: Vec<Point> = (0..points)
        .map(|number| {
            let corner =
                |axis: usize| if axis == number % 3 { 3.0 } else { ((number * (axis + 7)) % 11) as f32 / 11.0 };
            let team = ["red", "green", "blue"][number % 3];
            let payload = json!({ "team": team, "text": format!("chunk {number}") });
            Point {
                id: PointId::number(number as u64),
                vector: (0..8).map(corner).collect(),
                payload: payload.as_object().cloned().unwrap(),
            }
        })
        .collect();
    collection.upsert("", points).unwrap();
    (folder, collection)
}

#[test]
fn points_of_a_kind_lie_together_and_are_told_apart_by_a_field_that_they_share() {
    let (_folder, collection) = collection(1200);
    let go_on = Cancellation::new();
    let (start, vectors) = along_directions(&collection, "", &go_on).unwrap();
    let sequence = start.sequence;
    let plane = show(&collection, "", &start, sequence, Some("team")).unwrap();
    assert_eq!((plane.ids.len(), plane.points, plane.stale), (1200, 1200, false));
    assert_eq!(plane.fields, ["team"], "a text that no two points share tells nothing");
    let expected = ["blue", "green", "red"].map(|name| Group { name: name.into(), points: 400 });
    assert_eq!(plane.groups, expected);
    let (x, y) = plane.shares.unwrap();
    assert!(x >= y && x + y > 0.7 && x + y <= 1.0, "{x} {y}");
    let furthest = plane.x.iter().chain(&plane.y).map(|number| number.abs()).max();
    assert_eq!(furthest, Some(10_000));

    let near = neighbours(&collection, "", &start.ids, &vectors, &Silent, &go_on).unwrap();
    assert!(near.iter().all(|near| near.len() == NEAR));
    let places = arrange(&near, &start.places, &Silent, &go_on).unwrap();
    for drawn in [&start.places, &places] {
        // The nearest on the plane is of the same team.
        let own = (0..1200).step_by(40).filter(|point| {
            let far = |other: &usize| (drawn[*point][0] - drawn[*other][0]).hypot(drawn[*point][1] - drawn[*other][1]);
            let others = (0..1200).filter(|other| other != point);
            others.min_by(|one, other| far(one).total_cmp(&far(other))).unwrap() % 3 == point % 3
        });
        assert!(own.count() >= 29);
    }
    let drawn = Drawn { places, shares: None, ..start };
    collection.delete("", retrieval::Selection::Ids(vec![PointId::number(3)])).unwrap();
    let after = show(&collection, "", &drawn, collection.describe().unwrap().sequence, Some("team")).unwrap();
    assert!(after.stale && after.shares.is_none());
    assert_eq!(after.groups.last().unwrap(), &Group { name: NONE.into(), points: 1 });
}

#[test]
fn a_collection_is_not_shown_as_one_that_had_its_name_before() {
    let (folder, first) = collection(30);
    let planes = Planes::default();
    let layouts = [Layout::Directions, Layout::Neighbours];
    let (drawn, _) = along_directions(&first, "", &Cancellation::new()).unwrap();
    planes.keep("", Layout::Neighbours, drawn);
    let of = |collection: &Collection| layouts.map(|layout| shown(collection, &planes, "", layout, None).unwrap());
    assert!(of(&first).iter().flatten().all(|plane| plane.ids.len() == 30) && of(&first)[1].is_some());

    let collections = Collections::open(folder.path()).unwrap();
    let point = |number: u64| Point { id: PointId::number(number), vector: vec![1.0; 8], payload: Map::new() };
    collections.delete("docs").unwrap();
    let second = collections.create("docs", &Settings::new(8, Metric::Cosine)).unwrap();
    // As many changes as the first had.
    second.upsert("", vec![point(70)]).unwrap();
    let [directions, neighbours] = of(&second);
    assert_eq!(directions.unwrap().ids, ["70"]);
    assert!(neighbours.is_none());
}

#[test]
fn more_values_than_colours_come_together() {
    let values = |counts: &[usize]| -> Vec<Option<String>> {
        counts.iter().enumerate().flat_map(|(value, count)| vec![Some(format!("v{value}")); *count]).collect()
    };
    let (groups, of) = group(&values(&[1, 2, 3, 4, 5, 6, 7, 8, 9]));
    assert_eq!((groups.len(), groups[0].name.as_str(), groups[0].points), (8, "v8", 9));
    assert_eq!(groups[7], Group { name: OTHERS.into(), points: 3 });
    assert_eq!((of[0], of[44]), (7, 0));
    let (groups, _) = group(&values(&[1, 1, 1, 1, 1, 1, 1, 1]));
    assert!(groups.len() == 8 && groups.iter().all(|group| group.name != OTHERS), "{groups:?}");
    assert_eq!(group(&[]), (vec![], vec![]));
}

#[test]
fn a_cancelled_search_for_neighbours_ends() {
    let (_folder, collection) = collection(30);
    let (start, vectors) = along_directions(&collection, "", &Cancellation::new()).unwrap();
    let cancelled = Cancellation::new();
    cancelled.cancel();
    assert!(neighbours(&collection, "", &start.ids, &vectors, &Silent, &cancelled).unwrap_err().is_cancelled());
}
