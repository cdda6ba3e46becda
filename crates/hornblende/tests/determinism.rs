//! The same seed gives the same bits: run by run, and with any number of threads.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::process::Command;

use hornblende::prelude::*;
use hornblende::random;

const CHILD: &str = "HORNBLENDE_TEST_PRINTS_BITS";

/// Trains a small network with convolution, dropout and shuffling, and mixes all bits of its history, weights
/// and predictions into one number.
fn trained_bits() -> Result<u64> {
    random::set_seed(42);
    let ((x, y), (x_test, _)) = datasets::digits::load_data()?;
    let images = |x: &Tensor| (x.cast(DType::F32) / 16.0).reshape([-1, 8, 8, 1]);
    let (x, y) = (images(&x).slice(0..300), y.slice(0..300));

    let inputs = Input::new([8, 8, 1]);
    let h = Conv2D::new(8, 3)
        .activation("relu")
        .padding("same")
        .call(&inputs)?;
    let h = MaxPooling2D::new().call(&h)?;
    let h = Flatten::new().call(&h)?;
    let h = Dense::new(96).activation("relu").call(&h)?;
    let h = Dropout::new(0.3).call(&h)?;
    let outputs = Dense::new(10).activation("softmax").call(&h)?;
    let mut model = Model::new(&inputs, &outputs)?;
    model.compile(
        Compile::new()
            .optimizer("adam")
            .loss("sparse_categorical_crossentropy")
            .metrics(["accuracy"]),
    )?;
    let options = Fit::new()
        .batch_size(64)
        .epochs(2)
        .validation_split(0.2)
        .verbose(0);
    let history = model.fit((&x, &y), options)?;
    let predictions = model.predict(images(&x_test), Predict::new().verbose(0))?;

    let mut mixed = 0u64;
    let mut mix = |number: f64| mixed = (mixed ^ number.to_bits()).wrapping_mul(0x100_0000_01b3);
    for (_, values) in history.history().iter() {
        values.iter().copied().for_each(&mut mix);
    }
    for weights in model.get_weights() {
        weights.to_vec::<f64>()?.into_iter().for_each(&mut mix);
    }
    predictions.to_vec::<f64>()?.into_iter().for_each(&mut mix);
    Ok(mixed)
}

/// Not a claim of its own: the other test runs it in processes with other numbers of threads.
#[test]
fn prints_its_bits_when_asked() {
    if std::env::var_os(CHILD).is_some() {
        println!("bits={:016x}", trained_bits().unwrap());
    }
}

fn bits_with_threads(threads: usize) -> String {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "prints_its_bits_when_asked", "--nocapture"])
        .env(CHILD, "1")
        .env("HORNBLENDE_NUM_THREADS", threads.to_string())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let found = text.lines().find_map(|line| line.split("bits=").nth(1));
    let found =
        found.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
    found.to_owned()
}

#[test]
fn the_same_seed_gives_the_same_bits_on_one_and_on_two_threads() {
    let here = format!("{:016x}", trained_bits().unwrap());
    assert_eq!(
        here,
        format!("{:016x}", trained_bits().unwrap()),
        "a second run differs"
    );
    assert_eq!(here, bits_with_threads(1), "one thread differs");
    assert_eq!(here, bits_with_threads(2), "two threads differ");
}
