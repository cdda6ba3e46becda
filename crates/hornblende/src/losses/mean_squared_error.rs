//! Mean squared error.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::mean_squared_error;

pub(super) const ENTRY: Entry = MeanSquaredError::entry();

function_loss! {
    /// Mean squared error: `mean((y_pred - y_true)^2)` over the last axis.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # Units
    /// Unit of `y` squared.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = MeanSquaredError::new();
    /// let loss = loss.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[2.0f32, 1.0]]), None);
    /// assert_eq!(loss.item::<f32>()?, 2.0);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.MeanSquaredError`.
    MeanSquaredError, ["mean_squared_error", "mse", "MSE"], mean_squared_error
}
