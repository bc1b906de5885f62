//! What a text is held to while it is generated: which tokens may come next so that it can still become JSON of a schema,
//! a text of a grammar, or a match of a regex.
//!
//! The only user of llguidance. Never chooses a token.

mod mask;
mod schema;

#[cfg(test)]
pub(crate) mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use llguidance::api::{GrammarWithLexer, ParserLimits, TopLevelGrammar};
use llguidance::toktrie::{InferenceCapabilities, TokEnv, TokRxInfo, TokTrie, TokenizerEnv};
use llguidance::{Matcher, ParserFactory, earley::SlicedBiasComputer};
use serde_json::Value;

use crate::generator::{Constraint, Error, Prompt, Request, Tool, ToolChoice};
use crate::tokenizer::Tokenizer;
use crate::tools;

pub(crate) use mask::Mask;

/// Makes constraints for one model. Takes a while to make, and is made once for each; compiling may be done on any thread.
pub(crate) struct ConstraintCompiler {
    factory: ParserFactory,
    /// The latest, first, each with what it was made of: a conversation has the same tools at every turn, and many of them
    /// take a while.
    compiled: Mutex<VecDeque<(String, Matcher)>>,
}

/// Constraints that are kept.
const KEPT: usize = 8;

/// The constraint of one text, at the place that the text has reached.
pub(crate) struct Constrained {
    matcher: Matcher,
    part: &'static str,
}

/// What may be, in the words of llguidance: grammars and schemas that name each other by `@`, the first of which is the
/// whole text.
pub(crate) struct Grammar {
    /// The part of the request that it comes from, for errors: `the schema`.
    part: &'static str,
    grammars: Vec<GrammarWithLexer>,
}

/// The tokens as llguidance wants them.
struct Vocabulary(TokTrie);

impl TokenizerEnv for Vocabulary {
    fn tok_trie(&self) -> &TokTrie {
        &self.0
    }

    fn tokenize_bytes(&self, bytes: &[u8]) -> Vec<u32> {
        self.0.greedy_tokenize(bytes)
    }

    /// What must come is left to the model's own choice of tokens for it.
    fn tokenize_is_canonical(&self) -> bool {
        false
    }
}

impl ConstraintCompiler {
    pub fn new(tokenizer: &Tokenizer) -> Result<Self, Error> {
        let words: Vec<Vec<u8>> = (0..tokenizer.count()).map(|token| tokenizer.bytes(token).to_vec()).collect();
        let ends = tokenizer.ends();
        let Some(end) = ends.first() else {
            return Err(Error::Model { message: "it has no token that ends a text".into() });
        };
        let trie = TokTrie::from(&TokRxInfo::new(tokenizer.count(), *end), &words).with_eos_tokens(ends);
        let vocabulary: TokEnv = Arc::new(Vocabulary(trie));
        let slices = SlicedBiasComputer::general_slices();
        let mut factory = ParserFactory::new(&vocabulary, InferenceCapabilities::default(), &slices).map_err(failed)?;
        factory.quiet();
        *factory.limits_mut() = ParserLimits { verbose_errors: false, ..ParserLimits::default() };
        Ok(Self { factory, compiled: Mutex::default() })
    }

    /// What `request` holds its answer to; `None` where it leaves everything open.
    pub fn compile_request(&self, request: &Request) -> Result<Option<Constrained>, Error> {
        let (tools, choice) = match &request.prompt {
            Prompt::Chat { tools, choice, .. } => (tools.as_slice(), choice),
            _ => (&[] as &[Tool], &ToolChoice::None),
        };
        let grammar = tools::grammar(tools, choice, request.constraint.as_ref())?;
        grammar.map(|grammar| self.compile(grammar)).transpose()
    }

