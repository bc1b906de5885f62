//! What an engine is judged by, and how much each counts.

use crate::Error;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Criterion {
    /// The share of the ten nearest that is found.
    Recall,
    /// Of one question at the client, the 95th percentile.
    Latency,
    /// Loading the points and building the index.
    Build,
    /// Memory and disk.
    Space,
    /// What it takes to run it.
    Operations,
}

impl Criterion {
    pub const ALL: [Self; 5] = [Self::Recall, Self::Latency, Self::Build, Self::Space, Self::Operations];

    /// In lower case: `recall`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Recall => "recall",
            Self::Latency => "latency",
            Self::Build => "build",
            Self::Space => "space",
            Self::Operations => "operations",
        }
    }
}

/// How much each criterion counts; only their ratios matter.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weights([f64; 5]);

impl Default for Weights {
    /// An answer that misses the right passage cannot be saved by anything after it, so recall counts most; then how long
    /// a user waits, then who has to be on call. Loading happens once, and vectors of one team's documents fit anywhere.
    fn default() -> Self {
        Self([0.35, 0.25, 0.1, 0.1, 0.2])
    }
}

impl Weights {
    /// The same with one changed. Fails where there is no such criterion.
    pub fn with(mut self, name: &str, weight: f64) -> Result<Self, Error> {
        let place = Criterion::ALL.iter().position(|criterion| criterion.name() == name);
        let place = place.ok_or_else(|| Error::Criterion { name: name.to_owned() })?;
        self.0[place] = weight;
        Ok(self)
    }

    /// With a sum of 1. Fails where one is below 0 or no number, or all are 0.
    pub fn shares(self) -> Result<Self, Error> {
        let wrong = |name, value: f64| Error::Weight { name, value: value.to_string() };
        for criterion in Criterion::ALL {
            let weight = self.of(criterion);
            if !(weight.is_finite() && weight >= 0.0) {
                return Err(wrong(criterion.name(), weight));
            }
        }
        let sum: f64 = self.0.iter().sum();
        if sum <= 0.0 || !sum.is_finite() {
            return Err(wrong("recall", self.of(Criterion::Recall)));
        }
        Ok(Self(self.0.map(|weight| weight / sum)))
    }

    pub fn of(&self, criterion: Criterion) -> f64 {
        self.0[criterion as usize]
    }
}
