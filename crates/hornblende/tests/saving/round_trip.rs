//! Files that are written and read again.

use std::path::Path;

use hornblende::prelude::*;
use hornblende::saving::load_model;

use super::recorded::{Recorded, temporary};

#[test]
fn models_come_back_with_the_same_bits_and_the_same_words() {
    for recorded in Recorded::all() {
        let path = temporary(&format!("{}.keras", recorded.name));
        let model = load_model(recorded.file(".keras")).unwrap();
        model.save(&path).unwrap();
        let twin = load_model(&path).unwrap();
        recorded.assert_weights(&twin);
        assert_eq!(recorded.outputs_of(&twin), recorded.outputs_of(&model));
        assert_eq!(twin.to_json().unwrap(), model.to_json().unwrap());
        assert_eq!(twin.get_compile_config(), model.get_compile_config());
        std::fs::remove_file(path).unwrap();
    }
}

fn data() -> (Tensor, Tensor) {
    let x: Vec<f32> = (0..60).map(|k| (k * 7 % 11) as f32 / 10.0).collect();
    let x = hornblende::Value::from_vec([20, 3], x).unwrap();
    let y: Vec<i32> = (0..20).map(|k| k % 3).collect();
    (Tensor::from(x), Tensor::from(y))
}

fn trained(name: &str) -> Model {
    let inputs = Input::new([3]).name("x");
    let x = Dense::new(8).activation("relu").call(&inputs).unwrap();
    let outputs = Dense::new(3).activation("softmax").call(&x).unwrap();
    let model = Model::new(&inputs, &outputs).unwrap();
    let mut model = model.with_name(name);
    let schedule = ExponentialDecay::new(0.05, 10.0, 0.9);
    let compile = Compile::new()
        .optimizer(
            Adam::new()
                .learning_rate(schedule)
                .use_ema(true)
                .clipnorm(1.0),
        )
        .loss(SparseCategoricalCrossentropy::new())
        .metrics((SparseTopKCategoricalAccuracy::new().k(2), "accuracy"));
    model.compile(compile).unwrap();
    let (x, y) = data();
    model
        .fit((&x, &y), Fit::new().epochs(2).verbose(0))
        .unwrap();
    model
}

#[test]
fn a_saved_training_goes_on_with_the_same_bits() {
    let path = temporary("goes-on.keras");
    let mut model = trained("goes_on");
    model.save(&path).unwrap();
    let mut twin = load_model(&path).unwrap();
    let (x, y) = data();
    let options = || Fit::new().epochs(3).shuffle(false).verbose(0);
    let history = model.fit((&x, &y), options()).unwrap();
    assert_eq!(twin.fit((&x, &y), options()).unwrap(), history);
    for (ours, theirs) in model.weights().iter().zip(twin.weights()) {
        assert_eq!(ours.value(), theirs.value());
    }
    std::fs::remove_file(path).unwrap();
}

#[test]
fn a_model_compiled_with_closures_is_saved_and_compiled_anew() {
    let path = temporary("closure.keras");
    let mut model = trained("closure");
    let loss = |y_true: &Tensor, y_pred: &Tensor| (y_true - y_pred).square().mean([-1]);
    model.compile(Compile::new().loss(loss)).unwrap();
    model.save(&path).unwrap();
    let mut twin = load_model(&path).unwrap();
    assert!(twin.optimizer().is_err());
    twin.compile(Compile::new().loss(loss)).unwrap();
    std::fs::remove_file(path).unwrap();
}

#[test]
fn names_and_models_that_cannot_be_saved_are_told() {
    let model = Sequential::new().add(Dense::new(2).input_shape([3]));
    let unbuilt = Sequential::new().add(Dense::new(2));
    for (result, part) in [
        (model.save("model.h5"), "\".keras\""),
        (model.save_weights("weights.keras"), "\".weights.h5\""),
        (unbuilt.save("model.keras"), "Build it"),
        (model.save("/no/such/folder/model.keras"), "/no/such/folder"),
        (model.load_weights("/no/such.weights.h5"), "/no/such"),
    ] {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(part), "{message}");
    }
}

/// Writes files for `check_with_keras.py`, which opens them in Keras; `.ci/run` calls both. By hand:
/// `HORNBLENDE_FOR_KERAS=FOLDER cargo test --test saving for_keras -- --ignored`.
#[test]
#[ignore = "it writes files for the real Keras"]
fn files_for_keras() {
    let folder = std::env::var_os("HORNBLENDE_FOR_KERAS").unwrap();
    let folder = Path::new(&folder);
    std::fs::create_dir_all(folder).unwrap();
    for recorded in Recorded::all() {
        let model = load_model(recorded.file(".keras")).unwrap();
        model
            .save(folder.join(format!("{}.keras", recorded.name)))
            .unwrap();
        let weights = folder.join(format!("{}.weights.h5", recorded.name));
        model.save_weights(weights).unwrap();
    }
    trained("own").save(folder.join("own.keras")).unwrap();
}
