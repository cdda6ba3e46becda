//! Note 001: losses and metrics of one's own, and losses and metrics that are added inside a layer.
//!
//! `cargo run --release --example seed_001_custom_losses_and_metrics`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::{ops, prelude::*};
use shared::check::epochs;
use shared::data::Images;
use shared::losses::{CustomMSE, custom_mean_squared_error};
use shared::metrics::CategoricalTruePositives;
use shared::models::{ActivityRegularizationLayer, MetricLoggingLayer, get_uncompiled_model};

fn main() -> Result<()> {
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
