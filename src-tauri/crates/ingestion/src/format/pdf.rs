//! PDF (ISO 32000-1): the text of each page, a block a paragraph. lopdf reads the file's structure, with bounds on depth and
//! on what its streams unpack to; the text is gathered here, operator by operator, so that every step sees the clock.
//!
//! The work is done on a thread of its own: what panics there is a damaged file, and what does not end in time is given up. The
//! thread then ends at its next look at the clock.

mod font;
mod map;
mod page;

use std::{
    collections::BTreeMap,
    sync::mpsc::{RecvTimeoutError, sync_channel},
    thread,
    time::{Duration, Instant},
};

use lopdf::{DecompressError, Dictionary, Document, LoadOptions, Object, decode_text_string};

use super::{Format, Parse, Parsed, one_line};
use crate::{Block, Error, Original, Place, Result, Unit};
use font::Fonts;
use page::Page;

pub(super) const FORMAT: Format = Format {
    name: "pdf",
    endings: &["pdf"],
    about: "A block for each paragraph, with its page",
    parse: Parse::Bytes(|original| parse(original, PATIENCE)),
};

/// For one file. A book of 1,000 pages takes a tenth of it.
const PATIENCE: Duration = Duration::from_secs(30);
/// After which the thread itself should have ended.
const GRACE: Duration = Duration::from_secs(5);
const STACK_BYTES: usize = 32 << 20;
/// What all streams of a file may unpack to, in bytes.
const MOST_UNPACKED: usize = 256 << 20;

/// Whether the file says that it is one. Readers look for the mark in the first 1024 bytes (ISO 32000-1, annex H.3).
pub(super) fn is_one(bytes: &[u8]) -> bool {
    bytes[..bytes.len().min(1024)].windows(5).any(|five| five == b"%PDF-")
}

/// Why a file's text cannot be had.
#[derive(Debug)]
enum Unreadable {
    Encrypted,
    Scanned { pages: usize },
    Damaged(String),
    Slow,
    Bomb,
}

fn parse(original: &Original, patience: Duration) -> Result<Parsed> {
    let (sender, receiver) = sync_channel(1);
    let (bytes, until) = (original.bytes.clone(), Instant::now() + patience);
    let reading = thread::Builder::new().name("pdf".to_owned()).stack_size(STACK_BYTES);
    let read = match reading.spawn(move || sender.send(read(&bytes, until))) {
        // Whoever panicked has dropped the sender.
        Ok(_) => receiver.recv_timeout(patience + GRACE).unwrap_or_else(|error| match error {
            RecvTimeoutError::Timeout => Err(Unreadable::Slow),
            RecvTimeoutError::Disconnected => Err(Unreadable::Damaged("its structure contradicts itself".to_owned())),
        }),
        Err(error) => Err(Unreadable::Damaged(error.to_string())),
    };
    let name = original.name.clone();
    read.map_err(|unreadable| match unreadable {
        Unreadable::Encrypted => Error::Encrypted { name },
        Unreadable::Scanned { pages } => Error::Scanned { name, pages },
        Unreadable::Damaged(detail) => Error::Damaged { name, detail },
        Unreadable::Slow => Error::Slow { name, seconds: patience.as_secs() },
        Unreadable::Bomb => Error::Bomb { name, most: MOST_UNPACKED },
    })
}

impl From<lopdf::Error> for Unreadable {
    fn from(error: lopdf::Error) -> Self {
        match error {
            lopdf::Error::Decompress(DecompressError::MemoryLimitExceeded { .. }) => Self::Bomb,
            lopdf::Error::InvalidPassword | lopdf::Error::Decryption(_) => Self::Encrypted,
            other => {
                let mut cause: &dyn std::error::Error = &other;
                while let Some(source) = cause.source() {
                    cause = source;
                }
                Self::Damaged(cause.to_string())
            }
        }
    }
}

fn read(bytes: &[u8], until: Instant) -> Result<Parsed, Unreadable> {
    // Streams of objects are unpacked while the file is loaded, all of them: together they keep to the bound.
    let packed = bytes.windows(6).filter(|six| *six == b"ObjStm").count();
    let most = MOST_UNPACKED / packed.max(1);
    let document = Document::load_mem_with_options(
        bytes,
        LoadOptions { max_decompressed_size: Some(most), ..LoadOptions::default() },
    )?;
    // Without a password lopdf tries the empty one, with which many files open everywhere.
    if document.trailer.has(b"Encrypt") && !document.was_encrypted() {
        return Err(Unreadable::Encrypted);
    }
    let mut fonts = Fonts::of(&document);
    let mut parsed = Parsed { metadata: information(&document), ..Parsed::default() };
    // Some writers name what nobody named.
    parsed.title = parsed.metadata.remove("title").filter(|title| !title.eq_ignore_ascii_case("untitled"));
    let pages = document.get_pages();
    let (mut unpacked, mut unknown) = (0, 0);
    for (number, id) in &pages {
        let mut page = Page::new(&document, &mut fonts, until, MOST_UNPACKED - unpacked);
        page.read(*id)?;
        unpacked += page.unpacked();
        unknown += page.unknown();
        let number = *number as usize;
        let blocks = page.paragraphs().into_iter().map(|text| Block::new(text, Place::new(Unit::Page, number, number)));
        parsed.blocks.extend(blocks);
    }
    if unknown > 0 {
        parsed.metadata.insert("unreadable letters".to_owned(), unknown.to_string());
    }
    match pages.len() {
        0 => Err(Unreadable::Damaged("it has no pages".to_owned())),
        pages if parsed.blocks.is_empty() => Err(Unreadable::Scanned { pages }),
        _ => Ok(parsed),
    }
}

/// What the file says about itself (ISO 32000-1, 14.3.3).
fn information(document: &Document) -> BTreeMap<String, String> {
    let entry = document.trailer.get(b"Info").ok();
    let Some(information) = entry.and_then(|entry| dictionary(document, entry)) else { return BTreeMap::new() };
    let said = [("title", "Title"), ("author", "Author"), ("subject", "Subject"), ("keywords", "Keywords")];
    let said = said.into_iter().filter_map(|(name, key)| {
        let text = information.get_deref(key.as_bytes(), document).ok()?;
        Some((name.to_owned(), one_line(&decode_text_string(text).ok()?)))
    });
    said.filter(|(_, text)| !text.is_empty()).collect()
}

/// The dictionary that an object is, refers to, or begins with.
fn dictionary<'a>(document: &'a Document, object: &'a Object) -> Option<&'a Dictionary> {
    match document.dereference(object).ok()?.1 {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(&stream.dict),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
