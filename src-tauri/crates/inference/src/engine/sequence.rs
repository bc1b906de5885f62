//! One request while the model works on it: its tokens, its pages, what was said.

use std::time::Instant;

use super::pages::{PAGE, Pages};
use super::queue::Question;
use super::worker::Model;
use crate::answer::Answer;
use crate::constraint::Constrained;
use crate::generator::{Error, Event, Finish, Prompt, Request, Timings, Usage};
use crate::sampler::{Sampler, logprobs};
use crate::tools;

pub(super) struct Sequence {
    pub question: Box<Question>,
    /// The prompt, then what was generated.
    pub tokens: Vec<u32>,
    prompt: usize,
    /// Tokens whose keys and values are in the pages.
    pub computed: usize,
    pub pages: Vec<u32>,
    /// Pages whose content was noted, and the number of the last.
    noted: (usize, u64),
    /// Tokens to generate at most.
    most: usize,
    sampler: Sampler,
    constrained: Option<Constrained>,
    answer: Answer,
    usage: Usage,
    timings: Timings,
    /// When the first token of the prompt, and of the answer, was computed.
    started: Option<Instant>,
    first: Option<Instant>,
}

/// A prompt that the model can read, and how much it may say to it.
pub(super) struct Read {
    tokens: Vec<u32>,
    most: usize,
    constrained: Option<Constrained>,
}

impl Sequence {
    /// Turns the prompt to tokens; nothing is computed yet.
    pub fn read(request: &Request, model: &Model) -> Result<Read, Error> {
        let tokens = match &request.prompt {
            Prompt::Chat { messages, .. } => {
                let text = model.template.render(messages, tools::offered(&request.prompt))?;
                model.tokenizer.encode_prompt(&text)?
            }
            Prompt::Text(text) => model.tokenizer.encode_prompt(text)?,
            Prompt::Tokens(tokens) => tokens.clone(),
        };
        let vocabulary = model.network.vocabulary();
        let prompt = tokens.iter().map(|id| ("the prompt", *id));
        let bias = request.sampling.bias.iter().map(|(id, _)| ("the bias", *id));
        if let Some((part, id)) = prompt.chain(bias).find(|(_, id)| *id as usize >= vocabulary) {
            let message = format!("this model has the tokens 0 to {}, not {id}", vocabulary - 1);
            return Err(Error::Invalid { part, message });
        }
        if tokens.is_empty() {
            return Err(Error::Invalid { part: "the prompt", message: "it is empty".into() });
        }
        let room = (model.context as usize).saturating_sub(tokens.len());
        if room == 0 {
            return Err(Error::ContextOverflow { prompt: tokens.len() as u32, context: model.context });
        }
        let constrained = model.constrain(request)?;
        Ok(Read { most: request.max_tokens.map_or(room, |most| room.min(most as usize)), tokens, constrained })
    }

    pub fn new(question: Box<Question>, Read { tokens, most, constrained }: Read) -> Self {
        let request = &question.request;
        Self {
            sampler: Sampler::new(&request.sampling, &tokens),
            answer: Answer::new(request.stop.clone(), !tools::offered(&request.prompt).is_empty()),
            constrained,
            usage: Usage { prompt_tokens: tokens.len() as u32, ..Usage::default() },
            timings: Timings::default(),
            prompt: tokens.len(),
            tokens,
            most,
            computed: 0,
            pages: Vec::new(),
            noted: (0, 0),
            started: None,
            first: None,
            question,
        }
    }

    /// Tokens not yet computed.
    pub fn left(&self) -> usize {
        self.tokens.len() - self.computed
    }

    /// Whether it says a token at each pass, and no longer reads its prompt.
    pub fn speaks(&self) -> bool {
        self.left() == 1 && self.first.is_some()
    }

    /// Tokens that it may still say.
    pub fn may_say(&self) -> usize {
        self.most.saturating_sub(self.tokens.len() - self.prompt)
    }

