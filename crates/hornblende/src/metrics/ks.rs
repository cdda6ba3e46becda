//! The Kolmogorov-Smirnov statistic of a binary classifier.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor, Variable};

use super::base::{add_to, metric_arguments};
use super::{Direction, Entry, Metric, MetricBase};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "KS",
    names: &["ks"],
    from_config: |config| {
        let base = KS::new().base.configured("KS", config, &[])?;
        Ok(Arc::new(KS { base }))
    },
};

/// Bins of predictions: one for each hundredth from 0 to 1.
const BINS: usize = 101;

/// The Kolmogorov-Smirnov statistic: how far the predictions for labels of 1 and for labels of 0 lie apart.
///
/// ```text
/// KS = max over thresholds of |share of the positives up to it - share of the negatives up to it|
/// ```
///
/// 1 where a threshold separates the classes, 0 where they are predicted alike. Predictions are counted in 101
/// bins, `floor(100 p)`, over all batches; so the result is that of the whole epoch, but for differences within a
/// hundredth. [`ks`] is exact, but for one batch alone.
///
/// # Shapes
/// `y_true`, `y_pred`: equal, or differing by a last axis of size 1; each element counts. Weights: one a sample,
/// or one an element.
///
/// # At the edges
/// One class only, or all weights 0: 0. Predictions outside `[0, 1]` count as 0 or 1; NaN does not count. Samples
/// that a mask on the predictions leaves out do not count.
///
/// # Errors
/// [`hornblende_core::Error::ShapeMismatch`] if labels, predictions and weights do not fit together.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let metric = KS::new();
/// let y_true = Tensor::from([1i32, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0]);
/// let y_pred = Tensor::from([
///     0.6f32, 0.1, 0.4, 0.5, 0.7, 0.7, 0.7, 0.4, 0.4, 0.5, 0.8, 0.3, 0.5, 0.3,
/// ]);
/// metric.update_state(&y_true, &y_pred, None)?;
/// assert_eq!(metric.result().item::<f32>()?, 0.625);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// The class `KS` that notes on tf.keras write as an example of a metric of one's own; Keras has none. State and
/// result are those of the notes, with weights, masks, and a guard for one class and for predictions out of range.
#[derive(Debug)]
pub struct KS {
    base: MetricBase,
}

metric_arguments!(KS);

impl KS {
    /// The metric of nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: MetricBase::new("ks"),
        }
    }
}

impl Metric for KS {
    fn base(&self) -> &MetricBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "KS"
    }

    fn variables(&self) -> Vec<Variable> {
        self.base.state(&["tp", "fp"], &[BINS])
    }

    fn update_state(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<()> {
        let dtype = self.base.dtype();
        let sample_weight = super::mean::masked_weight(y_pred, sample_weight);
        let (y_true, y_pred) = ops::same_shapes("ks", y_true, y_pred)?;
        let count = y_pred.shape().len();
        let weight = match sample_weight {
            None => Tensor::ones([count], dtype),
            Some(weight) => {
                let (_, weight) = ops::match_ranks(&y_pred, &weight.cast(dtype));
                let extra = (weight.rank()..y_pred.rank()).fold(weight, |w, _| w.expand_dims(-1));
                let stretched = extra.broadcast_to(y_pred.shape().clone());
                stretched.check()?.reshape_to([count])
            }
        };
        let is_true = y_true.reshape_to([count]).cast(DType::Bool);
        let bin = (y_pred.reshape_to([count]) * 100.0)
            .floor()
            .clip(0.0, 100.0);
        // The bins of the positives stand behind those of the negatives; NaN has no bin.
        let place = &bin + is_true.cast(bin.dtype()) * BINS as f64;
        let place = bin.greater_equal(0.0).select(place, -1.0).cast(DType::I32);
        let bins = Tensor::zeros([2 * BINS], dtype).scatter_add(&place, &weight, 0, 0);
        let (negatives, positives) = (bins.slice(..BINS), bins.slice(BINS..));
        add_to(&self.variables(), &[positives, negatives])
    }

    fn result(&self) -> Tensor {
        let state = self.variables();
        distance(&state[0].read(), &state[1].read())
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Up)
    }
}

/// The largest distance between the running shares of two lists; 0 if one of them is empty.
fn distance(positives: &Tensor, negatives: &Tensor) -> Tensor {
    let (all_positives, all_negatives) = (positives.sum(..), negatives.sum(..));
    let share = |x: &Tensor, all: &Tensor| ops::divide_no_nan(&x.cumsum(0), all);
    let apart = share(positives, &all_positives) - share(negatives, &all_negatives);
    let both = all_positives
        .greater(0.0)
        .logical_and(all_negatives.greater(0.0));
    both.select(apart.abs().max(..), 0.0)
}

