//! Text to the token ids of an embedding model: WordPiece (Schuster and Nakajima 2012), by the tokenizer file that came
//! with it. Never cuts a text and never pads one, whatever that file says.

use std::path::Path;

use tokenizers::Tokenizer as Pipeline;

use crate::bert;
use crate::embedder::Input;
use crate::fault::FileError;
use crate::generator::Error;
use crate::manifest::Manifest;

/// An embedding model's own tokenizer.
#[derive(Debug)]
pub struct WordPiece {
    pipeline: Pipeline,
    /// Tokens of the vocabulary: every id is below.
    size: u32,
    /// Stand before and after every text.
    ends: (u32, u32),
}

impl WordPiece {
    /// The tokenizer of an embedding model whose files lie in `folder`.
    pub fn of(manifest: &Manifest, folder: &Path) -> Result<Self, FileError> {
        let Some(tokenizer) = &manifest.tokenizer else {
            let file = folder.join(&manifest.file);
            return Err(FileError::Unsupported { file, detail: "its manifest names no tokenizer".into() });
        };
        Self::load(&folder.join(&tokenizer.file), bert::WORDS as u32)
    }

    /// How many tokens the model reads for `text`, its own at both ends included.
    pub fn count(&self, text: &str) -> usize {
        // What cannot be read cannot be embedded either, and is refused there.
        self.pipeline.encode_fast(text, true).map_or(usize::MAX, |encoding| encoding.len())
    }

    /// Where the tokens of `text` begin, in bytes, ascending; without those at the ends.
    pub fn starts(&self, text: &str) -> Vec<usize> {
        let offsets = |encoding: tokenizers::Encoding| encoding.get_offsets().iter().map(|offset| offset.0).collect();
        self.pipeline.encode(text, false).map_or_else(|_| Vec::new(), offsets)
    }

    /// Reads the tokenizer file `path`. Its vocabulary has `size` tokens.
    fn load(path: &Path, size: u32) -> Result<Self, FileError> {
        let bytes = std::fs::read(path)
            .map_err(|error| FileError::Unreadable { file: path.into(), detail: error.to_string() })?;
        let mut pipeline = Pipeline::from_bytes(bytes)
            .map_err(|error| FileError::Damaged { file: path.into(), detail: error.to_string() })?;
        let unsupported = |detail: String| FileError::Unsupported { file: path.into(), detail };
        let tokens = pipeline.get_vocab_size(true);
        if tokens != size as usize {
            return Err(unsupported(format!("it has {tokens} tokens, not {size}")));
        }
        let end = |token: &str| pipeline.token_to_id(token).ok_or_else(|| unsupported(format!("it has no `{token}`")));
        let ends = (end("[CLS]")?, end("[SEP]")?);
        pipeline.with_padding(None);
        pipeline.with_truncation(None).map_err(|error| unsupported(error.to_string()))?;
        Ok(Self { pipeline, size, ends })
    }

    /// The ids of `input`, special ones included, of which there may be `context`.
    pub(crate) fn encode(&self, input: &Input, context: u32) -> Result<Vec<u32>, Error> {
        let ids = match input {
            Input::Text(text) => {
                let encoding = self.pipeline.encode_fast(text.as_str(), true);
                encoding.map_err(|error| Error::Model { message: error.to_string() })?.get_ids().to_vec()
            }
            Input::Tokens(tokens) => {
                if let Some(token) = tokens.iter().find(|token| **token >= self.size) {
                    let message = format!("{token} is no token of this model, whose tokens are 0 to {}", self.size - 1);
                    return Err(Error::Invalid { part: "the input", message });
                }
                [&[self.ends.0], tokens.as_slice(), &[self.ends.1]].concat()
            }
        };
        match u32::try_from(ids.len()).unwrap_or(u32::MAX) {
            prompt if prompt > context => Err(Error::ContextOverflow { prompt, context }),
            _ => Ok(ids),
        }
    }
}
