//! Models in Keras's words: what Keras wrote loads and predicts the same, and what we write comes back.
//!
//! `models/make.py` made the file. It also checks the other way: with `KERAS_MODELS_OUT=FOLDER`, this test
//! writes each model as we describe it, and `make.py check` loads it into the real Keras.

use hornblende::config::Json;
use hornblende::prelude::*;

use super::reading::{list, tensor, text, value};
use super::tolerance;

fn cases() -> Vec<Json> {
    serde_json::from_str(include_str!("models/keras_models.json")).unwrap()
}

/// The model with Keras's weights. Keras puts the name of a `Sequential` before those of its layers; we do not.
fn load(case: &Json) -> Model {
    let model = Model::from_json(&case["model"].to_string()).unwrap();
    let names: Vec<String> = model
        .weights()
        .iter()
        .map(|w| w.name().to_string())
        .collect();
    let wanted = list(&case["weights"]);
    let wanted_names: Vec<&str> = wanted.iter().map(|w| text(&w["path"])).collect();
    assert_ends(&names, &wanted_names);
    let weights: Vec<Tensor> = wanted.iter().map(|w| tensor(&w["value"])).collect();
    model.set_weights(&weights).unwrap();
    model
}

fn check_predictions(model: &Model, case: &Json) {
    let inputs: Vec<Tensor> = list(&case["inputs"]).iter().map(tensor).collect();
    let outputs = model.call_all(&inputs).unwrap();
    let wanted = list(&case["outputs"]);
    assert_eq!(outputs.len(), wanted.len());
    for (output, wanted) in outputs.iter().zip(wanted) {
        let name = text(&case["name"]);
        tolerance::of("layers", "")
            .check_tensor(name, output, &value(wanted))
            .unwrap();
    }
}

#[test]
fn a_model_that_keras_wrote_loads_and_predicts_the_same() {
    for case in cases() {
        hornblende::layers::clear_session();
        let model = load(&case);
        check_predictions(&model, &case);
        let trainable = model.trainable_variables();
        let names: Vec<String> = trainable.iter().map(|w| w.name().to_string()).collect();
        let wanted: Vec<&str> = list(&case["trainable"]).iter().map(text).collect();
        assert_ends(&names, &wanted);
    }
}

/// Each name is the end of the one beside it.
fn assert_ends(names: &[String], wanted: &[&str]) {
    let are = |(name, wanted): (&String, &&str)| wanted.ends_with(name.as_str());
    let equal = names.len() == wanted.len() && names.iter().zip(wanted).all(are);
    assert!(equal, "{names:?} instead of {wanted:?}");
}

#[test]
fn a_model_is_connected_in_our_words_as_in_those_of_keras() {
    for case in cases() {
        let ours = load(&case).get_config().unwrap();
        let (ours, keras) = (Json::Object(ours.0), &case["model"]["config"]);
        for key in [
            "name",
            "trainable",
            "input_layers",
            "output_layers",
            "build_input_shape",
        ] {
            assert_eq!(ours[key], keras[key], "{}: {key}", case["name"]);
        }
        let layers = list(&ours["layers"]).iter().zip(list(&keras["layers"]));
        for (ours, keras) in layers {
            for key in ["class_name", "name"] {
                assert_eq!(ours[key], keras[key], "{}", case["name"]);
            }
            let histories = |json: &Json| {
                let mut found = Vec::new();
                collect(&json["inbound_nodes"], "keras_history", &mut found);
                found
            };
            assert_eq!(histories(ours), histories(keras), "{}", case["name"]);
        }
    }
}

/// All values of this key, wherever they stand.
fn collect(json: &Json, key: &str, found: &mut Vec<Json>) {
    match json {
        Json::Array(entries) => entries.iter().for_each(|entry| collect(entry, key, found)),
        Json::Object(fields) => {
            for (name, value) in fields {
                match name == key {
                    true => found.push(value.clone()),
                    false => collect(value, key, found),
                }
            }
        }
        _ => {}
    }
}

