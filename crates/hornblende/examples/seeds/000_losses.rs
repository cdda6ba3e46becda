//! Note 000, losses: built-in ones in both forms, one's own as a class and as a function, with `compile` and `fit`, and
//! used alone. Note 004 has the same sections.
//!
//! `cargo run --release --example seed_000_losses`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::losses::{mean_squared_error, sparse_categorical_crossentropy};
use hornblende::prelude::*;
use shared::check::{check, epochs};
use shared::losses::{FocalLoss, focal_loss};

fn main() -> Result<()> {
    two_forms_of_built_in_losses()?;
    a_loss_as_a_class_and_as_a_function()?;
    compile_and_fit()?;
    used_alone()
}

/// 内置损失函数的两种形式
fn two_forms_of_built_in_losses() -> Result<()> {
    let y_true = Tensor::from([[0.0f32, 1.0], [0.0, 0.0]]);
    let y_pred = Tensor::from([[0.6f32, 0.4], [0.4, 0.6]]);
    let weight = Tensor::from([1.0f32, 0.0]);

    let bce = BinaryCrossentropy::new();
    check("bce", &bce.compute(&y_true, &y_pred, None), &[0.8149245])?;
    check(
        "bce, weighted",
        &bce.compute(&y_true, &y_pred, Some(&weight)),
        &[0.45814538],
    )?;
    let bce = BinaryCrossentropy::new().reduction(Reduction::SUM);
    check(
        "bce, sum",
        &bce.compute(&y_true, &y_pred, None),
        &[1.629849],
    )?;
    let bce = BinaryCrossentropy::new().reduction(Reduction::NONE);
    check(
        "bce, none",
        &bce.compute(&y_true, &y_pred, None),
        &[0.9162905, 0.7135582],
    )
}

/// 创建自定义损失函数: 类形式, 函数形式
fn a_loss_as_a_class_and_as_a_function() -> Result<()> {
    let y_true = Tensor::from([[1.0f32], [0.0], [1.0], [0.0]]);
    let y_pred = Tensor::from([[0.9f32], [0.2], [0.3], [0.7]]);
    let class = FocalLoss {
        gamma: 2.0,
        alpha: 0.75,
    };
    check(
        "focal loss, class",
        &class.compute(&y_true, &y_pred, None),
        &[0.14824206],
    )?;
    let function = focal_loss(2.0, 0.75);
    check(
        "focal loss, function",
        &function.compute(&y_true, &y_pred, None),
        &[0.14824206],
    )
}

/// 损失函数的使用: compile() & fit()
fn compile_and_fit() -> Result<()> {
    let x = Tensor::from_vec([30, 10], (0..300).map(|k| (k % 17) as f32 / 17.0).collect());
    let y = Tensor::from_vec([30], (0..30).map(|k| k % 3).collect::<Vec<i32>>());
    let model = || {
        Sequential::new()
            .add(
                Dense::new(64)
                    .kernel_initializer("uniform")
                    .input_shape([10]),
            )
            .add(Activation::new("softmax"))
    };
    let class = SparseCategoricalCrossentropy::new().from_logits(true);
    for compile in [
        Compile::new().loss(class),
        Compile::new().loss("sparse_categorical_crossentropy"),
        Compile::new().loss(sparse_categorical_crossentropy),
    ] {
        let mut model = model();
        model.compile(compile.optimizer("adam").metrics(["acc"]))?;
        let history = model.fit((&x, &y), Fit::new().epochs(epochs(5)).verbose(2))?;
        assert!(history["loss"].last() <= history["loss"].first());
    }
    Ok(())
}

/// 损失函数的使用: 单独使用
fn used_alone() -> Result<()> {
    let (ones, zeros) = (
        Tensor::ones([2, 2], DType::F32),
        Tensor::zeros([2, 2], DType::F32),
    );
    check(
        "mse, function",
        &mean_squared_error(&ones, &zeros),
        &[1.0, 1.0],
    )?;
    for (reduction, keras) in [
        ("sum_over_batch_size", &[1.0][..]),
        ("sum", &[2.0]),
        ("none", &[1.0, 1.0]),
    ] {
        let loss_fn = MeanSquaredError::new().reduction(reduction);
        check(reduction, &loss_fn.compute(&ones, &zeros, None), keras)?;
    }
    Ok(())
}
