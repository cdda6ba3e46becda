//! Mean squared logarithmic error.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::mean_squared_logarithmic_error;

pub(super) const ENTRY: Entry = MeanSquaredLogarithmicError::entry();

function_loss! {
    /// Mean squared logarithmic error: `mean((log(1 + y_pred) - log(1 + y_true))^2)` over the last axis.
    ///
    /// It measures ratios: predictions of 10 for 20 and of 1000 for 2000 count about the same.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # At the edges
    /// Labels and predictions below 1e-7 count as 1e-7; the gradient there is 0.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = MeanSquaredLogarithmicError::new();
    /// let loss = loss.compute(&Tensor::from([[0.0f32, 3.0]]), &Tensor::from([[1.0f32, 3.0]]), None);
    /// assert!((loss.item::<f32>()? - 0.5 * 2f32.ln().powi(2)).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.MeanSquaredLogarithmicError`.
    MeanSquaredLogarithmicError, ["mean_squared_logarithmic_error", "msle", "MSLE"], mean_squared_logarithmic_error
}