    /// Takes the pages that hold its beginning already, if it has none yet.
    pub fn begin(&mut self, pages: &mut Pages) {
        if self.pages.is_empty() {
            let (known, before) = pages.borrow_known(&self.tokens);
            self.computed = known.len() * PAGE;
            self.noted = (known.len(), before);
            self.pages = known;
            if self.first.is_none() {
                self.usage.cached_tokens = self.computed.min(self.prompt) as u32;
            }
        }
        if self.started.is_none() {
            self.started = Some(Instant::now());
            self.timings.queued = self.question.asked.elapsed();
        }
    }

    /// Takes pages until there is room for `more` tokens; false where there are not enough.
    pub fn make_room(&mut self, more: usize, pages: &mut Pages) -> bool {
        while self.pages.len() * PAGE < self.computed + more {
            match pages.borrow() {
                Some(page) => self.pages.push(page),
                None => return false,
            }
        }
        true
    }

    /// Gives all pages back: it begins anew when its turn comes, and says the same.
    pub fn pause(&mut self, pages: &mut Pages) {
        pages.give_back(&self.pages);
        self.pages.clear();
        self.computed = 0;
    }

    /// `count` more tokens were computed.
    pub fn advance(&mut self, count: usize, pages: &mut Pages) {
        self.computed += count;
        while (self.noted.0 + 1) * PAGE <= self.computed {
            let place = self.noted.0;
            let number = pages.note(self.pages[place], self.noted.1, &self.tokens[place * PAGE..][..PAGE]);
            self.noted = (place + 1, number);
        }
    }

    /// Chooses the next token and sends what it says; gives how the text ended, if it has.
    pub fn say(&mut self, logits: &[f32], model: &Model) -> Result<Option<Finish>, Error> {
        if self.first.is_none() {
            self.first = Some(Instant::now());
            self.timings.prefill = self.started.map_or_else(Default::default, |started| started.elapsed());
        }
        if self.may_say() == 0 {
            return Ok(Some(Finish::Length));
        }
        let mask = self.constrained.as_mut().map(Constrained::mask).transpose()?;
        let token = self.sampler.choose(logits, mask.as_ref());
        if model.tokenizer.is_end(token) {
            return Ok(Some(Finish::Stop));
        }
        let likely = self.question.request.logprobs.map(|count| logprobs(&model.tokenizer, logits, token, count));
        self.tokens.push(token);
        self.usage.completion_tokens += 1;
        let (events, stopped) = self.answer.push(model.tokenizer.bytes(token), likely);
        self.send(events);
        let constrained = self.constrained.as_mut();
        let held = constrained.map(|constrained| constrained.accept(token).map(|()| constrained.must_end()));
        Ok(match () {
            () if stopped || held.transpose()? == Some(true) => Some(Finish::Stop),
            () if self.may_say() == 0 => Some(Finish::Length),
            () => None,
        })
    }

    /// Its last words.
    pub fn end(mut self, finish: Finish, pages: &mut Pages) {
        pages.give_back(&self.pages);
        let rest = self.answer.finish();
        self.send(rest);
        self.timings.decode = self.first.map_or_else(Default::default, |first| first.elapsed());
        if self.started.is_none() {
            self.timings.queued = self.question.asked.elapsed();
        }
        let finish = if finish == Finish::Stop && self.answer.has_called() { Finish::ToolCalls } else { finish };
        // Whoever asked may have stopped listening.
        let _ = self.question.events.send(Event::Done { finish, usage: self.usage, timings: self.timings });
    }

    /// What went wrong, as its last words.
    pub fn fail(self, error: Error, pages: &mut Pages) {
        pages.give_back(&self.pages);
        self.question.fail(error);
    }

    fn send(&self, events: Vec<Event>) {
        for event in events {
            let _ = self.question.events.send(event);
        }
    }
}
