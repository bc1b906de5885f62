use super::*;

/// Six checks on the first day, nine on the three days after it.
const LABS: [([u32; 2], u32); 2] = [([1, 1], 6), ([2, 4], 9)];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Noon of a day of a plan that began on 1 March 2026 at nine.
fn noon(day: u32) -> Timestamp {
    at("2026-03-01T12:00:00Z") + SignedDuration::from_hours(24 * (i64::from(day) - 1))
}

/// `passes` checks first passed on each of some days.
fn burn_up(passes: &[(u32, usize)], today: u32) -> view::BurnUp {
    let passes: Vec<Timestamp> = passes.iter().flat_map(|(day, passes)| vec![noon(*day); *passes]).collect();
    drawn(&LABS, &passes, at("2026-03-01T09:00:00Z"), noon(today), &TimeZone::UTC)
}

/// `day: passed of planned`, a dash for days to come.
fn lines(burn_up: &view::BurnUp) -> Vec<String> {
    let passed = |point: &view::BurnUpPoint| point.passed.map_or("-".into(), |passed| passed.to_string());
    burn_up.points.iter().map(|point| format!("{}: {} of {}", point.day, passed(point), point.planned)).collect()
}

#[test]
fn both_lines_have_a_point_wherever_one_turns_and_today() {
    for (name, passes, today, expected) in [
        ("no work", &[][..], 1, &["1: 0 of 6", "4: - of 15"][..]),
        ("no work for a week", &[], 7, &["1: 0 of 6", "4: 0 of 15", "7: 0 of 15"]),
        ("three days", &[(1, 3), (2, 2), (3, 1)], 3, &["1: 3 of 6", "2: 5 of 9", "3: 6 of 12", "4: - of 15"]),
        ("a gap", &[(1, 3), (9, 2)], 10, &["1: 3 of 6", "4: 3 of 15", "9: 5 of 15", "10: 5 of 15"]),
        ("all done", &[(1, 6), (2, 9)], 2, &["1: 6 of 6", "2: 15 of 9", "4: - of 15"]),
        ("a clock that was ahead", &[(5, 2)], 2, &["1: 0 of 6", "2: 2 of 9", "4: - of 15"]),
    ] {
        assert_eq!(lines(&burn_up(passes, today)), expected, "{name}");
    }
    let dates: Vec<String> = burn_up(&[], 40).points.into_iter().map(|point| point.date).collect();
    assert_eq!(dates, ["2026-03-01", "2026-03-04", "2026-04-09"]);
}

#[test]
fn the_rest_passes_at_the_pace_of_the_last_fourteen_days() {
    for (name, passes, today, expected) in [
        ("no work", &[][..], 20, None),
        ("two days are no pace", &[(1, 3), (2, 3)], 2, None),
        // 9 are left, and 6 took 3 days.
        ("three days", &[(1, 3), (2, 2), (3, 1)], 3, Some((8, "2026-03-08", 3, 6))),
        ("nothing lately", &[(1, 3), (2, 2), (3, 1)], 20, None),
        // 6 are left, and 3 took 14 days; what passed before those counts as done alone.
        ("a gap", &[(1, 6), (18, 1), (19, 1), (20, 1)], 20, Some((48, "2026-04-17", 14, 3))),
        ("the fourteenth day back counts", &[(1, 1), (13, 1), (14, 1)], 14, Some((70, "2026-05-09", 14, 3))),
        ("the fifteenth does not", &[(1, 1), (14, 1), (15, 1)], 15, None),
        ("all done", &[(1, 5), (2, 5), (3, 5)], 3, None),
    ] {
        let found = burn_up(passes, today).forecast;
        let found = found.as_ref().map(|found| (found.day, found.date.as_str(), found.days, found.passed));
        assert_eq!(found, expected, "{name}");
    }
}

#[test]
fn a_check_passes_on_the_day_that_it_is_where_the_learner_is() {
    let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
    for (name, zone, expected) in
        [("London", TimeZone::UTC, ["1: 1 of 6", "2: 1 of 9"]), ("Berlin", berlin, ["1: 0 of 6", "2: 1 of 9"])]
    {
        let late = [at("2026-03-01T23:30:00Z")];
        let drawn = drawn(&LABS, &late, at("2026-03-01T09:00:00Z"), at("2026-03-02T09:00:00Z"), &zone);
        assert_eq!(lines(&drawn)[..2], expected, "{name}");
    }
}

#[test]
fn a_plan_as_long_as_numbers_go_is_drawn() {
    let drawn = drawn(&[([1, u32::MAX], 3)], &[noon(1)], noon(1), noon(2), &TimeZone::UTC);
    assert_eq!(lines(&drawn), ["1: 1 of 0", "2: 1 of 0", "4294967295: - of 3"]);
}
