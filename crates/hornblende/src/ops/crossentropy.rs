//! Crossentropies of probabilities and of logits, under the names of `keras.ops`.

use hornblende_core::{DType, Error, Result, Tensor};

use super::softmax::shifted;
use super::{EPSILON, as_float, log_softmax, within};

/// `-log(p)` of the class that each sample has.
///
/// With `from_logits` the probabilities are the softmax of `output`. Otherwise `output` is clipped to
/// `[1e-7, 1 - 1e-7]` and divided by its sum along the axis. If `output` is itself the result of a softmax,
/// the logits behind it are used whatever `from_logits` says.
///
/// # Shapes
/// `target`: class numbers, the shape of `output` without `axis` (a last axis of size 1 is dropped).
/// Returns the shape of `target`.
///
/// # At the edges
/// A class out of range gives NaN.
///
/// # Errors
/// [`Error::ShapeMismatch`] if `target` has another shape.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let logits = Tensor::from([[0.0f32, 0.0], [1e4, -1e4]]);
/// let loss = ops::sparse_categorical_crossentropy(&Tensor::from([1i32, 0]), &logits, true, -1);
/// assert_eq!(loss.to_vec::<f32>()?, [2f32.ln(), 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn sparse_categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Tensor {
    let (output, from_logits) = logits_behind(output, "softmax_logits", from_logits);
    Tensor::lift(&[target, &as_float(&output)], move |x| {
        let target = match (x[0].rank() == x[1].rank(), x[0].shape().dims().last()) {
            (true, Some(1)) => x[0].squeeze(-1),
            _ => x[0].clone(),
        };
        match one_class_each(&target, &x[1], axis) {
            Ok(axis) => sparse(&target, &x[1], from_logits, axis),
            Err(error) => super::invalid(error),
        }
    })
}

/// `-sum(target * log(output))` along the axis.
///
/// With `from_logits` the probabilities are the softmax of `output`. Otherwise `output` is divided by its
/// sum along the axis and clipped to `[1e-7, 1 - 1e-7]`. If `output` is itself the result of a softmax, the
/// logits behind it are used whatever `from_logits` says. What `target` gives no weight counts as 0, even
/// where the logarithm is infinite.
///
/// # Shapes
/// `target`, `output`: equal. Returns the same without `axis`.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the shapes differ.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let y_true = Tensor::from([[0.0f32, 1.0]]);
/// let loss = ops::categorical_crossentropy(&y_true, &Tensor::from([[0.5f32, 0.5]]), false, -1);
/// assert_eq!(loss.to_vec::<f32>()?, [2f32.ln()]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn categorical_crossentropy(
    target: &Tensor,
    output: &Tensor,
    from_logits: bool,
    axis: isize,
) -> Tensor {
    let (output, from_logits) = logits_behind(output, "softmax_logits", from_logits);
    Tensor::lift(&[&as_float(target), &as_float(&output)], move |x| {
        if let Err(error) = equal_shapes("categorical_crossentropy", &x[0], &x[1]) {
            return super::invalid(error);
        }
        let log_probability = if from_logits {
            log_softmax(&x[1], axis)
        } else {
            clip_probability(&(&x[1] / x[1].sum_keepdims(axis))).log()
        };
        let terms = x[0].equal(0.0).select(0.0, &x[0] * log_probability);
        -terms.sum(axis)
    })
}

/// `-(target * log(output) + (1 - target) * log(1 - output))`, elementwise.
///
/// With `from_logits` the probability is the sigmoid of `output`. Otherwise `output` is clipped to
/// `[1e-7, 1 - 1e-7]`. If `output` is itself the result of a sigmoid, the logits behind it are used whatever
/// `from_logits` says.
///
/// # Shapes
/// `target`, `output` and the result: equal.
///
/// # Errors
/// [`Error::ShapeMismatch`] if the shapes differ.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let (y_true, logits) = (Tensor::from([0.0f32, 1.0]), Tensor::from([1e4f32, 1e4]));
/// let loss = ops::binary_crossentropy(&y_true, &logits, true);
/// assert_eq!(loss.to_vec::<f32>()?, [1e4, 0.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn binary_crossentropy(target: &Tensor, output: &Tensor, from_logits: bool) -> Tensor {
    let (output, from_logits) = logits_behind(output, "sigmoid_logits", from_logits);
    Tensor::lift(&[&as_float(target), &as_float(&output)], move |x| {
        let (t, y) = (&x[0], &x[1]);
        if let Err(error) = equal_shapes("binary_crossentropy", t, y) {
            return super::invalid(error);
        }
        if from_logits {
            // The two large terms are subtracted before the small one is added, or it would be lost. Both
            // selects ask the same question, which makes the gradient at 0 the right one.
            let is_positive = y.greater_equal(0.0);
            let rest = is_positive.select(-y, y).exp().log1p();
            return is_positive.select(y, 0.0) - y * t + rest;
        }
        let p = clip_probability(y);
        -(t * p.log() + (1.0 - t) * (1.0 - p).log())
    })
}

