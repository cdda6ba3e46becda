//! Dice loss.

use std::sync::Arc;

use hornblende_core::{Axes, Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase};
use crate::config::{Config, axes_value};
use crate::ops::{self, EPSILON};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Dice",
    names: &["dice"],
    from_config: |config| Ok(Arc::new(Dice::from_config(config)?)),
};

/// Dice loss: `1 - 2 sum(y_true y_pred) / (sum(y_true) + sum(y_pred) + 1e-7)` over the axes, by default all.
///
/// One minus the overlap of two regions, for the segmentation of images: a small region counts as much as a large
/// one.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1. Over all axes the loss is a scalar: the reduction
/// leaves it as it is, and a sample weight multiplies it.
///
/// # At the edges
/// Without labels and predictions the loss is 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (y_true, y_pred) = (Tensor::from([[1.0f32, 1.0], [0.0, 0.0]]), Tensor::from([[0.5f32, 0.0], [0.0, 0.5]]));
/// let loss = Dice::new().compute(&y_true, &y_pred, None);
/// assert!((loss.item::<f32>()? - 2.0 / 3.0).abs() < 1e-6); // 1 - 2 * 0.5 / (2 + 1)
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Milletari et al., "V-Net", arXiv:1606.04797; `keras.losses.Dice`.
#[derive(Debug, Clone)]
pub struct Dice {
    base: LossBase,
    axis: Axes,
}

loss_arguments!(Dice);

impl Dice {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("dice"),
            axis: Axes::All,
        }
    }

    /// The axes of a region, such as `[1, 2, 3]` for each image its own; `..` (all) by default.
    #[must_use]
    pub fn axis(mut self, axis: impl Into<Axes>) -> Self {
        self.axis = axis.into();
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "Dice", &["axis"])?;
        Ok(Self {
            base: Self::new().base.configured(config)?,
            axis: config.axes_or_all("axis")?.unwrap_or(Axes::All),
        })
    }
}

impl Loss for Dice {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        match ops::same_shapes("dice", y_true, y_pred) {
            Ok((y_true, y_pred)) => {
                let sum = |x: &Tensor| x.sum(self.axis.clone());
                let both = sum(&(&y_true * &y_pred)) * 2.0;
                1.0 - both / (sum(&y_true) + sum(&y_pred) + EPSILON)
            }
            Err(error) => ops::invalid(error),
        }
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Dice"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config()).with("axis", axes_value(&self.axis))
    }
}

/// [`Dice`] over all axes.
#[track_caller]
#[must_use]
pub fn dice(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    Dice::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_is_predicted_as_nothing_is_a_loss_of_1_with_a_finite_gradient() {
        let x = Tensor::from([[0.0f32, 0.0]]);
        let loss = Dice::new().axis(-1).compute(&x, &x, None);
        assert_eq!(loss.item::<f32>().unwrap(), 1.0);
        assert_eq!(loss.gradients(&[x])[0].to_vec::<f32>().unwrap(), [0.0, 0.0]);
    }

    #[test]
    fn a_scalar_loss_is_multiplied_by_the_weights() {
        let (x, weight) = (Tensor::from([[1.0f32], [0.0]]), Tensor::from([1.0f32, 3.0]));
        let loss = Dice::new().reduction("none");
        let loss = loss.compute(&x, &Tensor::from([[0.0f32], [1.0]]), Some(&weight));
        assert_eq!(loss.to_vec::<f32>().unwrap(), [1.0, 3.0]);
    }
}
