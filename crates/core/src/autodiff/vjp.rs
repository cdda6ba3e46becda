//! One rule a primitive: from the cotangent of the result to those of the operands.

use std::collections::HashMap;

use crate::control_flow;
use crate::dtype::DType;
use crate::error::Error;
use crate::graph::op::{Binary, DotDims, Op, Reduction, Scan, Unary, Window};
use crate::shape::Shape;
use crate::tensor::{Kind, Tensor};

/// The cotangents of the operands `x` of `op`, given its result `y` and the cotangent `dy`.
///
/// `needs` says which operands matter; others may be `None`.
pub(super) fn vjp(
    op: &Op,
    x: &[Tensor],
    y: &Tensor,
    dy: &Tensor,
    needs: &[bool],
) -> Vec<Option<Tensor>> {
    match op {
        // Leaves have no operands; whole numbers, truth values and places have no gradient.
        Op::Parameter(_)
        | Op::State(_)
        | Op::Constant(_)
        | Op::Iota { .. }
        | Op::RandomBits { .. }
        | Op::Compare(_)
        | Op::StopGradient
        | Op::ArgMax(_)
        | Op::ArgMin(_)
        | Op::ArgSort { .. } => vec![None; x.len()],
        // Loops are handled where their results are gathered.
        Op::Scan(_) | Op::While(_) | Op::TupleElement(_) => vec![None; x.len()],
        Op::Unary(unary) => vec![unary_rule(*unary, &x[0], y, dy)],
        Op::Binary(binary) => binary_rule(*binary, &x[0], &x[1], y, dy, needs),
        Op::Select => {
            let zero = (x[1..].iter().find(|x| is_zeros(x))).map_or_else(
                || Tensor::zeros(dy.shape().clone(), dy.dtype()),
                Tensor::clone,
            );
            vec![
                None,
                needs[1].then(|| x[0].select(dy, &zero)),
                needs[2].then(|| x[0].select(&zero, dy)),
            ]
        }
        Op::Convert(_) => vec![Some(dy.cast(x[0].dtype()))],
        Op::BroadcastInDim { axes, .. } => vec![Some(unbroadcast(dy, x[0].shape(), axes))],
        Op::Reshape(_) => vec![Some(dy.reshape_to(x[0].shape()))],
        Op::Transpose(permutation) => {
            let mut inverse = vec![0; permutation.len()];
            permutation
                .iter()
                .enumerate()
                .for_each(|(k, p)| inverse[*p] = k);
            vec![Some(dy.transpose(inverse))]
        }
        Op::Slice {
            start,
            limit: _,
            strides,
        } => vec![Some(unslice(dy, &x[0], start, strides))],
        Op::DynamicSlice { .. } => {
            let zeros = Tensor::zeros(x[0].shape().clone(), dy.dtype());
            none_after(vec![Some(zeros.dynamic_update_slice(dy, &x[1..]))], x.len())
        }
        Op::DynamicUpdateSlice => {
            let hole = Tensor::zeros(x[1].shape().clone(), dy.dtype());
            let array = dy.dynamic_update_slice(&hole, &x[2..]);
            let update = dy.dynamic_slice(&x[2..], x[1].shape().dims());
            none_after(vec![Some(array), Some(update)], x.len())
        }
        Op::Pad {
            low,
            high,
            interior,
        } => {
            let inner = unpad(dy, &x[0], low, high, interior);
            let with = needs[1].then(|| dy.sum(..) - inner.sum(..));
            vec![Some(inner), with]
        }
        Op::Concatenate(axis) => {
            let mut at = 0;
            let part = |t: &Tensor| {
                let size = t.shape()[*axis];
                at += size;
                Some(dy.slice_axis(*axis as isize, at - size..at))
            };
            x.iter().map(part).collect()
        }
        Op::Reverse(axes) => vec![Some(dy.reverse(axes.clone()))],
        Op::Gather { axis, batch } => {
            let zeros = Tensor::zeros(x[0].shape().clone(), dy.dtype());
            let scattered = zeros.scatter_add(&x[1], dy, *axis, *batch);
            if (*axis, *batch) != (0, 0) {
                return vec![Some(scattered), None];
            }
            // For optimizers that treat each row that was taken by itself, as TensorFlow's do.
            let squares = zeros.scatter_add(&x[1], &dy.square(), *axis, *batch);
            let scattered = scattered.with_remark(super::SQUARES_OF_ROWS, &squares);
            vec![Some(scattered), None]
        }
        Op::ScatterAdd { axis, batch } => {
            // Updates whose index is out of range were skipped, but a gather there gives NaN: the sum of
            // the two cotangents must not see it.
            let op = Op::Gather {
                axis: *axis,
                batch: *batch,
            };
            let taken = Tensor::apply(op, &[dy.clone(), x[1].clone()]);
            let inside = index_is_inside(&x[1], x[0].shape()[*axis]);
            let inside = along_gather(&inside, taken.shape(), *axis, *batch);
            let zero = Tensor::zeros(taken.shape().clone(), dy.dtype());
            vec![Some(dy.clone()), None, Some(inside.select(&taken, &zero))]
        }
        Op::DotGeneral(dims) => {
            let left = needs[0].then(|| dot_lhs(&x[0], &x[1], dy, dims));
            let right = needs[1].then(|| dot_rhs(&x[0], &x[1], dy, dims));
            vec![left, right]
        }
        // A convolution is linear in each operand, and each of its two gradients is linear in its own
        // operands, with the third of the three operations as cotangent.
        Op::Convolution(conv) => {
            let op = Op::ConvolutionInputGradient {
                conv: conv.clone(),
                input: x[0].shape().clone(),
            };
            let input = needs[0].then(|| Tensor::apply(op, &[dy.clone(), x[1].clone()]));
            let op = Op::ConvolutionFilterGradient(conv.clone());
            let kernel = needs[1].then(|| Tensor::apply(op, &[x[0].clone(), dy.clone()]));
            vec![input, kernel]
        }
        Op::ConvolutionInputGradient { conv, .. } => {
            let op = Op::Convolution(conv.clone());
            let gradient = needs[0].then(|| Tensor::apply(op, &[dy.clone(), x[1].clone()]));
            let op = Op::ConvolutionFilterGradient(conv.clone());
            let kernel = needs[1].then(|| Tensor::apply(op, &[dy.clone(), x[0].clone()]));
            vec![gradient, kernel]
        }
        Op::ConvolutionFilterGradient(conv) => {
            let op = Op::ConvolutionInputGradient {
                conv: conv.clone(),
                input: x[0].shape().clone(),
            };
            let input = needs[0].then(|| Tensor::apply(op, &[x[1].clone(), dy.clone()]));
            let op = Op::Convolution(conv.clone());
            let gradient = needs[1].then(|| Tensor::apply(op, &[x[0].clone(), dy.clone()]));
            vec![input, gradient]
        }
        Op::Reduce { kind, axes } => vec![reduce_rule(*kind, axes, &x[0], y, dy)],
        Op::ReduceWindow { kind, window } => vec![window_rule(*kind, window, &x[0], dy)],
        Op::SelectAndScatter(window) => {
            let op = Op::WindowSelect(window.clone());
            vec![None, Some(Tensor::apply(op, &[x[0].clone(), dy.clone()]))]
        }
        Op::WindowSelect(window) => {
            let op = Op::SelectAndScatter(window.clone());
            vec![None, Some(Tensor::apply(op, &[x[0].clone(), dy.clone()]))]
        }
        Op::CumSum { axis, reverse } => {
            vec![Some(Tensor::apply(
                Op::CumSum {
                    axis: *axis,
                    reverse: !reverse,
                },
                std::slice::from_ref(dy),
            ))]
        }
    }
}

