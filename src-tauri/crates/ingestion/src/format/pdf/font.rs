//! What the bytes of a text mean (ISO 32000-1, 9.6 to 9.10), and how far each letter moves the pen.

use std::collections::HashMap;

use lopdf::{DecompressError, Dictionary, Document, Encoding, Object};

use super::{Unreadable, dictionary, map::Map};

/// What a font's map to Unicode may unpack to, in bytes.
const MOST_MAP_BYTES: usize = 16 << 20;
/// For a letter that a font does not measure, in thousandths of its size: most letters are about as wide.
const USUAL_WIDTH: f64 = 500.0;
const MOST_WIDTHS: usize = 1 << 16;
/// What a width takes in memory, about.
const WIDTH_BYTES: usize = 32;
/// What is read of a text between two looks at the clock, in bytes.
const PART: usize = 4096;

/// The fonts of a file, each read once.
pub(super) struct Fonts<'a> {
    document: &'a Document,
    read: HashMap<*const Dictionary, usize>,
    all: Vec<Font<'a>>,
}

impl<'a> Fonts<'a> {
    pub(super) fn of(document: &'a Document) -> Self {
        Self { document, read: HashMap::new(), all: Vec::new() }
    }

    /// A handle for [`Self::get`], and how many bytes reading the font took; none where it had been read.
    pub(super) fn find(&mut self, font: &'a Dictionary) -> Result<(usize, usize), Unreadable> {
        let address: *const Dictionary = font;
        if let Some(known) = self.read.get(&address) {
            return Ok((*known, 0));
        }
        let (font, bytes) = Font::read(self.document, font)?;
        self.all.push(font);
        self.read.insert(address, self.all.len() - 1);
        Ok((self.all.len() - 1, bytes))
    }

    pub(super) fn get(&self, handle: usize) -> Option<&Font<'a>> {
        self.all.get(handle)
    }
}

pub(super) struct Font<'a> {
    to_unicode: Option<Map>,
    encoding: Option<Encoding<'a>>,
    /// Whether two bytes make a letter.
    composite: bool,
    /// By code, in thousandths of the font's size.
    widths: HashMap<u32, f64>,
    other_width: f64,
}

impl<'a> Font<'a> {
    /// The font, and how many bytes that took.
    fn read(document: &'a Document, font: &'a Dictionary) -> Result<(Self, usize), Unreadable> {
        let composite = font.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Type0");
        let (to_unicode, unpacked) = to_unicode(document, font)?;
        // lopdf takes a composite font without a map for one of the simplest kind, which would garble its text.
        let guessed = composite && is_identity(font);
        let encoding = match guessed {
            true => None,
            false => lenient(font.get_font_encoding_with_limit(document, MOST_MAP_BYTES))?,
        };
        let (widths, other_width) = match composite {
            true => composite_widths(document, font),
            false => simple_widths(document, font),
        };
        let bytes = unpacked + to_unicode.as_ref().map_or(0, Map::bytes) + widths.len() * WIDTH_BYTES;
        Ok((Self { to_unicode, encoding, composite, widths, other_width }, bytes))
    }

    /// How many bytes a letter has where no map says otherwise.
    fn usual_length(&self) -> usize {
        if self.composite { 2 } else { 1 }
    }

    /// The first letters of a text, some thousand, and the rest.
    pub(super) fn part<'s>(&self, bytes: &'s [u8]) -> (&'s [u8], &'s [u8]) {
        if bytes.len() <= PART {
            return (bytes, &[]);
        }
        let length = |rest: &[u8]| match &self.to_unicode {
            Some(map) => map.length(rest, self.usual_length()),
            None => self.usual_length().min(rest.len()),
        };
        let mut end = 0;
        while end < PART {
            end += length(&bytes[end..]);
        }
        bytes.split_at(end)
    }

    /// `None` where nothing says what the bytes mean. The map to Unicode comes first (9.10.2), unless it has holes.
    pub(super) fn text(&self, bytes: &[u8]) -> Option<String> {
        let mapped = self.to_unicode.as_ref().map(|map| map.text(bytes, self.usual_length()));
        let encoded = || self.encoding.as_ref()?.bytes_to_string(bytes).ok();
        let whole = |text: &String| !text.contains('\u{fffd}');
        mapped.clone().filter(whole).or_else(|| encoded().filter(whole)).or(mapped)
    }

    /// The letters of a text, each as its width (in thousandths of the size) and whether it is the blank of a simple font.
    pub(super) fn letters<'s>(&'s self, bytes: &'s [u8]) -> impl Iterator<Item = (f64, bool)> + 's {
        bytes.chunks(self.usual_length()).map(|code| {
            let code = code.iter().fold(0, |code, byte| code << 8 | u32::from(*byte));
            (self.widths.get(&code).copied().unwrap_or(self.other_width), !self.composite && code == 32)
        })
    }
}

