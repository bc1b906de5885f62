//! What is written is read, wherever it is broken.

use proptest::prelude::*;

use super::{BTreeMap, BTreeSet, Exposition, Sample};

fn samples() -> impl Strategy<Value = Vec<(String, BTreeMap<String, String>, f64)>> {
    let labels = prop::collection::btree_map("[a-zA-Z_][a-z0-9_]{0,5}", "\\PC{0,8}|[\\\\\"\n{},= ]{0,6}", 0..4);
    prop::collection::vec(("[a-zA-Z_:][a-z0-9_:]{0,8}", labels, any::<f64>()), 0..12)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_sample_comes_back(samples in samples(), blank in "[ \t]{0,3}") {
        let mut known = BTreeSet::new();
        let samples: Vec<Sample> = (1..)
            .zip(samples.into_iter().filter(|(name, labels, _)| known.insert((name.clone(), labels.clone()))))
            .map(|(line, (name, labels, value))| Sample { name, labels, value, line })
            .collect();
        let text: String = samples.iter().map(|one| format!("{blank}{one} {blank}{:?}{blank}\n", one.value)).collect();
        let read = Exposition::read(&text).map(|read| read.samples);
        // NaN is equal to nothing.
        prop_assert_eq!(format!("{read:?}"), format!("{:?}", Ok::<_, super::Bad>(samples)));
    }

    #[test]
    fn a_broken_line_is_named(before in 0usize..8, broken in "[a-z]{1,4}(-[a-z]|\\{[a-z]=1\\} 1|\\{[a-z]=\"1\" 1|| [g-z]{3})") {
        let text: String = (0..before).map(|number| format!("x{number} 1\n")).collect();
        let read = Exposition::read(&format!("{text}{broken}\nafter-it\n"));
        prop_assert_eq!(read.map_err(|bad| bad.line as usize), Err(before + 1));
    }
}