    fn compile(&self, grammar: Grammar) -> Result<Constrained, Error> {
        let Grammar { part, grammars } = grammar;
        let grammar = TopLevelGrammar { grammars, max_tokens: None };
        let key = serde_json::to_string(&grammar).map_err(failed)?;
        let kept = || self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept().iter().find(|(other, _)| *other == key).map(|(_, matcher)| matcher.deep_clone());
        let matcher = match found {
            Some(matcher) => matcher,
            None => {
                let parser = self.factory.create_parser(grammar);
                let parser = parser.map_err(|error| Error::Invalid { part, message: told(&error.to_string()) })?;
                let matcher = Matcher::new(Ok(parser));
                let mut kept = kept();
                kept.push_front((key, matcher.deep_clone()));
                kept.truncate(KEPT);
                matcher
            }
        };
        Ok(Constrained { matcher, part })
    }
}

impl Grammar {
    /// The name of a grammar made of a constraint.
    pub const TEXT: &str = "text";

    pub fn of(constraint: &Constraint) -> Result<Self, Error> {
        let json = |schema: Value| ("the schema", GrammarWithLexer::from_json_schema(schema));
        let (part, grammar) = match constraint {
            Constraint::Schema(schema) => json(schema::strict(schema)?),
            Constraint::Object => json(schema::any_object()),
            Constraint::Grammar(lark) => ("the grammar", GrammarWithLexer::from_lark(lark.clone())),
            Constraint::Regex(regex) => {
                let regex = llguidance::regex_to_lark(regex, "dw");
                ("the regex", GrammarWithLexer::from_lark(format!("start: /{regex}/")))
            }
        };
        Ok(Self { part, grammars: vec![GrammarWithLexer { name: Some(Self::TEXT.into()), ..grammar }] })
    }

    pub fn lark(part: &'static str, lark: String) -> Self {
        Self { part, grammars: vec![GrammarWithLexer::from_lark(lark)] }
    }

    /// Adds JSON of `schema`, as far as a text can be held to it.
    pub fn add_schema(&mut self, name: String, schema: &Value) -> Result<(), Error> {
        let grammar = GrammarWithLexer::from_json_schema(schema::lenient(schema)?);
        self.grammars.push(GrammarWithLexer { name: Some(name), ..grammar });
        Ok(())
    }

    pub fn add(&mut self, other: Self) {
        self.grammars.extend(other.grammars);
    }
}

impl Constrained {
    /// The tokens that may come next; those that end a text are among them where it may end.
    pub fn mask(&mut self) -> Result<Mask, Error> {
        let part = self.part;
        self.matcher.compute_mask_or_eos().map(Mask::from).map_err(|error| too_hard(part, &error))
    }

    /// Goes on to the place after `token`, which must be one that the mask allowed and end nothing.
    pub fn accept(&mut self, token: u32) -> Result<(), Error> {
        let part = self.part;
        self.matcher.consume_token(token).map_err(|error| too_hard(part, &error))
    }

    /// Whether the text so far is whole.
    #[cfg(test)]
    pub fn may_end(&mut self) -> bool {
        self.matcher.is_accepting().unwrap_or(false) || self.must_end()
    }

    /// Whether nothing may follow: the end need not be computed.
    pub fn must_end(&self) -> bool {
        self.matcher.is_stopped() && !self.matcher.is_error()
    }
}

fn failed(error: impl std::fmt::Display) -> Error {
    Error::Model { message: format!("its tokens cannot be held to a grammar: {error}") }
}

fn too_hard(part: &'static str, error: &impl std::fmt::Display) -> Error {
    Error::Invalid { part, message: told(&error.to_string()) }
}

/// What llguidance says, for people: without its state, and without options that are not the caller's.
fn told(message: &str) -> String {
    let message = ["<non-verbose/>", "<backtrace>"]
        .iter()
        .fold(message, |message, end| message.split(end).next().unwrap_or(message));
    if message.contains("missing special token prefix") {
        return "it names a special token, and an answer has none".into();
    }
    if message.contains("coerce_one_of") {
        return "`oneOf` has options that may hold at once; use `anyOf`, or give each a property with a `const` of its own".into();
    }
    if let Some((_, reference)) = message.split_once("without 'referencing' feature; ref ") {
        return format!("`$ref` {reference} leads out of the schema; put what it names under `$defs`");
    }
    message.split_whitespace().collect::<Vec<&str>>().join(" ")
}
