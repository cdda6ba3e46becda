//! Note 001, the overview: a model of functions, `compile`, `fit`, `evaluate`, `predict`, and names in place of objects.
//!
//! `cargo run --release --example seed_001_overview`

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::prelude::*;
use shared::check::epochs;
use shared::data::Images;
use shared::models::{get_compiled_model, get_uncompiled_model};

fn main() -> Result<()> {
    let images = Images::load()?;
    let (x_train, x_test) = (
        Images::rows(&images.x_train)?,
        Images::rows(&images.x_test)?,
    );
    let (y_train, y_test) = (&images.y_train, &images.y_test);

    // A sixth of the samples is set aside, as 10,000 of 60,000 in the note.
    let held = x_train.shape()[0] / 6;
    let kept = x_train.shape()[0] - held;
    let (x_val, y_val) = (x_train.slice(kept..), y_train.slice(kept..));
    let (x_train, y_train) = (x_train.slice(0..kept), y_train.slice(0..kept));

    let mut model = get_uncompiled_model()?;
    model.compile(
        Compile::new()
            .optimizer(RMSprop::new().learning_rate(1e-3))
            .loss(SparseCategoricalCrossentropy::new())
            .metrics([SparseCategoricalAccuracy::new()]),
    )?;

    println!("Fit model on training data");
    let options = Fit::new()
        .batch_size(64)
        .epochs(epochs(2))
        .validation_data((&x_val, &y_val));
    let history = model.fit((&x_train, &y_train), options.verbose(2))?;
    println!("{:?}", history.history());

    println!("Evaluate on test data");
    let results = model.evaluate(
        (&x_test, y_test),
        Evaluate::new().batch_size(128).verbose(2),
    )?;
    println!("test loss, test acc: {:?}", results.values());

    println!("Generate predictions for 3 samples");
    let predictions = model.predict(x_test.slice(0..3), Predict::new().verbose(0))?;
    println!("predictions shape: {}", predictions.shape());
    assert_eq!(predictions.shape().dims(), [3, 10]);

    // The same by names.
    let mut model = get_compiled_model()?;
    let history = model.fit((&x_train, &y_train), Fit::new().epochs(1).verbose(2))?;
    assert!(history["sparse_categorical_accuracy"][0] > 0.1);
    Ok(())
}
