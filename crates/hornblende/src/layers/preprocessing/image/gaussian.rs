// tidy: not an item
//! The bell curve as a kernel.

use hornblende_core::Tensor;

/// The bell curve at so many places around its middle, of this standard deviation (a scalar), with the sum 1. Places
/// farther from the middle than `reach` (a scalar) count as 0, where there is one.
pub(super) fn bell_curve(size: usize, deviation: &Tensor, reach: Option<&Tensor>) -> Tensor {
    let middle = (size as f64 - 1.0) / 2.0;
    let distance = Tensor::arange(size, deviation.dtype()) - middle;
    let curve = ((&distance / deviation).square() * -0.5).exp();
    let curve = match reach {
        Some(reach) => distance.abs().less_equal(reach).select(curve, 0.0),
        None => curve,
    };
    &curve / curve.sum(..)
}
