//! Traces: the spans that the gateway keeps for a workspace, put together to traces and trees. Bounded, however much came in.

use std::collections::HashMap;

use gateway::Span;
use jiff::Timestamp;
use serde_json::Value;

use crate::{Problem, Workbench, view};

/// Traces that are listed at most, the latest.
const LISTED: usize = 200;
/// Spans of one trace that are shown at most.
const SHOWN: usize = 1_000;
/// Attributes of one span, and characters of each.
const ATTRIBUTES: usize = 64;
const CHARACTERS: usize = 1_000;

impl Workbench {
    /// The traces of a lab's workspace; none before it is started.
    pub async fn traces(&self, slug: &str) -> Result<view::Traces, Problem> {
        let kept = self.spans(slug).await?;
        let mut traces: Vec<view::Trace> = by_trace(&kept.spans).into_iter().map(|spans| sum(&spans)).collect();
        traces.reverse();
        let more = traces.len().saturating_sub(LISTED);
        traces.truncate(LISTED);
        Ok(view::Traces { traces, more: whole(more), dropped: kept.dropped as f64 })
    }

    /// One trace of them; `None` where its spans are kept no longer.
    pub async fn trace(&self, slug: &str, id: &str) -> Result<Option<view::Waterfall>, Problem> {
        let kept = self.spans(slug).await?;
        let spans: Vec<&Span> = kept.spans.iter().filter(|span| span.trace == id).collect();
        Ok((!spans.is_empty()).then(|| waterfall(&spans)))
    }

    async fn spans(&self, slug: &str) -> Result<gateway::Spans, Problem> {
        let session = match self.started(slug).await {
            Ok(session) => session,
            Err(problem) if problem.code == "lab.not_started" => return Ok(gateway::Spans::default()),
            Err(problem) => return Err(problem),
        };
        let kept = session.spans(Timestamp::UNIX_EPOCH).await;
        kept.map_err(|obstacle| Problem::new("gateway.spans", obstacle.message, obstacle.next_step))
    }
}

/// The spans of each trace, in the order in which the traces last told of themselves.
fn by_trace(spans: &[Span]) -> Vec<Vec<&Span>> {
    let mut traces: HashMap<&str, (usize, Vec<&Span>)> = HashMap::new();
    for (index, span) in spans.iter().enumerate() {
        let trace = traces.entry(&span.trace).or_default();
        trace.0 = index;
        trace.1.push(span);
    }
    let mut traces: Vec<_> = traces.into_values().collect();
    traces.sort_by_key(|(last, _)| *last);
    traces.into_iter().map(|(_, spans)| spans).collect()
}

/// Milliseconds from one moment to another.
fn millis(from: Timestamp, to: Timestamp) -> f64 {
    to.duration_since(from).as_secs_f64() * 1000.0
}

fn sum(spans: &[&Span]) -> view::Trace {
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let end = spans.iter().map(|span| millis(start, span.start) + span.millis).fold(0.0, f64::max);
    let root = children(spans).remove(&None).and_then(|roots| roots.first().copied());
    let root = root.and_then(|index| spans.get(index));
    view::Trace {
        id: spans.first().map(|span| span.trace.clone()).unwrap_or_default(),
        name: root.map(|span| span.name.clone()).unwrap_or_default(),
        service: root.and_then(|span| span.service.clone()),
        at: start.to_string(),
        millis: end,
        spans: whole(spans.len()),
        errors: whole(spans.iter().filter(|span| span.status == gateway::SpanStatus::Error).count()),
    }
}

/// Spans by the parent that is here too, each list as they began; under `None` those that have none. A circle of parents,
/// which no honest program exports, is under nobody and so left out.
fn children<'a>(spans: &[&'a Span]) -> HashMap<Option<&'a str>, Vec<usize>> {
    let here: HashMap<&str, usize> = spans.iter().enumerate().map(|(index, span)| (span.id.as_str(), index)).collect();
    let mut order: Vec<usize> = (0..spans.len()).collect();
    order.sort_by_key(|index| spans[*index].start);
    let mut children: HashMap<_, Vec<usize>> = HashMap::new();
    for index in order {
        let parent = spans[index].parent.as_deref().filter(|parent| here.contains_key(parent));
        children.entry(parent).or_default().push(index);
    }
    children
}

fn waterfall(spans: &[&Span]) -> view::Waterfall {
    let trace = sum(spans);
    let start = spans.iter().map(|span| span.start).min().unwrap_or_default();
    let mut below = children(spans);
    let mut shown = Vec::new();
    let mut next: Vec<(usize, u32)> =
        below.remove(&None).unwrap_or_default().into_iter().rev().map(|root| (root, 0)).collect();
    while let Some((index, depth)) = next.pop() {
        if shown.len() == SHOWN {
            break;
        }
        let span = spans[index];
        shown.push(row(span, depth, millis(start, span.start)));
        // Taken out, so that two spans with one id show what is below it once.
        let inner = below.remove(&Some(span.id.as_str())).unwrap_or_default();
        next.extend(inner.into_iter().rev().map(|child| (child, depth + 1)));
    }
    let more = whole(spans.len() - shown.len());
    view::Waterfall { trace, spans: shown, more }
}

