//! `prices.toml`: what a million tokens cost, by deployment or by model.

use std::collections::BTreeMap;

use gateway::Price;
use serde::Deserialize;

use super::unreadable;
use crate::Problem;

pub const NAME: &str = "prices.toml";

/// In force where the learner has no table of their own, and the beginning of theirs.
pub const EXAMPLE: &str = include_str!("prices.toml");

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    #[serde(default)]
    currency: String,
    #[serde(default)]
    prices: BTreeMap<String, Written>,
    default: Option<Written>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    input: f64,
    cached_input: Option<f64>,
    output: f64,
}

impl Prices {
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let prices: Self = toml::from_str(text).map_err(|error| unreadable(NAME, text, &error))?;
        let sensible = |price: &Written| {
            [price.input, price.cached_input.unwrap_or_default(), price.output]
                .iter()
                .all(|one| (0.0..1e9).contains(one))
        };
        let named = prices.prices.iter().map(|(name, price)| (name.as_str(), price));
        let all = named.chain(prices.default.as_ref().map(|price| ("default", price)));
        if let Some((name, _)) = all.into_iter().find(|(_, price)| !sensible(price)) {
            let message = format!("{NAME}: a price of {name:?} is below zero or no sensible number.");
            return Err(Problem::new("prices.wrong", message, "Write what a million tokens cost, 0 or more."));
        }
        Ok(prices)
    }

    /// The deployment's own price, or that of its model, or everything's.
    pub fn of(&self, deployment: &str, model: &str) -> Option<Price> {
        let found = self.prices.get(deployment).or_else(|| self.prices.get(model)).or(self.default.as_ref())?;
        Some(Price {
            input: found.input,
            cached_input: found.cached_input.unwrap_or(found.input),
            output: found.output,
            currency: self.currency.clone(),
        })
    }
}