fn none_after(mut some: Vec<Option<Tensor>>, len: usize) -> Vec<Option<Tensor>> {
    some.resize(len, None);
    some
}

fn unary_rule(op: Unary, x: &Tensor, y: &Tensor, dy: &Tensor) -> Option<Tensor> {
    Some(match op {
        Unary::Abs => dy * x.sign(),
        Unary::Negate => -dy,
        Unary::Exponential => dy * y,
        Unary::ExponentialMinusOne => dy * (y + 1.0),
        Unary::Log => dy / x,
        Unary::LogPlusOne => dy / (x + 1.0),
        Unary::Sqrt => dy * 0.5 / y,
        Unary::Rsqrt => dy * -0.5 * y / x,
        // d cbrt(x) = 1 / (3 cbrt(x)^2)
        Unary::Cbrt => dy / (y.square() * 3.0),
        Unary::Sine => dy * x.cos(),
        Unary::Cosine => -(dy * x.sin()),
        Unary::Tan => dy * (y.square() + 1.0),
        Unary::Tanh => dy * (1.0 - y.square()),
        Unary::Logistic => dy * (y * (1.0 - y)),
        // d erf(x) = 2 / sqrt(pi) exp(-x^2)
        Unary::Erf => dy * (-x.square()).exp() * std::f64::consts::FRAC_2_SQRT_PI,
        // Steps: the gradient is 0 wherever it exists.
        Unary::Sign
        | Unary::Floor
        | Unary::Ceil
        | Unary::RoundNearestEven
        | Unary::Not
        | Unary::IsFinite => return None,
    })
}

