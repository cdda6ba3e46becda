//! Pearson's correlation.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "PearsonCorrelation",
    names: &["pearson_correlation"],
    from_config: |config| Ok(Arc::new(PearsonCorrelation::from_config(config)?)),
};

/// The mean of the linear correlation of labels and predictions along an axis: their covariance divided by the
/// product of their standard deviations.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One correlation for each index of the other
/// axes.
///
/// # At the edges
/// NaN where labels or predictions are constant along the axis, and so if it has one entry.
///
/// # Example
/// ```
/// use hornblende::{metrics::PearsonCorrelation, prelude::*};
/// let metric = PearsonCorrelation::new();
/// let (y_true, y_pred) = (Tensor::from([[0.0f32, 1.0, 2.0]]), Tensor::from([[5.0f32, 3.0, 1.0]]));
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert!((metric.result().item::<f32>()? + 1.0).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.PearsonCorrelation`.
#[derive(Debug)]
pub struct PearsonCorrelation {
    mean: Mean,
    axis: isize,
}

mean_metric!(PearsonCorrelation, Some(Direction::Up));

impl PearsonCorrelation {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("pearson_correlation"),
            axis: -1,
        }
    }

    /// The axis along which numbers are compared; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let mean = Self::new().mean;
        Ok(Self {
            mean: mean.configured("PearsonCorrelation", config, &["axis"])?,
            axis: config.whole("axis")?.unwrap_or(-1) as isize,
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        pearson_correlation(y_true, y_pred, self.axis)
    }

    fn own_config(&self) -> Config {
        Config::new().with("axis", self.axis)
    }
}

/// The linear correlation along an axis.
#[track_caller]
#[must_use]
pub fn pearson_correlation(y_true: &Tensor, y_pred: &Tensor, axis: isize) -> Tensor {
    let normal = |x: &Tensor| {
        let centred = x - x.mean_keepdims(axis);
        let deviation = centred.variance(axis).sqrt().expand_dims(axis);
        centred / deviation
    };
    match ops::same_shapes("pearson_correlation", y_true, y_pred) {
        Ok((y_true, y_pred)) => (normal(&y_true) * normal(&y_pred)).mean(axis),
        Err(error) => ops::invalid(error),
    }
}
