//! Sums over the turns of a loop that are computed behind it, all turns at once.
//!
//! The gradient of what stays the same in every turn is the sum of what the turns contribute. A contribution that
//! is a product, such as that of a weight, needs no loop: the sum over turns of products is one product that
//! contracts the turns too. It is larger, so it runs on all cores, and the loop carries no sum.

use crate::graph::op::{DotDims, Op, Reduction};
use crate::tensor::{Kind, Tensor};

/// The sum over all turns of a contribution, as a function of stacked tensors.
pub(super) enum Hoisted {
    /// Products of two stacks, by their numbers.
    Product(DotDims, usize, usize),
    /// Sums of a stack along these axes.
    Sum(Vec<usize>, usize),
    /// A linear operation, with its further operands, which stay the same.
    Shaped(Op, Vec<Tensor>, Box<Hoisted>),
    Both(Box<Hoisted>, Box<Hoisted>),
    Joined(usize, Vec<Hoisted>),
}

impl Hoisted {
    /// How to compute the sum of `contribution` over the turns behind the loop, if that is worth while. What is
    /// needed from each turn is added to `stacks`.
    pub(super) fn of(contribution: &Tensor, stacks: &mut Vec<Tensor>) -> Option<Self> {
        let Kind::Op { op, inputs } = &contribution.0.kind else {
            return None;
        };
        let mut number = |x: &Tensor| {
            let known = stacks.iter().position(|s| s.is_same(x));
            known.unwrap_or_else(|| {
                stacks.push(x.clone());
                stacks.len() - 1
            })
        };
        match op {
            Op::DotGeneral(dims) => {
                let (a, b) = (number(&inputs[0]), number(&inputs[1]));
                Some(Self::Product(dims.clone(), a, b))
            }
            Op::Reduce {
                kind: Reduction::Sum,
                axes,
            } => Some(Self::Sum(axes.clone(), number(&inputs[0]))),
            // What is padded with other than zeros is not linear.
            Op::Pad { .. } if !is_zero(&inputs[1]) => None,
            Op::Transpose(_) | Op::Reshape(_) | Op::Pad { .. } => {
                let inner = Box::new(Self::of(&inputs[0], stacks)?);
                Some(Self::Shaped(op.clone(), inputs[1..].to_vec(), inner))
            }
            Op::Binary(crate::graph::op::Binary::Add) => {
                let before = stacks.len();
                let parts = Self::of(&inputs[0], stacks).zip(Self::of(&inputs[1], stacks));
                if parts.is_none() {
                    stacks.truncate(before);
                }
                parts.map(|(a, b)| Self::Both(Box::new(a), Box::new(b)))
            }
            Op::Concatenate(axis) => {
                let before = stacks.len();
                let parts = inputs.iter().map(|x| Self::of(x, stacks));
                let parts = parts.collect::<Option<Vec<Self>>>();
                if parts.is_none() {
                    stacks.truncate(before);
                }
                parts.map(|parts| Self::Joined(*axis, parts))
            }
            _ => None,
        }
    }

    /// The sum, from the stacks, whose leading axis counts the turns.
    pub(super) fn sum(&self, stacks: &[Tensor]) -> Tensor {
        let behind = |axes: &[usize]| axes.iter().map(|a| a + 1).collect::<Vec<_>>();
        let and_turns = |axes: &[usize]| [vec![0], behind(axes)].concat();
        match self {
            Self::Product(dims, a, b) => stacks[*a].dot_general(
                &stacks[*b],
                DotDims {
                    lhs_batch: behind(&dims.lhs_batch),
                    rhs_batch: behind(&dims.rhs_batch),
                    lhs_contract: and_turns(&dims.lhs_contract),
                    rhs_contract: and_turns(&dims.rhs_contract),
                },
            ),
            Self::Sum(axes, stack) => stacks[*stack].sum(and_turns(axes)),
            Self::Shaped(op, further, inner) => {
                let operands = [vec![inner.sum(stacks)], further.clone()].concat();
                Tensor::apply(op.clone(), &operands)
            }
            Self::Both(a, b) => a.sum(stacks) + b.sum(stacks),
            Self::Joined(axis, parts) => {
                let parts: Vec<Tensor> = parts.iter().map(|part| part.sum(stacks)).collect();
                Tensor::concatenate(&parts, *axis as isize)
            }
        }
    }
}

fn is_zero(x: &Tensor) -> bool {
    matches!(&x.0.kind, Kind::Constant(value) if value.len() == 1 && value.get_f64(0) == 0.0)
}
