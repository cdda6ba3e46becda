//! Loops over blocks, compiled once for each CPU level.
#![allow(unsafe_code)] // Blocks are raw pointers of any element type, and `#[target_feature]` functions are called by level.

use super::number::{Element, Truth};
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// A loop over a block: the destination, three sources (unused ones are ignored), and the number of
/// elements.
///
/// # Safety
/// The pointers are valid for the element types and the number that the function stands for; the
/// destination overlaps no source; the machine has the CPU level that the function was chosen for.
pub(in crate::kernels) type BlockFunction =
    unsafe fn(*mut u8, *const u8, *const u8, *const u8, usize);

/// A function of one element.
pub(in crate::kernels) trait Map1<A: Element>: 'static {
    type Result: Element;
    /// Whether some elements are left to [`Map1::exception`].
    const HAS_EXCEPTIONS: bool = false;
    fn apply<const FUSED: bool>(a: A) -> Self::Result;
    fn is_exception(_: A) -> bool {
        false
    }
    fn exception(a: A) -> Self::Result {
        Self::apply::<false>(a)
    }
}

/// A function of two elements.
pub(in crate::kernels) trait Map2<A: Element>: 'static {
    type Result: Element;
    fn apply<const FUSED: bool>(a: A, b: A) -> Self::Result;
}

/// Which sources are one element that stands for a whole block: bit `k` for source `k`.
pub(in crate::kernels) const NONE_FIXED: u8 = 0;
pub(in crate::kernels) const FIRST_FIXED: u8 = 1;
pub(in crate::kernels) const SECOND_FIXED: u8 = 2;
pub(in crate::kernels) const THIRD_FIXED: u8 = 4;

/// Makes `$outer`, which picks the instance of the loop `$body` for a CPU level. The body is inlined
/// into one function for each level, whose target features it is then compiled with.
macro_rules! per_level {
    (
        $outer:ident -> $function:ty, $body:ident($($argument:ident: $kind:ty),*),
        [$($generics:tt)*], [$($names:tt)*]
    ) => {
        pub(in crate::kernels) fn $outer<$($generics)*>(level: $crate::CpuLevel) -> $function {
            /// # Safety
            /// As the type of the function says.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
            unsafe fn avx512<$($generics)*>($($argument: $kind),*) {
                // SAFETY: the contract is the caller's.
                unsafe { $body::<$($names)*, true>($($argument),*) }
            }

            /// # Safety
            /// As the type of the function says.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            unsafe fn avx2<$($generics)*>($($argument: $kind),*) {
                // SAFETY: the contract is the caller's.
                unsafe { $body::<$($names)*, true>($($argument),*) }
            }

            // Every 64-bit Arm has a fused multiply-add; x86 has one from AVX2 on.
            /// # Safety
            /// As the type of the function says.
            unsafe fn plain<$($generics)*>($($argument: $kind),*) {
                const FUSED: bool = cfg!(target_arch = "aarch64");
                // SAFETY: the contract is the caller's.
                unsafe { $body::<$($names)*, FUSED>($($argument),*) }
            }

            match level {
                #[cfg(target_arch = "x86_64")]
                $crate::CpuLevel::Avx512 => avx512::<$($names)*>,
                #[cfg(target_arch = "x86_64")]
                $crate::CpuLevel::Avx2 => avx2::<$($names)*>,
                _ => plain::<$($names)*>,
            }
        }
    };
}
pub(in crate::kernels) use per_level;

per_level!(
    map1 -> BlockFunction,
    map1_body(to: *mut u8, a: *const u8, b: *const u8, c: *const u8, n: usize),
    [A: Element, F: Map1<A>],
    [A, F]
);
per_level!(
    map2 -> BlockFunction,
    map2_body(to: *mut u8, a: *const u8, b: *const u8, c: *const u8, n: usize),
    [A: Element, F: Map2<A>, const FIXED: u8],
    [A, F, FIXED]
);
per_level!(
    select -> BlockFunction,
    select_body(to: *mut u8, a: *const u8, b: *const u8, c: *const u8, n: usize),
    [A: Element, const FIXED: u8],
    [A, FIXED]
);

/// # Safety
/// As for [`BlockFunction`].
#[inline(always)]
unsafe fn map1_body<A: Element, F: Map1<A>, const FUSED: bool>(
    to: *mut u8,
    a: *const u8,
    _: *const u8,
    _: *const u8,
    n: usize,
) {
    // SAFETY: the caller's pointers are valid for `n` elements and do not overlap.
    let (to, a) = unsafe {
        (
            from_raw_parts_mut(to.cast::<F::Result>(), n),
            from_raw_parts(a.cast::<A>(), n),
        )
    };
    for (to, a) in to.iter_mut().zip(a) {
        *to = F::apply::<FUSED>(*a);
    }
    if F::HAS_EXCEPTIONS && a.iter().fold(false, |any, a| any | F::is_exception(*a)) {
        for (to, a) in to.iter_mut().zip(a) {
            if F::is_exception(*a) {
                *to = F::exception(*a);
            }
        }
    }
}

