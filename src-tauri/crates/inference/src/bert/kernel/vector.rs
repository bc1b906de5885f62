//! What a processor family's vector can do. All of it is inlined into functions that are compiled for that family; never
//! called from anywhere else.
#![allow(unsafe_code, reason = "a vector may be used only where the processor has it, which no type says")]

/// Several numbers side by side.
///
/// # Safety
/// Of every function here: the processor must have the family's instructions. `load` reads and `store` writes
/// [`Vector::LANES`] numbers at the pointer.
pub(super) trait Vector: Copy {
    const LANES: usize;

    unsafe fn load(from: *const f32) -> Self;
    unsafe fn store(self, to: *mut f32);
    unsafe fn splat(number: f32) -> Self;
    unsafe fn plus(self, other: Self) -> Self;
    unsafe fn minus(self, other: Self) -> Self;
    unsafe fn times(self, other: Self) -> Self;
    unsafe fn over(self, other: Self) -> Self;
    /// `self` times `factor`, plus `summand`, rounded once where the processor can.
    unsafe fn times_plus(self, factor: Self, summand: Self) -> Self;
    unsafe fn greater(self, other: Self) -> Self;
    unsafe fn lesser(self, other: Self) -> Self;
    /// 2 to the power of the whole numbers in the lowest bits, which is their place in the exponent.
    unsafe fn power_of_two(self) -> Self;
}

/// Joins all lanes, halves first.
///
/// # Safety
/// As for [`Vector`].
#[inline(always)]
pub(super) unsafe fn gathered<V: Vector>(vector: V, join: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0; 16];
    // SAFETY: the caller's promise, and no family has more lanes.
    unsafe { vector.store(lanes.as_mut_ptr()) };
    let mut half = V::LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = join(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// Implements [`Vector`] by the family's own functions of two or three vectors.
macro_rules! vector {
    ($vector:ty, $lanes:literal, $load:ident, $store:ident, $splat:ident, $plus:ident, $minus:ident, $times:ident, $over:ident,
     $times_plus:expr, $greater:ident, $lesser:ident, $power_of_two:expr) => {
        // Some families' functions are safe and some are not.
        #[allow(unused_unsafe)]
        impl super::vector::Vector for $vector {
            const LANES: usize = $lanes;

            vector!(load, (from: *const f32) -> Self, $load(from));
            vector!(store, (self, to: *mut f32) -> (), $store(to, self));
            vector!(splat, (number: f32) -> Self, $splat(number));
            vector!(plus, (self, other: Self) -> Self, $plus(self, other));
            vector!(minus, (self, other: Self) -> Self, $minus(self, other));
            vector!(times, (self, other: Self) -> Self, $times(self, other));
            vector!(over, (self, other: Self) -> Self, $over(self, other));
            vector!(times_plus, (self, factor: Self, summand: Self) -> Self, $times_plus(self, factor, summand));
            vector!(greater, (self, other: Self) -> Self, $greater(self, other));
            vector!(lesser, (self, other: Self) -> Self, $lesser(self, other));
            vector!(power_of_two, (self) -> Self, $power_of_two(self));
        }
    };
    ($name:ident, ($($arguments:tt)*) -> $gives:ty, $value:expr) => {
        #[inline(always)]
        unsafe fn $name($($arguments)*) -> $gives {
            // SAFETY: the caller's promise.
            unsafe { $value }
        }
    };
}

pub(super) use vector;
