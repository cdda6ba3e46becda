//! Categorical crossentropy of class numbers.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, class_numbers};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "SparseCategoricalCrossentropy",
    names: &["sparse_categorical_crossentropy"],
    from_config: |config| {
        Ok(Arc::new(SparseCategoricalCrossentropy::from_config(
            config,
        )?))
    },
};

/// Categorical crossentropy of class numbers: `-log(p)` of the class that each sample has.
///
/// `p` is `y_pred` clipped to `[1e-7, 1 - 1e-7]` and then divided by its sum, or its softmax with
/// [`SparseCategoricalCrossentropy::from_logits`]. If `y_pred` is the output of a softmax, the logits behind
/// it are used, which is exact where the clipped probability is not.
///
/// # Shapes
/// `y_pred`: the classes along `axis`. `y_true`: class numbers of any type, the shape of `y_pred` without
/// `axis`, or with a last axis of size 1.
///
/// # At the edges
/// A class out of range gives NaN (`fit` finds it before and returns an error).
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y_pred = Tensor::from([[0.05f32, 0.95, 0.0], [0.1, 0.8, 0.1]]);
/// let loss = SparseCategoricalCrossentropy::new().compute(&Tensor::from([1i32, 2]), &y_pred, None);
/// assert!((loss.item::<f32>()? - 1.177).abs() < 1e-3);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.losses.SparseCategoricalCrossentropy`, which takes the last axis only and does not write `axis` into
/// its configuration.
#[derive(Debug, Clone)]
pub struct SparseCategoricalCrossentropy {
    base: LossBase,
    from_logits: bool,
    ignore_class: Option<i64>,
    axis: isize,
}

loss_arguments!(SparseCategoricalCrossentropy);

impl SparseCategoricalCrossentropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("sparse_categorical_crossentropy"),
            from_logits: false,
            ignore_class: None,
            axis: -1,
        }
    }

    /// Whether `y_pred` are logits, not probabilities.
    #[must_use]
    pub fn from_logits(mut self, from_logits: bool) -> Self {
        self.from_logits = from_logits;
        self
    }

    /// Samples of this class are left out: their loss is 0 and the mean runs over the others.
    #[must_use]
    pub fn ignore_class(mut self, ignore_class: i64) -> Self {
        self.ignore_class = Some(ignore_class);
        self
    }

    /// The axis of the classes; -1 by default.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let own = ["from_logits", "ignore_class", "axis"];
        LossBase::only(config, "SparseCategoricalCrossentropy", &own)?;
        Ok(Self {
            base: Self::new().base.configured(config)?,
            from_logits: config.flag("from_logits")?.unwrap_or(false),
            ignore_class: config.whole("ignore_class")?,
            axis: super::axis_of(config)?,
        })
    }
}

impl Loss for SparseCategoricalCrossentropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let Some(mask) = self.own_mask(y_true, y_pred) else {
            return ops::sparse_categorical_crossentropy(
                y_true,
                y_pred,
                self.from_logits,
                self.axis,
            );
        };
        // A class that is left out need not be a class that exists.
        let y_true = mask.select(class_numbers(y_true, y_pred), 0.0);
        let losses =
            ops::sparse_categorical_crossentropy(&y_true, y_pred, self.from_logits, self.axis);
        mask.select(losses, 0.0)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "SparseCategoricalCrossentropy"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config())
            .with("from_logits", self.from_logits)
            .with("ignore_class", self.ignore_class)
            .with("axis", self.axis)
    }

    fn own_mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Option<Tensor> {
        let class = self.ignore_class?;
        Some(class_numbers(y_true, y_pred).not_equal(class as f64))
    }
}

/// [`SparseCategoricalCrossentropy`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn sparse_categorical_crossentropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    SparseCategoricalCrossentropy::new().call(y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hornblende_core::DType;

    #[test]
    fn a_class_that_does_not_exist_can_be_left_out() {
        let loss = SparseCategoricalCrossentropy::new()
            .from_logits(true)
            .ignore_class(-1);
        let x = Tensor::zeros([3, 2], DType::F32);
        let y_true = Tensor::from([[-1i32], [0], [1]]);
        let mean = loss.compute(&y_true, &x, None).item::<f32>().unwrap();
        assert_eq!(mean, 2f32.ln());
        let each = loss
            .reduction("none")
            .compute(&y_true, &x, None)
            .to_vec::<f32>();
        assert_eq!(each.unwrap(), [0.0, 2f32.ln(), 2f32.ln()]);
    }

    #[test]
    fn one_hot_labels_are_told_the_other_loss() {
        let x = Tensor::zeros([2, 3], DType::F32);
        let loss = SparseCategoricalCrossentropy::new();
        let loss = loss.compute(&x, &x, None);
        let line = line!() - 1;
        let text = loss.eval().unwrap_err().to_string();
        assert!(text.contains("use categorical_crossentropy"), "{text}");
        assert!(
            text.contains(&format!("sparse_categorical_crossentropy.rs:{line}")),
            "{text}"
        );
    }
}
