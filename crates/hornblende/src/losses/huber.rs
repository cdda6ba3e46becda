//! Huber loss.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_number};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Huber",
    names: &["huber", "huber_loss"],
    from_config: |config| Ok(Arc::new(Huber::from_config(config)?)),
};

/// Huber loss: the mean over the last axis of `error^2 / 2` where `|error| <= delta`, else
/// `delta |error| - delta^2 / 2`.
///
/// Quadratic for small errors and linear for large ones, so that outliers pull less than in
/// [`crate::losses::MeanSquaredError`].
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. One loss for each index of the other axes.
///
/// # Units
/// Unit of `y` squared; `delta` has the unit of `y`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = Huber::new().delta(1.0);
/// let loss = loss.compute(&Tensor::from([[0.0f32, 0.0]]), &Tensor::from([[0.5f32, -3.0]]), None);
/// assert_eq!(loss.item::<f32>()?, 0.5 * (0.125 + 2.5));
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Huber, "Robust estimation of a location parameter", 1964; `keras.losses.Huber`, which does not write `delta`
/// into its configuration.
#[derive(Debug, Clone)]
pub struct Huber {
    base: LossBase,
    delta: f64,
}

loss_arguments!(Huber);

impl Huber {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("huber_loss"),
            delta: 1.0,
        }
    }

    /// The error up to which the loss is quadratic; above 0; 1 by default.
    #[must_use]
    pub fn delta(mut self, delta: f64) -> Self {
        check_number(&mut self.base, "delta", delta, "a number above 0", |x| {
            x > 0.0
        });
        self.delta = delta;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "Huber", &["delta"])?;
        let loss = Self::new().delta(config.number("delta")?.unwrap_or(1.0));
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for Huber {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match ops::same_shapes("huber", y_true, y_pred) {
            Ok((y_true, y_pred)) => {
                let error = y_pred - y_true;
                let size = error.abs();
                let linear = &size * self.delta - 0.5 * self.delta * self.delta;
                let is_small = size.less_equal(self.delta);
                is_small.select(error.square() * 0.5, linear).mean(-1)
            }
            Err(error) => ops::invalid(error),
        }
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Huber"
    }

    fn get_config(&self) -> Config {
        self.base.get_config().with("delta", self.delta)
    }
}

/// [`Huber`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn huber(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    Huber::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slope_does_not_grow_beyond_delta() {
        let y_pred = Tensor::from([[0.25f32], [0.5], [3.0], [-1e30]]);
        let loss = Huber::new().delta(0.5).reduction("none");
        let loss = loss.compute(&Tensor::zeros([4, 1], y_pred.dtype()), &y_pred, None);
        let gradient = loss.gradients(&[y_pred])[0].to_vec::<f32>().unwrap();
        assert_eq!(gradient, [0.25, 0.5, 0.5, -0.5]);
    }

    #[test]
    fn a_delta_that_is_not_above_0_is_refused() {
        for delta in [0.0, -1.0, f64::NAN] {
            let text = Huber::new().delta(delta).check().unwrap_err().to_string();
            assert!(text.contains("a number above 0"), "{text}");
        }
    }
}
