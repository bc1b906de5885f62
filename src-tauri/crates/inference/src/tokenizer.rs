//! Text to token ids and back, exactly as the reference does it (llama.cpp; see tests/fixtures/make_tokens.py).
//!
//! Byte-level BPE (Sennrich et al. 2016; GPT-2's byte alphabet) over the tables in the model file itself.

use tokenizers::models::bpe::{BPE, Vocab};
use tokenizers::pre_tokenizers::byte_level::ByteLevel;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::{AddedToken, Tokenizer as Pipeline};

use crate::fault::FileError;
use crate::generator::Error;
use crate::gguf::ModelFile;

/// GGUF's token types for tokens that stand for themselves in text: control, and user defined.
const SPECIAL: [i32; 2] = [3, 4];

/// A model's own tokenizer.
#[derive(Debug)]
pub struct Tokenizer {
    pipeline: Pipeline,
    /// What each token says, as bytes: a character may be spread over several tokens. Empty for special tokens.
    bytes: Vec<Box<[u8]>>,
    ends: Vec<u32>,
}

impl Tokenizer {
    pub fn from_gguf(file: &ModelFile) -> Result<Self, FileError> {
        let kind = (file.text("tokenizer.ggml.model")?, file.text("tokenizer.ggml.pre")?);
        if kind != ("gpt2", "smollm") {
            return Err(file.unsupported(format!("its tokenizer is {}/{}, not gpt2/smollm", kind.0, kind.1)));
        }
        let wrong = |error: tokenizers::Error| file.unsupported(format!("its tokenizer is wrong: {error}"));
        let tokens = file.texts("tokenizer.ggml.tokens")?;
        let vocabulary: Vocab = tokens.iter().zip(0..).map(|(token, id)| (String::from(*token), id)).collect();
        let merges = file.texts("tokenizer.ggml.merges")?;
        let merges = merges.iter().filter_map(|merge| merge.split_once(' '));
        let merges = merges.map(|(left, right)| (left.into(), right.into())).collect();
        let mut pipeline = Pipeline::new(BPE::builder().vocab_and_merges(vocabulary, merges).build().map_err(wrong)?);
        pipeline.with_pre_tokenizer(Some(Sequence::new(vec![
            Digits::new(true).into(),
            ByteLevel::new(false, false, true).into(),
        ])));

        let kinds = file.list("tokenizer.ggml.token_type")?;
        let special =
            |id: usize| kinds.get(id).and_then(|kind| kind.to_i32().ok()).is_some_and(|kind| SPECIAL.contains(&kind));
        let added = (0..tokens.len()).filter(|&id| special(id)).map(|id| AddedToken::from(tokens[id], true));
        pipeline.add_special_tokens(added).map_err(wrong)?;

        let alphabet = byte_alphabet();
        let said =
            |token: &str| token.chars().filter_map(|letter| alphabet.get(letter as usize).copied().flatten()).collect();
        let bytes = tokens.iter().enumerate().map(|(id, token)| if special(id) { Box::default() } else { said(token) });
        let bytes = bytes.collect();
        // The end of a turn, and the end of a document: a model may say either.
        let mut ends = vec![file.number("tokenizer.ggml.eos_token_id")? as u32];
        ends.extend(pipeline.token_to_id("<|endoftext|>"));
        Ok(Self { pipeline, bytes, ends })
    }

    /// The ids of `text`. Special tokens are recognized where they stand in it; none is added.
    pub fn encode(&self, text: &str) -> Result<Vec<u32>, Error> {
        let encoding = self.pipeline.encode_fast(text, false);
        let encoding = encoding.map_err(|error| Error::Model { message: error.to_string() })?;
        Ok(encoding.get_ids().to_vec())
    }

    /// What `token` says. Not always whole characters.
    pub fn bytes(&self, token: u32) -> &[u8] {
        self.bytes.get(token as usize).map_or(&[], |bytes| bytes)
    }

    /// Whether the model ends its answer with `token`.
    pub fn is_end(&self, token: u32) -> bool {
        self.ends.contains(&token)
    }
}

/// GPT-2's alphabet, backwards: the byte that each letter stands for. Printable bytes stand for themselves, the others
/// are counted up from U+0100.
pub(crate) fn byte_alphabet() -> Vec<Option<u8>> {
    let mut alphabet = vec![None; 512];
    let mut next = 256;
    for byte in 0..=u8::MAX {
        let letter = match byte {
            b'!'..=b'~' | 0xA1..=0xAC | 0xAE..=0xFF => usize::from(byte),
            _ => {
                next += 1;
                next - 1
            }
        };
        alphabet[letter] = Some(byte);
    }
    alphabet
}
