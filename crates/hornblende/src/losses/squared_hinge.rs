//! Squared hinge loss.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::squared_hinge;

pub(super) const ENTRY: Entry = SquaredHinge::entry();

function_loss! {
    /// Squared hinge loss: `mean(max(1 - y_true y_pred, 0)^2)` over the last axis, for labels of -1 and 1.
    ///
    /// If all labels of a batch are 0 or 1, then 0 counts as -1.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = SquaredHinge::new();
    /// let loss = loss.compute(&Tensor::from([[0i32, 1]]), &Tensor::from([[0.5f32, 3.0]]), None);
    /// assert_eq!(loss.item::<f32>()?, 1.125); // 1.5^2 and 0
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.SquaredHinge`.
    SquaredHinge, ["squared_hinge"], squared_hinge
}
