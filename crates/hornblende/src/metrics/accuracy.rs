//! How often predictions equal labels.

use std::sync::Arc;

use hornblende_core::{DType, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Accuracy",
    names: &["accuracy"],
    from_config: |config| Ok(Arc::new(Accuracy::from_config(config)?)),
};

/// How often predictions equal labels.
///
/// This is the class. The name `"accuracy"` given to `compile` means the accuracy that fits the shapes of
/// labels and predictions; see [`crate::metrics::resolve_accuracy`].
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::Accuracy, prelude::*};
/// let metric = Accuracy::new();
/// metric.update_state(&Tensor::from([1i32, 2]), &Tensor::from([1i32, 3]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.Accuracy`.
#[derive(Debug)]
pub struct Accuracy {
    mean: Mean,
}

mean_metric!(Accuracy, "accuracy", accuracy, Some(Direction::Up));

/// 1 where prediction and label are equal, else 0. Labels are converted to the type of the predictions first.
#[track_caller]
#[must_use]
pub fn accuracy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match ops::same_shapes("accuracy", &y_true.cast(y_pred.dtype()), y_pred) {
        Ok((y_true, y_pred)) => y_true.equal(y_pred).cast(DType::F32),
        Err(error) => ops::invalid(error),
    }
}
