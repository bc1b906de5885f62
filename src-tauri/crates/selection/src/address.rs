//! Where servers are and what opens them. Never shows a key, in no error and in no `Debug`.

use std::fmt;

use reqwest::Url;

use crate::Error;

/// What a server wants to be shown. Its `Debug` shows nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct Key(String);

impl Key {
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    pub(crate) fn secret(&self) -> &str {
        &self.0
    }

    /// A text without the key, which servers like to repeat.
    pub(crate) fn hidden_in(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "(the key)") }
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Key(..)")
    }
}

/// One server: `http://127.0.0.1:6333`, `postgres://user@host/database`.
#[derive(Debug, Clone)]
pub struct Address {
    pub url: String,
    pub key: Option<Key>,
}

impl Address {
    /// Where it is, without whatever else stands in the URL.
    pub(crate) fn shown(&self) -> String {
        let Some(url) = Url::parse(&self.url).ok().filter(Url::has_host) else {
            return "an address that cannot be read".into();
        };
        let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
        let (scheme, host, path) = (url.scheme(), url.host_str().unwrap_or_default(), url.path().trim_end_matches('/'));
        format!("{scheme}://{host}{port}{path}")
    }
}

/// The servers to measure beside what is here.
#[derive(Debug, Clone, Default)]
pub struct Addresses {
    pub qdrant: Option<Address>,
    pub pinecone: Option<Address>,
    pub pgvector: Option<Address>,
}

/// The keys of a file: one alone, for whatever it is asked for, or a line `qdrant=...`, `pinecone=...` or `pgvector=...` for
/// each of several.
#[derive(Debug, Clone)]
pub enum Keys {
    One(Key),
    Named(Vec<(&'static str, Key)>),
}

const NAMES: [&str; 3] = ["qdrant", "pinecone", "pgvector"];

impl Keys {
    /// Reads such a file's text. Fails where it holds several lines that say not what they are for.
    pub fn read(text: &str) -> Result<Self, Error> {
        let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let named = |line: &str| {
            let (name, key) = line.split_once('=')?;
            let name = NAMES.into_iter().find(|known| *known == name.trim())?;
            Some((name, Key::new(key.trim())))
        };
        let all: Option<Vec<_>> = lines().map(named).collect();
        match (all, lines().count()) {
            (_, 0) => Err(Error::Keys { reason: "it is empty" }),
            (Some(all), _) => Ok(Self::Named(all)),
            (None, 1) => Ok(Self::One(Key::new(text.trim()))),
            (None, _) => Err(Error::Keys { reason: "it has a line that says not what its key is for" }),
        }
    }

    /// The key for one of them.
    pub fn of(&self, name: &str) -> Option<Key> {
        match self {
            Self::One(key) => Some(key.clone()),
            Self::Named(named) => named.iter().find(|(known, _)| *known == name).map(|(_, key)| key.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_holds_one_key_or_names_several_and_none_is_ever_shown() {
        let keys = Keys::read("# mine\nqdrant = a=b\npgvector=secret\n").unwrap();
        assert_eq!(keys.of("qdrant"), Some(Key::new("a=b")));
        assert_eq!((keys.of("pinecone"), keys.of("pgvector")), (None, Some(Key::new("secret"))));
        assert_eq!(Keys::read(" pc=sk_1\n").unwrap().of("pinecone"), Some(Key::new("pc=sk_1")));
        assert!(Keys::read("\n").is_err() && Keys::read("one\ntwo\n").is_err());
        assert!(!format!("{keys:?}").contains("secret"));
        for (url, shown) in [
            ("postgres://me:secret@db:5433/docs?sslmode=require", "postgres://db:5433/docs"),
            ("http://me:secret@[::1]:6333/", "http://[::1]:6333"),
            ("me:secret@db/docs", "an address that cannot be read"),
            ("db", "an address that cannot be read"),
        ] {
            let address = Address { url: url.into(), key: None };
            assert_eq!(address.shown(), shown);
        }
        assert_eq!(Key::new("sk_1").hidden_in("Invalid key sk_1!"), "Invalid key (the key)!");
    }
}
