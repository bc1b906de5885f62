//! A page's text in the order in which it is drawn (ISO 32000-1, 9.4): where the pen goes says what is a word, a line and a
//! paragraph.

use std::time::Instant;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, content::Content};

use super::{
    Unreadable, dictionary,
    font::{Fonts, number},
};

/// Drawings within drawings.
const MOST_NESTED: usize = 16;
/// Graphics states put aside.
const MOST_SAVED: usize = 256;

/// Gaps in sizes of the font: from there on it is another word, line, paragraph.
const WORD: f64 = 0.2;
const BACK: f64 = -0.5;
const LINE: f64 = 0.5;
const PARAGRAPH: f64 = 1.8;
/// Or so many times as far as from the line before to the one before that.
const WIDER: f64 = 1.4;
/// A heading is set larger than what follows.
const OTHER_SIZE: f64 = 1.2;

/// A transformation `[a b c d e f]` as the standard writes it (8.3.3).
type Matrix = [f64; 6];
const IDENTITY: Matrix = [1.0, 0.0, 0.0, 1.0, 0.0, 0.0];

/// First `inner`, then `outer`.
fn joined(inner: Matrix, outer: Matrix) -> Matrix {
    let [a, b, c, d, e, f] = inner;
    let [g, h, i, j, k, l] = outer;
    [a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + l]
}

#[derive(Debug, Clone, Copy)]
struct State {
    page: Matrix,
    text: Matrix,
    line: Matrix,
    font: Option<usize>,
    size: f64,
    letter_gap: f64,
    word_gap: f64,
    stretch: f64,
    leading: f64,
}

impl Default for State {
    fn default() -> Self {
        let (page, text, line) = (IDENTITY, IDENTITY, IDENTITY);
        Self { page, text, line, font: None, size: 0.0, letter_gap: 0.0, word_gap: 0.0, stretch: 1.0, leading: 0.0 }
    }
}

pub(super) struct Page<'a, 'f> {
    document: &'a Document,
    fonts: &'f mut Fonts<'a>,
    until: Instant,
    /// What may still be unpacked, read or said, and what was.
    budget: usize,
    unpacked: usize,
    paragraphs: Vec<String>,
    /// Where the last text ended, and how large it was.
    pen: Option<(Matrix, f64)>,
    /// How far the paragraph's last two lines are apart.
    step: Option<f64>,
    /// Letters whose meaning no font tells.
    unknown: usize,
}

impl<'a, 'f> Page<'a, 'f> {
    pub(super) fn new(document: &'a Document, fonts: &'f mut Fonts<'a>, until: Instant, budget: usize) -> Self {
        Self { document, fonts, until, budget, unpacked: 0, paragraphs: Vec::new(), pen: None, step: None, unknown: 0 }
    }

    pub(super) fn read(&mut self, page: ObjectId) -> Result<(), Unreadable> {
        let (own, shared) = self.document.get_page_resources(page)?;
        let shared = shared.into_iter().filter_map(|id| self.document.get_dictionary(id).ok());
        let resources: Vec<&'a Dictionary> = own.into_iter().chain(shared).collect();
        let content = self.document.get_page_content_with_limit(page, self.budget)?;
        self.draw(&content, &resources, State::default(), 0)
    }

    pub(super) fn unpacked(&self) -> usize {
        self.unpacked
    }

    pub(super) fn unknown(&self) -> usize {
        self.unknown
    }

    pub(super) fn paragraphs(self) -> Vec<String> {
        let lines =
            |text: String| text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("\n");
        self.paragraphs.into_iter().map(lines).filter(|text| !text.is_empty()).collect()
    }

    fn charge(&mut self, bytes: usize) -> Result<(), Unreadable> {
        self.unpacked += bytes;
        self.budget = self.budget.checked_sub(bytes).ok_or(Unreadable::Bomb)?;
        Ok(())
    }

