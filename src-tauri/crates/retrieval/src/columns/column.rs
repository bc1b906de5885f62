//! One path's values: the keys of each. Never knows which keys still live; whoever asks leaves the dead out.

use std::{collections::BTreeMap, ops::Bound};

use roaring::RoaringBitmap;
use serde_json::Value;

use crate::{Bounds, Scalar, Test, scalar::Number};

#[derive(Debug, Clone, Default)]
pub(crate) struct Column {
    /// Whether it holds the values, and not only how many a key has: texts take far more than all else.
    holds_values: bool,
    scalars: BTreeMap<Scalar, RoaringBitmap>,
    present: RoaringBitmap,
    null: RoaringBitmap,
    /// Keys with a value that is neither null nor an empty array.
    filled: RoaringBitmap,
    /// By how many elements a value has.
    counts: BTreeMap<usize, RoaringBitmap>,
}

impl Column {
    /// One without values unless it is told to hold them, before anything is added.
    pub fn hold_values(&mut self, values: bool) {
        self.holds_values |= values;
    }

    pub fn holds_values(&self) -> bool {
        self.holds_values
    }

    pub fn add(&mut self, key: u32, values: &[&Value]) {
        for value in values {
            self.present.insert(key);
            let elements = value.as_array().map_or(std::slice::from_ref(*value), Vec::as_slice);
            let count = if value.is_null() { 0 } else { elements.len() };
            self.counts.entry(count).or_default().insert(key);
            if count > 0 {
                self.filled.insert(key);
            }
            if elements.iter().any(Value::is_null) {
                self.null.insert(key);
            }
            if self.holds_values {
                for scalar in elements.iter().filter_map(Scalar::of) {
                    self.scalars.entry(scalar).or_default().insert(key);
                }
            }
        }
    }

    pub fn remove(&mut self, key: u32) {
        let whole = [&mut self.present, &mut self.null, &mut self.filled];
        for keys in self.scalars.values_mut().chain(self.counts.values_mut()).chain(whole) {
            keys.remove(key);
        }
        self.scalars.retain(|_, keys| !keys.is_empty());
        self.counts.retain(|_, keys| !keys.is_empty());
    }

    /// How many values there are.
    pub fn distinct(&self) -> usize {
        self.scalars.len()
    }

    pub fn filled(&self) -> &RoaringBitmap {
        &self.filled
    }

    pub fn present(&self) -> &RoaringBitmap {
        &self.present
    }

    /// Every value with its keys, in the order of the values.
    pub fn scalars(&self) -> impl Iterator<Item = (&Scalar, &RoaringBitmap)> {
        self.scalars.iter()
    }

    pub fn passing(&self, test: &Test) -> RoaringBitmap {
        let mut keys = RoaringBitmap::new();
        match test {
            Test::Present => return self.present.clone(),
            Test::Null => return self.null.clone(),
            Test::Empty => {}
            Test::Count(bounds) => {
                let within = |count: usize| bounds.hold(Number::Integer(count as i64));
                self.counts.iter().filter(|(count, _)| within(**count)).for_each(|(_, found)| keys |= found);
            }
            Test::OneOf(values) => {
                values.iter().filter_map(|value| self.scalars.get(value)).for_each(|found| keys |= found);
            }
            Test::Within(bounds) => {
                let Some(range) = range(bounds) else { return keys };
                let passes = test.passes();
                self.scalars.range(range).filter(|(scalar, _)| passes(scalar)).for_each(|(_, found)| keys |= found);
            }
            Test::OtherThan(_)
            | Test::Times(_)
            | Test::Begins(_)
            | Test::Contains(_)
            | Test::Words(_)
            | Test::AnyWord(_)
            | Test::Phrase(_) => {
                let passes = test.passes();
                self.scalars.iter().filter(|(scalar, _)| passes(scalar)).for_each(|(_, found)| keys |= found);
            }
        }
        keys
    }
}

/// Where the numbers lie that can be within; None where none can.
fn range(bounds: &Bounds) -> Option<(Bound<Scalar>, Bound<Scalar>)> {
    let least = bounds.above.max(bounds.at_least).unwrap_or(Number::Float(f64::NEG_INFINITY));
    let most = [bounds.below, bounds.at_most].into_iter().flatten().min().unwrap_or(Number::Float(f64::INFINITY));
    (least <= most).then_some((Bound::Included(Scalar::Number(least)), Bound::Included(Scalar::Number(most))))
}
