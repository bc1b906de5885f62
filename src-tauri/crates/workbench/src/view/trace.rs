//! What a learner's programs told of themselves, as a shell shows it: a list of traces, and one of them as a tree.

use serde::Serialize;
use specta::Type;

/// The traces of one workspace, the latest first.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Traces {
    pub traces: Vec<Trace>,
    /// Older ones that are kept and not listed.
    pub more: u32,
    /// Older spans that are kept no longer.
    pub dropped: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    /// Hexadecimal.
    pub id: String,
    /// Of its first span that has no parent here.
    pub name: String,
    /// The `service.name` of that span.
    pub service: Option<String>,
    pub at: String,
    /// From the first start to the last end.
    pub millis: f64,
    pub spans: u32,
    /// Spans that ended in an error.
    pub errors: u32,
}

/// One trace, its spans in the order of its tree: each after its parent, siblings as they began.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Waterfall {
    pub trace: Trace,
    pub spans: Vec<Span>,
    /// Spans that are not shown.
    pub more: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Span {
    pub id: String,
    pub name: String,
    pub service: Option<String>,
    /// 0 for one without a parent.
    pub depth: u32,
    /// After the trace's start.
    pub offset_ms: f64,
    pub millis: f64,
    pub status: SpanStatus,
    pub attributes: Vec<Attribute>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub enum SpanStatus {
    Unset,
    Ok,
    Error,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    /// As text, cut where it is long.
    pub value: String,
}
