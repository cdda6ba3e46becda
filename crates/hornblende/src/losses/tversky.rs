//! Tversky loss.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_number};
use crate::config::{Config, axes_value};
use crate::ops::{self, EPSILON};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Tversky",
    names: &["tversky"],
    from_config: |config| Ok(Arc::new(Tversky::from_config(config)?)),
};

/// Tversky loss: `1 - both / (both + alpha missed + beta invented + 1e-7)` over the axes, by default all.
///
/// `both = sum(y_true y_pred)`, `missed = sum(y_true (1 - y_pred))`, `invented = sum((1 - y_true) y_pred)`. With weights
/// of 0.5 it is [`crate::losses::Dice`]; a larger `alpha` makes it worse to miss.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. Over all axes the loss is a scalar: the reduction
/// leaves it as it is, and a sample weight multiplies it.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = Tversky::new().alpha(1.0).beta(0.0);
/// let loss = loss.compute(&Tensor::from([[1i32, 1, 0]]), &Tensor::from([[1.0f32, 0.0, 1.0]]), None);
/// assert!((loss.item::<f32>()? - 0.5).abs() < 1e-6); // half of the labels are missed
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Salehi et al., arXiv:1706.05721; `keras.losses.Tversky`, whose documentation calls `alpha` the weight of false
/// positives; it multiplies what is missed.
#[derive(Debug, Clone)]
pub struct Tversky {
    base: LossBase,
    alpha: f64,
    beta: f64,
    axis: Axes,
}

loss_arguments!(Tversky);

impl Tversky {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("tversky"),
            alpha: 0.5,
            beta: 0.5,
            axis: Axes::All,
        }
    }

    /// The weight of what is missed; at least 0; 0.5 by default.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        let expected = "a number of at least 0";
        check_number(&mut self.base, "alpha", alpha, expected, |x| x >= 0.0);
        self.alpha = alpha;
        self
    }

    /// The weight of what is invented; at least 0; 0.5 by default.
    #[must_use]
    pub fn beta(mut self, beta: f64) -> Self {
        let expected = "a number of at least 0";
        check_number(&mut self.base, "beta", beta, expected, |x| x >= 0.0);
        self.beta = beta;
        self
    }

    /// The axes of a region, such as `[1, 2, 3]` for each image its own; `..` (all) by default.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "Tversky", &["alpha", "beta", "axis"])?;
        let loss = Self::new()
            .alpha(config.number("alpha")?.unwrap_or(0.5))
            .beta(config.number("beta")?.unwrap_or(0.5));
        Ok(Self {
            base: loss.base.configured(config)?,
            axis: config.axes_or_all("axis")?.unwrap_or(Axes::All),
            ..loss
        })
    }
}

impl Loss for Tversky {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match ops::same_shapes("tversky", y_true, y_pred) {
            Ok((y_true, y_pred)) => {
                let sum = |x: Tensor| x.sum(self.axis.clone());
                let both = sum(&y_true * &y_pred);
                let missed = sum(&y_true * (1.0 - &y_pred));
                let invented = sum((1.0 - &y_true) * &y_pred);
                1.0 - &both / (&both + missed * self.alpha + invented * self.beta + EPSILON)
            }
            Err(error) => ops::invalid(error),
        }
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Tversky"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config())
            .with("alpha", self.alpha)
            .with("beta", self.beta)
            .with("axis", axes_value(&self.axis))
    }
}

/// [`Tversky`] over all axes, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn tversky(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    Tversky::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::dice;

    #[test]
    fn with_equal_weights_it_is_the_dice_loss() {
        let (y_true, y_pred) = (
            Tensor::from([[1.0f32, 0.0]]),
            Tensor::from([[0.75f32, 0.5]]),
        );
        let of = |loss: Tensor| loss.item::<f32>().unwrap();
        let (a, b) = (of(tversky(&y_true, &y_pred)), of(dice(&y_true, &y_pred)));
        // The 1e-7 in the divisor counts twice as much here.
        assert!((a - b).abs() < 3e-7, "{a} and {b}");
    }
}
