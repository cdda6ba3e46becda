//! Connectionist temporal classification.

use std::sync::Arc;

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::{DType, Error, Result, Tensor, scan};

use super::base::loss_arguments;
use super::{Entry, Loss, LossBase};
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "CTC",
    names: &["ctc"],
    from_config: |config| {
        LossBase::only(config, "CTC", &[])?;
        let base = CTC::new().base.configured(config)?;
        Ok(Arc::new(CTC { base }))
    },
};

/// Connectionist temporal classification: `-log` of the probability that the frames spell the labels.
///
/// Frames spell labels if what is left after merging equal neighbours and dropping blanks (class 0) are the labels.
/// The probability is the sum over all such paths, computed forwards in time in the logarithmic domain.
///
/// # Shapes
/// `y_pred`: logits `[batch, frames, classes]`. `y_true`: class numbers `[batch, labels]` of any type, short rows
/// filled up with 0 at the end.
///
/// # At the edges
/// Logits of any finite size are safe. Labels that no path can spell, such as more labels than frames, have a
/// loss of about 707 and finite gradients: as in TensorFlow, where a path begins or ends wrongly its probability
/// is 1e-307 instead of 0. A class out of range gives NaN.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let logits = Tensor::zeros([1, 2, 2], DType::F32);
/// let loss = CTC::new().compute(&Tensor::from([[1i32]]), &logits, None);
/// // Of the four paths, "1 1", "1 -" and "- 1" spell "1".
/// assert!((loss.item::<f32>()? + 0.75f32.ln()).abs() < 1e-6);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// Graves et al., "Connectionist temporal classification", ICML 2006; `keras.losses.CTC` on TensorFlow.
#[derive(Debug, Clone)]
pub struct CTC {
    base: LossBase,
}

loss_arguments!(CTC);

impl CTC {
    /// The loss with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LossBase::new("ctc"),
        }
    }
}

impl Loss for CTC {
    fn call(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
        ctc(y_true, y_pred)
    }

    fn base(&self) -> &LossBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        "CTC"
    }
}

/// [`CTC`] of each sample.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the shapes are not as [`CTC`] says.
#[track_caller]
#[must_use]
pub fn ctc(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    match negative_log_likelihood(y_true, y_pred) {
        Ok(loss) => loss,
        Err(error) => ops::invalid(error),
    }
}

/// The logarithm of 1e-307, which stands for that of 0 where TensorFlow has it so.
const LOG_OF_ALMOST_0: f64 = -706.893_623_549_172_3;

#[track_caller]
fn negative_log_likelihood(y_true: &Tensor, y_pred: &Tensor) -> Result<Tensor> {
    check_shapes(y_true, y_pred)?;
    let paths = Paths::new(&y_true.cast(DType::I32), y_pred);
    let value = paths.log_likelihood(f64::NEG_INFINITY)?;
    // TensorFlow's gradient is that of a likelihood in which paths may also begin in any state, at the same price
    // as ending in any. It differs from that of the value only where no path is right.
    let slope = paths.log_likelihood(LOG_OF_ALMOST_0)?;
    let slope = slope.is_finite().select(&slope, 0.0);
    Ok(slope.stop_gradient() - &slope - value.stop_gradient())
}

fn check_shapes(y_true: &Tensor, y_pred: &Tensor) -> Result<()> {
    match (
        y_true.check()?.shape().dims(),
        y_pred.check()?.shape().dims(),
    ) {
        ([labels, _], [logits, _, classes]) if labels == logits && *classes > 0 => Ok(()),
        _ => Err(Error::shape_mismatch(
            "ctc",
            "y_true of shape (batch, labels) and y_pred of shape (batch, frames, classes)",
            format!("{} and {}", y_true.shape(), y_pred.shape()),
            "",
        )),
    }
}

/// The states that a path runs through: blank, first label, blank, second label, .., blank.
struct Paths {
    /// The log-probability of each state in each frame, `[frames, batch, states]`.
    log_probabilities: Tensor,
    /// Where the state may come from the one before the last, `[batch, states]`: between different labels.
    can_skip: Tensor,
    /// The log-weights of the states at the end, `[batch, states]`: 0 for the last label and the blank after it.
    last: Tensor,
}

impl Paths {
    fn new(labels: &Tensor, logits: &Tensor) -> Self {
        let (batch, frames) = (logits.shape()[0], logits.shape()[1]);
        let states = 2 * labels.shape()[1] + 1;
        let blanks = Tensor::zeros([batch, 1], DType::I32);
        let between = labels.pad(&[0, 0], &[0, 1], &[0, 1], 0.0);
        let classes = if states == 1 {
            blanks
        } else {
            Tensor::concatenate(&[blanks, between], 1)
        };
        let log_probabilities = ops::log_softmax(logits, -1).transpose([1, 0, 2]);
        let each_frame = classes.expand_dims(0).broadcast_to([frames, batch, states]);
        let length = labels.not_equal(0.0).cast(DType::I32).sum(1); // [batch]
        let end = (length * 2).expand_dims(1);
        let state = Tensor::iota([batch, states], 1, DType::I32);
        let is_end = state.equal(&end).logical_or(state.equal(end - 1));
        Self {
            log_probabilities: log_probabilities.take_along_axis(&each_frame, 2),
            can_skip: classes.not_equal(moved(&classes, 2, -1.0)),
            last: is_end.select(
                Tensor::zeros([batch, states], logits.dtype()),
                LOG_OF_ALMOST_0,
            ),
        }
    }

