// tidy: not an item
//! What a loss is, and how per-sample losses become one number.

use std::panic::Location;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor, scope};

use crate::config::Config;
use crate::losses::LossBase;
use crate::ops::{self, divide_no_nan, match_ranks};

/// How per-sample losses become one number: Keras's `reduction` argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Reduction {
    /// Their sum divided by their number, whatever the weights: Keras's default, also called `"auto"`.
    #[default]
    SumOverBatchSize,
    /// The same under another name.
    Mean,
    /// Their weighted sum divided by the sum of the weights; 0 if that is 0.
    MeanWithSampleWeight,
    /// Their sum.
    Sum,
    /// No reduction: one loss a sample.
    None,
}

impl Reduction {
    /// The default, under the name it had in Keras 2.
    pub const AUTO: Self = Self::SumOverBatchSize;
    /// [`Reduction::SumOverBatchSize`], as Keras 2 wrote it.
    pub const SUM_OVER_BATCH_SIZE: Self = Self::SumOverBatchSize;
    /// [`Reduction::Sum`], as Keras 2 wrote it.
    pub const SUM: Self = Self::Sum;
    /// [`Reduction::None`], as Keras 2 wrote it.
    pub const NONE: Self = Self::None;

    /// The reduction of this name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] listing the known ones.
    pub fn from_name(name: &str) -> Result<Self> {
        match name {
            "sum_over_batch_size" | "auto" => Ok(Self::SumOverBatchSize),
            "mean" => Ok(Self::Mean),
            "mean_with_sample_weight" => Ok(Self::MeanWithSampleWeight),
            "sum" => Ok(Self::Sum),
            "none" => Ok(Self::None),
            _ => Err(Error::unknown(
                "reduction",
                name,
                &[
                    "sum_over_batch_size",
                    "mean",
                    "auto",
                    "mean_with_sample_weight",
                    "sum",
                    "none",
                ],
            )),
        }
    }

    /// Keras's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SumOverBatchSize => "sum_over_batch_size",
            Self::Mean => "mean",
            Self::MeanWithSampleWeight => "mean_with_sample_weight",
            Self::Sum => "sum",
            Self::None => "none",
        }
    }
}

/// A loss: how far predictions are from what they should be.
///
/// Implement [`Loss::call`]; a closure `|y_true: &Tensor, y_pred: &Tensor| ...` is a loss too.
///
/// # Example
/// A loss of one's own, here a focal loss of class numbers and logits:
/// ```
/// use hornblende::{ops, prelude::*};
/// struct SparseFocalLoss {
///     gamma: f64,
/// }
/// impl Loss for SparseFocalLoss {
///     fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
///         let p = ops::softmax(y_pred, -1).clip(ops::EPSILON, 1.0);
///         let y = ops::one_hot(y_true, p.shape()[1]);
///         -(y * (1.0 - &p).pow(self.gamma) * p.log()).sum(1)
///     }
/// }
/// let loss = SparseFocalLoss { gamma: 2.0 };
/// let loss = loss.compute(&Tensor::from([1i32]), &Tensor::from([[0.0f32, 0.0]]), None);
/// assert_eq!(loss.item::<f32>()?, 0.25 * 2f32.ln());
/// # Ok::<(), Error>(())
/// ```
pub trait Loss: Send + Sync {
    /// The losses of the samples: the last axis reduced away. A scalar passes every reduction unchanged.
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// Name, reduction and element type, for losses that have them as a [`LossBase`].
    fn base(&self) -> &LossBase {
        static DEFAULT: LossBase = LossBase::new("loss");
        &DEFAULT
    }

    /// The name, such as `mean_squared_error`.
    fn name(&self) -> &str {
        self.base().name()
    }

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str {
        "Loss"
    }

    /// How the losses of the samples become one number.
    fn reduction(&self) -> Reduction {
        self.base().reduction()
    }

    /// Fails if an argument of the loss makes no sense. Builders return no `Result`, so `compile` asks.
    ///
    /// # Errors
    /// The error of that argument.
    fn check(&self) -> Result<()> {
        self.base().check()
    }

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        self.base().get_config()
    }

    /// Which samples the loss itself leaves out (`ignore_class`), as truth values of the shape of
    /// [`Loss::call`]'s result.
    fn own_mask(&self, _y_true: &Tensor, _y_pred: &Tensor) -> Option<Tensor> {
        None
    }

    /// The loss of a batch: per-sample losses, weighted, masked and reduced. What calling a Keras loss does.
    ///
    /// `y_true` and `y_pred` get the element type of the loss (`F32`, or `F64` if the prediction has it, unless
    /// set); ranks that differ by a last axis of size 1 are matched. A mask on `y_pred` (remark `mask`) leaves samples out.
    #[track_caller]
    fn compute(&self, y_true: &Tensor, y_pred: &Tensor, sample_weight: Option<&Tensor>) -> Tensor {
        let location = scope::location(Location::caller());
        // What happens inside is blamed on the line that asked for the loss.
        scope::at(location, || compute(self, y_true, y_pred, sample_weight))
    }
}