/// The labels moved towards equal shares of the classes: `y (1 - smoothing) + smoothing / classes`.
///
/// # Example
/// ```
/// use hornblende::{ops, prelude::*};
/// let y = ops::smooth_labels(&Tensor::from([0.0f32, 1.0]), 0.5, 2);
/// assert_eq!(y.to_vec::<f32>()?, [0.25, 0.75]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn smooth_labels(y_true: &Tensor, smoothing: f64, classes: usize) -> Tensor {
    if smoothing == 0.0 {
        return y_true.clone();
    }
    y_true * (1.0 - smoothing) + smoothing / classes as f64
}

/// The logits of which `output` is the softmax or sigmoid, if that is known; they tell what rounded
/// probabilities do not, and whoever says `from_logits` of probabilities does not mean it.
fn logits_behind(output: &Tensor, remark: &str, from_logits: bool) -> (Tensor, bool) {
    match output.remark(remark) {
        Some(logits) => (logits.clone(), true),
        None => (output.clone(), from_logits),
    }
}

/// The classes along `axis` are compared with the labels instead of gathered, so that forward and backward
/// pass are elementwise work and row sums: `(softmax - one_hot) * weight`.
#[track_caller]
fn sparse(target: &Tensor, output: &Tensor, from_logits: bool, axis: usize) -> Tensor {
    let along = axis as isize;
    let logits = if from_logits {
        output.clone()
    } else {
        clip_probability(output).log()
    };
    let labels = target.cast(DType::I32);
    let places = Tensor::iota(output.shape().clone(), axis, DType::I32);
    let shifted = shifted(&logits, &along.into());
    let is_label = places.equal(labels.expand_dims(along));
    let chosen = is_label.select(&shifted, 0.0).sum(along);
    let loss = shifted.exp().sum(along).log() - chosen;
    let classes = output.shape()[axis] as f64;
    let is_class = labels.greater_equal(0.0).logical_and(labels.less(classes));
    is_class.select(loss, f64::NAN)
}

/// Moves probabilities away from 0 and 1, where the logarithms are infinite; no gradient beyond.
#[track_caller]
pub(crate) fn clip_probability(p: &Tensor) -> Tensor {
    within(p, EPSILON, 1.0 - EPSILON)
}

fn one_class_each(target: &Tensor, output: &Tensor, axis: isize) -> Result<usize> {
    let subject = "sparse_categorical_crossentropy";
    let axis = output.shape().axis(subject, axis)?;
    let wanted = output.shape().without(&[axis]);
    if *target.shape() == wanted {
        return Ok(axis);
    }
    let fix = if target.shape() == output.shape() {
        "For one-hot labels use categorical_crossentropy"
    } else {
        "Give one class number for each sample"
    };
    Err(Error::shape_mismatch(
        subject,
        format!(
            "labels of shape {wanted} for predictions of shape {}",
            output.shape()
        ),
        format!("labels of shape {}", target.shape()),
        fix,
    ))
}

