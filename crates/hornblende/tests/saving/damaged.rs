//! Files that are damaged, made to do harm, or belong to another model.

use hornblende::prelude::*;
use hornblende::saving::load_model;

use super::recorded::{Recorded, temporary};

#[test]
fn files_that_are_cut_short_or_changed_are_errors_and_never_a_panic() {
    let recorded = Recorded::named("trained");
    let (model_file, weights_file) = (recorded.file(".keras"), recorded.file(".weights.h5"));
    let (bytes, weights) = (
        std::fs::read(model_file).unwrap(),
        std::fs::read(weights_file).unwrap(),
    );
    let (path, weights_path) = (temporary("damaged.keras"), temporary("damaged.weights.h5"));
    let model = load_model(recorded.file(".keras")).unwrap();
    for len in (0..bytes.len()).step_by(509) {
        std::fs::write(&path, &bytes[..len]).unwrap();
        assert!(load_model(&path).is_err(), "{len} bytes");
    }
    for at in (0..bytes.len()).step_by(211) {
        let mut changed = bytes.clone();
        changed[at] ^= 0x55;
        std::fs::write(&path, changed).unwrap();
        // A byte that nothing depends on may change; the checksum of the member notices all others.
        if let Ok(model) = load_model(&path) {
            recorded.assert_weights(&model);
        }
    }
    for at in (0..weights.len()).step_by(37) {
        let mut changed = weights.clone();
        changed[at] ^= 0x80;
        std::fs::write(&weights_path, changed).unwrap();
        // HDF5 has no checksum over numbers; any outcome but a panic will do.
        let _ = model.load_weights(&weights_path);
    }
    std::fs::remove_file(path).unwrap();
    std::fs::remove_file(weights_path).unwrap();
}

#[test]
fn everything_that_does_not_fit_a_model_is_told_at_once_and_nothing_is_changed() {
    let path = temporary("other.weights.h5");
    let saved = Sequential::new()
        .add(Dense::new(4).input_shape([3]))
        .add(Dense::new(2));
    saved.save_weights(&path).unwrap();
    let model = Sequential::new()
        .add(Dense::new(5).input_shape([3]))
        .add(LSTM::new(2).input_shape([3, 5]));
    // A model of its own: one layer of another width, one of another class.
    let model = match model.is_built() {
        true => model,
        false => Sequential::new()
            .add(Input::new([7, 3]))
            .add(Dense::new(5))
            .add(LSTM::new(2)),
    };
    let before = model.get_weights()[0].to_vec::<f32>().unwrap();
    let message = model.load_weights(&path).unwrap_err().to_string();
    for part in [
        "missing: layers/lstm/cell/vars/0, layers/lstm/cell/vars/1, layers/lstm/cell/vars/2",
        "unexpected: layers/dense_1/vars/0, layers/dense_1/vars/1",
        "layers/dense/vars/0 is float32 (3, 4), not float32 (3, 5)",
    ] {
        assert!(message.contains(part), "{message}");
    }
    assert_eq!(model.get_weights()[0].to_vec::<f32>().unwrap(), before);
    std::fs::remove_file(path).unwrap();
}

#[test]
fn classes_that_are_not_known_are_errors_that_name_them() {
    let recorded = Recorded::named("trained");
    let model = load_model(recorded.file(".keras")).unwrap();
    let text = model.to_json().unwrap();
    for class in ["Lambda", "os.system", "TFSMLayer"] {
        let changed = text.replacen("\"Dense\"", &format!("{class:?}"), 1);
        assert!(Model::from_json(&changed).is_err(), "{class}");
    }
}

#[test]
fn sizes_that_no_memory_holds_are_errors() {
    let model = Sequential::new().add(Dense::new(5).input_shape([4]));
    let text = model.to_json().unwrap();
    for units in [1u64 << 60, 1 << 50, u64::MAX >> 1] {
        let changed = text.replacen("\"units\":5", &format!("\"units\":{units}"), 1);
        assert_ne!(changed, text);
        let message = Model::from_json(&changed).unwrap_err().to_string();
        assert!(message.contains("memory"), "{message}");
    }
}
