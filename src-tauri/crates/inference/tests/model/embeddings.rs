//! Vectors and token ids against sentence-transformers' (tests/fixtures/make_vectors.py), and what is refused.

use inference::{Embedded, Embedder, Embeddings, EmbeddingsOptions, Error, Input, Manifest, ModelKind};
use serde::Deserialize;
use task::{Cancellation, Fault};

use crate::real;

#[derive(Deserialize)]
struct Reference {
    text: String,
    ids: Vec<u32>,
    vector: Vec<f32>,
}

fn references() -> Vec<Reference> {
    serde_json::from_str(include_str!("../fixtures/vectors.json")).unwrap()
}

fn options(state: &std::path::Path) -> EmbeddingsOptions {
    EmbeddingsOptions::new(real::embedding_manifest(), real::folder(), state.join("verified.json"))
}

async fn embed(embeddings: &Embeddings, inputs: Vec<Input>) -> Result<Embedded, Error> {
    embeddings.embed(inputs, Cancellation::new()).await.unwrap()
}

fn furthest(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}

#[tokio::test]
async fn vectors_equal_sentence_transformers_and_depend_on_nothing_else() {
    let state = tempfile::tempdir().unwrap();
    let embeddings = Embeddings::start(options(state.path())).unwrap();
    let description = embeddings.describe();
    assert_eq!((description.id.as_str(), description.dimension, description.context), ("all-minilm-l6-v2", 384, 256));
    let references = references();
    let texts = references.iter().map(|reference| Input::Text(reference.text.clone())).collect();
    let together = embed(&embeddings, texts).await.unwrap();
    assert_eq!(together.tokens as usize, references.iter().map(|reference| reference.ids.len()).sum::<usize>());
    for (Reference { text, ids, vector: expected }, vector) in references.iter().zip(&together.vectors) {
        let furthest = furthest(vector, expected);
        assert!(furthest <= 2e-6, "{text:?}: {furthest}");
        let length = vector.iter().map(|number| f64::from(*number).powi(2)).sum::<f64>().sqrt();
        assert!((length - 1.0).abs() < 1e-6, "{text:?}: {length}");
        // Alone, and from its tokens without the special ones: bit for bit the same.
        let tokens = Input::Tokens(ids[1..ids.len() - 1].to_vec());
        for input in [Input::Text(text.clone()), tokens] {
            let alone = embed(&embeddings, vec![input]).await.unwrap();
            assert_eq!((alone.tokens as usize, &alone.vectors[0]), (ids.len(), vector), "{text:?}");
        }
    }
    assert!(embeddings.status().loaded && embeddings.status().load_time.is_some());
}

#[tokio::test]
async fn a_few_long_texts_have_the_vectors_that_each_has_alone() {
    let state = tempfile::tempdir().unwrap();
    let embeddings = Embeddings::start(options(state.path())).unwrap();
    let long = |word: &str| Input::Text(format!("{word} ").repeat(254));
    let words = ["disk", "node", "queue", "lease", "zone"];
    for count in 2..=words.len() {
        let together = embed(&embeddings, words[..count].iter().map(|word| long(word)).collect()).await.unwrap();
        for (word, vector) in words.iter().zip(&together.vectors) {
            assert_eq!(&embed(&embeddings, vec![long(word)]).await.unwrap().vectors[0], vector, "{word} of {count}");
        }
    }
}

#[tokio::test]
async fn what_the_model_cannot_take_is_refused_with_its_numbers() {
    let state = tempfile::tempdir().unwrap();
    let embeddings = Embeddings::start(options(state.path())).unwrap();
    let overflow = |prompt| Err(Error::ContextOverflow { prompt, context: 256 });
    let most = "dog ".repeat(254);
    assert_eq!(embed(&embeddings, vec![Input::Text(most.clone())]).await.unwrap().tokens, 256);
    assert_eq!(embed(&embeddings, vec![Input::Text(most + "dog")]).await, overflow(257));
    assert_eq!(embed(&embeddings, vec![Input::Tokens(vec![2000; 300])]).await, overflow(302));
    let error = embed(&embeddings, vec![Input::Tokens(vec![5, 30_522])]).await.unwrap_err();
    assert_eq!(error.code(), "inference.invalid");
    let message = "the input cannot be used: 30522 is no token of this model, whose tokens are 0 to 30521";
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn a_file_that_is_not_the_model_s_is_never_used() {
    let state = tempfile::tempdir().unwrap();
    let manifest = real::embedding_manifest();
    assert_eq!(manifest.kind, ModelKind::Embedding);
    let (weights, tokenizer) = (manifest.file.clone(), manifest.tokenizer.clone().unwrap().file);
    let copy = |name: &str| std::fs::copy(real::folder().join(name), state.path().join(name)).unwrap();
    let problem = async |manifest: &Manifest| {
        let verified = state.path().join("verified.json");
        let embeddings =
            Embeddings::start(EmbeddingsOptions::new(manifest.clone(), state.path().into(), verified)).unwrap();
        let error = embeddings.load().await.unwrap_err();
        assert_eq!(embeddings.status().problem, Some(error.clone()));
        error
    };
    assert_eq!(problem(&manifest).await.code(), "inference.missing");
    copy(&weights);
    let error = problem(&manifest).await;
    assert_eq!(error.code(), "inference.missing");
    assert!(error.to_string().contains(&tokenizer), "{error}");
    std::fs::write(state.path().join(&tokenizer), "{}").unwrap();
    assert_eq!(problem(&manifest).await.code(), "inference.cut_short");
    copy(&tokenizer);
    let bytes = std::fs::File::options().write(true).open(state.path().join(&weights)).unwrap();
    bytes.set_len(1000).unwrap();
    assert_eq!(problem(&manifest).await.code(), "inference.cut_short");
}
