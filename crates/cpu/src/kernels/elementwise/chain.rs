//! Chains: arithmetic on `f32` that keeps its intermediate values in vector registers.
//!
//! A loop over a block is bound by the loads and stores of its registers in cache, not by its
//! arithmetic. A chain is a list of small operations on one accumulator; an interpreter runs the whole
//! list over a tile of a few vectors before it goes to the next, so that only what other instructions
//! need is stored.
#![allow(unsafe_code)] // Blocks are raw pointers, and vectors are those of one CPU level.

use super::block::per_level;
use crate::kernels::lanes::{
    self, EQUAL, GREATER, GREATER_OR_EQUAL, LESS, LESS_OR_EQUAL, Lanes, NOT_EQUAL,
};

/// What an operation of a chain does with the accumulator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    Load,
    Store,
    Add,
    Subtract,
    /// The operand less the accumulator.
    SubtractFrom,
    Multiply,
    Divide,
    /// The operand by the accumulator.
    DivideInto,
    Maximum,
    Minimum,
    Square,
    Absolute,
    Negate,
    SquareRoot,
    ReciprocalSquareRoot,
    /// The second operand where the accumulator and the first compare like this, else the third.
    ChooseEqual,
    ChooseNotEqual,
    ChooseLess,
    ChooseLessOrEqual,
    ChooseGreater,
    ChooseGreaterOrEqual,
}

/// One operation of a chain.
#[derive(Debug, Clone, Copy)]
pub(super) struct Link {
    pub(super) action: Action,
    /// Places in the table of addresses; unused ones are 0.
    pub(super) operands: [u16; 3],
    /// The step between elements of each operand: 1, or 0 for a line of one number.
    pub(super) steps: [u16; 3],
}

/// Runs links over a block: the links and how many they are, the table of addresses, and the number of
/// elements.
///
/// # Safety
/// The addresses that the links name are valid for the elements, those with step 0 for one cache line.
/// Where operands overlap, they are the same. The machine has the CPU level that the function was
/// chosen for.
pub(super) type ChainFunction = unsafe fn(*const Link, usize, *const *mut u8, usize);

/// The interpreter for a CPU level.
pub(super) fn chain_function(level: crate::CpuLevel) -> ChainFunction {
    match level {
        #[cfg(target_arch = "x86_64")]
        crate::CpuLevel::Avx512 => run::<lanes::Sixteen>(level),
        #[cfg(target_arch = "x86_64")]
        crate::CpuLevel::Avx2 => run::<lanes::Eight>(level),
        _ => run::<lanes::Four>(level),
    }
}

per_level!(
    run -> ChainFunction,
    run_body(links: *const Link, count: usize, table: *const *mut u8, n: usize),
    [L: Lanes],
    [L]
);

/// # Safety
/// As for [`ChainFunction`].
#[inline(always)]
unsafe fn run_body<L: Lanes, const FUSED: bool>(
    links: *const Link,
    count: usize,
    table: *const *mut u8,
    n: usize,
) {
    // Enough vectors to hide the latency of an operation; their accumulators fit the registers.
    const TILE: usize = 8;
    // SAFETY: the contract is the caller's; tiles cover the elements once.
    unsafe {
        let links = std::slice::from_raw_parts(links, count);
        let mut start = 0;
        while start + TILE * L::WIDTH <= n {
            tile::<L, TILE, true>(links, table, start, 0);
            start += TILE * L::WIDTH;
        }
        while start + L::WIDTH <= n {
            tile::<L, 1, true>(links, table, start, 0);
            start += L::WIDTH;
        }
        if start < n {
            tile::<L, 1, false>(links, table, start, n - start);
        }
    }
}

/// Runs all links over `K` vectors from element `start` on, or over the first `some` lanes of one.
///
/// # Safety
/// As for [`ChainFunction`].
#[inline(always)]
unsafe fn tile<L: Lanes, const K: usize, const WHOLE: bool>(
    links: &[Link],
    table: *const *mut u8,
    start: usize,
    some: usize,
) {
    // SAFETY: the contract is the caller's.
    unsafe {
        let zero = L::load([0.0; 16].as_ptr());
        let mut sums = [zero; K];
        for link in links {
            let operand = |k: usize| {
                let address = (*table.add(usize::from(link.operands[k]))).cast::<f32>();
                let step = usize::from(link.steps[k]);
                (address.add(start * step), step * L::WIDTH)
            };
            // The vector number `v` of an operand. A line of one number is always whole.
            let get = |(address, step): (*mut f32, usize), v: usize| {
                if WHOLE {
                    L::load(address.add(v * step))
                } else {
                    L::load_some(address, some)
                }
            };
            macro_rules! each {
                (|$v:ident, $sum:ident| $result:expr) => {
                    for $v in 0..K {
                        let $sum = sums[$v];
                        sums[$v] = $result;
                    }
                };
            }
            // Two copies of the loop, so that neither computes addresses.
            macro_rules! with_operand {
                (|$sum:ident, $x:ident| $result:expr) => {{
                    let (address, step) = operand(0);
                    if step == 0 {
                        let $x = L::load(address);
                        each!(|_v, $sum| $result);
                    } else {
                        each!(|v, $sum| {
                            let $x = get((address, L::WIDTH), v);
                            $result
                        });
                    }
                }};
            }
            macro_rules! choose {
                ($comparison:ident) => {{
                    let (first, yes, no) = (operand(0), operand(1), operand(2));
                    each!(|v, sum| {
                        sum.choose::<$comparison>(get(first, v), get(yes, v), get(no, v))
                    })
                }};
            }
            match link.action {
                Action::Load => with_operand!(|_sum, x| x),
                Action::Store => {
                    let (address, _) = operand(0);
                    for (v, sum) in sums.into_iter().enumerate() {
                        if WHOLE {
                            sum.store(address.add(v * L::WIDTH));
                        } else {
                            sum.store_some(address, some);
                        }
                    }
                }
                Action::Add => with_operand!(|sum, x| sum.add(x)),
                Action::Subtract => with_operand!(|sum, x| sum.subtract(x)),
                Action::SubtractFrom => with_operand!(|sum, x| x.subtract(sum)),
                Action::Multiply => with_operand!(|sum, x| sum.multiply(x)),
                Action::Divide => with_operand!(|sum, x| sum.divide(x)),
                Action::DivideInto => with_operand!(|sum, x| x.divide(sum)),
                Action::Maximum => with_operand!(|sum, x| sum.maximum(x)),
                Action::Minimum => with_operand!(|sum, x| sum.minimum(x)),
                Action::Square => each!(|_v, sum| sum.multiply(sum)),
                Action::Absolute => each!(|_v, sum| sum.absolute()),
                Action::Negate => each!(|_v, sum| sum.negate()),
                Action::SquareRoot => each!(|_v, sum| sum.square_root()),
                Action::ReciprocalSquareRoot => each!(|_v, sum| sum.reciprocal_square_root()),
                Action::ChooseEqual => choose!(EQUAL),
                Action::ChooseNotEqual => choose!(NOT_EQUAL),
                Action::ChooseLess => choose!(LESS),
                Action::ChooseLessOrEqual => choose!(LESS_OR_EQUAL),
                Action::ChooseGreater => choose!(GREATER),
                Action::ChooseGreaterOrEqual => choose!(GREATER_OR_EQUAL),
            }
        }
    }
}
