//! Circle loss.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase, check_number};
use crate::config::Config;
use crate::ops::{self, at_least};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Circle",
    names: &["circle"],
    from_config: |config| Ok(Arc::new(Circle::from_config(config)?)),
};

/// Circle loss of embeddings: draws those of one class together and pushes those of others away.
///
/// With the distances `d = max(1 - y_pred y_pred^T, 0)` of each sample to all others, the loss of a sample is
/// `softplus(logsumexp(gamma max(d + margin, 0) (d - margin)) + logsumexp(gamma max(1 + margin - d, 0) (1 - margin - d)))`,
/// the first over the samples of the same class, the second over those of others.
///
/// # Shapes
/// `y_pred`: `[batch, size]`, rows of length 1 (end the model with `UnitNormalization`). `y_true`: class numbers of any
/// type, `[batch]` or `[batch, 1]`.
///
/// # At the edges
/// A sample without another of its class, or with none of another, has a loss of 0. Samples whose loss is 0 are left
/// out of the mean.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let loss = Circle::new().gamma(1.0).margin(0.0).reduction("none");
/// let y_pred = Tensor::from([[1.0f32, 0.0], [1.0, 0.0], [0.0, 1.0]]);
/// let loss = loss.compute(&Tensor::from([0i32, 0, 1]), &y_pred, None);
/// // One sample of the class at distance 0, one of another at distance 1; the last has no other of its class.
/// assert_eq!(loss.to_vec::<f32>()?, [2f32.ln(), 2f32.ln(), 0.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Sun et al., "Circle loss", arXiv:2002.10857; `keras.losses.Circle`.
#[derive(Debug, Clone)]
pub struct Circle {
    base: LossBase,
    gamma: f64,
    margin: f64,
    remove_diagonal: bool,
}

loss_arguments!(Circle);

impl Circle {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("circle"),
            gamma: 80.0,
            margin: 0.4,
            remove_diagonal: true,
        }
    }

    /// The scale of the loss; above 0; 80 by default.
    #[must_use]
    pub fn gamma(mut self, gamma: f64) -> Self {
        check_number(&mut self.base, "gamma", gamma, "a number above 0", |x| {
            x > 0.0
        });
        self.gamma = gamma;
        self
    }

    /// The distance within a class, and what the distance to others may lack of 1, that counts as good; 0.4 by default.
    #[must_use]
    pub fn margin(mut self, margin: f64) -> Self {
        check_number(
            &mut self.base,
            "margin",
            margin,
            "a finite number",
            f64::is_finite,
        );
        self.margin = margin;
        self
    }

    /// Whether the distance of a sample to itself is left out; `true` by default.
    #[must_use]
    pub fn remove_diagonal(mut self, remove_diagonal: bool) -> Self {
        self.remove_diagonal = remove_diagonal;
        self
    }

    /// The losses of the samples against these references instead of against one another: embeddings
    /// `[references, size]` and their class numbers. With `remove_diagonal`, reference `i` is taken for sample `i`.
    #[track_caller]
    #[must_use]
    pub fn with_references(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        ref_labels: &Tensor,
        ref_embeddings: &Tensor,
    ) -> Tensor {
        let checked = labels_of(y_true, y_pred)
            .and_then(|labels| Ok((labels, labels_of(ref_labels, ref_embeddings)?)));
        match checked {
            Ok((labels, ref_labels)) => {
                let distances = 1.0 - y_pred.matmul(&ref_embeddings.transpose([1, 0]));
                self.losses(&labels, &ref_labels, &at_least(&distances, 0.0))
            }
            Err(error) => ops::invalid(error),
        }
    }

    /// The losses of samples (rows) and references (columns) at these distances.
    #[track_caller]
    fn losses(&self, labels: &Tensor, ref_labels: &Tensor, distances: &Tensor) -> Tensor {
        let is_same = labels.expand_dims(1).equal(ref_labels.expand_dims(0));
        let is_other = is_same.logical_not();
        let is_same = if self.remove_diagonal {
            let place = |axis| Tensor::iota(distances.shape().clone(), axis, DType::I32);
            is_same.logical_and(place(0).not_equal(place(1)))
        } else {
            is_same
        };
        let (gamma, margin) = (self.gamma, self.margin);
        // Keras's order of multiplications: the exponentials of these large numbers magnify their rounding.
        let near = at_least(&(distances + margin), 0.0) * -gamma * (margin - distances);
        let far = at_least(&(1.0 + margin - distances), 0.0) * gamma * (1.0 - margin - distances);
        let total = |mask: &Tensor, x: &Tensor| {
            ops::logsumexp(&mask.select(x, f64::NEG_INFINITY), 1) // [samples]
        };
        ops::softplus(&(total(&is_same, &near) + total(&is_other, &far)))
    }

    fn from_config(config: &Config) -> Result<Self> {
        LossBase::only(config, "Circle", &["gamma", "margin", "remove_diagonal"])?;
        let loss = Self::new()
            .gamma(config.number("gamma")?.unwrap_or(80.0))
            .margin(config.number("margin")?.unwrap_or(0.4))
            .remove_diagonal(config.flag("remove_diagonal")?.unwrap_or(true));
        Ok(Self {
            base: loss.base.configured(config)?,
            ..loss
        })
    }
}

