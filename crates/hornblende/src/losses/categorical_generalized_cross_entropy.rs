//! Crossentropy that forgives wrong labels.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_number, class_numbers};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CategoricalGeneralizedCrossEntropy",
    names: &["categorical_generalized_cross_entropy"],
    from_config: |config| {
        Ok(Arc::new(CategoricalGeneralizedCrossEntropy::from_config(
            config,
        )?))
    },
};

/// Generalized crossentropy of class numbers: `(1 - p^q) / q`, where `p` is the probability given to the class.
///
/// Towards `q = 0` it is the crossentropy, at 1 the absolute error, which wrong labels disturb less.
///
/// # Shapes
/// `y_pred`: probabilities, the classes along the last axis. `y_true`: class numbers of any type, the shape of
/// `y_pred` without its last axis, or with a last axis of size 1.
///
/// # At the edges
/// A class out of range counts as one of probability 0 (`fit` finds it before and returns an error). The gradient
/// at a probability of 0 is infinite for that class and 0 for the others, for which Keras has NaN.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = CategoricalGeneralizedCrossEntropy::new().q(0.5);
/// let loss = loss.compute(&Tensor::from([1i32]), &Tensor::from([[0.75f32, 0.25]]), None);
/// assert_eq!(loss.item::<f32>()?, 1.0); // (1 - 0.5) / 0.5
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Zhang, Sabuncu, "Generalized cross entropy loss for training deep neural networks with noisy labels",
/// arXiv:1805.07836; `keras.losses.CategoricalGeneralizedCrossEntropy`. Keras compares every label of shape
/// `[batch, 1]` with every row of `y_pred`; here, as its documentation says, they are the labels of the rows.
#[derive(Debug, Clone)]
pub struct CategoricalGeneralizedCrossEntropy {
    base: LossBase,
    q: f64,
}

loss_arguments!(CategoricalGeneralizedCrossEntropy);

impl CategoricalGeneralizedCrossEntropy {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("categorical_generalized_cross_entropy"),
            q: 0.5,
        }
    }

    /// How much the loss forgives: between 0 and 1, both excluded; 0.5 by default.
    #[must_use]
    pub fn q(mut self, q: f64) -> Self {
        let expected = "a number between 0 and 1, both excluded";
        check_number(&mut self.base, "q", q, expected, |q| 0.0 < q && q < 1.0);
        self.q = q;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "CategoricalGeneralizedCrossEntropy", &["q"])?;
        let loss = Self::new().q(config.number("q")?.unwrap_or(0.5));
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for CategoricalGeneralizedCrossEntropy {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        let labels = class_numbers(y_true, y_pred);
        let Some((classes, rows)) = y_pred.shape().dims().split_last() else {
            return ops::invalid(wrong_shapes(&labels, y_pred));
        };
        if labels.shape().dims() != rows {
            return ops::invalid(wrong_shapes(&labels, y_pred));
        }
        let is_label = labels.one_hot(*classes, DType::Bool);
        // Only the probability of the label has a gradient, be it infinite.
        let p = is_label.select(y_pred, 0.0).sum(-1);
        (1.0 - p.pow(self.q)) / self.q
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CategoricalGeneralizedCrossEntropy"
    }

    fn get_config(&self) -> Config {
        self.base.get_config().with("q", self.q)
    }
}

/// [`CategoricalGeneralizedCrossEntropy`] of each sample, with a `q` of 0.5.
#[track_caller]
#[must_use]
pub fn categorical_generalized_cross_entropy(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    CategoricalGeneralizedCrossEntropy::new().call(y_true, y_pred)
}

fn wrong_shapes(labels: &Tensor, y_pred: &Tensor) -> Error {
    Error::shape_mismatch(
        "categorical_generalized_cross_entropy",
        format!(
            "one class number for each row of y_pred, {}",
            y_pred.shape()
        ),
        labels.shape().to_string(),
        "",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_of_labels_is_one_label_a_row() {
        let y_pred = Tensor::from([[0.25f32, 0.75], [0.5, 0.5], [0.81, 0.19]]);
        let of = |y_true: Tensor| {
            let loss = CategoricalGeneralizedCrossEntropy::new().reduction("none");
            loss.compute(&y_true, &y_pred, None)
                .to_vec::<f32>()
                .unwrap()
        };
        let column = of(Tensor::from([[0i32], [1], [0]]));
        assert_eq!(column.len(), 3);
        assert_eq!(column, of(Tensor::from([0i32, 1, 0])));
        assert_eq!(column[0], 1.0);
    }

    #[test]
    fn a_label_without_probability_spoils_no_other_gradient() {
        let y_pred = Tensor::from([[0.0f32, 1.0], [0.25, 0.75]]);
        let loss = CategoricalGeneralizedCrossEntropy::new().reduction("none");
        let loss = loss.compute(&Tensor::from([0i32, 0]), &y_pred, None);
        let gradient = loss.gradients(&[y_pred])[0].to_vec::<f32>().unwrap();
        assert_eq!(gradient, [f32::NEG_INFINITY, 0.0, -2.0, 0.0]);
    }

    #[test]
    fn q_is_between_0_and_1() {
        for q in [0.0, 1.0, f64::NAN] {
            assert!(
                CategoricalGeneralizedCrossEntropy::new()
                    .q(q)
                    .check()
                    .is_err()
            );
        }
    }
}
