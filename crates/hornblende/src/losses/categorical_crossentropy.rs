//! Categorical crossentropy.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::crossentropy_arguments::{CrossentropyArguments, crossentropy_arguments};
use super::{Entry, Loss, LossBase};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalCrossentropy",
    names: &["categorical_crossentropy"],
    from_config: |config| Ok(Arc::new(CategoricalCrossentropy::from_config(config)?)),
};

/// Categorical crossentropy: `-sum(y log(p))` over the classes, for one-hot labels or label distributions.
///
/// `p` is `y_pred` divided by its sum and clipped to `[1e-7, 1 - 1e-7]`, or its softmax with
/// [`CategoricalCrossentropy::from_logits`]. If `y_pred` is the output of a softmax, the logits behind it are
/// used, which is exact where the clipped probability is not.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, the classes along `axis`. For class numbers use
/// [`crate::losses::SparseCategoricalCrossentropy`].
///
/// # At the edges
/// Of labels whose sum is not 1 the gradient is that of the formula; TensorFlow's for logits takes the sum to be 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cce = CategoricalCrossentropy::new();
/// let loss = cce.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[0.5f32, 0.5]]), None);
/// assert_eq!(loss.item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.losses.CategoricalCrossentropy`.
#[derive(Debug, Clone)]
pub struct CategoricalCrossentropy {
    base: LossBase,
    crossentropy: CrossentropyArguments,
}

loss_arguments!(CategoricalCrossentropy);
crossentropy_arguments!(
    CategoricalCrossentropy,
    "Moves the labels towards equal shares of `k` classes: `y (1 - s) + s / k`, `s` in `[0, 1]`; 0 by default.",
    "The axis of the classes; -1 by default."
);

impl CategoricalCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("categorical_crossentropy"),
            crossentropy: CrossentropyArguments::new(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(
            config,
            "CategoricalCrossentropy",
            &CrossentropyArguments::KEYS,
        )?;
        let mut base = Self::new().base;
        let crossentropy = CrossentropyArguments::read(config, &mut base)?;
        Ok(Self {
            base: base.configured(config)?,
            crossentropy,
        })
    }
}

impl Loss for CategoricalCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let y_true = self.crossentropy.smoothed_classes(y_true);
        let CrossentropyArguments {
            from_logits, axis, ..
        } = self.crossentropy;
        ops::categorical_crossentropy(&y_true, y_pred, from_logits, axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CategoricalCrossentropy"
    }

    fn get_config(&self) -> Config {
        self.crossentropy.add_to(self.base.get_config())
    }
}

/// [`CategoricalCrossentropy`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    CategoricalCrossentropy::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::softmax;

    #[test]
    fn behind_a_softmax_a_hopeless_prediction_still_has_a_gradient() {
        let logits = Tensor::from([[100.0f32, 0.0]]);
        let y_true = Tensor::from([[0i32, 1]]);
        let loss = CategoricalCrossentropy::new().compute(&y_true, &softmax(&logits, -1), None);
        assert_eq!(loss.item::<f32>().unwrap(), 100.0);
        let g = loss.gradients(&[logits])[0].to_vec::<f32>().unwrap();
        assert_eq!(g, [1.0, -1.0]);
    }
}
