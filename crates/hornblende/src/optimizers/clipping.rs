// tidy: not an item
//! Clipping of gradients.

use hornblende_core::autodiff::SQUARES_OF_ROWS;
use hornblende_core::{DType, Tensor};

use super::OptimizerBase;
use super::update::squared;

/// The gradients as the arguments of the optimizer want them clipped.
pub(super) fn clip(base: &OptimizerBase, gradients: Vec<Tensor>) -> Vec<Tensor> {
    if let Some(norm) = base.clipnorm {
        return gradients.iter().map(|g| clip_by_norm(g, norm)).collect();
    }
    if let Some(norm) = base.global_clipnorm {
        return clip_by_global_norm(&gradients, norm);
    }
    match base.clipvalue {
        Some(limit) => gradients.iter().map(|g| g.clip(-limit, limit)).collect(),
        None => gradients,
    }
}

/// A gradient of a table stays a list of rows, as in Keras: its norm is that of the rows as they were taken, and
/// what is squared later are the rows too.
fn clip_by_norm(gradient: &Tensor, limit: f64) -> Tensor {
    let norm = squared(gradient).sum(..).sqrt().maximum(limit);
    let clipped = gradient * limit / &norm;
    match gradient.remark(SQUARES_OF_ROWS) {
        Some(rows) => clipped.with_remark(SQUARES_OF_ROWS, &(rows * (limit / norm).square())),
        None => clipped,
    }
}

/// A norm that is not finite makes all gradients NaN, as in Keras: the sum of infinities tells no direction.
fn clip_by_global_norm(gradients: &[Tensor], limit: f64) -> Vec<Tensor> {
    let squares = gradients
        .iter()
        .map(|g| squared(g).sum(..).cast(DType::F32));
    let Some(sum) = squares.reduce(|a, b| a + b) else {
        return Vec::new();
    };
    let norm = sum.sqrt();
    let scale = limit / norm.maximum(limit);
    let scale = norm.is_finite().select(scale, f64::NAN);
    gradients
        .iter()
        .map(|g| g * scale.cast(g.dtype()))
        .collect()
}
