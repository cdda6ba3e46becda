//! How often the most probable class is the label.

use std::sync::Arc;

use hornblende_core::{DType, Error, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SparseCategoricalAccuracy",
    names: &["sparse_categorical_accuracy"],
    from_config: |config| Ok(Arc::new(SparseCategoricalAccuracy::from_config(config)?)),
};

/// How often the most probable class is the label.
///
/// # Shapes
/// `y_pred`: the classes along the last axis. `y_true`: class numbers, the shape of `y_pred` without its last
/// axis, or with a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = SparseCategoricalAccuracy::new();
/// metric.update_state(&Tensor::from([1i32, 0]), &Tensor::from([[0.1f32, 0.9], [0.2, 0.8]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.SparseCategoricalAccuracy`.
#[derive(Debug)]
pub struct SparseCategoricalAccuracy {
    mean: Mean,
}

mean_metric!(
    SparseCategoricalAccuracy,
    "sparse_categorical_accuracy",
    sparse_categorical_accuracy,
    Some(Direction::Up)
);

/// 1 where the largest prediction stands at the class of the label, else 0; one a sample.
///
/// # Errors
/// [`Error::ShapeMismatch`] if there is not one label for each row of predictions.
#[track_caller]
#[must_use]
pub fn sparse_categorical_accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let one_column = y_true.rank() == y_pred.rank() && y_true.shape().dims().last() == Some(&1);
    let labels = if one_column {
        y_true.squeeze(-1)
    } else {
        y_true.clone()
    };
    let classes = y_pred.argmax(-1);
    if let Some(bad) = [&labels, &classes]
        .into_iter()
        .find(|t| t.error().is_some())
    {
        return bad.clone();
    }
    if labels.shape() != classes.shape() {
        return ops::invalid(Error::shape_mismatch(
            "sparse_categorical_accuracy",
            format!(
                "labels of shape {} for predictions of shape {}",
                classes.shape(),
                y_pred.shape()
            ),
            format!("labels of shape {}", labels.shape()),
            if y_true.shape() == y_pred.shape() {
                "For one-hot labels use categorical_accuracy"
            } else {
                ""
            },
        ));
    }
    // Labels may be floats; those between two classes are right for neither.
    let classes = match labels.dtype() {
        dtype if dtype.is_float() => classes.cast(dtype),
        _ => classes,
    };
    labels.equal(classes).cast(DType::F32)
}
