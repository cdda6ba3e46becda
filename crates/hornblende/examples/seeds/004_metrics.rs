//! Note 004, metrics: one's own as classes and as functions, with `compile` and `fit`, and used alone.
//!
//! `cargo run --release --example seed_004_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::losses::{
    binary_crossentropy, categorical_crossentropy, categorical_hinge, cosine_proximity, hinge,
    kullback_leibler_divergence, logcosh, mean_absolute_error, mean_absolute_percentage_error,
    mean_squared_error, mean_squared_logarithmic_error, poisson, sparse_categorical_crossentropy,
    squared_hinge,
};
use hornblende::metrics::{
    binary_accuracy, categorical_accuracy, mae, sparse_categorical_accuracy,
    sparse_top_k_categorical_accuracy, top_k_categorical_accuracy,
};
use hornblende::prelude::*;
use shared::check::{Keras, check, epochs};
use shared::data::{eight_predictions, labels_and_scores};
use shared::metrics::{KS, SparseCategoricalAccuracy, ks, mean_pred};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_004_metrics")?;
    used_alone(&mut keras)?;
    keras.compared()?;
    functions()?;
    compile_and_fit()
}

/// 评价指标的使用: 单独使用
fn used_alone(keras: &mut Keras) -> Result<()> {
    // 类形式评价指标, 示例 1
    let y_true = Tensor::from([1i32, 1, 0, 1, 0, 0, 2, 1]);
    let accuracy = SparseCategoricalAccuracy::new();
    accuracy.update_state(&y_true, &eight_predictions(), None)?;
    let case = "sparse_categorical_accuracy_by_hand";
    keras.check(case, "result", &accuracy.result(), &[0.25])?;

    // 示例 2, and 函数形式评价指标: over two batches they differ.
    let case = "ks_two_batches";
    let (y_true, y_pred) = labels_and_scores();
    let (myks, mean) = (KS::new(), MeanMetricWrapper::new(ks));
    let mut each = Vec::new();
    for batch in [0..7, 7..14] {
        let (y_true, y_pred) = (y_true.slice(batch.clone()), y_pred.slice(batch));
        myks.update_state(&y_true, &y_pred, None)?;
        mean.update_state(&y_true, &y_pred, None)?;
        each.push(ks(&y_true, &y_pred));
    }
    keras.check(case, "class_over_both", &myks.result(), &[0.625])?;
    let each = Tensor::stack(&each, 0);
    keras.check(case, "function_per_batch", &each, &[0.6666667, 0.8])?;
    keras.check(case, "function_mean", &mean.result(), &[0.73333335])
}

/// 评价指标的使用: the functions that the note imports, losses among them: a number a sample.
fn functions() -> Result<()> {
    let one_hot = Tensor::from([[0.0f32, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    let numbers = Tensor::from([1i32, 0]);
    let y_pred = Tensor::from([[0.1f32, 0.7, 0.2], [0.3, 0.4, 0.3]]);

    type Function = fn(&Tensor, &Tensor) -> Tensor;
    let of_one_hot: [(&str, Function, [f64; 2]); 15] = [
        ("mae", mae, [0.2, 0.46666667]),
        (
            "mean_squared_error",
            mean_squared_error,
            [0.046666667, 0.24666667],
        ),
        (
            "mean_absolute_error",
            mean_absolute_error,
            [0.2, 0.46666667],
        ),
        (
            "mean_absolute_percentage_error",
            mean_absolute_percentage_error,
            [100000016.0, 233333376.0],
        ),
        (
            "mean_squared_logarithmic_error",
            mean_squared_logarithmic_error,
            [0.022912513, 0.12254079],
        ),
        ("squared_hinge", squared_hinge, [0.9133334, 1.3799999]),
        ("hinge", hinge, [0.86666673, 1.1333333]),
        ("categorical_hinge", categorical_hinge, [0.5, 1.1]),
        ("logcosh", logcosh, [0.023066878, 0.1165215]),
        (
            "categorical_crossentropy",
            categorical_crossentropy,
            [0.35667497, 1.2039728],
        ),
        (
            "binary_crossentropy",
            binary_crossentropy,
            [0.22839302, 0.69049114],
        ),
        (
            "kullback_leibler_divergence",
            kullback_leibler_divergence,
            [0.35667214, 1.2039697],
        ),
        ("poisson", poisson, [0.45222497, 0.73465753]),
        (
            "cosine_proximity",
            cosine_proximity,
            [-0.9525794, -0.5144958],
        ),
        ("categorical_accuracy", categorical_accuracy, [1.0, 0.0]),
    ];
    for (name, function, keras) in of_one_hot {
        check(name, &function(&one_hot, &y_pred), &keras)?;
    }
    let of_numbers: [(&str, Function, [f64; 2]); 2] = [
        (
            "sparse_categorical_crossentropy",
            sparse_categorical_crossentropy,
            [0.35667497, 1.2039728],
        ),
        (
            "sparse_categorical_accuracy",
            sparse_categorical_accuracy,
            [1.0, 0.0],
        ),
    ];
    for (name, function, keras) in of_numbers {
        check(name, &function(&numbers, &y_pred), &keras)?;
    }
    let right = binary_accuracy(&one_hot, &y_pred, 0.5);
    check("binary_accuracy", &right, &[1.0, 1.0, 1.0, 0.0, 1.0, 1.0])?;
    let top = top_k_categorical_accuracy(&one_hot, &y_pred, 2);
    check("top_k_categorical_accuracy", &top, &[1.0, 1.0])?;
    let top = sparse_top_k_categorical_accuracy(&numbers, &y_pred, 2);
    check("sparse_top_k_categorical_accuracy", &top, &[1.0, 1.0])
}

/// 评价指标的使用: compile() & fit()
fn compile_and_fit() -> Result<()> {
    let x = Tensor::from_vec(
        [64, 4],
        (0..256).map(|k| (k * 37 % 101) as f32 / 101.0).collect(),
    );
    let y = x.slice_axis(1, 0..1).greater(0.5).cast(DType::F32);
    let by_function = |y_true: &Tensor, y_pred: &Tensor| binary_accuracy(y_true, y_pred, 0.5);
    let mut model = Sequential::new().add(Dense::new(1).activation("sigmoid").input_shape([4]));
    model.compile(
        Compile::new()
            .optimizer("rmsprop")
            .loss("binary_crossentropy")
            .metrics((
                "accuracy",
                mean_pred,
                KS::new(),
                ("by_function", by_function),
            )),
    )?;
    let history = model.fit((&x, &y), Fit::new().epochs(epochs(3)).verbose(2))?;
    assert_eq!(history["accuracy"], history["by_function"]);
    assert!(history["mean_pred"].iter().all(|p| (0.0..=1.0).contains(p)));
    Ok(())
}
