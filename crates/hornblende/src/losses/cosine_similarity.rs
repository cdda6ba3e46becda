//! Negative cosine similarity.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase};
use crate::config::{Config, axes_value};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CosineSimilarity",
    names: &["cosine_similarity", "cosine_proximity"],
    from_config: |config| Ok(Arc::new(CosineSimilarity::from_config(config)?)),
};

/// Negative cosine similarity: `-sum(y_true / |y_true| * y_pred / |y_pred|)` along an axis.
///
/// -1 where the directions agree, 0 where they are at right angles, 1 where they are opposite. The metric of this
/// name has the other sign.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
///
/// # At the edges
/// A vector of zeros has a similarity of 0 with every other. Lengths below 1e-7 count as 1e-7, so that its
/// gradient is large, but finite.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = CosineSimilarity::new().reduction("none");
/// let y_true = Tensor::from([[1.0f32, 0.0], [1.0, 0.0]]);
/// let loss = loss.compute(&y_true, &Tensor::from([[3.0f32, 4.0], [0.0, 2.0]]), None);
/// assert_eq!(loss.to_vec::<f32>()?, [-0.6, 0.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.losses.CosineSimilarity`, which does not write `axis` into its configuration.
#[derive(Debug, Clone)]
pub struct CosineSimilarity {
    base: LossBase,
    axis: Axes,
}

loss_arguments!(CosineSimilarity);

impl CosineSimilarity {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("cosine_similarity"),
            axis: Axes::from(-1),
        }
    }

    /// The axis along which the vectors run; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "CosineSimilarity", &["axis"])?;
        let loss = Self::new();
        Ok(Self {
            base: loss.base.configured(config)?,
            axis: config.axes_or_all("axis")?.unwrap_or(loss.axis),
        })
    }
}

impl Loss for CosineSimilarity {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        -measures::cosine(y_true, y_pred, &self.axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CosineSimilarity"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config()).with("axis", axes_value(&self.axis))
    }
}

/// [`CosineSimilarity`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn cosine_similarity(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    CosineSimilarity::new().call(y_true, y_pred)
}
