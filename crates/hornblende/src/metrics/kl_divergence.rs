//! Kullback-Leibler divergence as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "KLDivergence",
    names: &["kl_divergence", "kld", "KLD", "kullback_leibler_divergence"],
    from_config: |config| Ok(Arc::new(KLDivergence::from_config(config)?)),
};

/// The mean over the samples of `sum(y_true log(y_true / y_pred))` over the last axis, both clipped to `[1e-7, 1]`.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::KLDivergence, prelude::*};
/// let metric = KLDivergence::new();
/// metric.update_state(&Tensor::from([[0.5f32, 0.5]]), &Tensor::from([[0.5f32, 0.5]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.KLDivergence`, the mean of [`losses::kl_divergence`](crate::losses::kl_divergence).
#[derive(Debug)]
pub struct KLDivergence {
    mean: Mean,
}

mean_metric!(
    KLDivergence,
    "kl_divergence",
    measures::kl_divergence,
    Some(Direction::Down)
);
