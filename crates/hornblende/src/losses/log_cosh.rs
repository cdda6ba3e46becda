//! Logarithm of the hyperbolic cosine of the error.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::log_cosh;

pub(super) const ENTRY: Entry = LogCosh::entry();

function_loss! {
    /// Logarithm of the hyperbolic cosine of the error: `mean(log(cosh(y_pred - y_true)))` over the last axis.
    ///
    /// About `error^2 / 2` for small errors and `|error| - log(2)` for large ones, and smooth between. Its gradient is
    /// `tanh(error)`.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # At the edges
    /// Errors of any finite size are safe.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = LogCosh::new();
    /// let loss = loss.compute(&Tensor::from([[0.0f32]]), &Tensor::from([[100.0f32]]), None);
    /// assert_eq!(loss.item::<f32>()?, 100.0 - 2f32.ln());
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.LogCosh`.
    LogCosh, ["log_cosh", "logcosh"], log_cosh
}
