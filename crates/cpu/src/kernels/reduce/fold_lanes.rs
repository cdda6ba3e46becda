//! Rows of `f32` folded to one number each, in vectors.
#![allow(unsafe_code)] // Rows are raw pointers, and vectors are those of one CPU level.

use super::fold::{FoldFunction, fold_short};
use crate::CpuLevel;
use crate::kernels::elementwise::block::{Map2, per_level};
use crate::kernels::elementwise::opcodes::{Add, Maximum, Minimum};
use crate::kernels::lanes::{self, Lanes};

/// How numbers are combined, one by one and in vectors.
pub(super) trait Combine: Map2<f32, Result = f32> {
    /// # Safety
    /// As for [`Lanes`].
    unsafe fn combine<L: Lanes>(a: L, b: L) -> L;
}

macro_rules! combine {
    ($($name:ident => $method:ident),*) => {$(
        impl Combine for $name {
            #[inline(always)]
            unsafe fn combine<L: Lanes>(a: L, b: L) -> L {
                // SAFETY: the contract is the caller's.
                unsafe { a.$method(b) }
            }
        }
    )*};
}

combine!(Add => add, Maximum => maximum, Minimum => minimum);

/// The lanes that run side by side, whatever the width of the machine's vectors.
const LANES: usize = 16;

/// The function that folds rows of `f32` on a CPU level.
pub(super) fn fold_rows_of_f32<F: Combine>(level: CpuLevel) -> FoldFunction {
    match level {
        #[cfg(target_arch = "x86_64")]
        CpuLevel::Avx512 => rows::<lanes::Sixteen, F, 1>(level),
        #[cfg(target_arch = "x86_64")]
        CpuLevel::Avx2 => rows::<lanes::Eight, F, 2>(level),
        _ => rows::<lanes::Four, F, 4>(level),
    }
}

per_level!(
    rows -> FoldFunction,
    rows_body(to: *mut u8, from: *const u8, rows: usize, columns: usize),
    [L: Lanes, F: Combine, const N: usize],
    [L, F, N]
);

/// # Safety
/// As for [`FoldFunction`]; `N` vectors are 16 lanes.
#[inline(always)]
unsafe fn rows_body<L: Lanes, F: Combine, const N: usize, const FUSED: bool>(
    to: *mut u8,
    from: *const u8,
    rows: usize,
    columns: usize,
) {
    let (to, from) = (to.cast::<f32>(), from.cast::<f32>());
    for row in 0..rows {
        // SAFETY: the contract is the caller's.
        unsafe {
            let elements = std::slice::from_raw_parts(from.add(row * columns), columns);
            *to.add(row) = if columns < LANES {
                fold_short::<f32, F, FUSED>(elements)
            } else {
                fold_long::<L, F, N, FUSED>(elements)
            };
        }
    }
}

/// Four times 16 lanes run through the row, then one time, then what is left of it; then the lanes are
/// halved until there is one.
///
/// # Safety
/// As for [`Lanes`]; there are at least 16 elements.
#[inline(always)]
unsafe fn fold_long<L: Lanes, F: Combine, const N: usize, const FUSED: bool>(
    elements: &[f32],
) -> f32 {
    let start = elements.as_ptr();
    let load = |chunk: usize| -> [L; N] {
        // SAFETY: the chunks lie within the elements.
        std::array::from_fn(|v| unsafe { L::load(start.add(chunk * LANES + v * L::WIDTH)) })
    };
    let join = |a: [L; N], b: [L; N]| -> [L; N] {
        // SAFETY: the contract is the caller's.
        std::array::from_fn(|v| unsafe { F::combine(a[v], b[v]) })
    };
    let chunks = elements.len() / LANES;
    let mut sum = load(0);
    let mut done = 1;
    if chunks >= 4 {
        let (mut a, mut b, mut c, mut d) = (sum, load(1), load(2), load(3));
        done = 4;
        while done + 4 <= chunks {
            a = join(a, load(done));
            b = join(b, load(done + 1));
            c = join(c, load(done + 2));
            d = join(d, load(done + 3));
            done += 4;
        }
        sum = join(join(a, b), join(c, d));
    }
    for chunk in done..chunks {
        sum = join(sum, load(chunk));
    }
    let mut lanes = [0.0; LANES];
    for (v, vector) in sum.into_iter().enumerate() {
        // SAFETY: all vectors together are as long as the array.
        unsafe { vector.store(lanes.as_mut_ptr().add(v * L::WIDTH)) }
    }
    for (lane, element) in lanes.iter_mut().zip(&elements[chunks * LANES..]) {
        *lane = F::apply::<FUSED>(*lane, *element);
    }
    let mut width = LANES / 2;
    while width > 0 {
        for lane in 0..width {
            lanes[lane] = F::apply::<FUSED>(lanes[lane], lanes[lane + width]);
        }
        width /= 2;
    }
    lanes[0]
}