#[test]
fn a_model_comes_back_from_its_own_description() {
    for case in cases() {
        let model = load(&case);
        let json = model.to_json().unwrap();
        let twin = Model::from_json(&json).unwrap();
        assert_eq!(twin.to_json().unwrap(), json);
        twin.set_weights(&model.get_weights()).unwrap();
        check_predictions(&twin, &case);
        if let Some(folder) = std::env::var_os("KERAS_MODELS_OUT") {
            let path = std::path::Path::new(&folder).join(format!("{}.json", model.name()));
            std::fs::write(path, json).unwrap();
        }
    }
}

#[test]
fn what_is_no_description_of_a_model_is_refused_with_the_place() {
    let refused = |json: &str| Model::from_json(json).unwrap_err().to_string();
    let functional = |layers: &str| {
        format!(
            r#"{{"class_name": "Functional", "config": {{"layers": {layers},
            "input_layers": ["x", 0, 0], "output_layers": ["y", 0, 0]}}}}"#
        )
    };
    let input =
        r#"{"class_name": "InputLayer", "config": {"batch_shape": [null, 2], "name": "x"}}"#;
    for (json, part) in [
        ("{".to_owned(), "JSON"),
        (
            r#"{"class_name": "Sequentail", "config": {}}"#.to_owned(),
            "Did you mean \"Sequential\"",
        ),
        (
            r#"{"class_name": "Sequential", "config": {"layers": 3}}"#.to_owned(),
            "a list of \"layers\"",
        ),
        (
            r#"{"class_name": "Sequential", "config": {"layers": [], "x": 1}}"#.to_owned(),
            "got \"x\"",
        ),
        (functional("[]"), "places in the model"),
        (
            functional(r#"[{"class_name": "GetItem", "config": {}}]"#),
            "layer class",
        ),
        (
            functional(&format!(
                r#"[{input}, {{"class_name": "ReLU", "config": {{"name": "y"}}, "inbound_nodes": [
                {{"args": [{{"config": {{"keras_history": ["z", 0, 0]}}}}], "kwargs": {{}}}}]}}]"#
            )),
            "which needs",
        ),
        (
            functional(&format!(
                r#"[{input}, {{"class_name": "ReLU", "config": {{"name": "y"}}, "inbound_nodes": [
                {{"args": [{{"config": {{"keras_history": ["x", 0, 0]}}}}],
                "kwargs": {{"trainin": true}}}}]}}]"#
            )),
            "\"trainin\": true",
        ),
    ] {
        let error = refused(&json);
        assert!(error.contains(part), "{json}: {error}");
    }
}

#[test]
fn arithmetic_between_layers_has_no_description() {
    let x = Input::new([2]);
    let y = Dense::new(1).call(x.tensor() * 2.0).unwrap();
    let error = Model::new(&x, &y)
        .unwrap()
        .get_config()
        .unwrap_err()
        .to_string();
    assert!(error.contains("plain arithmetic"), "{error}");
}

#[test]
fn a_frozen_part_stays_frozen_inside_a_model_and_thaws_with_it() {
    let core = Sequential::new()
        .add(Dense::new(2).input_shape([3]))
        .with_name("core");
    core.set_trainable(false);
    let x = Input::new([3]);
    let y = Dense::new(1).call(core.call(&x).unwrap()).unwrap();
    let model = Model::new(&x, &y).unwrap();
    assert_eq!(model.trainable_variables().len(), 2);
    core.set_trainable(true);
    assert_eq!(model.trainable_variables().len(), 4);
    assert_eq!(model.get_layer("core").unwrap().name(), "core");
    assert_eq!(model.get_layer_at(1).unwrap().name(), "core");
    assert!(
        model
            .get_layer_at(9)
            .unwrap_err()
            .to_string()
            .contains("an index below 3")
    );
}
