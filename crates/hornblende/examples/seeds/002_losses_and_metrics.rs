//! Note 002: a focal loss and the KS metric, each as a function and as a class.
//!
//! `cargo run --release --example seed_002_losses_and_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::prelude::*;
use shared::check::check;
use shared::losses::{FocalLossSum, focal_loss_sum};
use shared::metrics::{KS, ks};

fn main() -> Result<()> {
    // 自定义损失函数
    let y_true = Tensor::from([[1.0f32], [0.0], [1.0], [0.0]]);
    let y_pred = Tensor::from([[0.9f32], [0.2], [0.3], [0.7]]);
    let function = focal_loss_sum(2.0, 0.25);
    check(
        "focal loss, function",
        &function(&y_true, &y_pred),
        &[0.59690416],
    )?;
    let class = FocalLossSum {
        gamma: 2.0,
        alpha: 0.25,
    };
    check(
        "focal loss, class",
        &class.compute(&y_true, &y_pred, None),
        &[0.59690416],
    )?;

    // 自定义评估指标
    let y_true = Tensor::from([1i32, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1, 0]).reshape([-1, 1]);
    let y_pred = [
        0.6f32, 0.1, 0.4, 0.5, 0.7, 0.7, 0.7, 0.4, 0.4, 0.5, 0.8, 0.3, 0.5, 0.3,
    ];
    let y_pred = Tensor::from(y_pred).reshape([-1, 1]);
    check("ks, function", &ks(&y_true, &y_pred), &[0.625])?;
    let myks = KS::new();
    myks.update_state(&y_true, &y_pred, None)?;
    check("ks, class", &myks.result(), &[0.625])
}
