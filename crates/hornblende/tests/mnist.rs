//! Training and evaluation with the built-in methods, on the real MNIST where it is on the machine.

use hornblende::prelude::*;
use hornblende::random::set_seed;

/// What TensorFlow's guide reports after two epochs of the same model.
const VALIDATION_ACCURACY_OF_KERAS: f64 = 0.9563;

#[test]
fn two_epochs_of_mnist_are_as_accurate_as_in_keras() -> Result<()> {
    let folder = std::env::var_os("HORNBLENDE_DATASETS").unwrap_or_default();
    if !std::path::Path::new(&folder).join("mnist.npz").is_file() {
        report("mnist: SKIPPED, there is no mnist.npz in $HORNBLENDE_DATASETS");
        return Ok(());
    }
    set_seed(1);
    let ((x_train, y_train), (x_test, y_test)) = datasets::mnist::load_data()?;
    let rows = |x: Tensor| x.reshape([-1, 784]).cast(DType::F32) / 255.0;
    let (x_train, x_test) = (rows(x_train), rows(x_test));

    let inputs = Input::new([784]).name("digits");
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
    let validation = (&x_train.slice(50_000..), &y_train.slice(50_000..));
    let options = Fit::new()
        .batch_size(64)
        .epochs(2)
        .verbose(0)
        .validation_data(validation);
    let history = model.fit(
        (&x_train.slice(..50_000), &y_train.slice(..50_000)),
        options,
    )?;
    assert_eq!((history.epochs, history.steps), (2, 782));

    // From seed to seed the accuracy varies by 0.4 points (one standard deviation of 38 seeds).
    let accuracy = history["val_sparse_categorical_accuracy"][1];
    assert!(
        (accuracy - VALIDATION_ACCURACY_OF_KERAS).abs() < 0.005,
        "{accuracy}"
    );
    let results = model.evaluate(
        (&x_test, &y_test),
        Evaluate::new().batch_size(128).verbose(0),
    )?;
    assert!(results["sparse_categorical_accuracy"] > 0.95, "{results}");
    let predictions = model.predict(x_test.slice(..3), Predict::new().verbose(0))?;
    assert_eq!(predictions.shape().dims(), [3, 10]);
    let digits = predictions.argmax(-1).to_vec::<i32>()?;
    assert_eq!(digits, [7, 2, 1]);
    Ok(())
}

/// Written past the capture of the test harness, so that a run shows what it checked.
fn report(line: &str) {
    let mut out = std::io::stdout().lock();
    // A closed pipe on the other side is no failure of the test.
    let _ = std::io::Write::write_all(&mut out, format!("{line}\n").as_bytes());
}
