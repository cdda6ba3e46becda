// tidy: not an item
//! Counting true and false positives and negatives at thresholds.

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::MetricBase;
use crate::ops;

/// What predictions outside the `top_k` become.
pub(super) const NEGATIVE_INFINITY: f64 = -1e10;

/// How thresholds lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Spacing {
    /// Anyhow: each is compared with each prediction.
    Any,
    /// Evenly from 0 to 1: a prediction is counted once, in its bucket.
    Even,
    /// As `Even`, but the first lies a bit below 0 and the last a bit above 1.
    EvenBeyond,
}

impl Spacing {
    /// What Keras holds for evenly spaced: at least three, each within its tolerance of `k / (n - 1)`.
    pub(super) fn of(thresholds: &[f64]) -> Self {
        let count = thresholds.len();
        let near = |(k, t): (usize, &f64)| {
            let even = k as f64 / (count - 1) as f64;
            (t - even).abs() <= ops::EPSILON + 1e-5 * even
        };
        if count >= 3 && thresholds.iter().enumerate().all(near) {
            Self::Even
        } else {
            Self::Any
        }
    }
}

/// What is counted of labels and predictions.
#[derive(Debug, Clone)]
pub(super) struct Confusion<'a> {
    /// The metric, for messages.
    pub(super) name: &'a str,
    pub(super) dtype: DType,
    pub(super) thresholds: &'a [f64],
    pub(super) spacing: Spacing,
    /// Only so many of the largest predictions of a row can be positive.
    pub(super) top_k: Option<usize>,
    /// Only this class counts; negative numbers count from the end.
    pub(super) class_id: Option<i64>,
    /// Each column is counted by itself.
    pub(super) multi_label: bool,
    /// What each column counts, where they are counted together.
    pub(super) label_weights: Option<&'a [f64]>,
}

/// Counts at each threshold: `[thresholds]`, or `[thresholds, labels]` for `multi_label`. Those that nobody
/// asks for are not computed.
pub(super) struct Counts {
    pub(super) true_positives: Tensor,
    pub(super) false_positives: Tensor,
    pub(super) true_negatives: Tensor,
    pub(super) false_negatives: Tensor,
}

/// Labels and predictions as they are compared: `[labels, samples]` for `multi_label`, else `[all]`.
struct Cells {
    is_true: Tensor,
    y_pred: Tensor,
    weight: Option<Tensor>,
}

impl<'a> Confusion<'a> {
    /// All cells at these thresholds, each compared.
    pub(super) fn new(base: &'a MetricBase, thresholds: &'a [f64]) -> Self {
        Self {
            name: base.name(),
            dtype: base.dtype(),
            thresholds,
            spacing: Spacing::Any,
            top_k: None,
            class_id: None,
            multi_label: false,
            label_weights: None,
        }
    }