    /// The logarithm of the sum of the probabilities of all paths, `[batch]`. A path that begins with neither the
    /// first blank nor the first label has this weight.
    fn log_likelihood(&self, wrong_begin: f64) -> Result<Tensor> {
        let (dtype, shape) = (self.last.dtype(), self.last.shape());
        // Before the first frame a path is where it can go on to the first blank and the first label.
        let is_first = Tensor::iota(shape.clone(), 1, DType::I32).equal(0.0);
        let begin = is_first.select(Tensor::zeros(shape.clone(), dtype), wrong_begin);
        let total = Tensor::zeros([shape[0], 1], dtype);
        let options = ScanOptions {
            length: self.log_probabilities.shape()[0],
            reverse: false,
        };
        let slices = std::slice::from_ref(&self.log_probabilities);
        let (end, _) = scan(&[begin, total], slices, options, |carry, frame| {
            let from_two_before = moved(&carry[0], 2, f64::NEG_INFINITY);
            let skipping = self.can_skip.select(from_two_before, f64::NEG_INFINITY);
            let one_before = moved(&carry[0], 1, f64::NEG_INFINITY);
            let next = log_of_sum(&carry[0], &one_before, &skipping) + &frame[0];
            // The largest is kept near 0, so that small differences survive many frames.
            let largest = next.max_keepdims(1).stop_gradient();
            let largest = largest.is_finite().select(&largest, 0.0);
            Ok((vec![next - &largest, &carry[1] + &largest], Vec::new()))
        })?;
        Ok(ops::logsumexp(&(&end[0] + &self.last), 1) + end[1].squeeze(1))
    }
}

/// `x[.., s - by]` at `x[.., s]`, and `first` where there is none.
fn moved(x: &Tensor, by: isize, first: f64) -> Tensor {
    x.pad(&[0, by], &[0, -by], &[0, 0], first)
}

/// `log(exp(a) + exp(b) + exp(c))`, with a gradient of 0 where all are -infinity.
fn log_of_sum(a: &Tensor, b: &Tensor, c: &Tensor) -> Tensor {
    let largest = a.maximum(b).maximum(c).stop_gradient();
    let largest = largest.is_finite().select(&largest, 0.0);
    let part = |x: &Tensor| (x - &largest).exp();
    let sum = part(a) + part(b) + part(c);
    let is_nothing = sum.equal(0.0);
    let logarithm = is_nothing.select(1.0, &sum).log() + largest;
    is_nothing.select(f64::NEG_INFINITY, logarithm)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn each(y_true: &Tensor, y_pred: &Tensor) -> Vec<f32> {
        ctc(y_true, y_pred).to_vec::<f32>().unwrap()
    }

    #[test]
    fn equal_neighbours_need_a_blank_between_them() {
        let logits = Tensor::zeros([2, 3, 3], DType::F32);
        let loss = each(&Tensor::from([[1i32, 1], [1, 2]]), &logits);
        // Of 27 paths "1 - 1" alone spells "1 1"; "1 2" is spelt by "1 1 2", "1 2 2", "- 1 2", "1 - 2", "1 2 -".
        for (loss, paths) in loss.iter().zip([1.0f32, 5.0]) {
            assert!((loss + (paths / 27.0).ln()).abs() < 1e-5, "{loss}");
        }
    }

    #[test]
    fn short_rows_are_filled_up_with_zeros() {
        let logits = Tensor::from_vec([1, 4, 3], (0..12).map(|k| (k as f32).sin()).collect());
        let short = each(&Tensor::from([[2i32, 1]]), &logits)[0];
        let long = each(&Tensor::from([[2i32, 1, 0, 0]]), &logits)[0];
        // The states after the end are beside the largest when numbers are kept small: other roundings.
        assert!((short - long).abs() < 1e-6, "{short} and {long}");
    }

    #[test]
    fn no_labels_at_all_are_spelt_by_blanks() {
        let logits = Tensor::zeros([1, 2, 4], DType::F32);
        let loss = each(&Tensor::from([[0i32, 0]]), &logits);
        assert!((loss[0] - 2.0 * 4f32.ln()).abs() < 1e-5, "{loss:?}");
        let none = Tensor::zeros([1, 0], DType::I32);
        assert_eq!(each(&none, &logits), loss);
    }

    #[test]
    fn labels_that_no_path_spells_have_a_finite_loss_and_gradient() {
        let logits = Tensor::zeros([1, 2, 3], DType::F32);
        let loss = ctc(&Tensor::from([[1i32, 1, 2]]), &logits);
        // TensorFlow 2's numbers.
        assert!((loss.item::<f32>().unwrap() - 707.7045).abs() < 1e-2);
        let gradient = loss.gradients(&[logits])[0].to_vec::<f32>().unwrap();
        let wanted = [
            -0.04168, 0.083325, -0.041665, -0.104176, 0.208329, -0.104175,
        ];
        for (g, w) in gradient.iter().zip(wanted) {
            // Differences of numbers around 700 have rounding errors of 1e-4.
            assert!((g - w).abs() < 1e-3, "{gradient:?}");
        }
    }

    #[test]
    fn logits_of_any_size_give_finite_gradients() {
        let y_pred = Tensor::from([[[1e4f32, -1e4, 0.0], [0.0, 0.0, 0.0], [-1e4, 1e4, 1e4]]]);
        let loss = ctc(&Tensor::from([[1i32, 2]]), &y_pred);
        assert!(loss.item::<f32>().unwrap().is_finite());
        let gradient = loss.gradients(&[y_pred])[0].to_vec::<f32>().unwrap();
        assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
    }
}
