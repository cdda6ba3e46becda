//! Vectors of AVX2 and of AVX-512.
#![allow(unsafe_code)] // Intrinsics, and numbers read and written through pointers.
#![allow(unsafe_op_in_unsafe_fn)] // Every method is a few intrinsics under the contract of `Lanes`.

use super::Lanes;
use std::arch::x86_64::*;

/// Eight numbers in a register of AVX2.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Eight(__m256);

/// Sixteen numbers in a register of AVX-512.
#[derive(Clone, Copy)]
pub(in crate::kernels) struct Sixteen(__m512);

/// The masks of AVX2 for 0 to 8 lanes: a window that slides over this table.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// # Safety
/// The machine has AVX; `count` is at most 8.
#[inline(always)]
unsafe fn mask(count: usize) -> __m256i {
    _mm256_loadu_si256(MASKS.as_ptr().add(8 - count).cast())
}

/// The implementation for a vector of one width; most methods are one intrinsic.
macro_rules! vector {
    (
        $name:ident [$width:literal]:
        $add:ident $subtract:ident $multiply:ident $divide:ident $sqrt:ident
        $set:ident $xor:ident $andnot:ident $load:ident $store:ident
        $($method:item)*
    ) => {
        impl Lanes for $name {
            const WIDTH: usize = $width;

            $($method)*

            #[inline(always)]
            unsafe fn load(from: *const f32) -> Self {
                Self($load(from))
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut f32) {
                $store(to, self.0)
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                Self($add(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn subtract(self, other: Self) -> Self {
                Self($subtract(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn multiply(self, other: Self) -> Self {
                Self($multiply(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn divide(self, other: Self) -> Self {
                Self($divide(self.0, other.0))
            }
            #[inline(always)]
            unsafe fn absolute(self) -> Self {
                Self($andnot($set(-0.0), self.0))
            }
            #[inline(always)]
            unsafe fn negate(self) -> Self {
                Self($xor($set(-0.0), self.0))
            }
            #[inline(always)]
            unsafe fn square_root(self) -> Self {
                Self($sqrt(self.0))
            }
            #[inline(always)]
            unsafe fn reciprocal_square_root(self) -> Self {
                Self($divide($set(1.0), $sqrt(self.0)))
            }
        }
    };
}

vector! {
    Eight [8]:
    _mm256_add_ps _mm256_sub_ps _mm256_mul_ps _mm256_div_ps _mm256_sqrt_ps
    _mm256_set1_ps _mm256_xor_ps _mm256_andnot_ps _mm256_loadu_ps _mm256_storeu_ps

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self {
        Self(_mm256_maskload_ps(from, mask(count)))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize) {
        _mm256_maskstore_ps(to, mask(count), self.0);
    }

    // The instruction gives its second operand if either is NaN or both are equal; what is left is a
    // NaN in the first.
    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        let larger = _mm256_max_ps(self.0, other.0);
        let is_nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0);
        Self(_mm256_blendv_ps(larger, self.0, is_nan))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        let smaller = _mm256_min_ps(self.0, other.0);
        let is_nan = _mm256_cmp_ps::<_CMP_UNORD_Q>(self.0, self.0);
        Self(_mm256_blendv_ps(smaller, self.0, is_nan))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn choose<const COMPARISON: i32>(self, other: Self, yes: Self, no: Self) -> Self {
        Self(_mm256_blendv_ps(
            no.0,
            yes.0,
            _mm256_cmp_ps::<COMPARISON>(self.0, other.0),
        ))
    }
}

vector! {
    Sixteen [16]:
    _mm512_add_ps _mm512_sub_ps _mm512_mul_ps _mm512_div_ps _mm512_sqrt_ps
    _mm512_set1_ps _mm512_xor_ps _mm512_andnot_ps _mm512_loadu_ps _mm512_storeu_ps

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn load_some(from: *const f32, count: usize) -> Self {
        Self(_mm512_maskz_loadu_ps(some_mask(count), from))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn store_some(self, to: *mut f32, count: usize) {
        _mm512_mask_storeu_ps(to, some_mask(count), self.0);
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn maximum(self, other: Self) -> Self {
        let larger = _mm512_max_ps(self.0, other.0);
        let is_nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0);
        Self(_mm512_mask_blend_ps(is_nan, larger, self.0))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn minimum(self, other: Self) -> Self {
        let smaller = _mm512_min_ps(self.0, other.0);
        let is_nan = _mm512_cmp_ps_mask::<_CMP_UNORD_Q>(self.0, self.0);
        Self(_mm512_mask_blend_ps(is_nan, smaller, self.0))
    }

    /// # Safety
    /// As for [`Lanes`].
    #[inline(always)]
    unsafe fn choose<const COMPARISON: i32>(self, other: Self, yes: Self, no: Self) -> Self {
        let holds = _mm512_cmp_ps_mask::<COMPARISON>(self.0, other.0);
        Self(_mm512_mask_blend_ps(holds, no.0, yes.0))
    }
}

/// The lowest `count` bits, for 0 to 16 lanes.
#[inline(always)]
fn some_mask(count: usize) -> u16 {
    ((1_u32 << count) - 1) as u16
}