    fn draw(
        &mut self,
        content: &[u8],
        resources: &[&'a Dictionary],
        begin: State,
        nested: usize,
    ) -> Result<(), Unreadable> {
        self.charge(content.len())?;
        let (mut state, mut saved) = (begin, Vec::new());
        for operation in Content::decode_iter(content) {
            if Instant::now() > self.until {
                return Err(Unreadable::Slow);
            }
            // What follows a broken operation means nothing; what stood before it does.
            let Ok(operation) = operation else { break };
            let operands = &operation.operands;
            match operation.operator.as_str() {
                "q" if saved.len() < MOST_SAVED => saved.push(state),
                "Q" => state = saved.pop().unwrap_or(state),
                "Do" => self.draw_form(operands.first(), resources, state, nested)?,
                "Tf" => {
                    state.font = self.font(operands.first(), resources)?;
                    state.size = operands.get(1).and_then(number).unwrap_or(state.size);
                }
                "Tj" => self.show(operands.first(), &mut state)?,
                "'" => {
                    state.next_line();
                    self.show(operands.first(), &mut state)?;
                }
                "\"" => {
                    state.set_gaps(operands);
                    state.next_line();
                    self.show(operands.get(2), &mut state)?;
                }
                "TJ" => {
                    for part in operands.first().and_then(|parts| parts.as_array().ok()).into_iter().flatten() {
                        match number(part) {
                            Some(back) => state.advance(-back / 1000.0 * state.size * state.stretch),
                            None => self.show(Some(part), &mut state)?,
                        }
                    }
                }
                operator => state.apply(operator, operands),
            }
        }
        Ok(())
    }

    /// What `name` means among the resources of `kind`.
    fn resource(&self, kind: &[u8], name: Option<&Object>, resources: &[&'a Dictionary]) -> Option<&'a Object> {
        let name = name?.as_name().ok()?;
        let found = |resources: &&'a Dictionary| dictionary(self.document, resources.get(kind).ok()?)?.get(name).ok();
        Some(self.document.dereference(resources.iter().find_map(found)?).ok()?.1)
    }

    fn font(&mut self, name: Option<&Object>, resources: &[&'a Dictionary]) -> Result<Option<usize>, Unreadable> {
        match self.resource(b"Font", name, resources).and_then(|font| font.as_dict().ok()) {
            Some(font) => {
                let (font, bytes) = self.fonts.find(font)?;
                self.charge(bytes)?;
                Ok(Some(font))
            }
            None => Ok(None),
        }
    }

    /// A form is a drawing that is called by name (8.10).
    fn draw_form(
        &mut self,
        name: Option<&Object>,
        resources: &[&'a Dictionary],
        state: State,
        nested: usize,
    ) -> Result<(), Unreadable> {
        let Some(Object::Stream(form)) = self.resource(b"XObject", name, resources) else { return Ok(()) };
        if nested == MOST_NESTED
            || !form.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form")
        {
            return Ok(());
        }
        let content = match form.get_plain_content_with_limit(self.budget) {
            Ok(content) => content,
            Err(lopdf::Error::Decompress(error)) => return Err(lopdf::Error::Decompress(error).into()),
            Err(_) => return Ok(()),
        };
        let own = form.dict.get(b"Resources").ok().and_then(|own| dictionary(self.document, own));
        let own: Vec<&Dictionary> = own.into_iter().collect();
        let page = joined(matrix_of(form, self.document).unwrap_or(IDENTITY), state.page);
        let resources = if own.is_empty() { resources } else { &own };
        self.draw(&content, resources, State { page, ..state }, nested + 1)
    }

    fn show(&mut self, text: Option<&Object>, state: &mut State) -> Result<(), Unreadable> {
        let mut rest = text.and_then(|text| text.as_str().ok()).unwrap_or_default();
        while !rest.is_empty() {
            if Instant::now() > self.until {
                return Err(Unreadable::Slow);
            }
            let Some(font) = state.font.and_then(|font| self.fonts.get(font)) else {
                self.unknown += rest.len();
                return Ok(());
            };
            let (part, after) = font.part(rest);
            rest = after;
            let begin = joined(state.text, state.page);
            let (mut width, mut letters) = (0.0, 0);
            for (letter, blank) in font.letters(part) {
                let gap = state.letter_gap + if blank { state.word_gap } else { 0.0 };
                width += (letter / 1000.0 * state.size + gap) * state.stretch;
                letters += 1;
            }
            let said = font.text(part);
            state.advance(width);
            match said {
                Some(said) => {
                    self.charge(said.len())?;
                    self.write(&said, begin, joined(state.text, state.page), state.size);
                }
                None => self.unknown += letters,
            }
        }
        Ok(())
    }

    /// Adds what is said at `begin`, after as much white space as the pen has crossed.
    fn write(&mut self, said: &str, begin: Matrix, end: Matrix, size: f64) {
        let length = begin[0].hypot(begin[1]);
        let size = (size * length).abs();
        // What cannot be seen parts nothing, and no gap can be measured in it.
        let gap = self.pen.filter(|_| size > 0.0 && size.is_finite()).map(|(pen, before)| {
            let (x, y) = (begin[4] - pen[4], begin[5] - pen[5]);
            let (right, up) = (begin[0] / length, begin[1] / length);
            let along = (x * right + y * up) / size;
            let across = (y * right - x * up).abs() / size.min(before);
            let resized = size.max(before) > size.min(before) * OTHER_SIZE;
            (along, across, resized)
        });
        match (gap, self.paragraphs.last_mut()) {
            (Some((_, across, resized)), Some(_))
                if across > PARAGRAPH
                    || across > LINE && (resized || self.step.is_some_and(|step| across > step * WIDER)) =>
            {
                self.step = None;
                self.paragraphs.push(said.to_owned());
            }
            (Some((along, across, _)), Some(text)) => {
                if across > LINE {
                    self.step = Some(across);
                    text.push('\n');
                } else if !(BACK..=WORD).contains(&along) && !text.ends_with(char::is_whitespace) {
                    text.push(' ');
                }
                text.push_str(said);
            }
            (None, Some(text)) => text.push_str(said),
            (_, None) => self.paragraphs.push(said.to_owned()),
        }
        self.pen = Some((end, size));
    }
}

impl State {
    fn advance(&mut self, by: f64) {
        self.text = joined([1.0, 0.0, 0.0, 1.0, by, 0.0], self.text);
    }

    fn move_line(&mut self, x: f64, y: f64) {
        self.line = joined([1.0, 0.0, 0.0, 1.0, x, y], self.line);
        self.text = self.line;
    }

    fn next_line(&mut self) {
        self.move_line(0.0, -self.leading);
    }

    fn set_gaps(&mut self, operands: &[Object]) {
        self.word_gap = operands.first().and_then(number).unwrap_or(self.word_gap);
        self.letter_gap = operands.get(1).and_then(number).unwrap_or(self.letter_gap);
    }

    /// The operators that move the pen or set how it moves; all others say nothing about text.
    fn apply(&mut self, operator: &str, operands: &[Object]) {
        let numbers: Vec<f64> = operands.iter().filter_map(number).collect();
        match (operator, numbers.as_slice()) {
            ("BT", _) => (self.text, self.line) = (IDENTITY, IDENTITY),
            ("T*", _) => self.next_line(),
            ("Td", [x, y]) => self.move_line(*x, *y),
            ("TD", [x, y]) => {
                self.leading = -y;
                self.move_line(*x, *y);
            }
            ("Tm", [a, b, c, d, e, f]) => {
                self.line = [*a, *b, *c, *d, *e, *f];
                self.text = self.line;
            }
            ("cm", [a, b, c, d, e, f]) => self.page = joined([*a, *b, *c, *d, *e, *f], self.page),
            ("Tc", [gap]) => self.letter_gap = *gap,
            ("Tw", [gap]) => self.word_gap = *gap,
            ("Tz", [percent]) => self.stretch = percent / 100.0,
            ("TL", [leading]) => self.leading = *leading,
            _ => {}
        }
    }
}

/// The transformation that a form asks for.
fn matrix_of(form: &Stream, document: &Document) -> Option<Matrix> {
    let numbers = form.dict.get_deref(b"Matrix", document).ok()?.as_array().ok()?;
    numbers.iter().filter_map(number).collect::<Vec<_>>().try_into().ok()
}
