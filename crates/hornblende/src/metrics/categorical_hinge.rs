//! Categorical hinge loss as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalHinge",
    names: &["categorical_hinge"],
    from_config: |config| Ok(Arc::new(CategoricalHinge::from_config(config)?)),
};

/// The mean over the samples of `max(neg - pos + 1, 0)` with `pos = sum(y_true y_pred)` and
/// `neg = max((1 - y_true) y_pred)` over the last axis.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::CategoricalHinge, prelude::*};
/// let metric = CategoricalHinge::new();
/// metric.update_state(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[0.5f32, 0.5]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 1.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.CategoricalHinge`, the mean of [`losses::categorical_hinge`](crate::losses::categorical_hinge).
#[derive(Debug)]
pub struct CategoricalHinge {
    mean: Mean,
}

mean_metric!(
    CategoricalHinge,
    "categorical_hinge",
    measures::categorical_hinge,
    Some(Direction::Down)
);
