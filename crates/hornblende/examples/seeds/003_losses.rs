//! Note 003, experiments 1 and 2 and the focal loss: a crossentropy by hand and from the library, the mean squared error
//! in three forms, a loss of one's own as a class and as a function.
//!
//! `cargo run --release --example seed_003_losses`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::losses;
use hornblende::prelude::*;
use shared::check::check;
use shared::losses::{
    FocalLossOfClasses, MeanSquaredError, SparseFocalLoss, custom_mean_squared_error,
    focal_loss_of_classes,
};

fn main() -> Result<()> {
    // Experiment 1
    let a = Tensor::from([[1.0f32, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let b = Tensor::from([[0.9f32, 0.05, 0.05], [0.05, 0.89, 0.06], [0.05, 0.01, 0.94]]);
    check("by hand", &-(&a * b.log()).sum(1).mean(..), &[0.09458993])?;
    let cce = CategoricalCrossentropy::new();
    check("Loss", &cce.compute(&a, &b, None), &[0.09458993])?;

    // Experiment 2
    let a = Tensor::from([0.0f32, 0.0, 1.0, 1.0]);
    let b = Tensor::from([1.0f32, 1.0, 1.0, 0.0]);
    check("class", &MeanSquaredError.compute(&a, &b, None), &[0.75])?;
    check("function", &custom_mean_squared_error(&a, &b), &[0.75])?;
    let mse = losses::MeanSquaredError::new();
    check("library", &mse.compute(&a, &b, None), &[0.75])?;

    // Focal loss: of class numbers, of rows, and as a function, they are one.
    let logits = Tensor::from([[2.0f32, 0.5, -1.0], [0.1, 0.2, 3.0]]);
    let numbers = Tensor::from([0i32, 1]);
    let rows = numbers.one_hot(3, DType::F32);
    let sparse = SparseFocalLoss {
        gamma: 2.0,
        class_num: 3,
    };
    let wanted = sparse.compute(&numbers, &logits, None).item::<f64>()?;
    let class = FocalLossOfClasses { gamma: 2.0 };
    check(
        "focal loss, class",
        &class.compute(&rows, &logits, None),
        &[wanted],
    )?;
    let function = focal_loss_of_classes(2.0);
    check(
        "focal loss, function",
        &function.compute(&rows, &logits, None),
        &[wanted],
    )
}
