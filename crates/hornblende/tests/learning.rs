//! Real learning on real data.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use hornblende::prelude::*;
use hornblende::random;

#[test]
fn the_digits_are_learned_to_more_than_95_percent() -> Result<()> {
    random::set_seed(7);
    let ((x_train, y_train), (x_test, y_test)) = datasets::digits::load_data()?;
    let scale = |x: &Tensor| x.cast(DType::F32) / 16.0;

    let inputs = Input::new([64]).name("digits");
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
            .optimizer(RMSprop::new().learning_rate(2e-3))
            .loss(SparseCategoricalCrossentropy::new())
            .metrics(["accuracy"]),
    )?;
    let options = Fit::new()
        .batch_size(32)
        .epochs(20)
        .validation_split(0.1)
        .verbose(0);
    let history = model.fit((&scale(&x_train), &y_train), options)?;
    let results = model.evaluate((&scale(&x_test), &y_test), Evaluate::new().verbose(0))?;
    assert!(
        history["loss"][19] < history["loss"][0] / 4.0,
        "{}",
        history.history()
    );
    assert!(results["accuracy"] > 0.95, "{results}");

    // What predict says agrees with what evaluate counted.
    let predictions = model.predict(scale(&x_test), Predict::new().verbose(0))?;
    let classes = predictions.argmax(-1).to_vec::<i32>()?;
    let labels = y_test.to_vec::<i32>()?;
    let right = classes.iter().zip(&labels).filter(|(a, b)| a == b).count();
    let accuracy = right as f64 / labels.len() as f64;
    assert!(
        (accuracy - results["accuracy"]).abs() < 1e-6,
        "{accuracy} {results}"
    );
    Ok(())
}
