//! From words and signs to a tree. Names of contexts and functions, and numbers of arguments, are judged here already.

use curriculum::nearest;
use serde_json::Value;

use super::{
    function::{CONTEXTS, FUNCTIONS},
    lexer::{Token, tokens},
};

/// How deep brackets may be nested; GitHub's own limit.
const DEEPEST: usize = 50;
/// Words and signs; a chain of them makes a tree as deep as it is long.
const MOST: usize = 500;

#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    Literal(Value),
    /// In lower case.
    Context(String),
    /// Of the first, the property that the second names.
    Property(Box<Node>, Box<Node>),
    /// Every property or entry.
    All(Box<Node>),
    /// The name in lower case.
    Call(String, Vec<Node>),
    Not(Box<Node>),
    Binary(&'static str, Box<Node>, Box<Node>),
}

impl Node {
    /// Calls `look` with this and all that it holds.
    pub fn walk(&self, look: &mut impl FnMut(&Self)) {
        look(self);
        match self {
            Self::Literal(_) | Self::Context(_) => {}
            Self::All(one) | Self::Not(one) => one.walk(look),
            Self::Property(one, other) | Self::Binary(_, one, other) => {
                one.walk(look);
                other.walk(look);
            }
            Self::Call(_, all) => all.iter().for_each(|one| one.walk(look)),
        }
    }

    /// Whether it asks how things went so far, so that it decides by itself whether to go on after a failure.
    pub fn asks_status(&self) -> bool {
        let mut asks = false;
        self.walk(&mut |node| {
            asks |= matches!(node, Self::Call(name, _) if matches!(name.as_str(), "success" | "failure" | "always" | "cancelled"));
        });
        asks
    }
}

/// Reads an expression; the error is the end of a sentence.
pub fn parse(text: &str) -> Result<Node, String> {
    let tokens = tokens(text)?;
    if tokens.len() > MOST {
        return Err(format!("it has more than {MOST} words and signs"));
    }
    if tokens.is_empty() {
        return Err("nothing stands in it".to_owned());
    }
    let mut parser = Parser { tokens: &tokens, depth: 0 };
    let node = parser.binary(0)?;
    match parser.tokens.first() {
        None => Ok(node),
        Some(token) => Err(format!("{} does not belong where it stands", shown(token))),
    }
}

/// The weakest first.
const LEVELS: [&[&str]; 4] = [&["||"], &["&&"], &["==", "!="], &["<", "<=", ">", ">="]];

struct Parser<'a> {
    tokens: &'a [Token],
    depth: usize,
}

impl<'a> Parser<'a> {
    fn binary(&mut self, level: usize) -> Result<Node, String> {
        let Some(signs) = LEVELS.get(level) else { return self.unary() };
        let mut left = self.binary(level + 1)?;
        while let Some(Token::Sign(sign)) = self.tokens.first().filter(|token| is_one_of(token, signs)) {
            self.tokens = &self.tokens[1..];
            left = Node::Binary(sign, Box::new(left), Box::new(self.binary(level + 1)?));
        }
        Ok(left)
    }

    fn unary(&mut self) -> Result<Node, String> {
        if self.take("!") {
            return self.deeper(Self::unary).map(|inner| Node::Not(Box::new(inner)));
        }
        let mut node = self.primary()?;
        loop {
            if self.take("[") {
                if self.take("*") {
                    node = Node::All(Box::new(node));
                } else {
                    let index = self.deeper(|parser| parser.binary(0))?;
                    node = Node::Property(Box::new(node), Box::new(index));
                }
                self.demand("]")?;
            } else if self.take(".") {
                node = match self.next() {
                    Some(Token::Sign("*")) => Node::All(Box::new(node)),
                    Some(Token::Name(name)) => property(node, name),
                    // `steps.null.outputs` has a step of this name.
                    Some(Token::Literal(value @ (Value::Null | Value::Bool(_)))) => property(node, &value.to_string()),
                    _ => return Err("a name or `*` is missing after a dot".to_owned()),
                };
            } else {
                return Ok(node);
            }
        }
    }

    fn primary(&mut self) -> Result<Node, String> {
        match self.next() {
            Some(Token::Literal(value)) => Ok(Node::Literal(value.clone())),
            Some(Token::Sign("(")) => {
                let inner = self.deeper(|parser| parser.binary(0))?;
                self.demand(")")?;
                Ok(inner)
            }
            Some(Token::Name(name)) if self.take("(") => self.call(name),
            Some(Token::Name(name)) => context(name),
            Some(token) => Err(format!("{} does not belong where it stands", shown(token))),
            None => Err("it ends too early".to_owned()),
        }
    }

    fn call(&mut self, written: &str) -> Result<Node, String> {
        let name = written.to_ascii_lowercase();
        let Some(function) = FUNCTIONS.iter().find(|function| function.name.eq_ignore_ascii_case(&name)) else {
            let names = FUNCTIONS.iter().map(|function| function.name);
            return Err(match nearest(written, names.clone()) {
                Some(near) => format!("there is no function `{written}`; did you mean `{near}`?"),
                None => format!("there is no function `{written}`; there are {}", names.collect::<Vec<_>>().join(", ")),
            });
        };
        let mut arguments = Vec::new();
        while !self.take(")") {
            if !arguments.is_empty() {
                self.demand(",")?;
            }
            arguments.push(self.deeper(|parser| parser.binary(0))?);
        }
        let (least, most) = function.arguments;
        if !(least..=most).contains(&arguments.len()) {
            let wants = if least == most { least.to_string() } else { format!("at least {least}") };
            return Err(format!("`{}` takes {wants}, not {} arguments", function.name, arguments.len()));
        }
        Ok(Node::Call(name, arguments))
    }

    fn deeper(&mut self, read: impl FnOnce(&mut Self) -> Result<Node, String>) -> Result<Node, String> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(format!("it is nested more than {DEEPEST} deep"));
        }
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.tokens.split_first()?;
        self.tokens = rest;
        Some(first)
    }

    fn take(&mut self, sign: &'static str) -> bool {
        let there = self.tokens.first() == Some(&Token::Sign(sign));
        self.tokens = &self.tokens[usize::from(there)..];
        there
    }

    fn demand(&mut self, sign: &'static str) -> Result<(), String> {
        if self.take(sign) { Ok(()) } else { Err(format!("`{sign}` is missing")) }
    }
}

fn property(of: Node, name: &str) -> Node {
    Node::Property(Box::new(of), Box::new(Node::Literal(Value::String(name.to_owned()))))
}

fn is_one_of(token: &Token, signs: &[&str]) -> bool {
    matches!(token, Token::Sign(sign) if signs.contains(sign))
}

fn context(written: &str) -> Result<Node, String> {
    let name = written.to_ascii_lowercase();
    match written {
        // The numbers that JSON has no letters for are of no use in a workflow.
        "NaN" | "Infinity" => return Err(format!("`{written}` cannot be used here")),
        _ if CONTEXTS.contains(&name.as_str()) => return Ok(Node::Context(name)),
        _ => {}
    }
    Err(match nearest(written, CONTEXTS.iter().copied()) {
        Some(near) => format!("there is no `{written}`; did you mean `{near}`?"),
        None => format!("there is no `{written}`; a text stands in single quotation marks: '{written}'"),
    })
}

fn shown(token: &Token) -> String {
    match token {
        Token::Literal(value) => format!("`{value}`"),
        Token::Name(name) => format!("`{name}`"),
        Token::Sign(sign) => format!("`{sign}`"),
    }
}
