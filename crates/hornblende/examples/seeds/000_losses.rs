//! Note 000, losses: built-in ones in both forms, one's own as a class and as a function, with `compile` and `fit`, and
//! used alone. Note 004 has the same sections.
//!
//! `cargo run --release --example seed_000_losses`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::losses::{
    binary_crossentropy, mean_squared_error, sparse_categorical_crossentropy,
};
use hornblende::prelude::*;
use shared::check::{Keras, check, epochs};
use shared::losses::{FocalLoss, focal_loss, focal_loss_as_printed};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_000_losses")?;
    two_forms_of_built_in_losses(&mut keras)?;
    a_loss_as_a_class_and_as_a_function(&mut keras)?;
    compile_and_fit()?;
    used_alone(&mut keras)?;
    keras.compared()
}

/// 内置损失函数的两种形式
fn two_forms_of_built_in_losses(keras: &mut Keras) -> Result<()> {
    let y_true = Tensor::from([[0.0f32, 1.0], [0.0, 0.0]]);
    let y_pred = Tensor::from([[0.6f32, 0.4], [0.4, 0.6]]);
    let weight = Tensor::from([1.0f32, 0.0]);

    // The function gives a loss per sample; the class reduces them.
    check(
        "bce, function",
        &binary_crossentropy(&y_true, &y_pred),
        &[0.91629076, 0.7135582],
    )?;
    let bce = BinaryCrossentropy::new().reduction(Reduction::SUM);
    let loss = bce.compute(&y_true, &y_pred, None);
    keras.check("bce_sum", "loss", &loss, &[1.629849])?;
    let by_name = [
        ("sum_over_batch_size", &[0.8149245][..], &[0.45814538][..]),
        ("sum", &[1.629849], &[0.91629076]),
        ("none", &[0.91629076, 0.7135582], &[0.91629076, 0.0]),
        ("mean", &[0.8149245], &[0.45814538]),
        ("mean_with_sample_weight", &[0.8149245], &[0.91629076]),
    ];
    for (reduction, plain, weighted) in by_name {
        let bce = BinaryCrossentropy::new().reduction(reduction);
        let (case, weighted_case) = (format!("bce_{reduction}"), format!("bce_{reduction}_w"));
        let loss = bce.compute(&y_true, &y_pred, None);
        keras.check(&case, "loss", &loss, plain)?;
        let loss = bce.compute(&y_true, &y_pred, Some(&weight));
        keras.check(&weighted_case, "loss", &loss, weighted)?;
    }
    Ok(())
}

/// 创建自定义损失函数: 类形式, 函数形式
fn a_loss_as_a_class_and_as_a_function(keras: &mut Keras) -> Result<()> {
    let y_true = Tensor::from([[1.0f32], [0.0], [1.0], [0.0]]);
    let y_pred = Tensor::from([[0.9f32], [0.2], [0.3], [0.7]]);
    let gamma = 2.0;
    let of_alpha = [
        (
            0.75,
            0.14824206,
            [0.0007902044, 0.0022314352, 0.44245997, 0.14748666],
        ),
        (
            0.25,
            0.14922608,
            [0.00026340148, 0.006694305, 0.14748666, 0.44245997],
        ),
    ];
    for (alpha, mean, per_sample) in of_alpha {
        let case = format!("focal_binary_g2.0_a{alpha}");
        let class = FocalLoss { gamma, alpha }.compute(&y_true, &y_pred, None);
        keras.check(&case, "mean", &class, &[mean])?;
        let focal = focal_loss(gamma, alpha);
        let function = focal.compute(&y_true, &y_pred, None);
        keras.check(&case, "mean", &function, &[mean])?;
        let each = focal(&y_true, &y_pred);
        keras.check(&case, "per_sample", &each, &per_sample)?;
        let printed = focal_loss_as_printed(gamma, alpha)(&y_true, &y_pred);
        keras.check_recorded(&case, "as_printed_broadcast", &printed)?;
    }
    Ok(())
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
fn used_alone(keras: &mut Keras) -> Result<()> {
    let (ones, zeros) = (
        Tensor::ones([2, 2], DType::F32),
        Tensor::zeros([2, 2], DType::F32),
    );
    keras.check(
        "mse_function",
        "loss",
        &mean_squared_error(&ones, &zeros),
        &[1.0, 1.0],
    )?;
    for (reduction, loss) in [
        ("sum_over_batch_size", &[1.0][..]),
        ("sum", &[2.0]),
        ("none", &[1.0, 1.0]),
    ] {
        let loss_fn = MeanSquaredError::new().reduction(reduction);
        let case = format!("mse_ones_{reduction}");
        keras.check(&case, "loss", &loss_fn.compute(&ones, &zeros, None), loss)?;
    }
    Ok(())
}