fn row(span: &Span, depth: u32, offset_ms: f64) -> view::Span {
    view::Span {
        id: span.id.clone(),
        name: span.name.clone(),
        service: span.service.clone(),
        depth,
        offset_ms,
        millis: span.millis,
        status: match span.status {
            gateway::SpanStatus::Unset => view::SpanStatus::Unset,
            gateway::SpanStatus::Ok => view::SpanStatus::Ok,
            gateway::SpanStatus::Error => view::SpanStatus::Error,
        },
        attributes: span
            .attributes
            .iter()
            .take(ATTRIBUTES)
            .map(|(name, value)| view::Attribute { name: name.clone(), value: text(value) })
            .collect(),
    }
}

fn text(value: &Value) -> String {
    let whole = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    match whole.char_indices().nth(CHARACTERS) {
        Some((end, _)) => format!("{}…", &whole[..end]),
        None => whole,
    }
}

fn whole(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `trace id<parent start+millis`
    fn span(trace: &str, id: &str, parent: Option<&str>, start: i64, millis: f64) -> Span {
        Span {
            trace: trace.into(),
            id: id.into(),
            parent: parent.map(Into::into),
            name: format!("span {id}"),
            start: Timestamp::from_millisecond(start).unwrap(),
            millis,
            status: if id == "bad" { gateway::SpanStatus::Error } else { gateway::SpanStatus::Unset },
            attributes: [("k".to_owned(), Value::from("v".repeat(2_000)))].into_iter().collect(),
            service: Some("lab".into()),
        }
    }

    fn tree(spans: &[Span]) -> Vec<String> {
        let shown = waterfall(&spans.iter().collect::<Vec<_>>()).spans;
        shown.iter().map(|span| format!("{}{}@{}", "-".repeat(span.depth as usize), span.id, span.offset_ms)).collect()
    }

    #[test]
    fn a_trace_is_a_tree_in_the_order_of_its_starts() {
        let (root, one, two) = (Some("root"), Some("one"), Some("two"));
        let cases: [(&str, Vec<Span>, &[&str]); 5] = [
            (
                "children export before parents, later siblings before earlier ones",
                vec![
                    span("t", "bad", two, 40, 5.0),
                    span("t", "two", root, 30, 20.0),
                    span("t", "one", root, 10, 5.0),
                    span("t", "root", None, 0, 100.0),
                ],
                &["root@0", "-one@10", "-two@30", "--bad@40"],
            ),
            ("a parent that is elsewhere", vec![span("t", "one", Some("gone"), 5, 1.0)], &["one@0"]),
            (
                "two without a parent",
                vec![span("t", "two", None, 9, 1.0), span("t", "one", None, 5, 1.0)],
                &["one@0", "two@4"],
            ),
            (
                "one id twice",
                vec![span("t", "one", None, 0, 1.0), span("t", "one", None, 1, 1.0), span("t", "x", one, 2, 1.0)],
                &["one@0", "-x@2", "one@1"],
            ),
            (
                "a circle",
                vec![span("t", "one", two, 0, 1.0), span("t", "two", one, 1, 1.0), span("t", "x", None, 2, 1.0)],
                &["x@2"],
            ),
        ];
        for (name, spans, expected) in cases {
            assert_eq!(tree(&spans), expected, "{name}");
        }
    }

    #[test]
    fn a_list_names_each_trace_after_its_root_and_stays_small() {
        let mut spans = vec![span("a", "bad", Some("root"), 20, 5.0), span("b", "one", None, 0, 7.0)];
        spans.push(span("a", "root", None, 10, 12.5));
        let traces: Vec<_> = by_trace(&spans).iter().map(|spans| sum(spans)).collect();
        let told: Vec<_> =
            traces.iter().map(|t| (t.id.as_str(), t.name.as_str(), t.millis, t.spans, t.errors)).collect();
        assert_eq!(told, [("b", "span one", 7.0, 1, 0), ("a", "span root", 15.0, 2, 1)]);

        let many: Vec<Span> = (0..10_000).map(|at| span("t", &at.to_string(), None, at, 1.0)).collect();
        let shown = waterfall(&many.iter().collect::<Vec<_>>());
        assert_eq!((shown.spans.len(), shown.more, shown.trace.spans), (SHOWN, 9_000, 10_000));
        assert_eq!(shown.spans[0].attributes[0].value.chars().count(), CHARACTERS + 1);
    }
}
