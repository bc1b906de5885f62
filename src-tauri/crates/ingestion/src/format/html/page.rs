//! What a page says, gathered from its tags and characters in their order.

use std::{cell::RefCell, mem::take};

use html5ever::tokenizer::{
    Tag, TagKind, Token, TokenSink, TokenSinkResult,
    states::RawKind::{Rawtext, Rcdata, ScriptData},
};

use crate::{
    Block, Place, Unit,
    format::{Parsed, markdown::Path, one_line},
};

/// Elements that begin and end a block, after what the HTML standard renders as one (section 15.3).
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "aside",
    "blockquote",
    "body",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "head",
    "header",
    "hr",
    "html",
    "li",
    "main",
    "menu",
    "ol",
    "p",
    "section",
    "summary",
    "table",
    "tbody",
    "tfoot",
    "thead",
    "tr",
    "ul",
];
/// Elements whose content is no part of what the page says.
const UNREAD: &[&str] = &["nav", "template", "svg", "math"];
const HEADINGS: &[&str] = &["h1", "h2", "h3", "h4", "h5", "h6"];

#[derive(Debug, Default)]
pub(super) struct Page(RefCell<State>);

#[derive(Debug, Default)]
struct State {
    parsed: Parsed,
    path: Path,
    /// The open block's text, and its first and last line.
    text: String,
    lines: Option<(u64, u64)>,
    /// Inside `<pre>`, where white space counts.
    verbatim: bool,
    raw: Option<Raw>,
    unread: Option<Unread>,
}

/// What becomes of text that holds no tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Raw {
    Title,
    Dropped,
}

/// The outermost open element of [`UNREAD`].
#[derive(Debug)]
struct Unread {
    name: String,
    /// How many of that name are open within each other.
    open: usize,
    /// Blocks that were there before it.
    before: usize,
}

impl TokenSink for Page {
    type Handle = ();

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<()> {
        let mut state = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) => state.characters(&text, line),
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => return state.start(&tag),
            Token::TagToken(tag) => state.end(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    pub(super) fn finish(self) -> Parsed {
        let mut state = self.0.into_inner();
        state.close(None);
        let mut parsed = state.parsed;
        if parsed.title.as_ref().is_none_or(|title| title.trim().is_empty()) {
            let heading = parsed.blocks.iter().find(|block| block.heading);
            parsed.title = heading.and_then(|block| block.headings.last()).map(|name| name.to_string());
        }
        parsed
    }
}

impl State {
    fn characters(&mut self, text: &str, line: u64) {
        match self.raw {
            Some(Raw::Title) => return self.parsed.title.get_or_insert_default().push_str(text),
            Some(Raw::Dropped) => return,
            None => {}
        }
        // The line is the one that the text ends in.
        if !text.trim().is_empty() {
            let ends = |part: &str| part.bytes().filter(|byte| *byte == b'\n').count() as u64;
            let first = line.saturating_sub(ends(text.trim_start())).max(1);
            let last = line.saturating_sub(ends(&text[text.trim_end().len()..])).max(first);
            self.lines = Some((self.lines.map_or(first, |(first, _)| first), last));
        }
        if self.verbatim {
            return self.text.push_str(text);
        }
        let mut blank = self.text.is_empty() || self.text.ends_with([' ', '\n']);
        for letter in text.chars() {
            let white = matches!(letter, ' ' | '\t' | '\n' | '\u{c}');
            if !(white && blank) {
                self.text.push(if white { ' ' } else { letter });
            }
            blank = white;
        }
    }

    fn start(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let name: &str = &tag.name;
        match name {
            "title" if self.unread.is_none() => {
                // The first title is the page's.
                self.raw = Some(if self.parsed.title.is_none() { Raw::Title } else { Raw::Dropped });
                return TokenSinkResult::RawData(Rcdata);
            }
            "script" => {
                self.raw = Some(Raw::Dropped);
                return TokenSinkResult::RawData(ScriptData);
            }
            "style" | "iframe" | "noembed" | "noframes" => {
                self.raw = Some(Raw::Dropped);
                return TokenSinkResult::RawData(Rawtext);
            }
            "meta" => self.meta(tag),
            "br" => self.text.push('\n'),
            "td" | "th" if self.lines.is_some() => self.text.push_str(" | "),
            "pre" => {
                self.close(None);
                self.verbatim = true;
            }
            _ if UNREAD.contains(&name) && !tag.self_closing => self.start_unread(name),
            _ if HEADINGS.contains(&name) || BLOCKS.contains(&name) => self.close(None),
            _ => {}
        }
        if name == "li" {
            self.text.push_str("- ");
        }
        TokenSinkResult::Continue
    }

    fn start_unread(&mut self, name: &str) {
        match &mut self.unread {
            Some(outer) => outer.open += usize::from(outer.name == name),
            None => {
                self.close(None);
                self.unread = Some(Unread { name: name.to_owned(), open: 1, before: self.parsed.blocks.len() });
            }
        }
    }

    fn end(&mut self, tag: &Tag) {
        self.raw = None;
        let name: &str = &tag.name;
        if let Some(level) = HEADINGS.iter().position(|heading| *heading == name) {
            self.close(u8::try_from(level + 1).ok());
        } else if name == "pre" || BLOCKS.contains(&name) {
            self.close(None);
        }
        self.verbatim &= name != "pre";
        // Dropped at its end and not at its beginning: a page that forgot `</nav>` is read whole.
        if let Some(outer) = self.unread.as_mut().filter(|outer| outer.name == name) {
            outer.open -= 1;
            if outer.open == 0 {
                let before = outer.before;
                self.parsed.blocks.truncate(before);
                (self.text, self.lines, self.unread) = (String::new(), None, None);
            }
        }
    }

    /// `<meta name="description" content="...">` and its like.
    fn meta(&mut self, tag: &Tag) {
        let value = |name: &str| {
            let found = tag.attrs.iter().find(|attribute| &*attribute.name.local == name);
            found.map(|attribute| one_line(&attribute.value))
        };
        if let (Some(name), Some(content)) = (value("name"), value("content")) {
            let name = name.to_lowercase();
            if ["author", "date", "description", "keywords"].contains(&name.as_str()) {
                self.parsed.metadata.insert(name, content);
            }
        }
    }

    /// Ends the open block: a heading of this level, or any other.
    fn close(&mut self, heading: Option<u8>) {
        let text = take(&mut self.text);
        let text = if self.verbatim { text.trim_matches('\n').trim_end() } else { text.trim() };
        let Some((first, last)) = self.lines.take() else { return };
        let heading = heading.filter(|_| self.unread.is_none());
        if let Some(level) = heading {
            self.path.open(level, one_line(text));
        }
        let line = |line: u64| usize::try_from(line).unwrap_or(usize::MAX);
        let mut block = Block::new(text, Place::new(Unit::Line, line(first), line(last)));
        (block.headings, block.heading) = (self.path.names(), heading.is_some());
        self.parsed.blocks.push(block);
    }
}