fn binary_rule(
    op: Binary,
    a: &Tensor,
    b: &Tensor,
    y: &Tensor,
    dy: &Tensor,
    needs: &[bool],
) -> Vec<Option<Tensor>> {
    let left = |f: &dyn Fn() -> Tensor| needs[0].then(f);
    let right = |f: &dyn Fn() -> Tensor| needs[1].then(f);
    match op {
        Binary::Add => vec![Some(dy.clone()), Some(dy.clone())],
        Binary::Subtract => vec![Some(dy.clone()), right(&|| -dy)],
        Binary::Multiply => vec![left(&|| dy * b), right(&|| dy * a)],
        Binary::Divide => vec![left(&|| dy / b), right(&|| -(dy * y / b))],
        Binary::Power => vec![
            // At an exponent of 0 the slope is 0 whatever the base, where 0 * 0^-1 would be NaN.
            left(&|| {
                let slope = b * a.pow(&(b - 1.0));
                dy * b.equal(0.0).select(0.0, slope)
            }),
            // At a base of 0 the slope is taken as 0, where log would give NaN.
            right(&|| {
                let log = a.greater(0.0).select(a, 1.0).log();
                dy * (y * log)
            }),
        ],
        Binary::Maximum | Binary::Minimum => {
            // Equal operands share the gradient.
            let share = |x: &Tensor| {
                let half = a.equal(b).select(dy * 0.5, dy);
                x.equal(y).select(half, 0.0)
            };
            vec![left(&|| share(a)), right(&|| share(b))]
        }
        // a - b * trunc(a / b)
        Binary::Remainder => vec![
            Some(dy.clone()),
            right(&|| {
                let ratio = a / b;
                let whole = ratio.less(0.0).select(ratio.ceil(), ratio.floor());
                -(dy * whole)
            }),
        ],
        Binary::Atan2 => {
            let scale = dy / (a.square() + b.square());
            vec![left(&|| &scale * b), right(&|| -(&scale * a))]
        }
        Binary::And | Binary::Or | Binary::Xor | Binary::ShiftLeft | Binary::ShiftRightLogical => {
            vec![None, None]
        }
    }
}

/// Sums over the axes along which a tensor of shape `to` was repeated.
fn unbroadcast(dy: &Tensor, to: &Shape, axes: &[usize]) -> Tensor {
    let repeated: Vec<usize> = (0..dy.rank())
        .filter(|k| match axes.iter().position(|a| a == k) {
            None => true,
            Some(from) => to[from] == 1 && dy.shape()[*k] != 1,
        })
        .collect();
    if repeated.is_empty() {
        return dy.reshape_to(to);
    }
    dy.sum(repeated).reshape_to(to)
}

/// Puts the cotangent of a slice back where it was cut from, zeros elsewhere.
fn unslice(dy: &Tensor, x: &Tensor, start: &[usize], strides: &[usize]) -> Tensor {
    let rank = start.len();
    let low: Vec<isize> = start.iter().map(|s| *s as isize).collect();
    let interior: Vec<usize> = strides.iter().map(|s| s - 1).collect();
    let high: Vec<isize> = (0..rank)
        .map(|k| {
            let n = dy.shape()[k];
            let span = if n == 0 { 0 } else { (n - 1) * strides[k] + 1 };
            x.shape()[k] as isize - low[k] - span as isize
        })
        .collect();
    dy.pad(&low, &high, &interior, 0.0)
}

/// The elements of a padded array that came from `x`; zeros for those that padding cut away.
fn unpad(dy: &Tensor, x: &Tensor, low: &[isize], high: &[isize], interior: &[usize]) -> Tensor {
    // Undo the cuts and additions at the ends first, then take every (interior + 1)-th element.
    let back = |p: &[isize]| p.iter().map(|v| -v).collect::<Vec<_>>();
    let full = dy.pad(&back(low), &back(high), &vec![0; low.len()], 0.0);
    let strides: Vec<usize> = interior.iter().map(|i| i + 1).collect();
    let start = vec![0; low.len()];
    let limit = full.shape().dims().to_vec();
    full.strided_slice(&start, &limit, &strides)
        .reshape_to(x.shape())
}

