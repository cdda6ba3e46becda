//! Kullback-Leibler divergence.

use super::Entry;
use super::function_loss::function_loss;

pub use crate::ops::measures::kl_divergence;

pub(super) const ENTRY: Entry = KLDivergence::entry();

function_loss! {
    /// Kullback-Leibler divergence: `sum(y_true log(y_true / y_pred))` over the last axis.
    ///
    /// `y_true` and `y_pred` are probabilities, clipped to `[1e-7, 1]`.
    ///
    /// # Shapes
    /// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
    ///
    /// # At the edges
    /// Predictions outside `[1e-7, 1]` have no gradient. Rows that do not add up to 1 are taken as they are, and the
    /// loss may then be negative.
    ///
    /// # Example
    /// ```
    /// use hornblende::prelude::*;
    /// let loss = KLDivergence::new();
    /// let loss = loss.compute(&Tensor::from([[0.5f32, 0.5]]), &Tensor::from([[0.25f32, 0.75]]), None);
    /// assert!((loss.item::<f32>()? - 0.5 * (4.0f32 / 3.0).ln()).abs() < 1e-6);
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Source
    /// `keras.losses.KLDivergence`.
    KLDivergence, ["kl_divergence", "kld", "KLD", "kullback_leibler_divergence"], kl_divergence
}
