//! Text to token ids and back, from the tables in the model file itself.
//!
//! Exactly as the references do it: llama.cpp where its file is at hand, Hugging Face's tokenizers for the other kinds
//! (tests/fixtures/make_tokens.py, make_tokenizers.py).

mod byte_level;
mod merges;
mod pieces;
mod said;

#[cfg(test)]
mod tests;

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fault::FileError;
use crate::generator::Error;
use crate::gguf::ModelFile;
use byte_level::ByteLevel;
use pieces::Pieces;
use said::Said;

#[cfg(test)]
pub(crate) use byte_level::byte_alphabet;

/// A model's own tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    words: Words,
    /// Finds the tokens that stand for themselves in text; `own` has the id of each.
    finder: AhoCorasick,
    own: Vec<Own>,
    /// A character may be spread over several tokens. Empty for special tokens.
    said: Said,
    /// The names of tokens that say nothing, in the order of their ids.
    names: Vec<(u32, Box<str>)>,
    ends: Vec<u32>,
    /// The token that a document begins with, where the model was trained on such.
    begin: Option<u32>,
}

/// How text between the tokens that stand for themselves is cut.
#[derive(Debug)]
enum Words {
    ByteLevel(Box<ByteLevel>),
    Pieces(Pieces),
}

/// A token that stands for itself.
#[derive(Debug)]
struct Own {
    id: u32,
    /// It takes the blanks behind it along.
    takes_blanks: bool,
}

/// GGUF's types of tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Normal,
    /// Stands for itself in text, and says nothing: a control token.
    Special,
    /// Stands for itself in text, and says it.
    User,
    Byte,
    /// Unknown or unused.
    None,
}

/// Names of tokens that end an answer, whatever else the file says.
const ENDS: [&str; 12] = [
    "<|endoftext|>",
    "<|im_end|>",
    "<|eot_id|>",
    "<|eom_id|>",
    "<|end_of_text|>",
    "<|end|>",
    "<|return|>",
    "<|eot|>",
    "<|endofturn|>",
    "<end_of_turn>",
    "<EOT>",
    "<|END_OF_TURN_TOKEN|>",
];

impl Tokenizer {
    pub fn from_gguf(file: &ModelFile) -> Result<Self, FileError> {
        let texts = file.texts("tokenizer.ggml.tokens")?;
        let kinds = kinds(file, &texts);
        let model = file.text("tokenizer.ggml.model")?;
        let byte_level = match model {
            "gpt2" => true,
            "llama" => false,
            _ => return Err(file.unsupported(format!("its tokenizer is {model}, not gpt2 or llama"))),
        };
        let says = |(text, kind): (&&str, &Kind)| match kind {
            Kind::Special | Kind::None => Box::default(),
            Kind::User => text.as_bytes().into(),
            Kind::Normal | Kind::Byte if byte_level => byte_level::says(text),
            Kind::Normal | Kind::Byte => pieces::says(text, *kind),
        };
        let said: Said = texts.iter().zip(&kinds).map(says).collect();
        let words = if byte_level {
            Words::ByteLevel(Box::new(ByteLevel::from_gguf(file, &texts, &said)?))
        } else {
            Words::Pieces(Pieces::from_gguf(file, &texts, &kinds)?)
        };
        // As in Phi-3, the only one of this kind whose special tokens do so.
        let takes_blanks = model == "llama" && file.text("general.architecture").is_ok_and(|name| name == "phi3");
        let keeps = |text: &str| !takes_blanks || ["<unk>", "<s>", "<|endoftext|>"].contains(&text);
        let own: Vec<Own> = (0..)
            .zip(&kinds)
            .filter(|(id, kind)| matches!(kind, Kind::Special | Kind::User) && !texts[*id as usize].is_empty())
            .map(|(id, _)| Own { id, takes_blanks: !keeps(texts[id as usize]) })
            .collect();
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(own.iter().map(|own| texts[own.id as usize]))
            .map_err(|error| file.unsupported(format!("its tokenizer is wrong: {error}")))?;

        let named = |key: &str| file.number(key).ok().filter(|id| *id < texts.len()).map(|id| id as u32);
        let mut ends: Vec<u32> = ["eos", "eot", "eom"]
            .iter()
            .filter_map(|name| named(&format!("tokenizer.ggml.{name}_token_id")))
            .chain(own.iter().map(|own| own.id).filter(|id| ENDS.contains(&texts[*id as usize])))
            .collect();
        let mut seen = std::collections::BTreeSet::new();
        ends.retain(|end| seen.insert(*end));
        if ends.is_empty() {
            return Err(file.unsupported("no token of it ends an answer".into()));
        }
        // Where the file does not say it: as models of its kind were trained.
        let begins = file.truth("tokenizer.ggml.add_bos_token").unwrap_or(match &words {
            Words::ByteLevel(words) => words.begins,
            Words::Pieces(_) => true,
        });
        let begin = named("tokenizer.ggml.bos_token_id").filter(|_| begins);
        let names = (0..).zip(&texts).filter(|(id, _)| said.bytes(*id).is_empty());
        let names = names.map(|(id, text)| (id, Box::from(*text))).collect();
        Ok(Self { words, finder, own, said, names, ends, begin })
    }

