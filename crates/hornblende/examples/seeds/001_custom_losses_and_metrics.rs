//! Note 001: losses and metrics of one's own, and losses and metrics that are added inside a layer.
//!
//! `cargo run --release --example seed_001_custom_losses_and_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::{ops, prelude::*};
use shared::check::{Keras, epochs};
use shared::data::{Images, eight_predictions};
use shared::losses::{CustomMSE, custom_mean_squared_error};
use shared::metrics::CategoricalTruePositives;
use shared::models::{ActivityRegularizationLayer, MetricLoggingLayer, get_uncompiled_model};

fn main() -> Result<()> {
    let mut keras = Keras::recorded("seed_001_custom_losses_and_metrics")?;
    losses_alone(&mut keras)?;
    a_metric_alone(&mut keras)?;
    keras.compared()?;
    in_training()
}

/// 自定义 loss: what a function and a class with an argument give.
fn losses_alone(keras: &mut Keras) -> Result<()> {
    let y_true = ops::one_hot(&Tensor::from([0i32, 2, 0, 3, 3]), 4);
    let y_pred = Tensor::from([
        [0.15119694f32, 0.81039166, 0.028328417, 0.0100829955],
        [0.67440605, 0.009023431, 0.03260153, 0.28396893],
        [0.27178937, 0.062236622, 0.24044941, 0.4255246],
        [0.023072518, 0.9387152, 0.0018990318, 0.036313247],
        [0.15496154, 0.46988305, 0.3403113, 0.034844086],
    ]);
    let function = custom_mean_squared_error.compute(&y_true, &y_pred, None);
    keras.check(
        "custom_mse_0.1",
        "custom_mean_squared_error",
        &function,
        &[0.33625573],
    )?;
    let class = CustomMSE {
        regularization_factor: 0.1,
    };
    let class = class.compute(&y_true, &y_pred, None);
    keras.check("custom_mse_0.1", "custom_mse", &class, &[0.35014877])
}

/// 自定义 metric: what it counts, also of samples with weights.
fn a_metric_alone(keras: &mut Keras) -> Result<()> {
    let case = "categorical_true_positives";
    let y_true = Tensor::from([[1i32], [1], [0], [1], [0], [0], [2], [1]]);
    let y_pred = eight_predictions();
    let metric = CategoricalTruePositives::new();
    metric.update_state(&y_true, &y_pred, None)?;
    keras.check(case, "after_first", &metric.result(), &[2.0])?;
    let sample_weight = Tensor::from([0.0f32, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0]);
    metric.update_state(&y_true, &y_pred, Some(&sample_weight))?;
    keras.check(case, "after_second_weighted", &metric.result(), &[4.0])
}

fn in_training() -> Result<()> {
    let images = Images::load()?;
    let (x_train, y_train) = (Images::rows(&images.x_train)?, &images.y_train);
    let options = |notes: usize| Fit::new().batch_size(64).epochs(epochs(notes)).verbose(2);

    // 自定义 loss: a function, and a class with an argument.
    let y_train_one_hot = ops::one_hot(y_train, 10);
    let mut model = get_uncompiled_model()?;
    model.compile(
        Compile::new()
            .optimizer(Adam::new())
            .loss(custom_mean_squared_error),
    )?;
    model.fit((&x_train, &y_train_one_hot), options(1))?;

    let mut model = get_uncompiled_model()?;
    let loss = CustomMSE {
        regularization_factor: 0.1,
    };
    model.compile(Compile::new().optimizer(Adam::new()).loss(loss))?;
    model.fit((&x_train, &y_train_one_hot), options(1))?;

    // 自定义 metric
    let mut model = get_uncompiled_model()?;
    model.compile(
        Compile::new()
            .optimizer(RMSprop::new().learning_rate(1e-3))
            .loss(SparseCategoricalCrossentropy::new())
            .metrics([CategoricalTruePositives::new()]),
    )?;
    let history = model.fit((&x_train, y_train), options(3))?;
    let counts = &history["categorical_true_positives"];
    assert!(
        counts
            .iter()
            .all(|count| count.fract() == 0.0 && *count > 0.0)
    );

    // 不符合标准签名的损失和指标: a layer adds to the loss and logs.
    let inputs = Input::new([784]).name("digits");
    let x = Dense::new(64)
        .activation("relu")
        .name("dense_1")
        .call(&inputs)?;
    let x = ActivityRegularizationLayer::default().call(&x)?;
    let x = MetricLoggingLayer::default().call(&x)?;
    let x = Dense::new(64).activation("relu").name("dense_2").call(&x)?;
    let outputs = Dense::new(10).name("predictions").call(&x)?;
    let mut model = Model::new(&inputs, &outputs)?;
    model.compile(
        Compile::new()
            .optimizer(RMSprop::new().learning_rate(1e-3))
            .loss(SparseCategoricalCrossentropy::new().from_logits(true)),
    )?;
    let history = model.fit((&x_train, y_train), options(1))?;
    assert!(history["std_of_activation"][0] > 0.0);
    Ok(())
}
