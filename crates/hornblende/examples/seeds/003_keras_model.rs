//! Note 003, experiment 4: a model of functions, and the model as a class, with a loss of one's own in `compile`.
//!
//! `cargo run --release --example seed_003_keras_model`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::{ops, prelude::*};
use shared::check::epochs;
use shared::data::Images;
use shared::losses::FocalLossOfClasses;
use shared::models::{MyModel, my_keras_model};

fn main() -> Result<()> {
    let images = Images::load()?;
    let (x_train, x_test) = (
        images.x_train.expand_dims(-1),
        images.x_test.expand_dims(-1),
    );
    let y_train = ops::one_hot(&images.y_train, 10);
    let y_test = ops::one_hot(&images.y_test, 10);
    let train_ds = Dataset::from_tensor_slices((&x_train, &y_train))
        .shuffle(10000)
        .batch(32);
    let test_ds = Dataset::from_tensor_slices((&x_test, &y_test)).batch(32);
    let shape = x_train.shape();
    let functional = my_keras_model([shape[1], shape[2], shape[3]])?;
    for mut model in [functional, Model::from_layer(MyModel::new())] {
        model.compile(
            Compile::new()
                .optimizer(Adam::new().learning_rate(0.001))
                .loss(FocalLossOfClasses { gamma: 2.0 })
                .metrics([CategoricalAccuracy::new()]),
        )?;
        let options = Fit::new().epochs(epochs(5)).validation_data(&test_ds);
        let history = model.fit(&train_ds, options.verbose(2))?;
        let accuracy = history["val_categorical_accuracy"].last().copied();
        assert!(
            accuracy.is_none_or(|accuracy| accuracy > 0.15),
            "{accuracy:?}"
        );
    }
    Ok(())
}