/// # Safety
/// As for [`BlockFunction`].
#[inline(always)]
unsafe fn map2_body<A: Element, F: Map2<A>, const FIXED: u8, const FUSED: bool>(
    to: *mut u8,
    a: *const u8,
    b: *const u8,
    _: *const u8,
    n: usize,
) {
    let (a, b) = (a.cast::<A>(), b.cast::<A>());
    // SAFETY: the caller's pointers are valid for `n` elements, those that are fixed for one, and the
    // destination does not overlap the others.
    unsafe {
        let to = from_raw_parts_mut(to.cast::<F::Result>(), n);
        match FIXED {
            FIRST_FIXED => {
                let a = *a;
                for (to, b) in to.iter_mut().zip(from_raw_parts(b, n)) {
                    *to = F::apply::<FUSED>(a, *b);
                }
            }
            SECOND_FIXED => {
                let b = *b;
                for (to, a) in to.iter_mut().zip(from_raw_parts(a, n)) {
                    *to = F::apply::<FUSED>(*a, b);
                }
            }
            _ => {
                let (a, b) = (from_raw_parts(a, n), from_raw_parts(b, n));
                for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
                    *to = F::apply::<FUSED>(*a, *b);
                }
            }
        }
    }
}

/// # Safety
/// As for [`BlockFunction`].
#[inline(always)]
unsafe fn select_body<A: Element, const FIXED: u8, const FUSED: bool>(
    to: *mut u8,
    predicate: *const u8,
    on_true: *const u8,
    on_false: *const u8,
    n: usize,
) {
    let (on_true, on_false) = (on_true.cast::<A>(), on_false.cast::<A>());
    // SAFETY: the caller's pointers are valid for `n` elements, those that are fixed for one, and the
    // destination does not overlap the others.
    unsafe {
        let to = from_raw_parts_mut(to.cast::<A>(), n);
        let predicate = from_raw_parts(predicate.cast::<Truth>(), n);
        for (k, to) in to.iter_mut().enumerate() {
            // Both are read, so that the choice is no branch.
            let yes = *on_true.add(if FIXED & SECOND_FIXED == 0 { k } else { 0 });
            let no = *on_false.add(if FIXED & THIRD_FIXED == 0 { k } else { 0 });
            *to = if predicate[k].0 != 0 { yes } else { no };
        }
    }
}

/// Elements beyond the end of a block that [`spread`] may write.
pub(super) const SLACK: usize = 16;

/// Copies one element to `n` places.
///
/// # Safety
/// `to` is valid for `n` elements of `size` bytes, `from` for one.
pub(super) unsafe fn splat(to: *mut u8, from: *const u8, size: usize, n: usize) {
    // SAFETY: the contract is the caller's; elements are aligned to their size.
    unsafe {
        match size {
            1 => from_raw_parts_mut(to, n).fill(*from),
            4 => from_raw_parts_mut(to.cast::<u32>(), n).fill(*from.cast::<u32>()),
            _ => from_raw_parts_mut(to.cast::<u64>(), n).fill(*from.cast::<u64>()),
        }
    }
}

/// Rows of elements in memory: steps in elements.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) rows: usize,
    pub(super) columns: usize,
    pub(super) row_stride: isize,
    pub(super) column_stride: isize,
}

/// Copies a grid of elements of `size` bytes to one dense block, row after row.
///
/// # Safety
/// `to` is valid for the block and [`SLACK`] more elements, `from` for the elements of the grid.
pub(super) unsafe fn gather(to: *mut u8, from: *const u8, grid: Grid, size: usize) {
    // SAFETY: the contract is the caller's; elements are aligned to their size.
    unsafe {
        match (grid.column_stride, size) {
            (0, 1) => spread::<u8>(to.cast(), from.cast(), grid),
            (0, 4) => spread::<u32>(to.cast(), from.cast(), grid),
            (0, _) => spread::<u64>(to.cast(), from.cast(), grid),
            (_, 1) => gather_typed::<u8>(to.cast(), from.cast(), grid),
            (_, 4) => gather_typed::<u32>(to.cast(), from.cast(), grid),
            _ => gather_typed::<u64>(to.cast(), from.cast(), grid),
        }
    }
}

/// [`gather`] for a grid with one element a row.
///
/// # Safety
/// As for [`gather`].
unsafe fn spread<T: Copy>(to: *mut T, from: *const T, grid: Grid) {
    for row in 0..grid.rows {
        // SAFETY: the contract is the caller's. Short rows write beyond their end, where the next row
        // or the slack is.
        unsafe {
            let element = *from.offset(row as isize * grid.row_stride);
            let to = to.add(row * grid.columns);
            if grid.columns <= SLACK {
                to.cast::<[T; SLACK]>().write_unaligned([element; SLACK]);
            } else {
                from_raw_parts_mut(to, grid.columns).fill(element);
            }
        }
    }
}

/// # Safety
/// As for [`gather`].
unsafe fn gather_typed<T: Copy>(to: *mut T, from: *const T, grid: Grid) {
    // A row of neighbours is a copy. Where rows are neighbours instead (a transposed operand), going
    // down the columns reads each cache line once.
    let down = grid.row_stride == 1 && grid.column_stride != 1;
    let (outer, inner) = if down {
        (grid.columns, grid.rows)
    } else {
        (grid.rows, grid.columns)
    };
    for i in 0..outer {
        for j in 0..inner {
            let (row, column) = if down { (j, i) } else { (i, j) };
            let at = row as isize * grid.row_stride + column as isize * grid.column_stride;
            // SAFETY: the contract is the caller's.
            unsafe { *to.add(row * grid.columns + column) = *from.offset(at) }
        }
    }
}