fn equal_shapes(subject: &str, target: &Tensor, output: &Tensor) -> Result<()> {
    if target.shape() == output.shape() {
        return Ok(());
    }
    let is_sparse = subject == "categorical_crossentropy" && target.rank() + 1 == output.rank();
    Err(Error::shape_mismatch(
        subject,
        format!("y_true of the shape of y_pred, {}", output.shape()),
        target.shape().to_string(),
        if is_sparse {
            "For class numbers use sparse_categorical_crossentropy"
        } else {
            ""
        },
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INF: f32 = f32::INFINITY;

    #[test]
    fn the_gradient_of_the_sparse_form_is_softmax_minus_one_hot() {
        let x = Tensor::from([[0.0f64, 0.0, 2f64.ln()]]);
        let loss = sparse_categorical_crossentropy(&Tensor::from([2i32]), &x, true, -1);
        let g = loss.gradients(&[x])[0].to_vec::<f64>().unwrap();
        for (got, wanted) in g.iter().zip([0.25, 0.25, -0.5]) {
            // Rounding of a handful of F64 operations.
            assert!((got - wanted).abs() < 1e-15, "{g:?}");
        }
    }

    #[test]
    fn classes_out_of_range_give_nan_and_the_others_their_loss() {
        let x = Tensor::zeros([3, 2], DType::F32);
        let loss =
            sparse_categorical_crossentropy(&Tensor::from([-1.0f32, 1.0, 2.0]), &x, true, -1);
        let loss = loss.to_vec::<f32>().unwrap();
        assert!(loss[0].is_nan() && loss[2].is_nan(), "{loss:?}");
        assert_eq!(loss[1], 2f32.ln());
    }

    #[test]
    fn a_logit_of_minus_infinity_that_is_not_asked_for_does_not_spoil_the_loss() {
        let x = Tensor::from([[0.0f32, -INF]]);
        let sparse = sparse_categorical_crossentropy(&Tensor::from([0i32]), &x, true, -1);
        let dense = categorical_crossentropy(&Tensor::from([[1.0f32, 0.0]]), &x, true, -1);
        for loss in [sparse, dense] {
            assert_eq!(loss.item::<f32>().unwrap(), 0.0);
            let g = loss.gradients(std::slice::from_ref(&x))[0].to_vec::<f32>();
            assert_eq!(g.unwrap(), [0.0, 0.0]);
        }
    }

    #[test]
    fn another_axis_is_the_same_loss_transposed() {
        let rows = Tensor::from([[0.0f32, 1.0, 3.0], [2.0, 0.5, 0.0]]);
        let labels = Tensor::from([2i32, 0]);
        let along = |x: &Tensor, axis| {
            let loss = sparse_categorical_crossentropy(&labels, x, true, axis);
            loss.to_vec::<f32>().unwrap()
        };
        for (a, b) in along(&rows, -1)
            .into_iter()
            .zip(along(&rows.transpose([1, 0]), 0))
        {
            // Along another axis the exponentials are added in another order, and the loss is a difference of
            // numbers of the size of the logits: a bit of those may differ.
            assert!((a - b).abs() <= 3.0 * f32::EPSILON, "{a} and {b}");
        }
    }

    #[test]
    fn labels_of_the_wrong_form_are_told_the_other_loss() {
        let x = Tensor::zeros([2, 3], DType::F32);
        let error = |t: Tensor| t.eval().unwrap_err().to_string();
        let sparse = error(sparse_categorical_crossentropy(&x, &x, false, -1));
        assert!(sparse.contains("expected labels of shape (2,)"), "{sparse}");
        assert!(sparse.contains("use categorical_crossentropy"), "{sparse}");
        let dense = error(categorical_crossentropy(
            &Tensor::from([0i32, 1]),
            &x,
            false,
            -1,
        ));
        assert!(
            dense.contains("use sparse_categorical_crossentropy"),
            "{dense}"
        );
    }

    #[test]
    fn the_logits_behind_probabilities_are_used_whatever_is_said_of_them() {
        let x = Tensor::from([[1e3f32, 0.0]]);
        let (p, one_hot) = (super::super::softmax(&x, -1), Tensor::from([[0.0f32, 1.0]]));
        for from_logits in [false, true] {
            let sparse =
                sparse_categorical_crossentropy(&Tensor::from([1i32]), &p, from_logits, -1);
            assert_eq!(sparse.item::<f32>().unwrap(), 1e3);
            let dense = categorical_crossentropy(&one_hot, &p, from_logits, -1);
            assert_eq!(dense.item::<f32>().unwrap(), 1e3);
            let binary = binary_crossentropy(&one_hot, &super::super::sigmoid(&x), from_logits);
            assert_eq!(binary.to_vec::<f32>().unwrap(), [1e3, 2f32.ln()]);
        }
    }

    #[test]
    fn logits_of_any_size_give_finite_binary_losses_and_gradients() {
        let x = Tensor::from([1e4f32, -1e4, 1e4, -1e4, 0.0]);
        let t = Tensor::from([0.0f32, 0.0, 1.0, 1.0, 1.0]);
        let loss = binary_crossentropy(&t, &x, true);
        assert_eq!(
            loss.to_vec::<f32>().unwrap(),
            [1e4, 0.0, 0.0, 1e4, 2f32.ln()]
        );
        let g = loss.gradients(&[x])[0].to_vec::<f32>().unwrap();
        assert_eq!(g, [1.0, 0.0, 0.0, -1.0, -0.5]);
    }
}