fn index_is_inside(indices: &Tensor, size: usize) -> Tensor {
    let limit = Tensor::literal(size as f64, indices.dtype());
    indices.greater_equal(0).logical_and(indices.less(&limit))
}

/// Spreads one truth value an index over the shape that a gather with these indices gives.
fn along_gather(inside: &Tensor, shape: &Shape, axis: usize, batch: usize) -> Tensor {
    let axes = (0..batch)
        .chain(axis..axis + inside.rank() - batch)
        .collect();
    Tensor::apply(
        Op::BroadcastInDim {
            shape: shape.clone(),
            axes,
        },
        std::slice::from_ref(inside),
    )
}

/// The axes of a product that are neither contracted nor batch axes.
fn free_axes(rank: usize, batch: &[usize], contract: &[usize]) -> Vec<usize> {
    (0..rank)
        .filter(|a| !batch.contains(a) && !contract.contains(a))
        .collect()
}

/// The cotangent of the left operand: `dy` contracted with the right operand's free axes, its axes put
/// back in the left operand's order.
fn dot_lhs(a: &Tensor, b: &Tensor, dy: &Tensor, dims: &DotDims) -> Tensor {
    let nb = dims.lhs_batch.len();
    let free_a = free_axes(a.rank(), &dims.lhs_batch, &dims.lhs_contract);
    let free_b = free_axes(b.rank(), &dims.rhs_batch, &dims.rhs_contract);
    let product = dy.dot_general(
        b,
        DotDims {
            lhs_batch: (0..nb).collect(),
            rhs_batch: dims.rhs_batch.clone(),
            lhs_contract: (nb + free_a.len()..dy.rank()).collect(),
            rhs_contract: free_b,
        },
    );
    // The contracted axes come in the order of the right operand.
    let contracted = sorted_like(&dims.rhs_contract, &dims.lhs_contract);
    put_back(&product, a.rank(), [&dims.lhs_batch, &free_a, &contracted])
}

/// The cotangent of the right operand: as [`dot_lhs`] with the sides exchanged.
fn dot_rhs(a: &Tensor, b: &Tensor, dy: &Tensor, dims: &DotDims) -> Tensor {
    let nb = dims.lhs_batch.len();
    let free_a = free_axes(a.rank(), &dims.lhs_batch, &dims.lhs_contract);
    let free_b = free_axes(b.rank(), &dims.rhs_batch, &dims.rhs_contract);
    let product = a.dot_general(
        dy,
        DotDims {
            lhs_batch: dims.lhs_batch.clone(),
            rhs_batch: (0..nb).collect(),
            lhs_contract: free_a.clone(),
            rhs_contract: (nb..nb + free_a.len()).collect(),
        },
    );
    let contracted = sorted_like(&dims.lhs_contract, &dims.rhs_contract);
    put_back(&product, b.rank(), [&dims.rhs_batch, &contracted, &free_b])
}

/// `values` in the order that sorts `keys`.
fn sorted_like(keys: &[usize], values: &[usize]) -> Vec<usize> {
    let mut pairs: Vec<(usize, usize)> = keys.iter().copied().zip(values.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.into_iter().map(|(_, v)| v).collect()
}

/// Transposes a product whose axes are, in order, these axes of an operand.
fn put_back(product: &Tensor, rank: usize, order: [&[usize]; 3]) -> Tensor {
    let mut permutation = vec![0; rank];
    order
        .concat()
        .into_iter()
        .enumerate()
        .for_each(|(k, axis)| permutation[axis] = k);
    if permutation.iter().copied().eq(0..rank) {
        return product.clone();
    }
    product.transpose(permutation)
}

/// Whether the tensor is made as zeros are: a rectifier has them at hand.
fn is_zeros(tensor: &Tensor) -> bool {
    let Kind::Op { op, inputs } = &tensor.0.kind else {
        return false;
    };
    let is_zero = |x: &Tensor| matches!(&x.0.kind, Kind::Constant(value) if value.len() == 1 && value.get_f64(0).to_bits() == 0);
    matches!(op, Op::BroadcastInDim { .. }) && is_zero(&inputs[0])
}

fn reduce_rule(
    kind: Reduction,
    axes: &[usize],
    x: &Tensor,
    y: &Tensor,
    dy: &Tensor,
) -> Option<Tensor> {
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !axes.contains(a)).collect();
    let spread = |t: &Tensor| {
        let op = Op::BroadcastInDim {
            shape: x.shape().clone(),
            axes: kept.clone(),
        };
        Tensor::apply(op, std::slice::from_ref(t))
    };
    match kind {
        Reduction::Sum => Some(spread(dy)),
        Reduction::Max | Reduction::Min => {
            // Equal extremes share the gradient evenly, as in TensorFlow and JAX.
            let chosen = x.equal(spread(y)).cast(x.dtype());
            let share = dy / chosen.sum(axes.to_vec());
            Some(chosen * spread(&share))
        }
        Reduction::Product => Some(spread(dy) * product_of_the_others(x, axes)),
        Reduction::And | Reduction::Or => None,
    }
}

