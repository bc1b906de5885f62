//! The one tree of conditions that every dialect's filters are turned into.
//!
//! A test looks at the values at a path; an array stands for its elements, and one that passes is enough. Where there is
//! no value no test passes but [`Test::Empty`]. So Pinecone's `$ne` is `Not(OneOf)`, and where a dialect wants the
//! field to be there too, `All([Present, Not(OneOf)])`; Qdrant's `must_not` is `Not`, and its `except` is
//! [`Test::OtherThan`]. Never reads a payload itself.

use serde::{Deserialize, Serialize};

use crate::{Path, PointId, Scalar, scalar::Number, time};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Filter {
    /// All of them; true where there are none.
    All(Vec<Self>),
    /// At least one of them; false where there are none.
    Any(Vec<Self>),
    /// At least so many of them.
    AtLeast(usize, Vec<Self>),
    Not(Box<Self>),
    /// One object in the arrays at a path passes all by itself. Ids are those of points, so within it none passes.
    ///
    /// No column holds which values stand in one object: it reads every payload of the namespace.
    Nested(Path, Box<Self>),
    /// The point's id is one of these.
    Ids(Vec<PointId>),
    Field(Path, Test),
}

/// What is asked of the values at a path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Test {
    /// A value equals one of these.
    OneOf(Vec<Scalar>),
    /// A value is a scalar and none of these.
    OtherThan(Vec<Scalar>),
    /// A number lies within.
    Within(Bounds),
    /// A text is a time, and its microseconds since 1970 lie within: see [`crate::time`].
    Times(Bounds),
    /// The number of a value's elements lies within: 1 for what is no array, 0 for null and where there is no value.
    Count(Bounds),
    /// A text begins with this one, letter for letter.
    Begins(String),
    /// A text holds this one, letter for letter.
    Contains(String),
    /// A text holds all words of this one, in any order and case.
    Words(String),
    /// A text holds a word of this one.
    AnyWord(String),
    /// A text holds the words of this one, one after another, in any case.
    Phrase(String),
    /// There is a value, null or an empty array included.
    Present,
    /// A value, or an element of one, is null.
    Null,
    /// There is no value but null and empty arrays.
    Empty,
}

/// Limits of a number. Those that are not there do not bind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Bounds {
    pub above: Option<Number>,
    pub at_least: Option<Number>,
    pub below: Option<Number>,
    pub at_most: Option<Number>,
}

impl Bounds {
    pub fn hold(&self, number: Number) -> bool {
        self.above.is_none_or(|limit| number > limit)
            && self.at_least.is_none_or(|limit| number >= limit)
            && self.below.is_none_or(|limit| number < limit)
            && self.at_most.is_none_or(|limit| number <= limit)
    }
}

impl Filter {
    pub fn field(path: Path, test: Test) -> Self {
        Self::Field(path, test)
    }

    /// The opposite.
    #[must_use]
    pub fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// The paths that it looks at, and whether at the values there or only at how many there are.
    pub(crate) fn paths(&self) -> Vec<(&Path, bool)> {
        match self {
            Self::All(parts) | Self::Any(parts) | Self::AtLeast(_, parts) => {
                parts.iter().flat_map(Self::paths).collect()
            }
            Self::Not(part) => part.paths(),
            Self::Ids(_) | Self::Nested(..) => Vec::new(),
            Self::Field(path, test) => vec![(path, test.reads_values())],
        }
    }
}

impl Test {
    /// The others ask only how many values there are.
    fn reads_values(&self) -> bool {
        !matches!(self, Self::Present | Self::Null | Self::Empty | Self::Count(_))
    }

    /// Whether one scalar passes, to be asked of many. The tests of presence are asked of the whole field instead.
    pub(crate) fn passes(&self) -> Box<dyn Fn(&Scalar) -> bool + '_> {
        fn of_text<'a>(passes: impl Fn(&str) -> bool + 'a) -> Box<dyn Fn(&Scalar) -> bool + 'a> {
            Box::new(move |scalar| matches!(scalar, Scalar::Text(text) if passes(text)))
        }
        match self {
            Self::OneOf(values) => Box::new(move |scalar| values.contains(scalar)),
            Self::OtherThan(values) => Box::new(move |scalar| !values.contains(scalar)),
            Self::Within(bounds) => {
                Box::new(move |scalar| matches!(scalar, Scalar::Number(number) if bounds.hold(*number)))
            }
            Self::Times(bounds) => {
                of_text(move |text| time::parse(text).is_some_and(|time| bounds.hold(Number::Integer(time))))
            }
            Self::Begins(part) => of_text(move |text| text.starts_with(part.as_str())),
            Self::Contains(part) => of_text(move |text| text.contains(part.as_str())),
            Self::Words(wanted) => {
                let wanted = words(wanted);
                of_text(move |text| {
                    let held = words(text);
                    wanted.iter().all(|word| held.contains(word))
                })
            }
            Self::AnyWord(wanted) => {
                let wanted = words(wanted);
                of_text(move |text| words(text).iter().any(|word| wanted.contains(word)))
            }
            Self::Phrase(wanted) => {
                let wanted = words(wanted);
                of_text(move |text| wanted.is_empty() || words(text).windows(wanted.len()).any(|run| run == wanted))
            }
            Self::Present | Self::Null | Self::Empty | Self::Count(_) => Box::new(|_| false),
        }
    }
}

/// Runs of letters and digits, in lower case.
pub(crate) fn words(text: &str) -> Vec<String> {
    let runs = text.split(|character: char| !character.is_alphanumeric()).filter(|run| !run.is_empty());
    runs.map(str::to_lowercase).collect()
}
