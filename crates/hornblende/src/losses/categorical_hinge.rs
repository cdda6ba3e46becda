//! Hinge loss of several classes.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::categorical_hinge;

pub(super) const ENTRY: Entry = CategoricalHinge::entry();

function_loss! {
    /// Hinge loss of several classes: `max(best_wrong - right + 1, 0)` over the last axis, for one-hot labels.
    ///
    /// `right` is `sum(y_true y_pred)`, the score of the class, and `best_wrong` is `max((1 - y_true) y_pred)`. The latter is
    /// at least 0, because the entry of the class itself is 0 in it.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = CategoricalHinge::new();
    /// let loss = loss.compute(&Tensor::from([[0i32, 1, 0]]), &Tensor::from([[0.5f32, 1.0, -2.0]]), None);
    /// assert_eq!(loss.item::<f32>()?, 0.5);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.CategoricalHinge`.
    CategoricalHinge, ["categorical_hinge"], categorical_hinge
}