impl Loss for Circle {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        self.with_references(y_true, y_pred, y_true, y_pred)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "Circle"
    }

    fn get_config(&self) -> Config {
        (self.base.get_config())
            .with("gamma", self.gamma)
            .with("margin", self.margin)
            .with("remove_diagonal", self.remove_diagonal)
    }

    fn own_mask(&self, y_true: &Tensor, y_pred: &Tensor) -> Option<Tensor> {
        Some(self.call(y_true, y_pred).greater(0.0))
    }
}

/// [`Circle`] of each sample, with Keras's default arguments.
#[track_caller]
#[must_use]
pub fn circle(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    Circle::new().call(y_true, y_pred)
}

/// The class numbers, one for each row of the embeddings.
#[track_caller]
fn labels_of(labels: &Tensor, embeddings: &Tensor) -> Result<Tensor> {
    let (labels_dims, rows) = (labels.shape().dims(), embeddings.shape().dims().first());
    let fits = match labels_dims {
        [n] | [n, 1] => Some(n) == rows && embeddings.rank() == 2,
        _ => false,
    };
    if fits {
        return Ok(labels.cast(DType::I32).reshape([-1]));
    }
    Err(Error::shape_mismatch(
        "circle",
        format!(
            "embeddings of shape (batch, size) and one class number for each; the embeddings are {}",
            embeddings.shape()
        ),
        format!("class numbers of shape {}", labels.shape()),
        "",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn embeddings() -> Tensor {
        Tensor::from([[1.0f32, 0.0], [0.6, 0.8], [0.0, 1.0]])
    }

    #[test]
    fn samples_without_a_loss_are_left_out_of_the_mean() {
        let loss = Circle::new().gamma(2.0);
        let y_true = Tensor::from([0i32, 0, 1]);
        let each = loss.call(&y_true, &embeddings()).to_vec::<f32>().unwrap();
        assert_eq!(each[2], 0.0);
        let mean = loss
            .compute(&y_true, &embeddings(), None)
            .item::<f32>()
            .unwrap();
        assert!((mean - (each[0] + each[1]) / 2.0).abs() < 1e-6 * mean);
    }

    #[test]
    fn a_batch_of_one_class_or_of_one_sample_each_has_no_loss_and_no_gradient() {
        for y_true in [[0i32, 0, 0], [0, 1, 2]] {
            let x = embeddings();
            let loss = Circle::new().compute(&Tensor::from(y_true), &x, None);
            assert_eq!(loss.item::<f32>().unwrap(), 0.0);
            let gradient = loss.gradients(&[x])[0].to_vec::<f32>().unwrap();
            assert_eq!(gradient, [0.0; 6]);
        }
    }

    #[test]
    fn references_may_be_others_than_the_batch() {
        let circle = Circle::new().gamma(1.0).margin(0.0).remove_diagonal(false);
        let x = Tensor::from([[1.0f32, 0.0]]);
        let references = Tensor::from([[0.0f32, 1.0], [1.0, 0.0]]);
        let y = Tensor::from([7i32]);
        let loss = circle.with_references(&y, &x, &Tensor::from([7i32, 8]), &references);
        // The own class at distance 1 and another at distance 0: both as bad as can be.
        let loss = loss.item::<f32>().unwrap();
        assert!((loss - (1.0 + 2f32.exp()).ln()).abs() < 1e-6, "{loss}");
    }
}
