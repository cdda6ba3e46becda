//! Binary crossentropy.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_smoothing};
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
#[derive(Debug, Clone)]
pub struct BinaryCrossentropy {
    base: LossBase,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
}

loss_arguments!(BinaryCrossentropy);

impl BinaryCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("binary_crossentropy"),
            from_logits: false,
            label_smoothing: 0.0,
            axis: -1,
        }
    }

    /// Whether `y_pred` are logits, not probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// Moves the labels towards 0.5: `y (1 - s) + 0.5 s`, with `s` in `[0, 1]`.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f64) -> Self {
        check_smoothing(&mut self.base, label_smoothing);
        self.label_smoothing = label_smoothing;
        self
    }

    /// The axis of the mean; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> hornblende_core::Result<Self> {
        let known = [
            "name",
            "reduction",
            "dtype",
            "from_logits",
            "label_smoothing",
            "axis",
        ];
        config.only("BinaryCrossentropy", &known)?;
        let loss = Self::new()
            .from_logits(config.flag("from_logits")?.unwrap_or(false))
            .label_smoothing(config.number("label_smoothing")?.unwrap_or(0.0))
            .axis(super::axis_of(config)?);
        loss.base.check()?;
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for BinaryCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let (y_true, y_pred) = match ops::same_shapes("binary_crossentropy", y_true, y_pred) {
            Ok(pair) => pair,
            Err(error) => return ops::invalid(error),
        };
        let y_true = ops::smooth_labels(&y_true, self.label_smoothing, 2);
        ops::binary_crossentropy(&y_true, &y_pred, self.from_logits).mean(self.axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "BinaryCrossentropy"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config())
            .with("from_logits", self.from_logits)
            .with("label_smoothing", self.label_smoothing)
            .with("axis", self.axis)
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