    /// The ids of `text`. Special tokens are recognized where they stand in it; none is added.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let mut ids = Vec::new();
        let mut at = 0;
        for found in self.finder.find_iter(text) {
            if found.start() < at {
                continue;
            }
            self.encode_words(&text[at..found.start()], &mut ids)?;
            let own = &self.own[found.pattern().as_usize()];
            ids.push(own.id);
            let rest = &text[found.end()..];
            at = if own.takes_blanks { text.len() - rest.trim_start().len() } else { found.end() };
        }
        self.encode_words(&text[at..], &mut ids)?;
        Ok(ids)
    }

    /// The ids of `text` as a prompt: with the token that a document begins with, where the model wants one and the text
    /// has none.
    pub fn encode_prompt(&self, text: &str) -> Result<Vec<u32>, Error> {
        let mut ids = self.encode(text)?;
        if let Some(begin) = self.begin.filter(|begin| ids.first() != Some(begin)) {
            ids.insert(0, begin);
        }
        Ok(ids)
    }

    fn encode_words(&self, text: &str, ids: &mut Vec<u32>) -> Result<(), Error> {
        match &self.words {
            _ if text.is_empty() => Ok(()),
            Words::ByteLevel(words) => words.encode(text, &self.said, ids),
            Words::Pieces(words) => {
                words.encode(text, ids);
                Ok(())
            }
        }
    }

    /// What `token` says. Not always whole characters.
    pub fn bytes(&self, token: u32) -> &[u8] {
        self.said.bytes(token)
    }

    /// What `token` says, or its name where it is a special one.
    pub(crate) fn name(&self, token: u32) -> Vec<u8> {
        match self.names.binary_search_by_key(&token, |(id, _)| *id) {
            Ok(at) => self.names[at].1.as_bytes().to_vec(),
            Err(_) => self.bytes(token).to_vec(),
        }
    }

    /// Tokens in the vocabulary.
    pub(crate) fn count(&self) -> u32 {
        self.said.count()
    }

    /// Refuses a file whose network knows fewer tokens than its tokenizer gives.
    pub(crate) fn fits(&self, file: &ModelFile, vocabulary: usize) -> Result<(), FileError> {
        if self.count() as usize <= vocabulary {
            return Ok(());
        }
        let detail = format!("its tokenizer has {} tokens, and its network knows {vocabulary}", self.count());
        Err(file.unsupported(detail))
    }

    /// The tokens that end an answer.
    pub(crate) fn ends(&self) -> &[u32] {
        &self.ends
    }

    /// Whether the model ends its answer with `token`.
    pub fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }
}

/// The kind of each token.
fn kinds(file: &ModelFile, texts: &[&str]) -> Vec<Kind> {
    let values = file.list("tokenizer.ggml.token_type").unwrap_or_default();
    let kind = |(id, text): (usize, &&str)| match values.get(id).and_then(|kind| kind.to_i32().ok()) {
        None | Some(1) => Kind::Normal,
        Some(3) => Kind::Special,
        Some(4) if ENDS.contains(text) => Kind::Special,
        Some(4) => Kind::User,
        Some(6) => Kind::Byte,
        Some(_) => Kind::None,
    };
    texts.iter().enumerate().map(kind).collect()
}
