//! Files that Keras wrote.

use hornblende::prelude::*;
use hornblende::saving::load_model;

use super::recorded::{Recorded, assert_close, value};

#[test]
fn models_that_keras_saved_have_its_weights_and_outputs() {
    for recorded in Recorded::all() {
        let name = &recorded.name;
        let model = load_model(recorded.file(".keras")).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(
            Some(model.count_params() as u64),
            recorded.json["count_params"].as_u64()
        );
        recorded.assert_weights(&model);
        let outputs = recorded.outputs_of(&model);
        assert_eq!(outputs.len(), recorded.list("outputs").len(), "{name}");
        for (output, wanted) in outputs.iter().zip(recorded.list("outputs")) {
            assert_close(name, output, &value(wanted));
        }
    }
}

#[test]
fn weights_that_keras_saved_alone_are_found_by_their_places() {
    for recorded in Recorded::all() {
        let config = load_model(recorded.file(".keras"))
            .unwrap()
            .to_json()
            .unwrap();
        let model = Model::from_json(&config).unwrap();
        let file = recorded.file(".weights.h5");
        let name = &recorded.name;
        model
            .load_weights(file)
            .unwrap_or_else(|e| panic!("{name}: {e}"));
        recorded.assert_weights(&model);
    }
}

#[test]
fn a_training_that_keras_began_goes_on_as_in_keras() {
    let recorded = Recorded::named("trained");
    let mut model = load_model(recorded.file(".keras")).unwrap();
    let optimizer = model.optimizer().unwrap();
    let variables = optimizer.variables();
    let wanted = recorded.list("optimizer_variables");
    assert_eq!(variables.len(), wanted.len());
    for (variable, wanted) in variables.iter().zip(wanted) {
        let wanted_value = value(&wanted["value"]).convert(variable.dtype());
        assert_eq!(variable.value(), wanted_value, "{}", wanted["path"]);
    }
    let data = &recorded.json["train_data"];
    let (x, y) = (
        Tensor::from(value(&data["x"])),
        Tensor::from(value(&data["y"])),
    );
    let batch_size = data["batch_size"].as_u64().unwrap() as usize;
    let options = Fit::new().batch_size(batch_size).epochs(2).shuffle(false);
    let history = model.fit((&x, &y), options.verbose(0)).unwrap();
    let resumed = &recorded.json["resumed"];
    for (name, curve) in resumed["history"].as_object().unwrap() {
        for (got, wanted) in history[name.as_str()].iter().zip(curve.as_array().unwrap()) {
            let wanted = wanted.as_f64().unwrap();
            assert!(
                (got - wanted).abs() <= 1e-4 * wanted.abs(),
                "{name}: {got}, not {wanted}"
            );
        }
    }
    for (weight, wanted) in model
        .weights()
        .iter()
        .zip(resumed["weights"].as_array().unwrap())
    {
        assert_close(&weight.name(), &weight.value(), &value(&wanted["value"]));
    }
}