/// For each element, the product of all others along the axes; right also where elements are 0.
///
/// The others are laid out on a new axis: row `i` has a 1 in place of element `i`. This takes the square
/// of the memory, which products over axes of ordinary length can afford.
fn product_of_the_others(x: &Tensor, axes: &[usize]) -> Tensor {
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !axes.contains(a)).collect();
    let order: Vec<usize> = kept.iter().chain(axes).copied().collect();
    let n: usize = axes.iter().map(|a| x.shape()[*a]).product();
    let m: usize = kept.iter().map(|a| x.shape()[*a]).product();
    let rows = x.transpose(&order).reshape_to([m, 1, n]);
    let own = Tensor::iota([n, n], 0, DType::I32).equal(Tensor::iota([n, n], 1, DType::I32));
    let others = own.select(1.0, rows.broadcast_to([m, n, n])).prod(-1);
    let moved: Vec<usize> = order.iter().map(|a| x.shape()[*a]).collect();
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(k, a)| back[*a] = k);
    others.reshape_to(moved).transpose(back)
}

fn window_rule(kind: Reduction, window: &Window, x: &Tensor, dy: &Tensor) -> Option<Tensor> {
    match kind {
        Reduction::Max => Some(Tensor::apply(
            Op::SelectAndScatter(window.clone()),
            &[x.clone(), dy.clone()],
        )),
        // The smallest is the largest of the negated.
        Reduction::Min => Some(Tensor::apply(
            Op::SelectAndScatter(window.clone()),
            &[-x, dy.clone()],
        )),
        Reduction::Sum => Some(spread_windows(window, x.shape(), dy)),
        Reduction::Product | Reduction::And | Reduction::Or => None,
    }
}

/// The transpose of a sum over windows: each element gets the sum of the windows that it is in.
///
/// The cotangent is laid out with the windows' strides, and then summed over windows that look back:
/// element `j` is in window `o` if `j + low = o * stride + k * dilation` for a `k` of the window.
fn spread_windows(window: &Window, shape: &Shape, dy: &Tensor) -> Tensor {
    let rank = shape.rank();
    let interior: Vec<usize> = window.strides.iter().map(|s| s - 1).collect();
    let mut padding = Vec::with_capacity(rank);
    for k in 0..rank {
        let reach = ((window.size[k] - 1) * window.dilation[k]) as isize;
        let n = dy.shape()[k] as isize;
        let laid_out = if n == 0 {
            0
        } else {
            (n - 1) * window.strides[k] as isize + 1
        };
        let low = reach - window.padding[k].0;
        padding.push((low, shape[k] as isize + reach - laid_out - low));
    }
    let zeros = vec![0; rank];
    let spread = dy.pad(&zeros, &zeros, &interior, 0.0);
    spread.reduce_window(
        Reduction::Sum,
        Window {
            size: window.size.clone(),
            strides: vec![1; rank],
            padding,
            dilation: window.dilation.clone(),
        },
    )
}

/// The cotangents of a scan's operands: a scan in the opposite direction, whose carry is the cotangent
/// of the forward carry.
///
/// Each turn recomputes the forward body from the carry before it, which the forward scan can stack;
/// this takes one more forward pass and only the carries' memory.
pub(super) fn scan(
    scan: &Scan,
    x: &[Tensor],
    node: &Tensor,
    elements: &HashMap<usize, Tensor>,
) -> Vec<Option<Tensor>> {
    control_flow::scan_vjp(scan, x, node, elements)
}

/// A loop with a condition has no reverse-mode gradient: its length is not known before it runs.
pub(super) fn while_loop(x: &[Tensor]) -> Vec<Option<Tensor>> {
    let error = Error::invalid_argument(
        "gradient",
        "a computation without while_loop between the sources and the target",
        "a while_loop",
        "Use scan, whose number of turns is known, or stop_gradient",
    );
    x.iter()
        .map(|_| Some(Tensor::invalid(error.clone())))
        .collect()
}
