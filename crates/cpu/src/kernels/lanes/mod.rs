//! Vectors of `f32` for the loops that the compiler does not vectorise by itself: interpreters that keep
//! values in registers, and folds with a treatment of NaN.
#![allow(unsafe_code)] // The methods are unsafe to call; see the trait.

mod portable;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(in crate::kernels) use portable::Four;
#[cfg(target_arch = "x86_64")]
pub(in crate::kernels) use x86::{Eight, Sixteen};

/// A vector of [`Lanes::WIDTH`] numbers.
///
/// Every operation rounds as the same operation on single numbers does, so results do not depend on the
/// width.
///
/// # Safety
/// Every method may be called only where the instruction set of the type is available, and pointers
/// must be valid for the lanes that are read or written; they need no alignment. The methods are inlined
/// into functions that carry the `#[target_feature]`, so that the type never crosses a call.
pub(in crate::kernels) trait Lanes: Copy {
    /// How many numbers a vector holds.
    const WIDTH: usize;

    unsafe fn load(from: *const f32) -> Self;
    /// Loads the first `count` lanes and nothing behind them; the others are zero.
    unsafe fn load_some(from: *const f32, count: usize) -> Self;
    unsafe fn store(self, to: *mut f32);
    /// Stores the first `count` lanes and nothing behind them.
    unsafe fn store_some(self, to: *mut f32, count: usize);
    unsafe fn add(self, other: Self) -> Self;
    unsafe fn subtract(self, other: Self) -> Self;
    unsafe fn multiply(self, other: Self) -> Self;
    unsafe fn divide(self, other: Self) -> Self;
    /// NaN if either is NaN; `other` if both are equal.
    unsafe fn maximum(self, other: Self) -> Self;
    /// NaN if either is NaN; `other` if both are equal.
    unsafe fn minimum(self, other: Self) -> Self;
    unsafe fn absolute(self) -> Self;
    unsafe fn negate(self) -> Self;
    unsafe fn square_root(self) -> Self;
    /// `1 / sqrt`, both rounded.
    unsafe fn reciprocal_square_root(self) -> Self;
    /// `yes` where `self` and `other` compare like this, else `no`.
    unsafe fn choose<const COMPARISON: i32>(self, other: Self, yes: Self, no: Self) -> Self;
}

/// The comparisons of [`Lanes::choose`]: the predicates of the x86 instruction. Only "not equal" is true
/// for NaN.
pub(in crate::kernels) const EQUAL: i32 = 0x00;
pub(in crate::kernels) const LESS: i32 = 0x11;
pub(in crate::kernels) const LESS_OR_EQUAL: i32 = 0x12;
pub(in crate::kernels) const NOT_EQUAL: i32 = 0x04;
pub(in crate::kernels) const GREATER_OR_EQUAL: i32 = 0x1d;
pub(in crate::kernels) const GREATER: i32 = 0x1e;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::elementwise::number::Number;

    const NUMBERS: [f32; 7] = [
        0.0,
        -0.0,
        1.5,
        -2.5,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::NAN,
    ];

    /// # Safety
    /// The machine has the instruction set of `L`.
    #[inline(always)]
    unsafe fn check<L: Lanes>() {
        for a in NUMBERS {
            for b in NUMBERS {
                // SAFETY: the arrays are as long as any vector, and the caller vouches for the instructions.
                unsafe {
                    let (x, y) = (L::load([a; 16].as_ptr()), L::load([b; 16].as_ptr()));
                    let expect = |got: L, wanted: f32| {
                        let mut lanes = [7.0_f32; 16];
                        got.store(lanes.as_mut_ptr());
                        for (k, lane) in lanes.iter().enumerate() {
                            let wanted = if k < L::WIDTH { wanted } else { 7.0 };
                            let same = lane.to_bits() == wanted.to_bits();
                            assert!(
                                same || lane.is_nan() && wanted.is_nan(),
                                "{a} {b}: {lane}, {wanted}"
                            );
                        }
                    };
                    expect(x.add(y), a + b);
                    expect(x.subtract(y), a - b);
                    expect(x.multiply(y), a * b);
                    expect(x.divide(y), a / b);
                    expect(x.maximum(y), Number::maximum(a, b));
                    expect(x.minimum(y), Number::minimum(a, b));
                    expect(x.absolute(), a.abs());
                    expect(x.negate(), -a);
                    expect(x.square_root(), a.sqrt());
                    expect(x.reciprocal_square_root(), 1.0 / a.sqrt());
                    let (one, two) = (L::load([1.0; 16].as_ptr()), L::load([2.0; 16].as_ptr()));
                    let pick = |holds: bool| if holds { 1.0 } else { 2.0 };
                    expect(x.choose::<EQUAL>(y, one, two), pick(a == b));
                    expect(x.choose::<NOT_EQUAL>(y, one, two), pick(a != b));
                    expect(x.choose::<LESS>(y, one, two), pick(a < b));
                    expect(x.choose::<LESS_OR_EQUAL>(y, one, two), pick(a <= b));
                    expect(x.choose::<GREATER>(y, one, two), pick(a > b));
                    expect(x.choose::<GREATER_OR_EQUAL>(y, one, two), pick(a >= b));
                }
            }
        }
        for count in 0..=L::WIDTH {
            let from: Vec<f32> = (1..=count).map(|k| k as f32).collect();
            let mut to = [9.0_f32; 16];
            // SAFETY: the vector has `count` numbers, and so many are read and written.
            unsafe { L::load_some(from.as_ptr(), count).store_some(to.as_mut_ptr(), count) }
            assert_eq!(to[..count], from[..]);
            assert!(to[count..].iter().all(|x| *x == 9.0));
        }
    }

    #[test]
    fn portable_lanes_compute_as_single_numbers() {
        // SAFETY: plain Rust.
        unsafe { check::<Four>() }
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn lanes_of_x86_compute_as_single_numbers() {
        use crate::CpuLevel;

        /// # Safety
        /// The machine has AVX-512.
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
        unsafe fn sixteen() {
            // SAFETY: as the caller vouches.
            unsafe { check::<Sixteen>() }
        }

        /// # Safety
        /// The machine has AVX2.
        #[target_feature(enable = "avx2,fma")]
        unsafe fn eight() {
            // SAFETY: as the caller vouches.
            unsafe { check::<Eight>() }
        }

        for level in CpuLevel::available() {
            match level {
                // SAFETY: the machine has the level.
                CpuLevel::Avx512 => unsafe { sixteen() },
                // SAFETY: the machine has the level.
                CpuLevel::Avx2 => unsafe { eight() },
                _ => {}
            }
        }
    }
}
