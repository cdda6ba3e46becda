//! Mean squared logarithmic error as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "MeanSquaredLogarithmicError",
    names: &["mean_squared_logarithmic_error", "msle", "MSLE"],
    from_config: |config| Ok(Arc::new(MeanSquaredLogarithmicError::from_config(config)?)),
};

/// The mean of `(log(1 + y_pred) - log(1 + y_true))^2`: first over the last axis, then over the samples. Values
/// below 1e-7 count as that.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::MeanSquaredLogarithmicError, prelude::*};
/// let metric = MeanSquaredLogarithmicError::new();
/// metric.update_state(&Tensor::from([1.0f32]), &Tensor::from([1.0f32]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.MeanSquaredLogarithmicError`, the mean of [`losses::mean_squared_logarithmic_error`](crate::losses::mean_squared_logarithmic_error).
#[derive(Debug)]
pub struct MeanSquaredLogarithmicError {
    mean: Mean,
}

mean_metric!(
    MeanSquaredLogarithmicError,
    "mean_squared_logarithmic_error",
    measures::mean_squared_logarithmic_error,
    Some(Direction::Down)
);
