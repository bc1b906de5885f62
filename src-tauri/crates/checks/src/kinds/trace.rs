//! `trace`: what the learner's program told of itself in spans, exported through OpenTelemetry.

mod diagnosis;

use std::collections::BTreeMap;

use async_trait::async_trait;
use curriculum::{Lab, nearest};
use jiff::SignedDuration;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Context, Span, SpanStatus, during,
    excerpt::count,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::Pattern,
};

pub const KIND: Kind = Kind {
    name: "trace",
    doc: "The learner's program exported the spans of a trace, with their attributes and in their relation.",
    settings: &[
        Setting::required(
            "spans",
            "list of tables",
            "The spans that one trace must hold, in the order in which they are looked for.",
        )
        .fields(&[
            Setting::required("id", "text", "What other spans of this list call it."),
            Setting::required("name", "pattern", "What its name matches: `^chat `."),
            Setting::new("attributes", "table of patterns", "Attributes, each with what its value as text matches."),
            Setting::new("under", "id", "A span of this list that it lies below, at any depth."),
            Setting::new("follows", "id", "A span of this list that must have ended before it begins."),
            Setting::new("status", "unset, ok or error", "Its status. Any where left out."),
            Setting::new("min_ms", "number", "The fewest milliseconds that it lasts."),
        ]),
        Setting::new(
            "during",
            "check id",
            "Counts only spans that began while that check ran, which must have passed.",
        ),
    ],
    read: read::<Trace>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Trace {
    spans: Vec<Wanted>,
    during: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    id: String,
    name: Pattern,
    #[serde(default)]
    attributes: BTreeMap<String, Pattern>,
    under: Option<String>,
    follows: Option<String>,
    status: Option<Wish>,
    min_ms: Option<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Wish {
    Unset,
    Ok,
    Error,
}

impl Wish {
    fn status(self) -> SpanStatus {
        match self {
            Self::Unset => SpanStatus::Unset,
            Self::Ok => SpanStatus::Ok,
            Self::Error => SpanStatus::Error,
        }
    }
}

/// The spans of one trace that were found so far, by the ids of the list.
type Chosen<'a> = BTreeMap<&'a str, &'a Span>;

#[async_trait]
impl Judge for Trace {
    fn sources(&self) -> Sources {
        Sources { spans: true, ..Sources::default() }
    }

    fn reads_outcome_of(&self) -> Option<&str> {
        self.during.as_deref()
    }

    fn lint(&self, lab: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.spans.is_empty() {
            wrong.push(Wrong::new("spans", "no span is asked for", "Add a table with `id` and `name`."));
        }
        for (index, span) in self.spans.iter().enumerate() {
            let earlier = || self.spans[..index].iter().map(|span| span.id.as_str());
            if earlier().any(|id| id == span.id) {
                let message = format!("two spans are called `{}`", span.id);
                wrong.push(Wrong::new(format!("spans[{index}].id"), message, "Give each its own id."));
            }
            for (key, id) in [("under", &span.under), ("follows", &span.follows)] {
                if let Some(id) = id.as_deref().filter(|id| !earlier().any(|other| other == *id)) {
                    let near = nearest(id, earlier());
                    let next = near.map_or("Name a span that stands before it.".to_owned(), |near| {
                        format!("Did you mean `{near}`?")
                    });
                    let message = format!("no span before this one is called `{id}`");
                    wrong.push(Wrong::new(format!("spans[{index}].{key}"), message, next));
                }
            }
        }
        wrong.extend(during::lint(self.during.as_deref(), lab));
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let (since, until) = during::span(self.during.as_deref(), context);
        let seen = context.probe.spans(since).await?;
        let spans: Vec<&Span> = seen.spans.iter().filter(|span| (since..=until).contains(&span.start)).collect();
        let mut traces: Vec<(&str, Vec<&Span>)> = Vec::new();
        for span in &spans {
            match traces.iter_mut().find(|(trace, _)| *trace == span.trace) {
                Some((_, members)) => members.push(span),
                None => traces.push((&span.trace, vec![span])),
            }
        }
        // Of several traces the one that comes closest tells most, the newest of equals.
        let mut closest: Option<(usize, Failure)> = None;
        for (_, members) in traces.iter().rev() {
            match self.matched(members) {
                Ok(chosen) => return Ok(self.passed(&chosen, members.len())),
                Err((held, chosen, wanted)) => {
                    if closest.as_ref().is_none_or(|(most, _)| held > *most) {
                        closest = Some((held, diagnosis::missing(wanted, &chosen, members, &spans)));
                    }
                }
            }
        }
        Err(closest.map_or_else(|| diagnosis::nothing(seen.dropped), |(_, failure)| failure).into())
    }
}

impl Trace {
    /// The wanted spans among those of one trace; or how many were found, and the first that was not.
    fn matched<'a>(&'a self, members: &[&'a Span]) -> Result<Chosen<'a>, (usize, Chosen<'a>, &'a Wanted)> {
        let mut chosen = Chosen::new();
        for (held, wanted) in self.spans.iter().enumerate() {
            let fits = |span: &&&Span| {
                !chosen.values().any(|other| other.id == span.id)
                    && wanted.first_wrong(span, &chosen, members).is_none()
            };
            let Some(found) = members.iter().find(fits) else { return Err((held, chosen, wanted)) };
            chosen.insert(&wanted.id, found);
        }
        Ok(chosen)
    }

    fn passed(&self, chosen: &Chosen<'_>, members: usize) -> Passed {
        let names: Vec<String> =
            self.spans.iter().filter_map(|wanted| Some(chosen.get(wanted.id.as_str())?.name.clone())).collect();
        let passed = Passed::new(format!("One trace of {} holds {}.", count(members, "span"), names.join(", ")));
        self.spans.iter().fold(passed, |passed, wanted| match chosen.get(wanted.id.as_str()) {
            Some(span) => passed.measured(&wanted.id, format!("{:.0}", span.millis), "ms"),
            None => passed,
        })
    }
}

/// What keeps a span from being the wanted one.
enum Difference<'a> {
    Name,
    Attribute { key: &'a str, wish: &'a Pattern, found: Option<String> },
    Elsewhere { under: &'a Span },
    TooEarly { after: &'a Span },
    Status,
    TooShort,
}

impl Wanted {
    fn first_wrong<'a>(&'a self, span: &Span, chosen: &Chosen<'a>, members: &[&Span]) -> Option<Difference<'a>> {
        if !self.name.regex.is_match(&span.name) {
            return Some(Difference::Name);
        }
        if let Some(under) = self.under.as_ref().and_then(|id| chosen.get(id.as_str()))
            && !lies_below(span, under, members)
        {
            return Some(Difference::Elsewhere { under });
        }
        for (key, wish) in &self.attributes {
            let found = span.attributes.get(key).map(text);
            if !found.as_ref().is_some_and(|found| wish.regex.is_match(found)) {
                return Some(Difference::Attribute { key, wish, found });
            }
        }
        if self.status.is_some_and(|status| status.status() != span.status) {
            return Some(Difference::Status);
        }
        if self.min_ms.is_some_and(|least| span.millis < least) {
            return Some(Difference::TooShort);
        }
        let after = self.follows.as_ref().and_then(|id| chosen.get(id.as_str()))?;
        let end = SignedDuration::try_from_secs_f64(after.millis / 1000.0).unwrap_or(SignedDuration::ZERO);
        let early = after.start.checked_add(end).is_ok_and(|end| span.start < end);
        early.then_some(Difference::TooEarly { after })
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// Whether the way up from `span` leads through `above`.
fn lies_below(span: &Span, above: &Span, members: &[&Span]) -> bool {
    let mut parent = span.parent.as_deref();
    // A way longer than there are spans goes in a circle.
    for _ in 0..=members.len() {
        match parent {
            None => return false,
            Some(id) if id == above.id => return true,
            Some(id) => parent = members.iter().find(|span| span.id == id).and_then(|span| span.parent.as_deref()),
        }
    }
    false
}
