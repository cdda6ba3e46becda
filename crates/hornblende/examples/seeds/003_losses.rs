//! Note 003, experiments 1 and 2 and the focal loss: a crossentropy by hand and from the library, the mean squared error
//! in three forms, a loss of one's own as a class and as a function.
//!
//! `cargo run --release --example seed_003_losses`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::losses;
use hornblende::prelude::*;
use shared::check::{Keras, check};
use shared::losses::{
    FocalLossOfClasses, MeanSquaredError, SparseFocalLoss, custom_mean_squared_error,
    focal_loss_of_classes,
};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_003_losses")?;
    crossentropies(&mut keras)?;
    mean_squared_errors(&mut keras)?;
    focal_losses(&mut keras)?;
    keras.compared()
}

/// Experiment 1: 交叉熵损失函数应用实例
fn crossentropies(keras: &mut Keras) -> Result<()> {
    let a = Tensor::from([[1.0f32, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]);
    let b = Tensor::from([[0.9f32, 0.05, 0.05], [0.05, 0.89, 0.06], [0.05, 0.01, 0.94]]);
    let by_hand = -(&a * b.log()).sum(1).mean(..);
    keras.check("cce_3x3", "numpy_version", &by_hand, &[0.09458993])?;
    let cce = CategoricalCrossentropy::new();
    keras.check("cce_3x3", "loss", &cce.compute(&a, &b, None), &[0.09458993])?;
    let (numbers, scce) = (
        Tensor::from([0i32, 1, 2]),
        SparseCategoricalCrossentropy::new(),
    );
    keras.check(
        "scce_3x3",
        "loss",
        &scce.compute(&numbers, &b, None),
        &[0.09458992],
    )
}

/// Experiment 2: MSE 损失函数的三种实现
fn mean_squared_errors(keras: &mut Keras) -> Result<()> {
    let a = Tensor::from([0.0f32, 0.0, 1.0, 1.0]);
    let b = Tensor::from([1.0f32, 1.0, 1.0, 0.0]);
    let library = losses::MeanSquaredError::new();
    keras.check(
        "mse_vector_class",
        "loss",
        &library.compute(&a, &b, None),
        &[0.75],
    )?;
    let class = MeanSquaredError.compute(&a, &b, None);
    keras.check("mse_vector_custom", "loss", &class, &[0.75])?;
    let function = custom_mean_squared_error(&a, &b);
    keras.check("mse_vector_custom", "loss", &function, &[0.75])
}

/// Focal loss: of class numbers, of rows, and as a function, they are one.
fn focal_losses(keras: &mut Keras) -> Result<()> {
    let (case, gamma) = ("focal_softmax_g2.0", 2.0);
    let logits = Tensor::from([
        [0.7077656f32, 2.3867, -0.96695226, -1.9999672],
        [2.342278, -1.9717298, -0.68719506, 1.4773104],
        [0.56872016, -0.9053637, 0.44620255, 1.0170155],
        [-0.2730619, 3.432808, -2.7703602, 0.18047836],
        [-1.5309983, -0.4216915, -0.7443146, -3.0232918],
    ]);
    let numbers = Tensor::from([0i32, 2, 0, 3, 3]);
    let rows = numbers.one_hot(4, DType::F32);

    let sparse = SparseFocalLoss {
        gamma,
        class_num: 4,
    };
    keras.check(
        case,
        "loss",
        &sparse.compute(&numbers, &logits, None),
        &[2.2923777],
    )?;
    let function = focal_loss_of_classes(gamma);
    keras.check(
        case,
        "loss",
        &function.compute(&rows, &logits, None),
        &[2.2923777],
    )?;
    let each = [1.3610853, 3.2038188, 0.69082457, 3.0791464, 3.127013];
    keras.check(case, "per_sample", &function(&rows, &logits), &each)?;

    let tape = GradientTape::new();
    let loss = FocalLossOfClasses { gamma }.compute(&rows, &logits, None);
    keras.check(case, "loss", &loss, &[2.2923777])?;
    let gradient = tape.gradient(&loss, &logits);
    keras.check_recorded(case, "grad_y_pred", &gradient)?;
    // What is added to all logits of a sample changes nothing, so its gradients cancel.
    check("sums of gradients", &gradient.sum(1), &[0.0; 5])
}
