//! A set of tokens.

use llguidance::toktrie::SimpleVob;

/// The tokens that may be chosen: one bit a token of the vocabulary.
#[derive(Debug, Clone)]
pub(crate) struct Mask(SimpleVob);

impl From<SimpleVob> for Mask {
    fn from(bits: SimpleVob) -> Self {
        Self(bits)
    }
}

impl Mask {
    #[cfg(test)]
    pub fn of(size: usize, tokens: impl IntoIterator<Item = u32>) -> Self {
        let mut bits = SimpleVob::alloc(size);
        for token in tokens {
            bits.allow_token(token);
        }
        Self(bits)
    }

    #[cfg(test)]
    pub fn allows(&self, token: u32) -> bool {
        (token as usize) < self.0.len() && self.0.is_allowed(token)
    }

    #[cfg(test)]
    pub fn tokens(&self) -> Vec<u32> {
        self.0.to_list()
    }

    /// The lowest token; `None` where there is none.
    pub fn first(&self) -> Option<u32> {
        self.0.first_bit_set().map(|token| token as u32)
    }

    /// Gives every value whose token is not in the set, or beyond the vocabulary, the value `removed`.
    pub fn remove_others(&self, values: &mut [f32], removed: f32) {
        let words = self.0.as_slice();
        for (values, word) in values.chunks_mut(32).zip(words.iter().copied().chain(std::iter::repeat(0))) {
            match word {
                u32::MAX => {}
                0 => values.fill(removed),
                _ => {
                    for (bit, value) in values.iter_mut().enumerate() {
                        *value = if word >> bit & 1 == 0 { removed } else { *value };
                    }
                }
            }
        }
    }
}
