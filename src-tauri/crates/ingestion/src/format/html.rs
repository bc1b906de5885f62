//! HTML: the text of a page as a reader sees it. Only html5ever's tokenizer is used, so that time and memory grow with the page
//! alone, however deep or broken it is; a tree of elements would say nothing more about where blocks begin.

mod page;

use html5ever::{
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Tokenizer, TokenizerOpts},
};

use super::{Format, Parse, Parsed};
use page::Page;

pub(super) const FORMAT: Format = Format {
    name: "html",
    endings: &["html", "htm", "xhtml"],
    about: "A block for each heading, paragraph, item, row and piece of code; scripts, styles and navigation are left out",
    parse: Parse::Text(|text, _| parse(text)),
};

fn parse(text: &str) -> Parsed {
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(text));
    let tokenizer = Tokenizer::new(Page::default(), TokenizerOpts::default());
    // A script asks for a stop at its end; nobody runs it, and the rest is read on.
    while !queue.is_empty() {
        let _ = tokenizer.feed(&queue);
    }
    tokenizer.end();
    tokenizer.sink.finish()
}
