//! Training, validation, evaluation and prediction from end to end, on handwritten digits.
//!
//! ```text
//! cargo run --release --example train_and_evaluate
//! cargo run --release --example train_and_evaluate -- --dataset mnist
//! ```
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "an example speaks to the person who runs it"
)]

mod options;

use std::process::ExitCode;

use hornblende::prelude::*;
use hornblende::random::set_seed;
use options::{Dataset, HELP, Options};

fn main() -> ExitCode {
    let result = match Options::parse(std::env::args().skip(1)) {
        Ok(Some(options)) => train_and_evaluate(&options),
        Ok(None) => {
            print!("{HELP}");
            Ok(())
        }
        Err(error) => Err(error.hint("--help explains the options.")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn train_and_evaluate(options: &Options) -> Result<()> {
    set_seed(options.seed);
    let (pixels, darkest) = match options.dataset {
        Dataset::Digits => (64, 16.0),
        Dataset::Mnist => (784, 255.0),
    };
    let ((x_train, y_train), (x_test, y_test)) = match options.dataset {
        Dataset::Digits => datasets::digits::load_data()?,
        Dataset::Mnist => datasets::mnist::load_data()?,
    };

    // One row a sample, from 0 (paper) to 1 (ink).
    let rows = |x: &Tensor| x.reshape([-1, pixels as isize]).cast(DType::F32) / darkest;
    let (x_train, x_test) = (rows(&x_train), rows(&x_test));

    // The last sixth of the training samples is for validation.
    let split = x_train.shape()[0] * 5 / 6;
    let (x_val, y_val) = (x_train.slice(split..), y_train.slice(split..));
    let (x_train, y_train) = (x_train.slice(..split), y_train.slice(..split));

    let inputs = Input::new([pixels]).name("digits");
    let x = Dense::new(64)
        .activation("relu")
        .name("dense_1")
        .call(&inputs)?;
    let x = Dense::new(64).activation("relu").name("dense_2").call(&x)?;
    let outputs = Dense::new(10)
        .activation("softmax")
        .name("predictions")
        .call(&x)?;
    let mut model = Model::new(&inputs, &outputs)?;

    model.compile(
        Compile::new()
            .optimizer(RMSprop::new())
            .loss(SparseCategoricalCrossentropy::new())
            .metrics([SparseCategoricalAccuracy::new()]),
    )?;

    println!("Fit model on training data");
    let history = model.fit(
        (&x_train, &y_train),
        Fit::new()
            .batch_size(options.batch_size)
            .epochs(options.epochs)
            .validation_data((&x_val, &y_val)),
    )?;
    // A line for each curve.
    println!(
        "{}",
        history.history().to_string().replace("], '", "],\n '")
    );

    println!("Evaluate on test data");
    let results = model.evaluate((&x_test, &y_test), Evaluate::new().batch_size(128))?;
    println!("test loss, test acc: {results}");

    println!("Generate predictions for 3 samples");
    let predictions = model.predict(x_test.slice(..3), Predict::new())?;
    println!("predictions shape: {}", predictions.shape());
    Ok(())
}
