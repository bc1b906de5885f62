//! Constraints on the real vocabulary, driven by chance rather than by a model: what no mask forbids will come.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};
use serde_json::json;

use super::{Constrained, ConstraintCompiler, Grammar};
use crate::generator::{Constraint, Error};
use crate::{ModelFile, Tokenizer};

pub(crate) struct Model {
    pub tokenizer: Tokenizer,
    pub compiler: ConstraintCompiler,
}

impl Model {
    pub fn load() -> Self {
        let tokenizer = Tokenizer::from_gguf(&ModelFile::open(&crate::real::file()).unwrap()).unwrap();
        let compiler = ConstraintCompiler::new(&tokenizer).unwrap();
        Self { tokenizer, compiler }
    }

    /// A text that chance makes within `grammar`. It draws any token that may come, until the text is long enough; then it
    /// looks for a way out.
    pub fn draw(&self, grammar: Grammar, seed: u64) -> String {
        let mut random = ChaCha8Rng::seed_from_u64(seed);
        let mut constrained = self.compiler.compile(grammar).unwrap();
        let long = random.random_range(1..120);
        let mut text = Vec::new();
        for length in 0..3000 {
            if constrained.must_end() {
                return String::from_utf8(text).unwrap();
            }
            let allowed = constrained.mask().unwrap().tokens();
            let is_end = |token: &u32| self.tokenizer.is_end(*token);
            assert_eq!(constrained.may_end(), allowed.iter().any(is_end), "{}", String::from_utf8_lossy(&text));
            let begins = |with: &[u8]| {
                let found = allowed
                    .iter()
                    .filter(|token| self.tokenizer.bytes(**token).first().is_some_and(|b| with.contains(b)));
                found.copied().collect::<Vec<u32>>()
            };
            let outward = || [b"\"]}".as_slice(), b"@", b":"].map(begins).into_iter().find(|found| !found.is_empty());
            let outward =
                if length > long || random.random_range(0..4) == 0 { outward() } else { None }.unwrap_or_default();
            let ends: Vec<u32> = allowed.iter().copied().filter(is_end).collect();
            let choice = match (outward.as_slice(), ends.as_slice()) {
                (_, [_, ..]) if length > long => return String::from_utf8(text).unwrap(),
                ([], _) => &allowed,
                (outward, _) => outward,
            };
            let token = choice[random.random_range(0..choice.len())];
            if is_end(&token) {
                return String::from_utf8(text).unwrap();
            }
            constrained.accept(token).unwrap();
            text.extend_from_slice(self.tokenizer.bytes(token));
        }
        panic!("it never ends: {}", String::from_utf8_lossy(&text));
    }

    /// A constraint that is known to be one.
    pub fn hold(&self, grammar: Grammar) -> Constrained {
        self.compiler.compile(grammar).unwrap()
    }

    /// Whether the tokens of `text` may all come, and the text may end there.
    pub fn takes(&self, constrained: &mut Constrained, text: &str) -> bool {
        let all = self.tokenizer.encode(text).unwrap().into_iter().all(|token| {
            let allowed = !constrained.must_end() && constrained.mask().unwrap().allows(token);
            if allowed {
                constrained.accept(token).unwrap();
            }
            allowed
        });
        all && constrained.may_end()
    }
}

