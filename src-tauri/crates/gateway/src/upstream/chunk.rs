//! One piece of a stream as OpenAI's interface writes it, of a chat or of a plain completion.

use std::collections::BTreeMap;

use inference::{Finish, Likely, TokenLogprob, Usage};
use serde::Deserialize;
use serde_json::Value;

#[derive(Debug, Deserialize)]
pub struct Chunk {
    #[serde(default)]
    pub choices: Vec<Choice>,
    pub usage: Option<Used>,
    /// Of a fault in mid-stream.
    pub error: Option<Value>,
}

#[derive(Debug, Deserialize)]
pub struct Choice {
    pub delta: Option<Delta>,
    pub text: Option<String>,
    pub logprobs: Option<Logprobs>,
    pub finish_reason: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
pub struct Delta {
    pub content: Option<String>,
    #[serde(default)]
    pub tool_calls: Option<Vec<CallPiece>>,
}

#[derive(Debug, Deserialize)]
pub struct CallPiece {
    #[serde(default)]
    pub index: usize,
    pub function: Option<FunctionPiece>,
}

#[derive(Debug, Deserialize)]
pub struct FunctionPiece {
    pub name: Option<String>,
    pub arguments: Option<String>,
}

#[derive(Debug, Deserialize)]
pub struct Used {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    prompt_tokens_details: Option<UsedOfPrompt>,
}

#[derive(Debug, Deserialize)]
struct UsedOfPrompt {
    cached_tokens: Option<u32>,
}

impl From<&Used> for Usage {
    fn from(used: &Used) -> Self {
        let cached_tokens = used.prompt_tokens_details.as_ref().and_then(|details| details.cached_tokens);
        Self {
            prompt_tokens: used.prompt_tokens,
            completion_tokens: used.completion_tokens,
            cached_tokens: cached_tokens.unwrap_or_default(),
        }
    }
}

/// Of a chat as a list of tokens, of a plain completion as lists side by side.
#[derive(Debug, Deserialize)]
pub struct Logprobs {
    content: Option<Vec<Token>>,
    tokens: Option<Vec<String>>,
    token_logprobs: Option<Vec<Option<f32>>>,
    top_logprobs: Option<Vec<Option<BTreeMap<String, f32>>>>,
}

#[derive(Debug, Deserialize)]
struct Token {
    #[serde(flatten)]
    itself: LikelyToken,
    #[serde(default)]
    top_logprobs: Vec<LikelyToken>,
}

#[derive(Debug, Deserialize)]
struct LikelyToken {
    token: String,
    logprob: f32,
    bytes: Option<Vec<u8>>,
}

impl From<LikelyToken> for Likely {
    fn from(likely: LikelyToken) -> Self {
        Self { bytes: likely.bytes.unwrap_or_else(|| likely.token.into_bytes()), logprob: likely.logprob }
    }
}

impl Logprobs {
    pub fn tokens(self) -> Vec<TokenLogprob> {
        if let Some(content) = self.content {
            let one = |token: Token| TokenLogprob {
                token: token.itself.into(),
                top: token.top_logprobs.into_iter().map(Likely::from).collect(),
            };
            return content.into_iter().map(one).collect();
        }
        let likely = |text: String, logprob| Likely { bytes: text.into_bytes(), logprob };
        let mut tops = self.top_logprobs.unwrap_or_default().into_iter();
        let tokens = self.tokens.unwrap_or_default().into_iter().zip(self.token_logprobs.unwrap_or_default());
        tokens
            .map(|(token, logprob)| {
                let top = tops.next().flatten().unwrap_or_default();
                let mut top: Vec<_> = top.into_iter().map(|(text, logprob)| likely(text, logprob)).collect();
                top.sort_by(|one, other| other.logprob.total_cmp(&one.logprob));
                TokenLogprob { token: likely(token, logprob.unwrap_or_default()), top }
            })
            .collect()
    }
}

pub fn finish(reason: &str) -> Finish {
    match reason {
        "length" => Finish::Length,
        "tool_calls" | "function_call" => Finish::ToolCalls,
        _ => Finish::Stop,
    }
}
