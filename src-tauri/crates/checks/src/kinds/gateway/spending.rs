//! What the learner's calls used, in tokens and in money.

use serde::Deserialize;

use super::Gateway;
use crate::{
    Call, Place,
    finding::{Failure, Passed, Wrong},
    registry::Setting,
};

pub const PRICE: Setting = Setting::new("price", "table", "What a million tokens cost, to tell the calls' cost.")
    .fields(&[
        Setting::required("prompt", "number", "Of a million prompt tokens."),
        Setting::required("completion", "number", "Of a million completion tokens."),
        Setting::new("currency", "text", "USD where left out."),
    ]);

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    prompt: f64,
    completion: f64,
    #[serde(default = "dollars")]
    currency: String,
}

fn dollars() -> String {
    "USD".to_owned()
}

/// Of all calls together.
struct Spent {
    prompt: u64,
    completion: u64,
}

impl Spent {
    fn by(calls: &[&Call]) -> Self {
        let sum = |tokens: fn(&Call) -> u32| calls.iter().map(|call| u64::from(tokens(call))).sum();
        Self { prompt: sum(|call| call.prompt_tokens), completion: sum(|call| call.completion_tokens) }
    }

    fn cost(&self, price: &Price) -> f64 {
        (self.prompt as f64 * price.prompt + self.completion as f64 * price.completion) / 1e6
    }
}

impl Gateway {
    pub(super) fn wrong_prices(&self) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.max_cost.is_some() && self.price.is_none() {
            let next = "Add `price = { prompt = 2.5, completion = 10.0 }`.";
            wrong.push(Wrong::new("max_cost", "a cost cannot be told without a price", next));
        }
        let sensible = |number: f64| number.is_finite() && number >= 0.0;
        if self.price.as_ref().is_some_and(|price| !sensible(price.prompt) || !sensible(price.completion)) {
            wrong.push(Wrong::new(
                "price",
                "a price is below zero or no number",
                "Write the price of a million tokens.",
            ));
        }
        wrong
    }

    /// The first bound that the calls together go over.
    pub(super) fn over_budget(&self, calls: &[&Call]) -> Option<Failure> {
        let spent = Spent::by(calls);
        let bounds = [
            (self.max_prompt_tokens, spent.prompt, "prompt", "Send less with each call: fewer or shorter messages."),
            (self.max_completion_tokens, spent.completion, "completion", "Ask for less with max_tokens."),
        ];
        let over = bounds.into_iter().find_map(|(most, used, what, next)| {
            let most = most.filter(|most| used > *most)?;
            let failure = Failure::new(format!("The calls together took too many {what} tokens."));
            Some(failure.expected(format!("at most {most}")).actual(used.to_string()).next(next))
        });
        over.or_else(|| self.too_dear(&spent))
            .map(|failure| failure.at(Place::Url { url: self.wanted_path().to_owned() }))
    }

    fn too_dear(&self, spent: &Spent) -> Option<Failure> {
        let (price, most) = (self.price.as_ref()?, self.max_cost?);
        let cost = spent.cost(price);
        if cost <= most {
            return None;
        }
        let failure = Failure::new("The calls together cost too much.");
        let used = format!("{} prompt and {} completion tokens", spent.prompt, spent.completion);
        Some(
            failure
                .expected(format!("at most {most} {}", price.currency))
                .actual(format!("{cost:.6} {} for {used}", price.currency))
                .next("Make fewer calls, send less with each, or ask for less with max_tokens."),
        )
    }

    pub(super) fn priced(&self, passed: Passed, calls: &[&Call]) -> Passed {
        match &self.price {
            Some(price) => passed.measured("cost", format!("{:.6}", Spent::by(calls).cost(price)), &price.currency),
            None => passed,
        }
    }
}
