//! Cosine similarity.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::{Config, axes_value};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CosineSimilarity",
    names: &["cosine_similarity", "cosine_proximity"],
    from_config: |config| Ok(Arc::new(CosineSimilarity::from_config(config)?)),
};

/// Cosine similarity: the mean of `sum(y_true / |y_true| * y_pred / |y_pred|)` along one or several axes.
///
/// 1 where the directions agree, 0 where they are at right angles, -1 where they are opposite. The loss of this
/// name has the other sign.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # At the edges
/// A vector of zeros has a similarity of 0 with every other.
///
/// # Example
/// ```
/// use hornblende::{metrics::CosineSimilarity, prelude::*};
/// let metric = CosineSimilarity::new();
/// metric.update_state(&Tensor::from([[1.0f32, 0.0]]), &Tensor::from([[0.0f32, 2.0]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.CosineSimilarity`. Differs from it in: an `axis` other than -1 is written into the
/// configuration, where Keras forgets it.
#[derive(Debug)]
pub struct CosineSimilarity {
    mean: Mean,
    axis: Axes,
}

mean_metric!(CosineSimilarity, Some(Direction::Up));

impl CosineSimilarity {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("cosine_similarity"),
            axis: Axes::from(-1),
        }
    }

    /// The axis or axes along which numbers are compared; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let metric = Self::new();
        Ok(Self {
            mean: metric
                .mean
                .configured("CosineSimilarity", config, &["axis"])?,
            axis: config.axes_or_all("axis")?.unwrap_or(metric.axis),
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        measures::cosine(y_true, y_pred, &self.axis)
    }

    fn own_config(&self) -> Config {
        match &self.axis {
            usual if *usual == Axes::from(-1) => Config::new(),
            axis => Config::new().with("axis", axes_value(axis)),
        }
    }
}
