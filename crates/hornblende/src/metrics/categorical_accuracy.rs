//! How often the most probable class is that of a one-hot label.

use std::sync::Arc;

use hornblende_core::{DType, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalAccuracy",
    names: &["categorical_accuracy"],
    from_config: |config| Ok(Arc::new(CategoricalAccuracy::from_config(config)?)),
};

/// How often the most probable class is that of a one-hot label.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, the classes along the last axis.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = CategoricalAccuracy::new();
/// let y_true = Tensor::from([[0.0f32, 1.0], [1.0, 0.0]]);
/// metric.update_state(&y_true, &Tensor::from([[0.1f32, 0.9], [0.2, 0.8]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.CategoricalAccuracy`.
#[derive(Debug)]
pub struct CategoricalAccuracy {
    mean: Mean,
}

mean_metric!(
    CategoricalAccuracy,
    "categorical_accuracy",
    categorical_accuracy,
    Some(Direction::Up)
);

/// 1 where the largest prediction stands where the largest label does, else 0; one a sample.
#[track_caller]
#[must_use]
pub fn categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("categorical_accuracy", y_true, y_pred) {
        Ok((y_true, y_pred)) => y_true.argmax(-1).equal(y_pred.argmax(-1)).cast(DType::F32),
        Err(error) => ops::invalid(error),
    }
}