/// The Kolmogorov-Smirnov statistic of one batch, exact: the samples are sorted by their predictions.
///
/// As a metric of `compile` it is averaged over the batches, which is not the statistic of the epoch; that is
/// [`KS`].
///
/// # Shapes
/// `y_true`, `y_pred`: equally many elements. Returns a number.
///
/// # At the edges
/// One class only: 0. Samples with equal predictions are passed together: their order does not matter, other than
/// in the notes.
///
/// # Example
/// ```
/// use hornblende::{metrics, prelude::*};
/// let y_true = Tensor::from([[0.0f32], [0.0], [1.0], [1.0]]);
/// let value = metrics::ks(&y_true, &Tensor::from([[0.1f32], [0.6], [0.4], [0.9]]));
/// assert_eq!(value.item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn ks(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let (y_true, y_pred) = match ops::same_shapes("ks", y_true, y_pred) {
        Ok(both) => both,
        Err(error) => return ops::invalid(error),
    };
    let count = y_pred.shape().len();
    let (y_true, y_pred) = (y_true.reshape_to([count]), y_pred.reshape_to([count]));
    if count == 0 {
        return Tensor::literal(0.0, y_pred.dtype());
    }
    let order = y_pred.argsort(0, true);
    let (labels, scores) = (y_true.take(&order, 0), y_pred.take(&order, 0));
    let one = labels.not_equal(0.0).cast(scores.dtype());
    let (positives, negatives) = (one.sum(..), (1.0 - &one).sum(..));
    let share = |x: &Tensor, all: &Tensor| ops::divide_no_nan(&x.cumsum(0), all);
    let apart = share(&one, &positives) - share(&(1.0 - &one), &negatives);
    // Within equal scores no threshold lies, so only the last of them counts; after the last score it is 0.
    let is_last = scores.slice(..count - 1).not_equal(scores.slice(1..));
    let between = is_last.select(apart.slice(..count - 1).abs(), 0.0);
    let largest = between.max(..).maximum(0.0);
    let both = positives.greater(0.0).logical_and(negatives.greater(0.0));
    both.select(largest, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers() -> (Vec<f32>, Vec<f32>) {
        let y_true = [1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0].map(|y: u8| f32::from(y));
        let y_pred = [
            0.6, 0.1, 0.4, 0.5, 0.7, 0.7, 0.7, 0.4, 0.4, 0.5, 0.8, 0.3, 0.5, 0.3,
        ];
        (y_true.to_vec(), y_pred.to_vec())
    }

    fn column(numbers: &[f32]) -> Tensor {
        Tensor::from_vec([numbers.len(), 1], numbers.to_vec())
    }

    #[test]
    fn the_class_sees_the_epoch_and_the_function_a_batch() {
        let (y_true, y_pred) = numbers();
        let metric = KS::new();
        let mut of_batches = Vec::new();
        for part in [0..7, 7..14] {
            let (y_true, y_pred) = (column(&y_true[part.clone()]), column(&y_pred[part]));
            metric.update_state(&y_true, &y_pred, None).unwrap();
            of_batches.push(ks(&y_true, &y_pred).item::<f32>().unwrap());
        }
        assert_eq!(metric.result().item::<f32>().unwrap(), 0.625);
        assert!((of_batches[0] - 2.0 / 3.0).abs() < 1e-6, "{of_batches:?}");
        assert!((of_batches[1] - 0.8).abs() < 1e-6, "{of_batches:?}");
        let all = ks(&column(&y_true), &column(&y_pred));
        assert_eq!(all.item::<f32>().unwrap(), 0.625);
    }

    #[test]
    fn the_order_of_equal_predictions_does_not_matter() {
        let y_pred = column(&[0.5, 0.5, 0.5, 0.5]);
        for y_true in [[0.0, 0.0, 1.0, 1.0], [1.0, 0.0, 1.0, 0.0]] {
            assert_eq!(ks(&column(&y_true), &y_pred).item::<f32>().unwrap(), 0.0);
        }
    }

    #[test]
    fn one_class_nan_and_predictions_out_of_range_give_a_number() {
        let y_pred = column(&[-3.0, 7.0, f32::NAN, 0.5]);
        let metric = KS::new();
        metric
            .update_state(&column(&[1.0; 4]), &y_pred, None)
            .unwrap();
        assert_eq!(metric.result().item::<f32>().unwrap(), 0.0);
        metric
            .update_state(&column(&[0.0; 4]), &y_pred, None)
            .unwrap();
        assert_eq!(metric.result().item::<f32>().unwrap(), 0.0);
        let counted: f64 = metric.variables()[0].value().to_f64_vec().iter().sum();
        assert_eq!(counted, 3.0);
    }

    #[test]
    fn weights_and_masks_say_what_counts() {
        let (y_true, y_pred) = numbers();
        let kept: Vec<bool> = (0..14).map(|k| k % 3 != 0).collect();
        let weight: Vec<f32> = kept.iter().map(|k| f32::from(u8::from(*k))).collect();
        let only = |list: &[f32]| {
            let pairs = list.iter().zip(&kept);
            column(
                &pairs
                    .filter(|(_, k)| **k)
                    .map(|(x, _)| *x)
                    .collect::<Vec<_>>(),
            )
        };
        let (cut, weighted, masked) = (KS::new(), KS::new(), KS::new());
        cut.update_state(&only(&y_true), &only(&y_pred), None)
            .unwrap();
        let weight = Tensor::from_vec([14], weight);
        weighted
            .update_state(&column(&y_true), &column(&y_pred), Some(&weight))
            .unwrap();
        let mask = weight.cast(DType::Bool);
        let y_pred = (column(&y_pred) * 1.0).with_remark("mask", &mask);
        masked
            .update_state(&column(&y_true), &y_pred, None)
            .unwrap();
        let result = |metric: &KS| metric.result().item::<f32>().unwrap();
        assert_eq!(result(&weighted), result(&cut));
        assert_eq!(result(&masked), result(&cut));
    }
}
