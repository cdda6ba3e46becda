//! Binary crossentropy.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::crossentropy_arguments::{CrossentropyArguments, crossentropy_arguments};
use super::{Entry, Loss, LossBase};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "BinaryCrossentropy",
    names: &["binary_crossentropy", "bce", "BCE"],
    from_config: |config| Ok(Arc::new(BinaryCrossentropy::from_config(config)?)),
};

/// Binary crossentropy: `mean(-(y log(p) + (1 - y) log(1 - p)))` over the last axis.
///
/// `p` is `y_pred` clipped to `[1e-7, 1 - 1e-7]`, or its sigmoid with [`BinaryCrossentropy::from_logits`]. If
/// `y_pred` is the output of a sigmoid, the logits behind it are used, which is exact where the clipped
/// probability is not.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let bce = BinaryCrossentropy::new().from_logits(true);
/// let loss = bce.compute(&Tensor::from([[1.0f32]]), &Tensor::from([[0.0f32]]), None);
/// assert_eq!(loss.item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.losses.BinaryCrossentropy`.
#[derive(Debug, Clone)]
pub struct BinaryCrossentropy {
    base: LossBase,
    crossentropy: CrossentropyArguments,
}

loss_arguments!(BinaryCrossentropy);
crossentropy_arguments!(
    BinaryCrossentropy,
    "Moves the labels towards 0.5: `y (1 - s) + 0.5 s`, with `s` in `[0, 1]`; 0 by default.",
    "The axis of the mean; -1 by default."
);

impl BinaryCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("binary_crossentropy"),
            crossentropy: CrossentropyArguments::new(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "BinaryCrossentropy", &CrossentropyArguments::KEYS)?;
        let mut base = Self::new().base;
        let crossentropy = CrossentropyArguments::read(config, &mut base)?;
        Ok(Self {
            base: base.configured(config)?,
            crossentropy,
        })
    }
}

impl Loss for BinaryCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (y_true, y_pred) = match ops::same_shapes("binary_crossentropy", y_true, y_pred) {
            Ok(pair) => pair,
            Err(error) => return ops::invalid(error),
        };
        let y_true = ops::smooth_labels(&y_true, self.crossentropy.label_smoothing, 2);
        ops::binary_crossentropy(&y_true, &y_pred, self.crossentropy.from_logits)
            .mean(self.crossentropy.axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "BinaryCrossentropy"
    }

    fn get_config(&self) -> Config {
        self.crossentropy.add_to(self.base.get_config())
    }
}

/// [`BinaryCrossentropy`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn binary_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    BinaryCrossentropy::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::activations::sigmoid;

    #[test]
    fn behind_a_sigmoid_a_hopeless_prediction_still_has_a_gradient() {
        let logits = Tensor::from([[40.0f32]]);
        let loss =
            BinaryCrossentropy::new().compute(&Tensor::from([0i32]), &sigmoid(&logits), None);
        assert_eq!(loss.item::<f32>().unwrap(), 40.0);
        assert_eq!(loss.gradients(&[logits])[0].item::<f32>().unwrap(), 1.0);
    }

    #[test]
    fn smoothing_out_of_range_is_refused() {
        let error = BinaryCrossentropy::new()
            .label_smoothing(2.0)
            .check()
            .unwrap_err();
        assert!(
            error.to_string().contains("a number from 0 to 1; got 2"),
            "{error}"
        );
    }
}
