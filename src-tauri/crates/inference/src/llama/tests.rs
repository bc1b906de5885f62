//! The arithmetic against itself, and against llama.cpp.

use candle_core::quantized::{GgmlDType, QTensor};
use candle_core::{Device, Result, Tensor};
use serde::Deserialize;

use super::linear::Linear;
use super::{Llama, Network, ops};
use crate::gguf::{ModelFile, RawTensor};
use crate::{Tokenizer, real};

/// Values that look random, the same in every run.
fn noise(shape: &[usize]) -> Tensor {
    let values = (0..shape.iter().product::<usize>()).map(|i| ((i * 7919 + 13) % 1009) as f32 / 504.0 - 1.0);
    Tensor::from_iter(values, &Device::Cpu).unwrap().reshape(shape).unwrap()
}

fn difference(a: &Tensor, b: &Tensor) -> f32 {
    assert_eq!(a.dims(), b.dims());
    (a - b).unwrap().abs().unwrap().flatten_all().unwrap().max(0).unwrap().to_scalar().unwrap()
}

#[test]
fn other_devices_compute_what_the_cpu_does() {
    let check = |name: &str, cpu: Result<Tensor>, composed: Result<Tensor>| {
        let difference = difference(&cpu.unwrap(), &composed.unwrap());
        assert!(difference < 1e-5, "{name}: {difference}");
    };
    // One position, and so many that the work is shared among threads.
    for count in [1, 97] {
        let (x, weight) = (noise(&[count, 576]), noise(&[576]));
        check("normalize", ops::normalize(&x, &weight, 1e-5), ops::composed::normalize(&x, &weight, 1e-5));
        check("gate", ops::gate(&x), ops::composed::gate(&x));
        let heads = noise(&[count, 15, 64]).narrow(1, 3, 9).unwrap();
        let (cos, sin) = (noise(&[count, 32]), noise(&[count, 32]));
        check("rotate", ops::rotate(&heads, &cos, &sin), ops::composed::rotate(&heads, &cos, &sin));
        let scores = noise(&[3, 3 * count, 40 + count]);
        let composed = ops::composed::attention_weights(&scores, count, 40, 0.125);
        check("attention weights", ops::attention_weights(&scores, count, 40, 0.125), composed);
    }
}

#[test]
fn split_weights_are_the_files_weights() {
    let original = QTensor::quantize(&noise(&[48, 96]), GgmlDType::Q4_1).unwrap();
    let raw = |rows| RawTensor {
        kind: GgmlDType::Q4_1,
        rows,
        columns: 96,
        bytes: original.data().unwrap()[..rows * 96 / 32 * 20].to_vec(),
    };
    let linear = Linear::new(vec![raw(48), raw(16)], &Device::Cpu).unwrap();
    let weights = original.dequantize(&Device::Cpu).unwrap();
    let weights = Tensor::cat(&[&weights, &weights.narrow(0, 0, 16).unwrap()], 0).unwrap();
    // Many rows are multiplied in floats; for few the inputs are rounded to 8 bits.
    for (count, tolerance) in [(64, 1e-4), (1, 0.05)] {
        let x = noise(&[count, 96]);
        let difference = difference(&linear.forward(&x).unwrap(), &x.matmul(&weights.t().unwrap()).unwrap());
        assert!(difference < tolerance, "{count}: {difference}");
    }
}

#[derive(Deserialize)]
struct Answer {
    prompt: String,
    ids: Vec<u32>,
    margins: Vec<f32>,
}

/// Where llama.cpp is not in doubt, we say the same. Both round inputs to 8 bits, at different places: of two tokens
/// whose logits differ by less than this, either may win.
const DOUBT: f32 = 1.0;

#[test]
fn says_what_llama_cpp_says() {
    let file = ModelFile::open(&real::file()).unwrap();
    let tokenizer = Tokenizer::from_gguf(&file).unwrap();
    let mut llama = Llama::load(&file, &Device::Cpu, 2).unwrap();
    let answers: Vec<Answer> = serde_json::from_str(include_str!("../../tests/fixtures/greedy.json")).unwrap();
    let (mut compared, mut equal, mut all) = (0, 0, 0);
    for answer in &answers {
        let mut tokens = tokenizer.encode(&answer.prompt).unwrap();
        let mut at = 0;
        for (place, (expected, margin)) in answer.ids.iter().zip(&answer.margins).enumerate() {
            let logits = llama.forward(&tokens, at, &|| false).unwrap().unwrap();
            let likeliest = (0..).zip(&logits).max_by(|a, b| a.1.total_cmp(b.1)).unwrap().0;
            all += 1;
            equal += u32::from(likeliest == *expected);
            if *margin >= DOUBT {
                compared += 1;
                assert_eq!(likeliest, *expected, "place {place} after {:?}", answer.prompt);
            }
            at += tokens.len();
            tokens = vec![*expected];
        }
    }
    println!("equal at {equal} of {all} places, at all {compared} where llama.cpp is not in doubt");
    assert!(compared > 80, "{compared}");
}

#[test]
fn a_prompt_read_in_parts_or_at_once_says_the_same() {
    let file = ModelFile::open(&real::file()).unwrap();
    let mut llama = Llama::load(&file, &Device::Cpu, 2).unwrap();
    // Longer than a pass, so that passes, tiles and the cache all have borders in it.
    let prompt: Vec<u32> = (0..400).map(|i| 1000 + i * 61 % 40_000).collect();
    let once = llama.forward(&prompt, 0, &|| false).unwrap().unwrap();
    let mut parts = Vec::new();
    for (part, tokens) in prompt.chunks(140).enumerate() {
        parts = llama.forward(tokens, part * 140, &|| false).unwrap().unwrap();
    }
    let difference = once.iter().zip(&parts).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(difference < 0.05, "{difference}");
    assert!(llama.forward(&prompt, 0, &|| true).unwrap().is_none(), "stops when it is told to");
}
