//! Whether a GPU is quicker than the CPU for a model. A token of a small one takes a GPU as long as its hundreds of launches
//! do, whatever its arithmetic is worth; the CPU, as long as its memory needs to hand over the weights.

use std::hint::black_box;
use std::time::{Duration, Instant};

/// What the CPU's own kernels make of memory's bandwidth at the least: 0.4 with 16 threads, 0.67 and more with 2.
const SHARE: f64 = 0.4;

/// Numbers that are read to measure: 128 MiB.
const NUMBERS: u64 = 1 << 24;

/// Bytes a second that `threads` together read from memory: the best of five rounds over `numbers` of 8 bytes.
pub fn read_bandwidth(threads: usize, numbers: u64) -> f64 {
    let numbers: Vec<u64> = (0..numbers).collect();
    let read = || {
        let started = Instant::now();
        std::thread::scope(|scope| {
            for part in numbers.chunks(numbers.len().div_ceil(threads.max(1))) {
                scope.spawn(move || black_box(part.iter().fold(0_u64, |sum, number| sum.wrapping_add(*number))));
            }
        });
        (numbers.len() * 8) as f64 / started.elapsed().as_secs_f64()
    };
    (0..5).map(|_| read()).fold(0.0, f64::max)
}

/// About how long the CPU takes for a token of a model whose weights are so many bytes.
pub fn on_cpu(bytes: u64, threads: usize) -> Duration {
    Duration::from_secs_f64(bytes as f64 / (read_bandwidth(threads, NUMBERS) * SHARE))
}

/// Why the GPU is not worth it, where it is not.
pub fn objection(gpu: Duration, cpu: Duration) -> Option<String> {
    let millis = |time: Duration| time.as_secs_f64() * 1e3;
    let told = || format!("it takes {:.1} ms for a token of this model, the CPU about {:.1}", millis(gpu), millis(cpu));
    (gpu > cpu).then(told)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quicker_one_is_taken() {
        let (small, large) = (Duration::from_micros(2600), Duration::from_millis(110));
        assert_eq!(objection(Duration::from_millis(12), large), None);
        let told = objection(Duration::from_millis(8), small).unwrap();
        assert_eq!(told, "it takes 8.0 ms for a token of this model, the CPU about 2.6");
    }

    #[test]
    fn more_weights_take_longer() {
        let bandwidth = read_bandwidth(1, 1 << 18);
        assert!(bandwidth.is_finite() && bandwidth > 0.0, "{bandwidth}");
        assert!(on_cpu(1 << 40, 1) > on_cpu(1 << 20, 1));
    }
}