fn compute<L: Loss + ?Sized>(
    loss: &L,
    y_true: &Tensor,
    y_pred: &Tensor,
    sample_weight: Option<&Tensor>,
) -> Tensor {
    if let Err(error) = loss.check() {
        return ops::invalid(error);
    }
    let dtype = match (loss.base().dtype(), y_pred.dtype()) {
        (Some(dtype), _) => dtype,
        (None, DType::F64) => DType::F64,
        (None, _) => DType::F32,
    };
    let (y_true, y_pred) = match_ranks(&y_true.cast(dtype), &y_pred.cast(dtype));
    let provided = super::LOSSES
        .iter()
        .any(|e| e.class_name == loss.class_name());
    let losses = if provided {
        loss.call(&y_true, &y_pred)
    } else {
        // A loss of the user's own has lines of its own, which say more than the line of `fit`.
        scope::outside(|| loss.call(&y_true, &y_pred))
    };
    let own = loss.own_mask(&y_true, &y_pred);
    let mask = match (y_pred.remark("mask"), own) {
        (Some(mask), Some(own)) => Some(mask.logical_and(&own)),
        (Some(mask), None) => Some(mask.clone()),
        (None, own) => own,
    };
    reduce_losses(&losses, sample_weight, mask.as_ref(), loss.reduction())
}

impl<F> Loss for F
where
    F: Fn(&Tensor, &Tensor) -> Tensor + Send + Sync,
{
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        self(y_true, y_pred)
    }
}

/// Weights, masks and reduces per-sample losses as Keras does.
///
/// A mask makes the mean run over the samples that count: with `sum_over_batch_size` each of them is
/// weighted by total / valid, so that dividing by the total gives their mean.
///
/// The losses of no samples are reduced to 0, as in Keras's `fit`; called by hand, Keras leaves them unreduced.
#[must_use]
pub fn reduce_losses(
    losses: &Tensor,
    sample_weight: Option<&Tensor>,
    mask: Option<&Tensor>,
    reduction: Reduction,
) -> Tensor {
    let dtype = losses.dtype();
    let mut weight = sample_weight.map(|w| w.cast(dtype));
    if let Some(mask) = mask {
        let mut valid = mask.cast(dtype);
        if matches!(reduction, Reduction::SumOverBatchSize | Reduction::Mean) {
            let total = valid.shape().len() as f64;
            let count = valid.sum(..);
            valid = &valid * divide_no_nan(&Tensor::literal(total, dtype), &count);
        }
        weight = Some(match weight {
            Some(w) => {
                let (w, valid) = match_ranks(&w, &valid);
                w * valid
            }
            None => valid,
        });
    }
    let (weighted, weight) = match &weight {
        Some(w) => {
            let (losses, w) = match_ranks(losses, w);
            (losses * &w, Some(w))
        }
        None => (losses.clone(), None),
    };
    let sum = || weighted.sum(..);
    match (reduction, weight) {
        (Reduction::None, _) => weighted,
        (Reduction::Sum, _) => sum(),
        _ if weighted.rank() == 0 => weighted,
        // Keras divides by the weights that were given, not by what they broadcast to.
        (Reduction::MeanWithSampleWeight, Some(w)) => divide_no_nan(&sum(), &w.sum(..)),
        _ => divide_by_count(&sum(), weighted.shape().len()),
    }
}

fn divide_by_count(sum: &Tensor, count: usize) -> Tensor {
    if count == 0 {
        sum.clone()
    } else {
        sum / count as f64
    }
}

/// What can be given where a loss is asked for: a name, a value, a function, a closure.
pub trait IntoLoss {
    /// The loss.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for a name that nothing has; an argument of the loss that makes no sense.
    fn into_loss(self) -> Result<Arc<dyn Loss>>;
}

impl IntoLoss for &str {
    fn into_loss(self) -> Result<Arc<dyn Loss>> {
        super::get(self)
    }
}

impl IntoLoss for String {
    fn into_loss(self) -> Result<Arc<dyn Loss>> {
        super::get(&self)
    }
}

impl IntoLoss for Arc<dyn Loss> {
    fn into_loss(self) -> Result<Arc<dyn Loss>> {
        self.check()?;
        Ok(self)
    }
}

impl IntoLoss for Box<dyn Loss> {
    fn into_loss(self) -> Result<Arc<dyn Loss>> {
        self.check()?;
        Ok(self.into())
    }
}

impl<L: Loss + 'static> IntoLoss for L {
    fn into_loss(self) -> Result<Arc<dyn Loss>> {
        self.check()?;
        Ok(Arc::new(self))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{MeanSquaredError, mean_squared_error};

    fn loss_of(loss: impl IntoLoss) -> f32 {
        let (y_true, y_pred) = (Tensor::from([[0i32], [1]]), Tensor::from([[0.0f32], [3.0]]));
        let loss = loss.into_loss().unwrap().compute(&y_true, &y_pred, None);
        loss.item::<f32>().unwrap()
    }

    #[test]
    fn names_values_functions_and_closures_are_losses() {
        assert_eq!(loss_of("mse"), 2.0);
        assert_eq!(loss_of(MeanSquaredError::new()), 2.0);
        assert_eq!(
            loss_of(Box::new(MeanSquaredError::new()) as Box<dyn Loss>),
            2.0
        );
        assert_eq!(loss_of(mean_squared_error), 2.0);
        let closure = |y_true: &Tensor, y_pred: &Tensor| (y_true - y_pred).abs().mean(..);
        assert_eq!(loss_of(closure), 1.0);
    }

    #[test]
    fn a_wrong_argument_is_told_when_the_loss_is_used() {
        let error = MeanSquaredError::new()
            .reduction("average")
            .into_loss()
            .err()
            .unwrap();
        assert!(
            error.to_string().contains("the name of a known reduction"),
            "{error}"
        );
        let x = Tensor::from([[1.0f32]]);
        let loss = MeanSquaredError::new()
            .reduction("average")
            .compute(&x, &x, None);
        assert_eq!(loss.error().unwrap().report().subject, "reduction");
    }

    #[test]
    fn an_empty_batch_has_no_loss() {
        let x = Tensor::zeros([0, 3], DType::F32);
        let loss = MeanSquaredError::new().compute(&x, &x, None);
        assert_eq!(loss.item::<f32>().unwrap(), 0.0);
    }
}
