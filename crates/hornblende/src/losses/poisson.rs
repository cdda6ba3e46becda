//! Poisson loss.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::poisson;

pub(super) const ENTRY: Entry = Poisson::entry();

function_loss! {
    /// Poisson loss: `mean(y_pred - y_true log(y_pred + 1e-7))` over the last axis.
    ///
    /// Up to a constant the negative log-likelihood of counts `y_true` whose expectations are `y_pred`.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # At the edges
    /// Expectations below 0 give NaN; end the model with `softplus` or `exponential`.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = Poisson::new();
    /// let loss = loss.compute(&Tensor::from([[2.0f32, 0.0]]), &Tensor::from([[1.0f32, 3.0]]), None);
    /// assert!((loss.item::<f32>()? - 2.0).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.Poisson`.
    Poisson, ["poisson"], poisson
}
