//! Ordering results anew by reading their texts, with whatever can score a text for a question. Knows no model.

use crate::{Error, Hit, Path};

/// Scores texts for a question, as a cross-encoder does.
pub trait Reranker: Send + Sync {
    /// One score for each text, in their order; higher is better.
    fn scores(&self, question: &str, texts: &[&str]) -> Result<Vec<f32>, Box<dyn std::error::Error + Send + Sync>>;
}

/// The `limit` best of `hits` by the text at `field` of their payloads, with the reranker's scores. Hits need their
/// payloads; one without a text there has the empty one. Equals keep their order.
///
/// Fails where the reranker does, or gives another number of scores than it was given texts, or one that is not a number.
pub fn rerank(
    hits: Vec<Hit>,
    reranker: &dyn Reranker,
    question: &str,
    field: &Path,
    limit: usize,
) -> Result<Vec<Hit>, Error> {
    let text = |hit: &'_ Hit| {
        let values = hit.payload.as_ref().map(|payload| field.values(payload)).unwrap_or_default();
        values.first().and_then(|value| value.as_str()).unwrap_or_default().to_owned()
    };
    let texts: Vec<String> = hits.iter().map(text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let failed = |reason: String| Error::Reranking { reason };
    let scores = reranker.scores(question, &texts).map_err(|error| failed(error.to_string()))?;
    if scores.len() != texts.len() {
        return Err(failed(format!("{} texts were given {} scores", texts.len(), scores.len())));
    }
    if scores.iter().any(|score| score.is_nan()) {
        return Err(failed("a score is not a number".to_owned()));
    }
    let mut hits: Vec<Hit> = hits.into_iter().zip(scores).map(|(hit, score)| Hit { score, ..hit }).collect();
    hits.sort_by(|one, other| other.score.total_cmp(&one.score));
    hits.truncate(limit);
    Ok(hits)
}
