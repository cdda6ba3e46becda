//! Mean absolute percentage error.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::mean_absolute_percentage_error;

pub(super) const ENTRY: Entry = MeanAbsolutePercentageError::entry();

function_loss! {
    /// Mean absolute percentage error: `100 mean(|y_true - y_pred| / max(|y_true|, 1e-7))` over the last axis.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # At the edges
    /// A label of 0 makes a loss of a billion per unit of error: this loss wants labels away from 0. The gradient
    /// where prediction and label agree is 0.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = MeanAbsolutePercentageError::new();
    /// let loss = loss.compute(&Tensor::from([[2.0f32, 4.0]]), &Tensor::from([[1.0f32, 5.0]]), None);
    /// assert_eq!(loss.item::<f32>()?, 37.5); // 50 % and 25 %
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.MeanAbsolutePercentageError`.
    MeanAbsolutePercentageError, ["mean_absolute_percentage_error", "mape", "MAPE"], mean_absolute_percentage_error
}
