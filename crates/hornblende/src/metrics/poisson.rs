//! Poisson loss as a metric.

use std::sync::Arc;

use super::mean::mean_metric;
use super::{Direction, Entry, Mean};
use crate::ops::measures;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Poisson",
    names: &["poisson"],
    from_config: |config| Ok(Arc::new(Poisson::from_config(config)?)),
};

/// The mean of `y_pred - y_true log(y_pred + 1e-7)`: first over the last axis, then over the samples.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::{metrics::Poisson, prelude::*};
/// let metric = Poisson::new();
/// metric.update_state(&Tensor::from([[0.0f32, 0.0]]), &Tensor::from([[1.0f32, 3.0]]), None)?;
/// assert_eq!(metric.result().item::<f32>()?, 2.0);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.metrics.Poisson`, the mean of [`losses::poisson`](crate::losses::poisson).
#[derive(Debug)]
pub struct Poisson {
    mean: Mean,
}

mean_metric!(Poisson, "poisson", measures::poisson, Some(Direction::Down));
