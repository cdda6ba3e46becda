//! Categorical crossentropy.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_smoothing};
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
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cce = CategoricalCrossentropy::new();
/// let loss = cce.compute(&Tensor::from([[0.0f32, 1.0]]), &Tensor::from([[0.5f32, 0.5]]), None);
/// assert_eq!(loss.item::<f32>()?, 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct CategoricalCrossentropy {
    base: LossBase,
    from_logits: bool,
    label_smoothing: f64,
    axis: isize,
}

loss_arguments!(CategoricalCrossentropy);

impl CategoricalCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("categorical_crossentropy"),
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

    /// Moves the labels towards equal shares of `k` classes: `y (1 - s) + s / k`, with `s` in `[0, 1]`.
    #[must_use]
    pub fn label_smoothing(mut self, label_smoothing: f64) -> Self {
        check_smoothing(&mut self.base, label_smoothing);
        self.label_smoothing = label_smoothing;
        self
    }

    /// The axis of the classes; -1 by default.
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
        config.only("CategoricalCrossentropy", &known)?;
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

impl Loss for CategoricalCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let classes = y_true.shape().dims().last().copied().unwrap_or(1);
        let y_true = ops::smooth_labels(y_true, self.label_smoothing, classes);
        ops::categorical_crossentropy(&y_true, y_pred, self.from_logits, self.axis)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CategoricalCrossentropy"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config())
            .with("from_logits", self.from_logits)
            .with("label_smoothing", self.label_smoothing)
            .with("axis", self.axis)
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
