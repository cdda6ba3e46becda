//! Mean absolute error.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::mean_absolute_error;

pub(super) const ENTRY: Entry = MeanAbsoluteError::entry();

function_loss! {
    /// Mean absolute error: `mean(|y_pred - y_true|)` over the last axis.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # Units
    /// Unit of `y`. The gradient at 0 is 0.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = MeanAbsoluteError::new();
    /// let loss = loss.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[2.0f32, 1.0]]), None);
    /// assert_eq!(loss.item::<f32>()?, 1.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.MeanAbsoluteError`.
    MeanAbsoluteError, ["mean_absolute_error", "mae", "MAE"], mean_absolute_error
}
