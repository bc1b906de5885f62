//! The arithmetic against itself, against candle, and against llama.cpp.

mod architectures;
mod gemma;

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Tensor};
use serde::Deserialize;

use super::ground::Ground;
use super::pool::Pool;
use super::rounded::{Input, Rounded};
use super::stack::Stack;
use super::weights::{Part, Weights};
use super::{Decoder, PAGE};
use crate::engine::{Network, Span};
use crate::gguf::ModelFile;
use crate::{Tokenizer, gpu, real};

/// Values that look random, the same in every run.
fn noise(shape: &[usize]) -> Tensor {
    let values = (0..shape.iter().product::<usize>()).map(|i| ((i * 7919 + 13) % 1009) as f32 / 504.0 - 1.0);
    Tensor::from_iter(values, &Device::Cpu).unwrap().reshape(shape).unwrap()
}

fn plain(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Root of the mean square of the differences, over that of `expected`.
fn relative_error(actual: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(actual.len(), expected.len());
    let square = |values: &mut dyn Iterator<Item = f32>| values.map(|value| value * value).sum::<f32>();
    let error = square(&mut actual.iter().zip(expected).map(|(a, b)| a - b));
    (error / square(&mut expected.iter().copied())).sqrt()
}

const KINDS: [GgmlDType; 11] = [
    GgmlDType::Q4_0,
    GgmlDType::Q4_1,
    GgmlDType::Q5_0,
    GgmlDType::Q5_1,
    GgmlDType::Q8_0,
    GgmlDType::Q4K,
    GgmlDType::Q5K,
    GgmlDType::Q6K,
    GgmlDType::F32,
    GgmlDType::F16,
    GgmlDType::BF16,
];

#[test]
fn packed_weights_are_the_files_weights() {
    let (rows, columns) = (48, 512);
    for kind in KINDS {
        let original = QTensor::quantize(&noise(&[rows, columns]), kind).unwrap();
        let bytes = original.data().unwrap();
        let row = bytes.len() / rows;
        let read = |first: usize, count: usize, to: &mut Vec<u8>| {
            to.clear();
            to.extend_from_slice(&bytes[first * row..(first + count) * row]);
            Ok(())
        };
        let backwards = |row: usize| 15 - row;
        for threads in [1, 3] {
            let mut pool = Pool::new(threads).unwrap();
            let turned = Part { rows, read: &read, order: Some((16, &backwards)) };
            let parts = [Part { rows, read: &read, order: None }, turned, Part { rows: 10, read: &read, order: None }];
            let weights = Stack::new(vec![
                Weights::new(
                    kind,
                    columns,
                    &parts,
                    &mut Ground::new(Weights::packed_bytes(kind, 112, columns)),
                    &mut pool,
                )
                .unwrap(),
            ]);
            assert_eq!(weights.rows(), 48 + 48 + 16, "rows past the last are zero");

            let expected = plain(&original.dequantize(&Device::Cpu).unwrap());
            let mut matrix = Vec::new();
            for row in 0..112 {
                let mut values = vec![1.0; columns];
                weights.row(row, &mut values);
                matrix.push(values);
            }
            for row in 0..48 {
                let close = |actual: &[f32], row: usize| {
                    let error = relative_error(actual, &expected[row * columns..][..columns]);
                    assert!(error < 1e-6, "{kind:?} row {row}: {error}");
                };
                close(&matrix[row], row);
                close(&matrix[48 + row], row / 16 * 16 + 15 - row % 16);
                if row < 10 {
                    close(&matrix[96 + row], row);
                }
            }
            assert!(matrix[106..].iter().flatten().all(|value| *value == 0.0));

            // Activations are rounded to 8 bits, so a product is a little off; alike for one row and many.
            let x = noise(&[70, columns]);
            let mut rounded = Rounded::default();
            let blocks = rounded.room(70, columns);
            let values = plain(&x);
            for (row, blocks) in values.chunks_exact(columns).zip(blocks.chunks_exact_mut(columns / 32)) {
                super::round_row(row, blocks);
            }
            let whole = Tensor::from_vec(matrix.concat(), (112, columns), &Device::Cpu).unwrap();
            let expected = plain(&x.matmul(&whole.t().unwrap()).unwrap());
            let mut all = vec![0.5; 70 * 112];
            let input = |row: usize| Input {
                plain: &values[row * columns..],
                stride: columns,
                rounded: &blocks[row * columns / 32..],
            };
            weights.product(input(0), &mut all, false, &mut pool);
            let error = relative_error(&all, &expected);
            // Where weights are not rounded, activations are not either.
            let most = if matches!(kind, GgmlDType::F32 | GgmlDType::F16 | GgmlDType::BF16) { 1e-5 } else { 0.006 };
            assert!(error < most, "{kind:?}: {error}");
            for (row, expected) in all.chunks_exact(112).enumerate() {
                let mut one = vec![0.0; 112];
                weights.product(input(row), &mut one, false, &mut pool);
                assert_eq!(one, expected, "{kind:?}: a row alone, and among others");
            }
            let mut added = vec![1.0; 112];
            weights.product(input(0), &mut added, true, &mut pool);
            let error = added.iter().zip(&all).map(|(a, b)| (a - b - 1.0).abs()).fold(0.0, f32::max);
            assert!(error < 1e-4, "{kind:?} added: {error}");
        }
    }
}

#[derive(Deserialize)]
struct Answer {
    prompt: String,
    ids: Vec<u32>,
    margins: Vec<f32>,
}

/// One text's pages, in an order that would show a mistake.
fn pages(positions: usize) -> Vec<u32> {
    let count = positions.div_ceil(PAGE) as u32;
    (0..count)
        .map(|page| (page * 7 + 3) % count.next_power_of_two().max(8))
        .collect::<Vec<_>>()
        .into_iter()
        .take(count as usize)
        .collect()
}

/// The logits of the last `asked` tokens of a text.
fn logits(network: &mut dyn Network, tokens: &[u32], asked: usize) -> Vec<f32> {
    let (pages, mut logits) = (pages(tokens.len()), Vec::new());
    let span = Span { tokens, at: 0, pages: &pages, logits: asked };
    assert!(network.forward(&[span], &mut logits, &|| false).unwrap());
    logits
}

/// The logits of the last token.
fn forward(network: &mut dyn Network, tokens: &[u32], at: usize, pages: &[u32]) -> Vec<f32> {
    let mut logits = Vec::new();
    assert!(network.forward(&[Span { tokens, at, pages, logits: 1 }], &mut logits, &|| false).unwrap());
    logits
}

/// Where llama.cpp is not in doubt, we say the same. Both round inputs to 8 bits, at different places: of two tokens
/// whose logits differ by less than this, either may win.
const DOUBT: f32 = 1.0;
/// Tokens that end an answer; these answers never do.
const ENDS: [usize; 2] = [0, 2];

#[test]
fn says_what_llama_cpp_says() {
    let file = ModelFile::open(&real::file()).unwrap();
    let tokenizer = Tokenizer::from_gguf(&file).unwrap();
    let mut decoder = Decoder::load(&file, 2, None).unwrap();
    let answers: Vec<Answer> = serde_json::from_str(include_str!("../../tests/fixtures/greedy.json")).unwrap();
    let (mut compared, mut equal, mut all) = (0, 0, 0);
    for answer in &answers {
        let mut tokens = tokenizer.encode(&answer.prompt).unwrap();
        tokens.extend(&answer.ids[..answer.ids.len() - 1]);
        let logits = logits(&mut decoder, &tokens, answer.ids.len());
        let places = answer.ids.iter().zip(&answer.margins).zip(logits.chunks_exact(decoder.vocabulary()));
        for (place, ((expected, margin), logits)) in places.enumerate() {
            let may = (0..).zip(logits).filter(|(token, _)| !ENDS.contains(token));
            let likeliest = may.max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0 as u32;
            all += 1;
            equal += u32::from(likeliest == *expected);
            if *margin >= DOUBT {
                compared += 1;
                assert_eq!(likeliest, *expected, "place {place} after {:?}", answer.prompt);
            }
        }
    }
    println!("equal at {equal} of {all} places, at all {compared} where llama.cpp is not in doubt");
    assert!(all == 20 * 128 && compared > all / 2, "{compared} of {all}");
}

#[derive(Deserialize)]
struct Perplexity {
    window: usize,
    tokens: usize,
    perplexity: f64,
}

#[test]
fn is_as_perplexed_as_llama_cpp() {
    let file = ModelFile::open(&real::file()).unwrap();
    let text = include_str!("../../tests/fixtures/prose.md");
    let expected: Perplexity = serde_json::from_str(include_str!("../../tests/fixtures/perplexity.json")).unwrap();
    let tokens = Tokenizer::from_gguf(&file).unwrap().encode(text).unwrap();
    assert_eq!(tokens.len(), expected.tokens);
    let mut decoder = Decoder::load(&file, 2, None).unwrap();
    let mut lost = Vec::new();
    for window in tokens.chunks(expected.window) {
        let logits = logits(&mut decoder, window, window.len());
        for (logits, next) in logits.chunks_exact(decoder.vocabulary()).zip(&window[1..]) {
            let most = f64::from(logits.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let total: f64 = logits.iter().map(|logit| (f64::from(*logit) - most).exp()).sum();
            lost.push(most + total.ln() - f64::from(logits[*next as usize]));
        }
    }
    let perplexity = (lost.iter().sum::<f64>() / lost.len() as f64).exp();
    println!("perplexity {perplexity:.3} beside llama.cpp's {}", expected.perplexity);
    assert!((perplexity / expected.perplexity - 1.0).abs() < 0.005, "{perplexity} beside {}", expected.perplexity);
}

#[test]
fn computes_what_candle_does() {
    let file = ModelFile::open(&real::file()).unwrap();
    let mut decoder = Decoder::load(&file, 2, None).unwrap();
    let mut reference = gpu::Decoder::load(&file, &Device::Cpu, Some(512)).unwrap();
    let prompt: Vec<u32> = (0..150).map(|i| 1000 + i * 61 % 40_000).collect();
    let pages = pages(200);
    let expected = forward(&mut reference, &prompt, 0, &pages);
    let error = relative_error(&forward(&mut decoder, &prompt, 0, &pages), &expected);
    assert!(error < 0.05, "{error}");
    let expected = forward(&mut reference, &[77], 150, &pages);
    let error = relative_error(&forward(&mut decoder, &[77], 150, &pages), &expected);
    assert!(error < 0.05, "{error}");
}

#[test]
fn a_text_is_the_same_bits_however_it_is_cut_and_with_whom_it_is_computed() {
    let file = ModelFile::open(&real::file()).unwrap();
    // Longer than a block of attention, so that pages, blocks and passes all have borders in it.
    let prompt: Vec<u32> = (0..300).map(|i| 1000 + i * 61 % 40_000).collect();
    let mut once = Vec::new();
    for threads in [1, 2, 3] {
        let mut decoder = Decoder::load(&file, threads, Some(2000)).unwrap();
        let whole: Vec<u32> = (20..40).rev().collect();
        let logits = forward(&mut decoder, &prompt, 0, &whole);
        if threads == 1 {
            once = logits;
        } else {
            assert!(once == logits, "{threads} threads");
        }
        // In parts, beside two other texts that read and speak.
        let (mine, others) = ((0..20).collect::<Vec<u32>>(), [(40..60).collect::<Vec<u32>>(), (60..80).collect()]);
        let mut at = 0;
        let mut logits = Vec::new();
        for (turn, length) in [1, 140, 16, 3, 139, 1].into_iter().enumerate() {
            let spans = [
                Span { tokens: &prompt[200 + turn..][..1], at: turn, pages: &others[0], logits: 1 },
                Span { tokens: &prompt[at..at + length], at, pages: &mine, logits: 1 },
                Span { tokens: &prompt[turn * 9..][..9], at: turn * 9, pages: &others[1], logits: 0 },
            ];
            assert!(decoder.forward(&spans, &mut logits, &|| false).unwrap());
            at += length;
        }
        assert_eq!((at, logits.len()), (300, 2 * decoder.vocabulary()));
        assert!(logits[decoder.vocabulary()..] == once, "{threads} threads, in parts");
        let span = Span { tokens: &prompt, at: 0, pages: &mine, logits: 1 };
        assert!(!decoder.forward(&[span], &mut logits, &|| true).unwrap(), "stops when it is told to");
    }
}
