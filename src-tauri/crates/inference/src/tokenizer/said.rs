//! What each token says, as bytes, one after the other in one piece of memory.

#[derive(Debug, Default)]
pub(super) struct Said {
    bytes: Vec<u8>,
    /// Where each ends.
    ends: Vec<u32>,
}

impl Said {
    /// Nothing, where there is no such token.
    pub fn bytes(&self, token: u32) -> &[u8] {
        let token = token as usize;
        let Some(end) = self.ends.get(token) else { return &[] };
        let start = if token == 0 { 0 } else { self.ends[token - 1] };
        &self.bytes[start as usize..*end as usize]
    }

    pub fn count(&self) -> u32 {
        self.ends.len() as u32
    }
}

impl<T: AsRef<[u8]>> FromIterator<T> for Said {
    fn from_iter<I: IntoIterator<Item = T>>(tokens: I) -> Self {
        let mut all = Self::default();
        for token in tokens {
            all.bytes.extend_from_slice(token.as_ref());
            all.ends.push(all.bytes.len() as u32);
        }
        all.bytes.shrink_to_fit();
        all
    }
}