    /// Counts a batch.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if labels, predictions and weights do not fit together;
    /// [`Error::InvalidArgument`] if there is no such class, or there are not so many for `top_k`.
    #[track_caller]
    pub(super) fn counts(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<Counts> {
        let cells = self.cells(y_true, y_pred, sample_weight)?;
        let counts = match self.spacing {
            Spacing::Any => self.compared(&cells),
            Spacing::Even | Spacing::EvenBeyond => self.bucketed(&cells),
        };
        if !self.multi_label {
            return Ok(counts);
        }
        // Computed with the labels first, kept with the thresholds first.
        let turned = |x: &Tensor| x.transpose([1, 0]);
        Ok(Counts {
            true_positives: turned(&counts.true_positives),
            false_positives: turned(&counts.false_positives),
            true_negatives: turned(&counts.true_negatives),
            false_negatives: turned(&counts.false_negatives),
        })
    }

    fn cells(
        &self,
        y_true: &Tensor,
        y_pred: &Tensor,
        sample_weight: Option<&Tensor>,
    ) -> Result<Cells> {
        let (y_true, y_pred) = (y_true.cast(self.dtype), y_pred.cast(self.dtype));
        let (y_true, y_pred) = ops::same_shapes(self.name, &y_true, &y_pred)?;
        if self.multi_label && y_pred.rank() != 2 {
            return Err(Error::shape_mismatch(
                self.name,
                "predictions [samples, labels] for multi_label",
                y_pred.shape().to_string(),
                "",
            ));
        }
        let sample_weight = sample_weight.map(|weight| self.column_of(weight, y_true.rank()));
        let y_pred = match self.top_k {
            Some(k) => self.keep_top(&y_pred, k)?,
            None => y_pred,
        };
        let (y_true, y_pred) = match self.class_id {
            Some(class) => (self.only(&y_true, class)?, self.only(&y_pred, class)?),
            None => (y_true, y_pred),
        };
        let weight = self.weight(y_pred.shape(), sample_weight.as_ref())?;
        let arranged = |x: &Tensor| match self.multi_label {
            true => x.transpose([1, 0]),
            false => x.reshape_to([x.shape().len()]),
        };
        Ok(Cells {
            is_true: arranged(&y_true).cast(DType::Bool),
            y_pred: arranged(&y_pred),
            weight: weight.as_ref().map(arranged),
        })
    }

    /// The weights with an axis of size 1 for the classes; weights of each class stay.
    fn column_of(&self, weight: &Tensor, rank: usize) -> Tensor {
        let weight = weight.cast(self.dtype).expand_dims(-1);
        if weight.rank() == rank + 1 {
            weight.squeeze(-1)
        } else {
            weight
        }
    }

    /// What each cell counts; `None` if each counts 1.
    fn weight(&self, shape: &Shape, sample_weight: Option<&Tensor>) -> Result<Option<Tensor>> {
        let labels = self.label_weights.map(|weights| {
            let weights: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
            Tensor::from_vec([weights.len()], weights).cast(self.dtype)
        });
        let stretched = |weight: &Tensor| {
            let stretched = weight.broadcast_to(shape.clone());
            stretched.check().cloned()
        };
        let sample_weight = sample_weight.map(stretched).transpose()?;
        let labels = labels.as_ref().map(stretched).transpose()?;
        Ok(match (sample_weight, labels) {
            (Some(sample), Some(label)) => Some(sample * label),
            (sample, label) => sample.or(label),
        })
    }

    /// The `k` largest predictions of each row; the others become so low that none is positive.
    fn keep_top(&self, y_pred: &Tensor, k: usize) -> Result<Tensor> {
        let classes = y_pred.shape().dims().last().copied().unwrap_or(0);
        if k == 0 || k > classes {
            return Err(Error::invalid_argument(
                format!("{}: top_k", self.name),
                format!("a number from 1 to the number of classes, {classes}"),
                k.to_string(),
                "",
            ));
        }
        let (_, places) = y_pred.top_k(k);
        let is_kept = places.one_hot(classes, DType::F32).sum(-2).greater(0.5);
        Ok(is_kept.select(y_pred, NEGATIVE_INFINITY))
    }

    /// The column of one class, as a last axis of size 1.
    fn only(&self, x: &Tensor, class: i64) -> Result<Tensor> {
        let classes = x.shape().dims().last().copied().unwrap_or(0);
        let counted = if class < 0 {
            class + classes as i64
        } else {
            class
        };
        match usize::try_from(counted) {
            Ok(k) if k < classes && x.rank() > 1 => Ok(x.slice_axis(-1, k..k + 1)),
            _ => Err(Error::invalid_argument(
                format!("{}: class_id", self.name),
                "the number of a class along the last axis of predictions [samples, .., classes]",
                format!("{class} for predictions of shape {}", x.shape()),
                "",
            )),
        }
    }

    /// Each threshold against each prediction: `[.., thresholds, samples]`, summed as it is computed.
    fn compared(&self, cells: &Cells) -> Counts {
        let thresholds: Vec<f32> = self.thresholds.iter().map(|t| *t as f32).collect();
        let thresholds = Tensor::from_vec([thresholds.len(), 1], thresholds).cast(self.dtype);
        let is_true = cells.is_true.expand_dims(-2);
        let is_above = cells.y_pred.expand_dims(-2).greater(&thresholds);
        let one = Tensor::literal(1.0, self.dtype);
        let weight = cells.weight.as_ref().map_or(one, |w| w.expand_dims(-2));
        let sum = |cell: &Tensor| cell.select(&weight, 0.0).sum(-1);
        let (is_false, is_below) = (is_true.logical_not(), is_above.logical_not());
        Counts {
            true_positives: sum(&is_true.logical_and(&is_above)),
            false_positives: sum(&is_false.logical_and(&is_above)),
            true_negatives: sum(&is_false.logical_and(&is_below)),
            false_negatives: sum(&is_true.logical_and(&is_below)),
        }
    }

    /// One pass over the predictions, into buckets between the thresholds, and running sums over these: a
    /// prediction in bucket `b` is above the thresholds `0..=b`.
    fn bucketed(&self, cells: &Cells) -> Counts {
        let count = self.thresholds.len();
        let last = (count - 1) as f64;
        // A prediction equal to a threshold is not above it, so it falls into the bucket below.
        let bucket = (cells.y_pred.clip(0.0, 1.0) * last).ceil() - 1.0;
        let bucket = match self.spacing {
            Spacing::EvenBeyond => bucket.less(0.0).select(0.0, bucket),
            _ => bucket,
        };
        // One more bucket comes first, for what is above no threshold: NaN is, and what is not above the first.
        // The buckets of the positives stand behind those of the negatives.
        let bucket = bucket.greater_equal(0.0).select(bucket + 1.0, 0.0);
        let place = bucket + cells.is_true.cast(self.dtype) * (count + 1) as f64;
        let shape = cells.y_pred.shape();
        let weight = match &cells.weight {
            Some(weight) => weight.clone(),
            None => Tensor::ones(shape.clone(), self.dtype),
        };
        let batch = shape.rank() - 1;
        let buckets = Tensor::zeros(shape.with(batch, 2 * (count + 1)), self.dtype);
        let buckets = buckets.scatter_add(&place.cast(DType::I32), &weight, batch, batch);
        // Sums from both ends, because differences of sums would lose what is small.
        let above = |first: usize| {
            let part = buckets.slice_axis(-1, first + 1..first + 1 + count);
            part.cumsum_reverse(-1)
        };
        let below = |first: usize| buckets.slice_axis(-1, first..first + count).cumsum(-1);
        Counts {
            true_positives: above(count + 1),
            false_positives: above(0),
            true_negatives: below(0),
            false_negatives: below(count + 1),
        }
    }
}

/// The number of one threshold, the list of several.
pub(super) fn one_or_all(counts: &Tensor) -> Tensor {
    match counts.shape().len() {
        1 => counts.reshape_to([]),
        _ => counts.clone(),
    }
}

/// `a / (a + b)`, and 0 where both are 0.
pub(super) fn share(a: &Tensor, b: &Tensor) -> Tensor {
    ops::divide_no_nan(a, &(a + b))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers in (0, 1), none of them near a multiple of an eighth.
    fn predictions(count: usize) -> Vec<f32> {
        let number = |k: usize| (k as f64 * 0.618_033_988_749_894_9).fract();
        (1..=count)
            .map(|k| ((number(k) * 8.0).floor() / 8.0 + 0.05) as f32)
            .collect()
    }

    fn all(counts: &Counts) -> Vec<Vec<f32>> {
        let list = [
            &counts.true_positives,
            &counts.false_positives,
            &counts.true_negatives,
            &counts.false_negatives,
        ];
        list.map(|x| x.to_vec::<f32>().unwrap()).to_vec()
    }

    #[test]
    fn buckets_count_what_comparing_counts() {
        let base = MetricBase::new("test");
        let thresholds: Vec<f64> = (0..9).map(|k| f64::from(k) / 8.0).collect();
        let y_pred = Tensor::from_vec([10, 3], predictions(30));
        let labels = (0..30).map(|k| f32::from(u8::from(k % 7 < 3))).collect();
        let y_true = Tensor::from_vec([10, 3], labels);
        // Weights that add up exactly.
        let weights = Tensor::from_vec([10], (0..10).map(|k| (k % 4) as f32 * 0.5).collect());
        for multi_label in [false, true] {
            for weight in [None, Some(&weights)] {
                let counted = |spacing: Spacing| {
                    let confusion = Confusion {
                        spacing,
                        multi_label,
                        ..Confusion::new(&base, &thresholds)
                    };
                    all(&confusion.counts(&y_true, &y_pred, weight).unwrap())
                };
                assert_eq!(
                    counted(Spacing::Even),
                    counted(Spacing::Any),
                    "{multi_label}"
                );
            }
        }
    }

    #[test]
    fn nan_is_above_no_threshold_and_still_counts() {
        let base = MetricBase::new("test");
        let thresholds = [0.0, 0.5, 1.0];
        let y_pred = Tensor::from([f32::NAN, 0.7]);
        for spacing in [Spacing::Any, Spacing::Even] {
            let confusion = Confusion {
                spacing,
                ..Confusion::new(&base, &thresholds)
            };
            let counts = confusion
                .counts(&Tensor::from([1i32, 1]), &y_pred, None)
                .unwrap();
            assert_eq!(
                counts.true_positives.to_vec::<f32>().unwrap(),
                [1.0, 1.0, 0.0]
            );
            assert_eq!(
                counts.false_negatives.to_vec::<f32>().unwrap(),
                [1.0, 1.0, 2.0]
            );
        }
    }
}
