//! Why a wanted span is not there, each way told apart.

use curriculum::nearest;

use super::{Chosen, Difference, Wanted};
use crate::{Span, SpanStatus, excerpt::inline, finding::Failure};

/// No span came at all.
pub fn nothing(dropped: u64) -> Failure {
    let failure = Failure::new("No span reached Groundwork.").expected("spans of the program, exported over OTLP");
    if dropped > 0 {
        let actual = format!("none of this time; {dropped} older ones were dropped");
        return failure.actual(actual).next("Run the program again, and export fewer spans.");
    }
    failure.actual("no spans").next(
        "Export with the OTLPSpanExporter of opentelemetry.exporter.otlp.proto.http, without an endpoint of your own: the \
         lab's environment sets OTEL_EXPORTER_OTLP_ENDPOINT. Call provider.shutdown() before the program ends.",
    )
}

/// `wanted` is not among `members`, the spans of the trace that comes closest; `all` are those of every trace.
pub fn missing(wanted: &Wanted, chosen: &Chosen<'_>, members: &[&Span], all: &[&Span]) -> Failure {
    let taken = |span: &Span| chosen.values().any(|other| other.id == span.id);
    let candidates = members.iter().filter(|span| !taken(span));
    let closest = candidates
        .filter_map(|span| Some((*span, wanted.first_wrong(span, chosen, members)?)))
        .rfind(|(_, difference)| !matches!(difference, Difference::Name));
    match closest {
        Some((span, difference)) => different(wanted, span, &difference),
        None => unnamed(wanted, members, all),
    }
}

fn unnamed(wanted: &Wanted, members: &[&Span], all: &[&Span]) -> Failure {
    let mut names: Vec<&str> = members.iter().map(|span| span.name.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let failure = Failure::new(format!("The trace has no span for `{}`.", wanted.id)).expected(wanted.name.wish());
    let elsewhere = all.iter().find(|span| wanted.name.regex.is_match(&span.name));
    if let Some(span) = elsewhere {
        return failure.actual(format!("`{}`, in a trace of its own", inline(&span.name))).next(
            "Start it while the span of the request is the current one: a new thread or task, or a request to another \
             program, needs the context handed on.",
        );
    }
    let any_case = wanted.name.any_case().and_then(|regex| names.iter().copied().find(|name| regex.is_match(name)));
    let next = match any_case {
        Some(near) => format!("Only upper and lower case differ in `{}`.", inline(near)),
        None => "Start a span of that name around the work, and end it.".to_owned(),
    };
    failure.actual(format!("spans called {}", names.join(", "))).next(next)
}

fn different(wanted: &Wanted, span: &Span, difference: &Difference<'_>) -> Failure {
    let name = inline(&span.name);
    match difference {
        Difference::Name => Failure::default(),
        Difference::Attribute { key, wish, found: Some(found) } => {
            Failure::new(format!("The attribute `{key}` of the span `{name}` has another value."))
                .expected(wish.wish())
                .actual(inline(found))
                .next("Set the attribute from what was really asked and answered.")
        }
        Difference::Attribute { key, wish, found: None } => {
            let keys: Vec<&str> = span.attributes.keys().map(String::as_str).collect();
            let near = nearest(key, keys.iter().copied());
            let next = match near {
                Some(near) => format!("Is `{near}` meant? Name it as the semantic conventions do."),
                None => format!("Call span.set_attribute(\"{key}\", ...)."),
            };
            let found = if keys.is_empty() { "no attributes".to_owned() } else { keys.join(", ") };
            Failure::new(format!("The span `{name}` lacks the attribute `{key}`."))
                .expected(format!("`{key}`: {}", wish.wish()))
                .actual(found)
                .next(next)
        }
        Difference::Elsewhere { under } => {
            let actual = match &span.parent {
                None => format!("`{name}` has no parent"),
                Some(_) => format!("`{name}` lies below another span"),
            };
            Failure::new(format!("The span `{name}` does not lie below `{}`.", inline(&under.name)))
                .expected(format!("`{name}` below `{}`", inline(&under.name)))
                .actual(actual)
                .next("Start it inside `with tracer.start_as_current_span(...)` of the outer work.")
        }
        Difference::TooEarly { after } => {
            Failure::new(format!("The span `{name}` begins before `{}` has ended.", inline(&after.name)))
                .expected(format!("`{}` ends, then `{name}` begins", inline(&after.name)))
                .actual("they overlap, or come the other way round")
                .next("End the first span when its work is done, before the next begins.")
        }
        Difference::Status => {
            let word = |status: SpanStatus| match status {
                SpanStatus::Unset => "unset",
                SpanStatus::Ok => "ok",
                SpanStatus::Error => "error",
            };
            let wish = wanted.status.map_or("any", |status| word(status.status()));
            Failure::new(format!("The span `{name}` has another status."))
                .expected(format!("status {wish}"))
                .actual(format!("status {}", word(span.status)))
                .next("Set it with span.set_status; an exception that leaves the `with` block sets error by itself.")
        }
        Difference::TooShort => Failure::new(format!("The span `{name}` is too short to hold the work."))
            .expected(format!("at least {} ms", wanted.min_ms.unwrap_or_default()))
            .actual(format!("{:.1} ms", span.millis))
            .next("Put the work itself inside the span, not only its preparation."),
    }
}
