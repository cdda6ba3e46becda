//! Binary crossentropy that looks away from what is easy.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::crossentropy_arguments::{CrossentropyArguments, crossentropy_arguments};
use super::{Entry, Loss, LossBase, check_number};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "BinaryFocalCrossentropy",
    names: &["binary_focal_crossentropy"],
    from_config: |config| Ok(Arc::new(BinaryFocalCrossentropy::from_config(config)?)),
};

/// Binary crossentropy times `(1 - p_t)^gamma`, where `p_t` is the probability given to what is true; the mean
/// over the last axis.
///
/// `p_t = y p + (1 - y) (1 - p)`. What is predicted well counts less, so that many easy samples do not drown the
/// few hard ones. With [`BinaryFocalCrossentropy::apply_class_balancing`] the loss is also multiplied by
/// `y alpha + (1 - y) (1 - alpha)`.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # At the edges
/// Logits of any size are safe: the crossentropy is computed from them, also from those behind a sigmoid. Other
/// probabilities are clipped to `[1e-7, 1 - 1e-7]` in it, and beyond only the factor has a gradient.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = BinaryFocalCrossentropy::new().gamma(2.0).reduction("none");
/// let loss = loss.compute(&Tensor::from([[1i32], [0]]), &Tensor::from([[0.5f32], [0.1]]), None);
/// let wanted = [0.25 * 2f32.ln(), -0.01 * 0.9f32.ln()];
/// assert!(loss.to_vec::<f32>()?.iter().zip(wanted).all(|(a, b)| (a - b).abs() < 1e-6));
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Lin et al., "Focal loss for dense object detection", arXiv:1708.02002; `keras.losses.BinaryFocalCrossentropy`.
#[derive(Debug, Clone)]
pub struct BinaryFocalCrossentropy {
    base: LossBase,
    crossentropy: CrossentropyArguments,
    apply_class_balancing: bool,
    alpha: f64,
    gamma: f64,
}

loss_arguments!(BinaryFocalCrossentropy);
crossentropy_arguments!(
    BinaryFocalCrossentropy,
    "Moves the labels towards 0.5: `y (1 - s) + 0.5 s`, with `s` in `[0, 1]`; 0 by default.",
    "The axis of the mean; -1 by default."
);

impl BinaryFocalCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("binary_focal_crossentropy"),
            crossentropy: CrossentropyArguments::new(),
            apply_class_balancing: false,
            alpha: 0.25,
            gamma: 2.0,
        }
    }

    /// Whether the classes are weighted by `alpha` and `1 - alpha`; `false` by default.
    #[must_use]
    pub fn apply_class_balancing(mut self, apply_class_balancing: bool) -> Self {
        self.apply_class_balancing = apply_class_balancing;
        self
    }

    /// The weight of class 1, in `[0, 1]`, if balancing is on; 0.25 by default.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        let is_share = |x| (0.0..=1.0).contains(&x);
        check_number(
            &mut self.base,
            "alpha",
            alpha,
            "a number from 0 to 1",
            is_share,
        );
        self.alpha = alpha;
        self
    }

    /// How strongly the loss looks away from what is easy; at least 0; 2 by default. 0 is plain crossentropy.
    #[must_use]
    pub fn gamma(mut self, gamma: f64) -> Self {
        let expected = "a number of at least 0";
        check_number(&mut self.base, "gamma", gamma, expected, |x| x >= 0.0);
        self.gamma = gamma;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let own = [
            &CrossentropyArguments::KEYS[..],
            &["apply_class_balancing", "alpha", "gamma"],
        ];
        LossBase::only(config, "BinaryFocalCrossentropy", &own.concat())?;
        let mut loss = Self::new()
            .apply_class_balancing(config.flag("apply_class_balancing")?.unwrap_or(false))
            .alpha(config.number("alpha")?.unwrap_or(0.25))
            .gamma(config.number("gamma")?.unwrap_or(2.0));
        loss.crossentropy = CrossentropyArguments::read(config, &mut loss.base)?;
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for BinaryFocalCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let pair = ops::same_shapes("binary_focal_crossentropy", y_true, y_pred);
        let (y_true, y_pred) = match pair {
            Ok(pair) => pair,
            Err(error) => return ops::invalid(error),
        };
        let y = ops::smooth_labels(&y_true, self.crossentropy.label_smoothing, 2);
        let p = if self.crossentropy.from_logits {
            ops::sigmoid(&y_pred)
        } else {
            y_pred
        };
        let of_truth = &y * &p + (1.0 - &y) * (1.0 - &p);
        let factor = (1.0 - of_truth).pow(self.gamma);
        let mut loss = factor * ops::binary_crossentropy(&y, &p, false);
        if self.apply_class_balancing {
            loss = loss * (&y * self.alpha + (1.0 - &y) * (1.0 - self.alpha));
        }
        loss.mean(self.crossentropy.axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "BinaryFocalCrossentropy"
    }

    fn get_config(&self) -> Config {
        (self.crossentropy.add_to(self.base.get_config()))
            .with("apply_class_balancing", self.apply_class_balancing)
            .with("alpha", self.alpha)
            .with("gamma", self.gamma)
    }
}

/// [`BinaryFocalCrossentropy`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn binary_focal_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    BinaryFocalCrossentropy::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::BinaryCrossentropy;

    #[test]
    fn without_focus_it_is_the_plain_crossentropy() {
        let (y_true, y_pred) = (Tensor::from([[1.0f32, 0.0]]), Tensor::from([[0.3f32, 0.6]]));
        let focal = BinaryFocalCrossentropy::new().gamma(0.0);
        let plain = BinaryCrossentropy::new();
        let of = |loss: &dyn Loss| loss.compute(&y_true, &y_pred, None).item::<f32>().unwrap();
        assert_eq!(of(&focal), of(&plain));
    }

    #[test]
    fn arguments_out_of_range_are_refused() {
        let new = BinaryFocalCrossentropy::new;
        for loss in [
            new().gamma(-1.0),
            new().alpha(1.5),
            new().label_smoothing(2.0),
        ] {
            assert!(loss.check().is_err());
        }
    }
}