fn is_identity(font: &Dictionary) -> bool {
    font.get(b"Encoding").and_then(Object::as_name).map_or(true, |name| name.starts_with(b"Identity"))
}

/// The map, and what it unpacked to.
fn to_unicode(document: &Document, font: &Dictionary) -> Result<(Option<Map>, usize), Unreadable> {
    let Ok(map) = font.get_deref(b"ToUnicode", document).and_then(Object::as_stream) else { return Ok((None, 0)) };
    let text = lenient(map.get_plain_content_with_limit(MOST_MAP_BYTES))?.unwrap_or_default();
    Ok((Map::read(&text), text.len()))
}

/// A broken encoding costs its text; one that unpacks without end costs the file.
fn lenient<T>(read: lopdf::Result<T>) -> Result<Option<T>, Unreadable> {
    match read {
        Ok(encoding) => Ok(Some(encoding)),
        Err(error @ lopdf::Error::Decompress(DecompressError::MemoryLimitExceeded { .. })) => Err(error.into()),
        Err(_) => Ok(None),
    }
}

pub(super) fn number(object: &Object) -> Option<f64> {
    object.as_float().ok().map(f64::from).filter(|number| number.is_finite())
}

/// 9.6.2.1; a Type 3 font measures in its own space (9.6.5).
fn simple_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f64>, f64) {
    let array = |key: &[u8]| font.get_deref(key, document).and_then(Object::as_array).ok();
    let scale = array(b"FontMatrix").and_then(|matrix| number(matrix.first()?)).map_or(1.0, |scale| scale * 1000.0);
    let first = font.get_deref(b"FirstChar", document).and_then(Object::as_i64).unwrap_or(0);
    let first = u32::try_from(first).unwrap_or(0);
    let widths = array(b"Widths").into_iter().flatten().take(256).enumerate().filter_map(|(index, width)| {
        let width = number(document.dereference(width).ok()?.1)?;
        Some((first.checked_add(u32::try_from(index).ok()?)?, width * scale))
    });
    let descriptor = font.get(b"FontDescriptor").ok().and_then(|descriptor| dictionary(document, descriptor));
    let missing = descriptor.and_then(|descriptor| number(descriptor.get_deref(b"MissingWidth", document).ok()?));
    (widths.collect(), missing.filter(|width| *width > 0.0).unwrap_or(USUAL_WIDTH))
}

/// 9.7.4.3: `first [width ...]` or `first last width`, over and over.
fn composite_widths(document: &Document, font: &Dictionary) -> (HashMap<u32, f64>, f64) {
    let descendants = font.get_deref(b"DescendantFonts", document).and_then(Object::as_array).ok();
    let descendant = descendants.and_then(|fonts| dictionary(document, fonts.first()?));
    let Some(descendant) = descendant else { return (HashMap::new(), 1000.0) };
    let otherwise = descendant.get_deref(b"DW", document).ok().and_then(number).unwrap_or(1000.0);
    let array = descendant.get_deref(b"W", document).and_then(Object::as_array).ok();
    let mut objects = array.into_iter().flatten().map_while(|object| Some(document.dereference(object).ok()?.1));
    let mut widths = HashMap::new();
    let code = |object: Option<&Object>| object?.as_i64().ok().and_then(|code| u32::try_from(code).ok());
    while let Some(first) = code(objects.next()).filter(|_| widths.len() < MOST_WIDTHS) {
        match objects.next() {
            Some(Object::Array(array)) => {
                let codes = first..first.saturating_add(MOST_WIDTHS as u32);
                widths.extend(codes.zip(array).filter_map(|(code, width)| Some((code, number(width)?))));
            }
            last => {
                let (Some(last), Some(width)) = (code(last), objects.next().and_then(number)) else { break };
                widths.extend((first..=last).take(MOST_WIDTHS - widths.len()).map(|code| (code, width)));
            }
        }
    }
    (widths, otherwise)
}
