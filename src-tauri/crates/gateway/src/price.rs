//! What a deployment's tokens cost.

/// What a million tokens cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Price {
    pub input: f64,
    /// Of a prompt's tokens that were read before.
    pub cached_input: f64,
    pub output: f64,
    /// A label, such as `USD`.
    pub currency: String,
}

/// What a call cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Cost {
    pub amount: f64,
    pub currency: String,
}

impl Price {
    /// `cached` are among those of the prompt.
    pub(crate) fn of(&self, prompt: u32, cached: u32, completion: u32) -> Cost {
        let fresh = prompt.saturating_sub(cached);
        let amount = f64::from(fresh) * self.input
            + f64::from(cached.min(prompt)) * self.cached_input
            + f64::from(completion) * self.output;
        Cost { amount: amount / 1e6, currency: self.currency.clone() }
    }
}
