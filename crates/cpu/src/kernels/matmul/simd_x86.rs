//! Vectors of AVX2 with FMA, and of AVX-512.
#![allow(unsafe_code)] // Intrinsics, and numbers read and written through pointers.
#![allow(unsafe_op_in_unsafe_fn)] // Every method is one or two intrinsics under the contract of `Simd`.

use super::simd::Simd;
use std::arch::x86_64::*;

/// The 32-bit lane masks of AVX2 for 0 to 8 lanes: a window that slides over this table.
static MASKS_32: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];
/// The same for 0 to 4 lanes of 64 bits.
static MASKS_64: [i64; 8] = [-1, -1, -1, -1, 0, 0, 0, 0];

/// # Safety
/// The machine has AVX; `count` is at most 8.
#[inline(always)]
unsafe fn mask_32(count: usize) -> __m256i {
    _mm256_loadu_si256(MASKS_32.as_ptr().add(8 - count).cast())
}

/// # Safety
/// The machine has AVX; `count` is at most 4.
#[inline(always)]
unsafe fn mask_64(count: usize) -> __m256i {
    _mm256_loadu_si256(MASKS_64.as_ptr().add(4 - count).cast())
}

/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn sum_ps(vector: __m256) -> f32 {
    let halves = _mm_add_ps(
        _mm256_castps256_ps128(vector),
        _mm256_extractf128_ps::<1>(vector),
    );
    let quarters = _mm_add_ps(halves, _mm_movehl_ps(halves, halves));
    _mm_cvtss_f32(_mm_add_ss(
        quarters,
        _mm_shuffle_ps::<1>(quarters, quarters),
    ))
}

/// # Safety
/// The machine has AVX.
#[inline(always)]
unsafe fn sum_pd(vector: __m256d) -> f64 {
    let halves = _mm_add_pd(
        _mm256_castpd256_pd128(vector),
        _mm256_extractf128_pd::<1>(vector),
    );
    _mm_cvtsd_f64(_mm_add_sd(halves, _mm_unpackhi_pd(halves, halves)))
}

/// A macro, because the four vector types differ in nothing but the names of their intrinsics.
macro_rules! vector {
    (
        $(#[$doc:meta])* $name:ident($register:ty): [$element:ty; $lanes:literal],
        $zero:ident, $splat:ident, $load:ident, $store:ident, $add:ident, $fma:ident, $max:ident, $sum:ident,
        load_some($load_from:ident, $load_count:ident) $load_some:expr,
        store_some($value:ident, $store_to:ident, $store_count:ident) $store_some:expr,
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy)]
        pub(crate) struct $name($register);

        impl Simd for $name {
            type Element = $element;
            const LANES: usize = $lanes;
            const CHEAP_MASKS: bool = true;

            #[inline(always)]
            unsafe fn zero() -> Self {
                Self($zero())
            }
            #[inline(always)]
            unsafe fn splat(from: *const $element) -> Self {
                Self($splat(*from))
            }
            #[inline(always)]
            unsafe fn load(from: *const $element) -> Self {
                Self($load(from))
            }
            #[inline(always)]
            unsafe fn load_some($load_from: *const $element, $load_count: usize) -> Self {
                Self($load_some)
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $element) {
                $store(to, self.0)
            }
            #[inline(always)]
            unsafe fn store_some(self, $store_to: *mut $element, $store_count: usize) {
                let $value = self.0;
                $store_some
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self($add(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                Self($fma(self.0, factor.0, sum.0))
            }
            #[inline(always)]
            unsafe fn sum(self) -> $element {
                $sum(self.0)
            }
            #[inline(always)]
            unsafe fn relu(self) -> Self {
                // The maximum of x86 is its second operand when one of them is NaN.
                Self($max($zero(), self.0))
            }
        }
    };
}

vector! {
    /// Sixteen `f32` of AVX-512.
    F32x16(__m512): [f32; 16],
    _mm512_setzero_ps, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps, _mm512_max_ps, _mm512_reduce_add_ps,
    load_some(from, count) _mm512_maskz_loadu_ps(((1_u32 << count) - 1) as __mmask16, from),
    store_some(value, to, count) _mm512_mask_storeu_ps(to, ((1_u32 << count) - 1) as __mmask16, value),
}

vector! {
    /// Eight `f64` of AVX-512.
    F64x8(__m512d): [f64; 8],
    _mm512_setzero_pd, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_add_pd, _mm512_fmadd_pd, _mm512_max_pd, _mm512_reduce_add_pd,
    load_some(from, count) _mm512_maskz_loadu_pd(((1_u32 << count) - 1) as __mmask8, from),
    store_some(value, to, count) _mm512_mask_storeu_pd(to, ((1_u32 << count) - 1) as __mmask8, value),
}

vector! {
    /// Eight `f32` of AVX2.
    F32x8(__m256): [f32; 8],
    _mm256_setzero_ps, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_fmadd_ps, _mm256_max_ps, sum_ps,
    load_some(from, count) _mm256_maskload_ps(from, mask_32(count)),
    store_some(value, to, count) _mm256_maskstore_ps(to, mask_32(count), value),
}

vector! {
    /// Four `f64` of AVX2.
    F64x4(__m256d): [f64; 4],
    _mm256_setzero_pd, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_add_pd, _mm256_fmadd_pd, _mm256_max_pd, sum_pd,
    load_some(from, count) _mm256_maskload_pd(from, mask_64(count)),
    store_some(value, to, count) _mm256_maskstore_pd(to, mask_64(count), value),
}

/// Copies an 8 by 8 block and transposes it: `to[j * to_stride + i] = from[i * from_stride + j]`.
///
/// # Safety
/// The machine has AVX2; both blocks are valid.
#[target_feature(enable = "avx2")]
pub(crate) unsafe fn transpose_8x8(
    from: *const f32,
    from_stride: usize,
    to: *mut f32,
    to_stride: usize,
) {
    // Rows i and i + 4 share a register from the start, so that no step crosses its halves.
    let pair = |row: usize, column: usize| {
        let low = _mm_loadu_ps(from.add(row * from_stride + column));
        let high = _mm_loadu_ps(from.add((row + 4) * from_stride + column));
        _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
    };
    for half in [0, 4] {
        let (r0, r1, r2, r3) = (pair(0, half), pair(1, half), pair(2, half), pair(3, half));
        let low_01 = _mm256_unpacklo_ps(r0, r1);
        let high_01 = _mm256_unpackhi_ps(r0, r1);
        let low_23 = _mm256_unpacklo_ps(r2, r3);
        let high_23 = _mm256_unpackhi_ps(r2, r3);
        let to = to.add(half * to_stride);
        _mm256_storeu_ps(to, _mm256_shuffle_ps::<0x44>(low_01, low_23));
        _mm256_storeu_ps(to.add(to_stride), _mm256_shuffle_ps::<0xee>(low_01, low_23));
        _mm256_storeu_ps(
            to.add(2 * to_stride),
            _mm256_shuffle_ps::<0x44>(high_01, high_23),
        );
        _mm256_storeu_ps(
            to.add(3 * to_stride),
            _mm256_shuffle_ps::<0xee>(high_01, high_23),
        );
    }
}