#[test]
fn every_text_is_valid_by_its_schema() {
    let model = Model::load();
    let schemas: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/fixtures/schemas.json")).unwrap();
    assert!(schemas.len() >= 50);
    let mut wrong = Vec::new();
    for schema in &schemas {
        let validator = jsonschema::options().should_validate_formats(true).build(schema).unwrap();
        for seed in 0..10 {
            let text = model.draw(Grammar::of(&Constraint::Schema(schema.clone())).unwrap(), seed);
            match serde_json::from_str(&text) {
                Err(error) => wrong.push(format!("{schema}: {text}: {error}")),
                Ok(value) => {
                    wrong.extend(validator.validate(&value).err().map(|error| format!("{schema}: {text}: {error}")))
                }
            }
            assert_eq!(text, text.trim(), "no white space around it");
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn objects_grammars_and_regexes() {
    let model = Model::load();
    let lark = "start: greeting (\", \" greeting)* \"!\"\ngreeting: \"hello\" | /hi+/\n";
    let regex = r"(\d{4})-[a-f]+|none";
    let whole = regex_of(&format!("^(?:{regex})$"));
    let greeting = regex_of("^(hello|hi+)(, (hello|hi+))*!$");
    for seed in 0..50 {
        let text = model.draw(Grammar::of(&Constraint::Object).unwrap(), seed);
        assert!(serde_json::from_str::<serde_json::Value>(&text).unwrap().is_object(), "{text}");
        let text = model.draw(Grammar::of(&Constraint::Regex(regex.into())).unwrap(), seed);
        assert!(whole(&text), "{text}");
        let text = model.draw(Grammar::of(&Constraint::Grammar(lark.into())).unwrap(), seed);
        assert!(greeting(&text), "{text}");
    }
}

/// Whether a text matches, by the validator's own regexes.
fn regex_of(pattern: &str) -> impl Fn(&str) -> bool + use<> {
    let validator = jsonschema::validator_for(&json!({ "pattern": pattern })).unwrap();
    move |text| validator.is_valid(&json!(text))
}

#[test]
fn what_is_taken_and_what_is_not() {
    let model = Model::load();
    let schema = json!({
        "type": "object",
        "properties": { "name": { "type": "string" }, "count": { "type": "integer" } },
        "required": ["name"],
    });
    let check = |text: &str, expected: bool| {
        let mut constrained =
            model.compiler.compile(Grammar::of(&Constraint::Schema(schema.clone())).unwrap()).unwrap();
        assert_eq!(model.takes(&mut constrained, text), expected, "{text}");
    };
    check(r#"{"name": "Ada", "count": 3}"#, true);
    check(r#"{"name":"Ada"}"#, true);
    check(r#"{"name": "über 🦀 \n \"x\""}"#, true);
    check(r#"{"count": 3}"#, false);
    check(r#"{"name": "Ada", "more": 1}"#, false);
    check(r#"{"name": "Ada""#, false);
    check(r#" {"name": "Ada"}"#, false);
    check("{\n  \"name\": \"Ada\"\n}", false);
    check(r#"{"name":  "Ada"}"#, false);
    check(r#"{"name": "Ada"} "#, false);
}

#[test]
fn what_cannot_be_held_to_is_named() {
    let model = Model::load();
    let check = |constraint: Constraint, part: &str, named: &str| match Grammar::of(&constraint)
        .and_then(|grammar| model.compiler.compile(grammar))
    {
        Err(Error::Invalid { part: actual, message }) => {
            assert_eq!(actual, part);
            assert!(message.contains(named), "{message}");
        }
        other => panic!("{constraint:?}: {:?}", other.err()),
    };
    let schema = |schema: serde_json::Value| Constraint::Schema(schema);
    check(schema(json!({ "properties": { "a": { "not": {} } } })), "the schema", "`not`, at #/properties/a,");
    check(schema(json!({ "type": "array", "uniqueItems": true })), "the schema", "`uniqueItems`, at #,");
    check(schema(json!({ "anyOf": [{ "if": {} }] })), "the schema", "`if`, at #/anyOf/0,");
    check(schema(json!({ "type": "string", "format": "regex" })), "the schema", "the format `regex`, at #,");
    check(schema(json!({ "type": "strnig" })), "the schema", "strnig");
    check(schema(json!({ "$ref": "#/$defs/missing" })), "the schema", "missing");
    check(
        schema(json!({ "$ref": "https://example.org/schema" })),
        "the schema",
        "'https://example.org/schema' leads out of",
    );
    check(schema(json!({ "type": "string", "pattern": "(" })), "the schema", "(");
    check(schema(json!({ "oneOf": [{ "type": "string" }, { "maxLength": 3 }] })), "the schema", "`oneOf` has options");
    check(schema(json!({ "type": "integer", "minimum": 3, "maximum": 2 })), "the schema", "minimum (3)");
    check(schema(json!(false)), "the schema", "false");
    check(schema(json!("text")), "the schema", "\"text\"");
    check(Constraint::Grammar("start: missing".into()), "the grammar", "missing");
    check(Constraint::Grammar("begin: \"a\"".into()), "the grammar", "start");
    check(Constraint::Grammar("start: <|im_start|>".into()), "the grammar", "special token");
    check(Constraint::Regex("[a-".into()), "the regex", "[a-");
    check(Constraint::Regex("(?=a)b".into()), "the regex", "look-around");
}

#[test]
fn a_large_definition_is_not_copied_for_every_option() {
    let schema = |options: usize, letters: usize| {
        let large = json!({ "type": "object", "properties": { "kind": { "const": "x".repeat(letters) } } });
        let options = vec![json!({ "$ref": "#/$defs/large" }); options];
        super::schema::strict(&json!({ "oneOf": options, "$defs": { "large": large } })).unwrap().to_string()
    };
    assert!(!schema(3, 10_000).contains("#/$defs/large"));
    let many = schema(1000, 10_000);
    assert!(many.len() < 1 << 19 && many.contains("#/$defs/large"), "{}", many.len());
}

#[test]
fn what_was_compiled_before_begins_anew() {
    let model = Model::load();
    let grammar = || Grammar::of(&Constraint::Regex("abc".into())).unwrap();
    let mut first = model.hold(grammar());
    assert!(model.takes(&mut first, "abc"));
    let mut second = model.hold(grammar());
    assert!(!second.may_end() && model.takes(&mut second, "abc"));
    // More of them than are kept.
    for length in 1..20 {
        let mut other = model.hold(Grammar::of(&Constraint::Regex(format!("a{{{length}}}"))).unwrap());
        assert!(model.takes(&mut other, &"a".repeat(length)) && !model.takes(&mut model.hold(grammar()), "ab"));
    }
}

#[test]
fn may_be_used_on_any_thread() {
    fn sends<T: Send>() {}
    fn shared<T: Sync>() {}
    sends::<Constrained>();
    sends::<ConstraintCompiler>();
    shared::<ConstraintCompiler>();
}
