//! Byte-level BPE (GPT-2's byte alphabet). Kinds of models differ in how they cut text to words before bytes are merged.

use tokenizers::normalizers::unicode::NFC;
use tokenizers::pre_tokenizers::PreTokenizerWrapper;
use tokenizers::pre_tokenizers::byte_level::ByteLevel as Bytes;
use tokenizers::pre_tokenizers::digits::Digits;
use tokenizers::pre_tokenizers::sequence::Sequence;
use tokenizers::pre_tokenizers::split::{Split, SplitPattern};
use tokenizers::{Normalizer, OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer, SplitDelimiterBehavior};

use super::merges::Merges;
use super::said::Said;
use crate::fault::FileError;
use crate::generator::Error;
use crate::gguf::ModelFile;

#[derive(Debug)]
pub(super) struct ByteLevel {
    composed: bool,
    cuts: Sequence,
    merges: Merges,
    /// Whether models of this kind were trained on documents that begin with a token of their own.
    pub begins: bool,
}

/// How a kind of model cuts text to words.
struct Cut {
    /// One after another, each within what the one before left.
    patterns: &'static [&'static str],
    /// Each digit is a word.
    digits: bool,
    /// Then as GPT-2 does.
    gpt2: bool,
    /// Text is composed first (Unicode's form C).
    composed: bool,
    /// A word that is a token needs no merges.
    whole: bool,
    begins: bool,
}

const PLAIN: Cut = Cut { patterns: &[], digits: false, gpt2: true, composed: false, whole: false, begins: false };

const GPT_4: &str = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const QWEN_2: &str =
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";
const GPT_4O: &str = concat!(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|",
    r"\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
);
const TEKKEN: &str = concat!(
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|",
    r"\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+",
);

/// The cut that a file's `tokenizer.ggml.pre` names.
fn cut(name: &str) -> Option<Cut> {
    Some(match name {
        "smollm" => Cut { digits: true, ..PLAIN },
        "gpt-2" | "gpt2" | "phi-2" | "olmo" => PLAIN,
        "llama-bpe" | "llama3" | "llama-v3" => {
            Cut { patterns: &[GPT_4], gpt2: false, whole: true, begins: true, ..PLAIN }
        }
        "dbrx" | "smaug-bpe" => Cut { patterns: &[GPT_4], gpt2: false, ..PLAIN },
        "qwen2" | "deepseek-r1-qwen" => Cut { patterns: &[QWEN_2], gpt2: false, composed: true, ..PLAIN },
        "gpt-4o" => Cut { patterns: &[GPT_4O], gpt2: false, ..PLAIN },
        "tekken" => Cut { patterns: &[TEKKEN], gpt2: false, whole: true, begins: true, ..PLAIN },
        // As llama.cpp takes a file that names none.
        "default" => Cut {
            patterns: &[
                r"[\p{P}\$\+<=>\^~\|]+",
                r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)",
                r"\p{N}+",
                r"[0-9][0-9][0-9]",
            ],
            gpt2: false,
            ..PLAIN
        },
        _ => return None,
    })
}

impl ByteLevel {
    pub fn from_gguf(file: &ModelFile, texts: &[&str], said: &Said) -> Result<Self, FileError> {
        let name = file.text("tokenizer.ggml.pre").unwrap_or("default");
        let cut = cut(name).ok_or_else(|| file.unsupported(format!("it cuts text to words as `{name}` does")))?;
        let wrong = |error: tokenizers::Error| file.unsupported(format!("its tokenizer is wrong: {error}"));
        let merges = Merges::new(texts, &file.texts("tokenizer.ggml.merges")?, said, cut.whole);
        let mut steps: Vec<PreTokenizerWrapper> = Vec::new();
        for pattern in cut.patterns {
            let pattern = SplitPattern::Regex((*pattern).into());
            steps.push(Split::new(pattern, SplitDelimiterBehavior::Isolated, false).map_err(wrong)?.into());
        }
        if cut.digits {
            steps.push(Digits::new(true).into());
        }
        steps.push(Bytes::new(false, false, cut.gpt2).into());
        Ok(Self { composed: cut.composed, cuts: Sequence::new(steps), merges, begins: cut.begins })
    }

    pub fn encode(&self, text: &str, said: &Said, ids: &mut Vec<u32>) -> Result<(), Error> {
        let mut words = PreTokenizedString::from(text);
        let composed = if self.composed { words.normalize(|text| NFC.normalize(text)) } else { Ok(()) };
        let cut = composed.and_then(|()| self.cuts.pre_tokenize(&mut words));
        cut.map_err(|error| Error::Model { message: error.to_string() })?;
        for (word, ..) in words.get_splits(OffsetReferential::Original, OffsetType::None) {
            self.merges.encode(&says(word), said, ids);
        }
        Ok(())
    }
}

/// The bytes of a token that is written in the alphabet.
pub(super) fn says(token: &str) -> Box<[u8]> {
    let byte = |letter: char| match u32::from(letter) {
        // Printable bytes stand for themselves, the others are counted up from U+0100.
        letter @ (0x21..=0x7E | 0xA1..=0xAC | 0xAE..=0xFF) => Some(letter as u8),
        letter @ 0x100..=0x120 => Some((letter - 0x100) as u8),
        letter @ 0x121..=0x142 => Some((letter - 0x121 + 0x7F) as u8),
        0x143 => Some(0xAD),
        _ => None,
    };
    token.chars().filter_map(byte).collect()
}

/// GPT-2's alphabet, backwards: the byte that each letter stands for.
#[cfg(test)]
pub(crate) fn byte_alphabet() -> Vec<Option<u8>> {
    (0..512).map(|letter| says(&char::from_u32(letter).into_iter().collect::<String>()).first().copied()).collect()
}

#[cfg(test)]
mod tests {
    use super::byte_alphabet;

    #[test]
    fn each_byte_has_one_letter() {
        let mut bytes: Vec<u8> = byte_alphabet().into_iter().flatten().collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=u8::MAX).collect::<Vec<u8>>());
    }
}
