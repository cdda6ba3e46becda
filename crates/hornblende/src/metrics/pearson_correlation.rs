//! Pearson's correlation.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::config::{Config, axes_value};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "PearsonCorrelation",
    names: &["pearson_correlation"],
    from_config: |config| Ok(Arc::new(PearsonCorrelation::from_config(config)?)),
};

/// The mean of the linear correlation of labels and predictions along one or several axes: their covariance divided by the
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
    axis: Axes,
}

mean_metric!(PearsonCorrelation, Some(Direction::Up));

impl PearsonCorrelation {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            mean: Mean::named("pearson_correlation"),
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
                .configured("PearsonCorrelation", config, &["axis"])?,
            axis: config.axes_or_all("axis")?.unwrap_or(metric.axis),
        })
    }

    #[track_caller]
    pub(super) fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        pearson_correlation(y_true, y_pred, self.axis.clone())
    }

    fn own_config(&self) -> Config {
        Config::new().with("axis", axes_value(&self.axis))
    }
}

/// The linear correlation along one or several axes.
#[track_caller]
#[must_use]
pub fn pearson_correlation(y_true: &Tensor, y_pred: &Tensor, axis: impl Into<Axes>) -> Tensor {
    let axes = axis.into();
    let mean = |x: &Tensor| x.mean_keepdims(axes.clone());
    let normal = |x: &Tensor| {
        let centred = x - mean(x);
        let spread = &centred - mean(&centred);
        centred / mean(&spread.square()).sqrt()
    };
    match ops::same_shapes("pearson_correlation", y_true, y_pred) {
        Ok((y_true, y_pred)) => (normal(&y_true) * normal(&y_pred)).mean(axes.clone()),
        Err(error) => ops::invalid(error),
    }
}
