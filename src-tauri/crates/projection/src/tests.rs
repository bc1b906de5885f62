use std::collections::BTreeSet;

use rand::{RngExt, SeedableRng, rngs::StdRng};
use task::{Cancellation, Silent};

use super::*;

fn vectors(rows: &[&[f32]]) -> Vectors {
    let mut vectors = Vectors::new(rows[0].len());
    rows.iter().for_each(|row| vectors.push(row));
    vectors
}

/// `groups` groups of `each` vectors of 24 numbers, around corners that are as far from each other as can be.
fn clusters(groups: usize, each: usize) -> Vectors {
    let mut random = StdRng::seed_from_u64(7);
    let mut vectors = Vectors::new(24);
    for number in 0..groups * each {
        let near = |axis: usize| if axis == number % groups { 4.0 } else { 0.0 };
        let row: Vec<f32> = (0..24).map(|axis| near(axis) + random.random::<f32>()).collect();
        vectors.push(&row);
    }
    vectors
}

fn nearest(count: usize, point: usize, how_many: usize, distance: impl Fn(usize, usize) -> f32) -> Vec<Neighbour> {
    let others = (0..count).filter(|other| *other != point);
    let mut near: Vec<Neighbour> = others.map(|other| (other as u32, distance(point, other))).collect();
    near.sort_by(|one, other| one.1.total_cmp(&other.1));
    near.truncate(how_many);
    near
}

fn neighbours(vectors: &Vectors) -> Vec<Vec<Neighbour>> {
    let count = vectors.len();
    (0..count).map(|point| nearest(count, point, 15, |one, other| vectors.distance(one, other))).collect()
}

/// The share of each point's ten nearest that are among its ten nearest on the plane.
fn kept(vectors: &Vectors, places: &[Place]) -> f64 {
    let on_plane = |one: usize, other: usize| {
        let [x, y] = [0, 1].map(|axis| places[one][axis] - places[other][axis]);
        x.hypot(y)
    };
    let count = vectors.len();
    let both = (0..count).map(|point| {
        let ids = |near: Vec<Neighbour>| near.into_iter().map(|(id, _)| id).collect::<BTreeSet<_>>();
        let truly = ids(nearest(count, point, 10, |one, other| vectors.distance(one, other)));
        truly.intersection(&ids(nearest(count, point, 10, on_plane))).count()
    });
    both.sum::<usize>() as f64 / (10 * count) as f64
}

#[test]
fn the_first_direction_is_the_one_that_points_differ_most_along() {
    // Along (3, 4) / 5 by 10 and across it by 1; the third number is the same for all.
    let rows = [[6.0, 8.0, 5.0], [-6.0, -8.0, 5.0], [-0.8, 0.6, 5.0], [0.8, -0.6, 5.0]];
    let found = principal(&vectors(&[&rows[0], &rows[1], &rows[2], &rows[3]]));
    let expected = [[10.0, 0.0], [-10.0, 0.0], [0.0, -1.0], [0.0, 1.0]];
    for (place, expected) in found.places.iter().zip(expected) {
        assert!((place[0] - expected[0]).abs() < 1e-3, "{place:?} {expected:?}");
        assert!((place[1] - expected[1]).abs() < 1e-3, "{place:?} {expected:?}");
    }
    assert!((found.shares[0] - 200.0 / 202.0).abs() < 1e-4 && (found.shares[1] - 2.0 / 202.0).abs() < 1e-4);
}

#[test]
fn points_that_say_little_lie_somewhere_all_the_same() {
    for rows in [vec![], vec![[1.0, 2.0]], vec![[1.0, 2.0]; 5], vec![[0.0, 0.0], [1e-30, 0.0]]] {
        let mut vectors = Vectors::new(2);
        rows.iter().for_each(|row| vectors.push(row));
        let found = principal(&vectors);
        assert_eq!(found.places.len(), rows.len());
        assert!(found.places.iter().flatten().chain(&found.shares).all(|number| number.is_finite()), "{found:?}");
        let places = arrange(&neighbours(&vectors), &found.places, &Silent, &Cancellation::new()).unwrap();
        assert!(places.len() == rows.len() && places.iter().flatten().all(|number| number.is_finite()), "{places:?}");
    }
    let one_number = principal(&vectors(&[&[1.0], &[3.0]]));
    assert_eq!((one_number.places, one_number.shares), (vec![[-1.0, 0.0], [1.0, 0.0]], [1.0, 0.0]));
}

#[test]
fn the_arranged_plane_keeps_neighbours_that_directions_lay_over_each_other() {
    let vectors = clusters(12, 40);
    let seen = principal(&vectors);
    let arranged = arrange(&neighbours(&vectors), &seen.places, &Silent, &Cancellation::new()).unwrap();
    let (by_direction, by_neighbour) = (kept(&vectors, &seen.places), kept(&vectors, &arranged));
    assert!(by_neighbour > 0.4 && by_neighbour > 1.7 * by_direction, "{by_direction} {by_neighbour}");

    // On the plane the groups are apart: the nearest of nearly every point is of its own group.
    let on_plane =
        |one: usize, other: usize| (arranged[one][0] - arranged[other][0]).hypot(arranged[one][1] - arranged[other][1]);
    let own = (0..480).filter(|point| nearest(480, *point, 1, on_plane)[0].0 as usize % 12 == point % 12).count();
    assert!(own >= 475, "{own}");
}

#[test]
fn the_same_numbers_give_the_same_picture_and_cancelling_gives_none() {
    let vectors = clusters(3, 20);
    let seen = principal(&vectors);
    assert_eq!(seen, principal(&vectors));
    let (near, go_on) = (neighbours(&vectors), Cancellation::new());
    assert_eq!(arrange(&near, &seen.places, &Silent, &go_on), arrange(&near, &seen.places, &Silent, &go_on));
    let cancelled = Cancellation::new();
    cancelled.cancel();
    assert_eq!(arrange(&near, &seen.places, &Silent, &cancelled), None);
}

#[test]
fn a_neighbour_that_is_no_point_is_left_out() {
    let near = vec![vec![(1, 0.5), (9, 0.1)], vec![(0, 0.5), (1, 0.0)]];
    let places = arrange(&near, &[[0.0, 0.0], [1.0, 0.0]], &Silent, &Cancellation::new()).unwrap();
    assert!(places.iter().flatten().all(|number| number.is_finite()));
}
