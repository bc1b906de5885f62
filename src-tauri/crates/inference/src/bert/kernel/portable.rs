//! For any processor: vectors that a compiler makes of four numbers, if it can.
#![allow(unsafe_code, reason = "see vector.rs")]

use super::functions;
use super::vector::vector;

/// Four numbers.
type Four = [f32; 4];

vector!(Four, 4, load, store, splat, plus, minus, times, over, times_plus, greater, lesser, power_of_two);
functions!(, Four, 2, [1 2 3 4]);

/// # Safety
/// Four numbers must be readable.
#[inline]
unsafe fn load(from: *const f32) -> Four {
    // SAFETY: the caller's promise; numbers of any alignment may be read so.
    unsafe { from.cast::<Four>().read_unaligned() }
}

/// # Safety
/// Four numbers must be writable.
#[inline]
unsafe fn store(to: *mut f32, four: Four) {
    // SAFETY: the caller's promise.
    unsafe { to.cast::<Four>().write_unaligned(four) };
}

#[inline]
fn splat(number: f32) -> Four {
    [number; 4]
}

macro_rules! lanes {
    ($($name:ident($a:ident, $b:ident) $value:expr;)*) => {
        $(#[inline]
        fn $name(a: Four, b: Four) -> Four {
            std::array::from_fn(|lane| {
                let ($a, $b) = (a[lane], b[lane]);
                $value
            })
        })*
    };
}

lanes! {
    plus(a, b) a + b;
    minus(a, b) a - b;
    times(a, b) a * b;
    over(a, b) a / b;
    greater(a, b) if a > b { a } else { b };
    lesser(a, b) if a < b { a } else { b };
}

/// Rounded twice: without the processor's help, once would be a call of a library for each number.
#[inline]
fn times_plus(a: Four, b: Four, summand: Four) -> Four {
    plus(times(a, b), summand)
}

#[inline]
fn power_of_two(rounded: Four) -> Four {
    rounded.map(|rounded| f32::from_bits((rounded.to_bits() << 23).wrapping_add(1.0f32.to_bits())))
}
