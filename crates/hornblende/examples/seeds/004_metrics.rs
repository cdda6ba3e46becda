//! Note 004, metrics: one's own as classes and as functions, with `compile` and `fit`, and used alone.
//!
//! `cargo run --release --example seed_004_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::metrics::binary_accuracy;
use hornblende::prelude::*;
use shared::check::{Keras, epochs};
use shared::data::{eight_predictions, labels_and_scores};
use shared::metrics::{KS, SparseCategoricalAccuracy, ks, mean_pred};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_004_metrics")?;
    used_alone(&mut keras)?;
    keras.compared()?;
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
