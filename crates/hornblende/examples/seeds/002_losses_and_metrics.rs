//! Note 002: a focal loss and the KS metric, each as a function and as a class.
//!
//! `cargo run --release --example seed_002_losses_and_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::prelude::*;
use shared::check::Keras;
use shared::data::labels_and_scores;
use shared::losses::{FocalLossSum, focal_loss_sum};
use shared::metrics::{KS, ks};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_002_losses_and_metrics")?;

    // 自定义损失函数
    let y_true = Tensor::from([[1.0f32], [0.0], [1.0], [0.0]]);
    let y_pred = Tensor::from([[0.9f32], [0.2], [0.3], [0.7]]);
    let gamma = 2.0;
    for (alpha, loss, gradient) in [
        (
            0.75,
            0.5929681,
            [-0.024137402, 0.034814335, -2.4891706, 0.82972354],
        ),
        (
            0.25,
            0.59690416,
            [-0.008045801, 0.104443006, -0.82972354, 2.4891706],
        ),
    ] {
        let case = format!("focal_sum_g2.0_a{alpha}");
        let class = FocalLossSum { gamma, alpha };
        keras.check(
            &case,
            "loss",
            &class.compute(&y_true, &y_pred, None),
            &[loss],
        )?;
        let tape = GradientTape::new();
        let function = focal_loss_sum(gamma, alpha)(&y_true, &y_pred);
        keras.check(&case, "loss", &function, &[loss])?;
        let slope = tape.gradient(&function, &y_pred);
        keras.check(&case, "grad_y_pred", &slope, &gradient)?;
    }

    // 自定义评估指标, 函数形式: exact, of one batch. Scores of the same size stay in their order.
    let (y_true, y_pred) = labels_and_scores();
    let of_function = ks(&y_true, &y_pred);
    keras.check("ks_function", "ks", &of_function, &[0.625])?;
    keras.check("ks_function", "ks_sorted_true", &of_function, &[0.625])?;
    let (_, order) = y_pred.reshape([-1]).top_k(14);
    keras.check_recorded("ks_function", "top_k_order", &order)?;

    // 类形式: over bins of scores, which are added up from batch to batch.
    let case = "ks_class_101_bins";
    let myks = KS::new();
    myks.update_state(&y_true, &y_pred, None)?;
    keras.check(case, "ks", &myks.result(), &[0.625])?;
    keras.check_recorded(case, "bins", &KS::bins(&y_pred))?;
    keras.check_recorded(case, "tp", &myks.true_positives.read())?;
    keras.check_recorded(case, "fp", &myks.false_positives.read())?;
    keras.compared()
}
