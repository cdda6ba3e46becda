//! Categorical crossentropy that looks away from what is easy.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::crossentropy_arguments::{CrossentropyArguments, crossentropy_arguments};
use super::{ClassFactors, Entry, Loss, LossBase, check_number};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalFocalCrossentropy",
    names: &["categorical_focal_crossentropy"],
    from_config: |config| Ok(Arc::new(CategoricalFocalCrossentropy::from_config(config)?)),
};

/// `-sum(alpha (1 - p)^gamma y log(p))` over the classes, for one-hot labels or label distributions.
///
/// `p` is `y_pred`, or its softmax with [`CategoricalFocalCrossentropy::from_logits`], divided by its sum and clipped
/// to `[1e-7, 1 - 1e-7]`. What is predicted well counts less, so that many easy samples do not drown the few hard
/// ones.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, the classes along `axis`.
///
/// # At the edges
/// Probabilities outside the clip have no gradient. Unlike [`crate::losses::CategoricalCrossentropy`], the logits
/// behind a softmax are not looked for.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = CategoricalFocalCrossentropy::new().alpha([1.0, 0.25]).gamma(2.0);
/// let loss = loss.compute(&Tensor::from([[0i32, 1]]), &Tensor::from([[0.5f32, 0.5]]), None);
/// assert!((loss.item::<f32>()? - 0.25 * 0.25 * 2f32.ln()).abs() < 1e-7);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Lin et al., "Focal loss for dense object detection", arXiv:1708.02002;
/// `keras.losses.CategoricalFocalCrossentropy`.
#[derive(Debug, Clone)]
pub struct CategoricalFocalCrossentropy {
    base: LossBase,
    crossentropy: CrossentropyArguments,
    alpha: ClassFactors,
    gamma: f64,
}

loss_arguments!(CategoricalFocalCrossentropy);
crossentropy_arguments!(
    CategoricalFocalCrossentropy,
    "Moves the labels towards equal shares of `k` classes: `y (1 - s) + s / k`, `s` in `[0, 1]`; 0 by default.",
    "The axis of the classes; -1 by default."
);

impl CategoricalFocalCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("categorical_focal_crossentropy"),
            crossentropy: CrossentropyArguments::new(),
            alpha: ClassFactors::Same(0.25),
            gamma: 2.0,
        }
    }

    /// The weight of the classes, at least 0: a number for all, or an array with one for each along the last axis;
    /// 0.25 by default.
    #[must_use]
    pub fn alpha(mut self, alpha: impl Into<ClassFactors>) -> Self {
        self.alpha = alpha.into();
        let (expected, smallest) = ("numbers of at least 0", self.alpha.smallest());
        check_number(&mut self.base, "alpha", smallest, expected, |x| x >= 0.0);
        self
    }

    /// How strongly the loss looks away from what is easy; at least 0; 2 by default. 0 is plain crossentropy, times
    /// alpha.
    #[must_use]
    pub fn gamma(mut self, gamma: f64) -> Self {
        let expected = "a number of at least 0";
        check_number(&mut self.base, "gamma", gamma, expected, |x| x >= 0.0);
        self.gamma = gamma;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let own = [&CrossentropyArguments::KEYS[..], &["alpha", "gamma"]].concat();
        LossBase::only(config, "CategoricalFocalCrossentropy", &own)?;
        let mut loss = Self::new().gamma(config.number("gamma")?.unwrap_or(2.0));
        if let Some(alpha) = ClassFactors::read(config, "alpha")? {
            loss = loss.alpha(alpha);
        }
        loss.crossentropy = CrossentropyArguments::read(config, &mut loss.base)?;
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for CategoricalFocalCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let pair = ops::same_shapes("categorical_focal_crossentropy", y_true, y_pred);
        let (y_true, y_pred) = match pair {
            Ok(pair) => pair,
            Err(error) => return ops::invalid(error),
        };
        let y = self.crossentropy.smoothed_classes(&y_true);
        let axis = self.crossentropy.axis;
        let p = if self.crossentropy.from_logits {
            ops::softmax(&y_pred, axis)
        } else {
            y_pred
        };
        let p = ops::clip_probability(&(&p / p.sum_keepdims(axis)));
        let factor = (1.0 - &p).pow(self.gamma) * self.alpha.tensor(p.dtype());
        -(factor * (y * p.log())).sum(axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CategoricalFocalCrossentropy"
    }

    fn get_config(&self) -> Config {
        (self.crossentropy.add_to(self.base.get_config()))
            .with("alpha", self.alpha.value())
            .with("gamma", self.gamma)
    }
}

/// [`CategoricalFocalCrossentropy`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn categorical_focal_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    CategoricalFocalCrossentropy::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_can_have_its_factor_and_keeps_it_in_the_configuration() {
        let loss = CategoricalFocalCrossentropy::new().alpha([1.0, 3.0]);
        let (y_true, y_pred) = (
            Tensor::from([[1i32, 0], [0, 1]]),
            Tensor::from([[0.5f32; 2]; 2]),
        );
        let again = (ENTRY.from_config)(&loss.get_config().with("reduction", "none")).unwrap();
        let each = again
            .compute(&y_true, &y_pred, None)
            .to_vec::<f32>()
            .unwrap();
        assert_eq!(each[1], 3.0 * each[0]);
    }

    #[test]
    fn a_number_of_factors_that_is_not_that_of_the_classes_is_an_error() {
        let loss = CategoricalFocalCrossentropy::new().alpha([1.0, 3.0, 5.0]);
        let x = Tensor::from([[0.5f32, 0.5]]);
        assert!(loss.compute(&x, &x, None).error().is_some());
    }

    #[test]
    fn factors_below_0_are_refused() {
        for alpha in [ClassFactors::from(-1.0), [1.0, f64::NAN].into()] {
            let loss = CategoricalFocalCrossentropy::new().alpha(alpha);
            assert!(loss.check().is_err());
        }
    }
}
