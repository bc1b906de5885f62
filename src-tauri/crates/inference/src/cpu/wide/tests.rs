//! Each kind of lanes against plain arithmetic, on whatever of them this processor has.

use super::{Kernel, Portable, Wide, exp};

/// The first sixteen of `make(0)`, `make(1)`, ...
fn lanes(make: impl Fn(usize) -> f32) -> [f32; 16] {
    std::array::from_fn(make)
}

/// Everything that lanes can do, as numbers.
struct Everything;

impl Kernel for Everything {
    type Output = Vec<Vec<f32>>;

    #[inline(always)]
    unsafe fn run<W: Wide>(self) -> Vec<Vec<f32>> {
        let a = lanes(|lane| (lane as f32 - 7.5) * 1.37);
        let b = lanes(|lane| 0.31 + lane as f32 * 0.77);
        let bytes: [u8; 64] = std::array::from_fn(|place| (place * 37 % 256) as u8);
        let small: [u8; 64] = std::array::from_fn(|place| (place * 29 % 128) as u8);
        let with: [i8; 4] = [127, -127, -3, 90];
        let mut seen: Vec<Vec<f32>> = Vec::new();
        unsafe {
            let (x, y) = (W::load(a.as_ptr()), W::load(b.as_ptr()));
            let mut see = |values: W::Reals| {
                let mut lanes = [0.0; 16];
                W::store(lanes.as_mut_ptr(), values);
                seen.push(lanes.into());
            };
            for values in [W::add(x, y), W::sub(x, y), W::mul(x, y), W::div(x, y), W::max(x, y), W::round(x)] {
                see(values);
            }
            see(W::scale(y, W::round(x)));
            see(W::splat(2.5));
            see(W::load_counts(bytes.as_ptr()));
            see(W::load_signed(bytes.as_ptr().cast()));
            let mut halves = [0; 16];
            W::store_half(halves.as_mut_ptr(), W::div(x, y));
            see(W::load_half(halves.as_ptr()));
            let mut signed = [0; 16];
            W::store_signed(signed.as_mut_ptr(), W::mul(x, W::splat(11.0)));
            see(W::load_signed(signed.as_ptr()));
            let (any, low) = (W::load_bytes(bytes.as_ptr()), W::load_bytes(small.as_ptr()));
            let sums = W::dot_any(W::zero(), any, with.as_ptr());
            see(W::reals(sums));
            see(W::reals(W::dot(sums, low, with.as_ptr())));
            see(W::reals(W::dot(W::zero(), W::and(any, 15), with.as_ptr())));
            see(W::reals(W::dot(W::zero(), W::and(W::right::<3>(any), 7), with.as_ptr())));
            let joined = W::or(W::and(any, 15), W::and(W::left::<4>(low), 0x10));
            see(W::reals(W::add_sums(W::dot(W::zero(), joined, with.as_ptr()), sums)));
        }
        seen
    }
}

/// Where the order of additions differs, the last bits may.
struct Whole;

impl Kernel for Whole {
    type Output = [f32; 3];

    #[inline(always)]
    unsafe fn run<W: Wide>(self) -> [f32; 3] {
        let a = lanes(|lane| (lane as f32 - 7.5) * 1.37 + 1.0);
        unsafe {
            let a = W::load(a.as_ptr());
            let mut fused = [0.0; 16];
            W::store(fused.as_mut_ptr(), W::fused(a, a, W::splat(0.1)));
            [W::sum(a), W::greatest(a), fused[3]]
        }
    }
}

fn check<W: Wide>() {
    if !W::present() {
        return;
    }
    // SAFETY: the processor has these lanes.
    unsafe {
        let (expected, actual) = (Portable::run(Everything), W::run(Everything));
        for (place, (expected, actual)) in expected.iter().zip(&actual).enumerate() {
            assert_eq!(expected, actual, "operation {place}");
        }
        for (expected, actual) in Portable::run(Whole).iter().zip(W::run(Whole)) {
            assert!((expected - actual).abs() < 1e-5, "{expected} {actual}");
        }
        let reference = Everything.run::<Portable>();
        assert_eq!(reference[2][15], ((15.0 - 7.5) * 1.37_f32) * (0.31 + 15.0 * 0.77));
    }
}

#[test]
fn every_kind_of_lanes_computes_the_same() {
    check::<Portable>();
    #[cfg(target_arch = "x86_64")]
    {
        check::<super::Avx2>();
        check::<super::Avx512>();
        assert!(super::Avx2::present(), "a machine that runs these tests has AVX2");
    }
    #[cfg(target_arch = "aarch64")]
    check::<super::Neon>();
}

/// `e^x` over its whole range, as the greatest error in units of the last place.
struct Errors;

impl Kernel for Errors {
    type Output = f32;

    #[inline(always)]
    unsafe fn run<W: Wide>(self) -> f32 {
        let mut worst = 0.0_f32;
        for step in -8600..8700 {
            let x = step as f32 * 0.01 + 0.003;
            let exact = f64::from(x).exp();
            let mut lanes = [0.0; 16];
            // SAFETY: as the kernel's.
            unsafe { W::store(lanes.as_mut_ptr(), exp::<W>(W::splat(x))) };
            worst = worst.max(((f64::from(lanes[5]) - exact).abs() / exact) as f32 / f32::EPSILON);
        }
        worst
    }
}

#[test]
fn exponentials_are_good_to_the_last_bits() {
    // SAFETY: `dispatch` chooses what the processor has, and every processor has arrays.
    let worst = unsafe { [super::dispatch(Errors), Portable::run(Errors)] };
    assert!(worst.iter().all(|worst| *worst < 2.0), "{worst:?}");
}
