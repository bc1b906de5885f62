//! An expression's words and signs.

use serde_json::{Number, Value};

#[derive(Debug, Clone, PartialEq)]
pub enum Token {
    Literal(Value),
    Name(String),
    /// `(`, `)`, `[`, `]`, `.`, `,`, `*`, `!`, `==` and the like.
    Sign(&'static str),
}

/// The longer first.
const SIGNS: [&str; 16] = ["!=", "<=", ">=", "==", "&&", "||", "(", ")", "[", "]", ".", ",", "*", "!", "<", ">"];

pub fn tokens(text: &str) -> Result<Vec<Token>, String> {
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, length) = match first {
            '\'' => quoted(rest)?,
            '"' => return Err("a text stands in single quotation marks here: 'main'".to_owned()),
            'a'..='z' | 'A'..='Z' | '_' => name(rest),
            // `.5` is a number, the dot of `a.b` is none.
            '0'..='9' | '-' | '+' => number(rest)?,
            '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => number(rest)?,
            _ => sign(rest)?,
        };
        tokens.push(token);
        rest = rest[length..].trim_start();
    }
    Ok(tokens)
}

fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let (mut text, mut letters) = (String::new(), rest.char_indices().skip(1).peekable());
    while let Some((at, letter)) = letters.next() {
        if letter != '\'' {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == '\'').is_some() {
            text.push('\'');
        } else {
            return Ok((Token::Literal(Value::String(text)), at + 1));
        }
    }
    Err("a quotation mark is not closed".to_owned())
}

fn name(rest: &str) -> (Token, usize) {
    let ends = |letter: char| !letter.is_ascii_alphanumeric() && letter != '_' && letter != '-';
    let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
    let token = match word {
        "true" => Token::Literal(Value::Bool(true)),
        "false" => Token::Literal(Value::Bool(false)),
        "null" => Token::Literal(Value::Null),
        _ => Token::Name(word.to_owned()),
    };
    (token, word.len())
}

fn number(rest: &str) -> Result<(Token, usize), String> {
    let belongs = |(at, letter): (usize, char)| {
        letter.is_ascii_alphanumeric()
            || letter == '.'
            || "+-".contains(letter) && (at == 0 || rest[..at].ends_with(['e', 'E']))
    };
    let length = rest.char_indices().find(|one| !belongs(*one)).map_or(rest.len(), |(at, _)| at);
    let word = &rest[..length];
    let read = super::value::number(word).filter(|number| number.is_finite()).and_then(Number::from_f64);
    let number = read.ok_or_else(|| format!("`{word}` is no number"))?;
    Ok((Token::Literal(Value::Number(number)), length))
}

fn sign(rest: &str) -> Result<(Token, usize), String> {
    let found = SIGNS.iter().find(|sign| rest.starts_with(**sign));
    found.map(|sign| (Token::Sign(sign), sign.len())).ok_or_else(|| {
        let letter = rest.chars().next().unwrap_or_default();
        match letter {
            '=' | '&' | '|' => format!("`{letter}` must stand twice"),
            _ => format!("`{letter}` has no meaning here"),
        }
    })
}
