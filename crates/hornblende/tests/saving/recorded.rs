//! What Keras recorded beside its files.

use std::path::{Path, PathBuf};

use hornblende::config::Json;
use hornblende::prelude::*;
use hornblende::{Storage, Value};

/// A model that Keras wrote, and what it computed with it.
pub(crate) struct Recorded {
    pub(crate) name: String,
    pub(crate) folder: PathBuf,
    pub(crate) json: Json,
}

impl Recorded {
    /// The files of the repository, all of the shared folder where there is one, and those of the folder that
    /// `HORNBLENDE_KERAS_FILES` names.
    pub(crate) fn all() -> Vec<Self> {
        let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/saving/files");
        let shared = match std::env::var_os("HORNBLENDE_SHARED") {
            Some(folder) => PathBuf::from(folder),
            None => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared"),
        };
        let shared = shared.join("keras-parity/keras_files");
        if !shared.is_dir() {
            eprintln!(
                "NOT RUN: the files of {}, which is absent",
                shared.display()
            );
        }
        let named = std::env::var_os("HORNBLENDE_KERAS_FILES").map(PathBuf::from);
        [Some(own), Some(shared), named]
            .iter()
            .flatten()
            .flat_map(|folder| Self::in_folder(folder))
            .collect()
    }

    pub(crate) fn named(name: &str) -> Self {
        let mut all = Self::all();
        all.retain(|recorded| recorded.name == name);
        all.remove(0)
    }

    fn in_folder(folder: &Path) -> Vec<Self> {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return Vec::new();
        };
        let recorded = |path: PathBuf| {
            let name = path
                .file_name()?
                .to_str()?
                .strip_suffix(".io.json")?
                .to_owned();
            let text = std::fs::read_to_string(&path).unwrap();
            Some(Self {
                name,
                folder: folder.to_path_buf(),
                json: serde_json::from_str(&text).unwrap(),
            })
        };
        entries
            .flatten()
            .filter_map(|entry| recorded(entry.path()))
            .collect()
    }

    pub(crate) fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}{ending}", self.name))
    }

    pub(crate) fn list(&self, key: &str) -> &[Json] {
        self.json[key].as_array().unwrap()
    }

    pub(crate) fn inputs(&self) -> Vec<Tensor> {
        self.list("inputs")
            .iter()
            .map(|json| Tensor::from(value(json)))
            .collect()
    }

    /// The recorded inputs through the model.
    pub(crate) fn outputs_of(&self, model: &Model) -> Vec<Value> {
        let (outputs, _) = model.forward(&self.inputs(), false).unwrap();
        outputs
            .iter()
            .map(|output| output.eval().unwrap())
            .collect()
    }

    /// Fails unless these are the recorded weights, bit for bit.
    pub(crate) fn assert_weights(&self, model: &Model) {
        let weights = model.weights();
        let wanted = self.list("weights");
        assert_eq!(weights.len(), wanted.len(), "{}", self.name);
        for (weight, wanted) in weights.iter().zip(wanted) {
            let wanted_value = value(&wanted["value"]).convert(weight.dtype());
            assert_eq!(
                weight.value(),
                wanted_value,
                "{} {}",
                self.name,
                wanted["path"]
            );
        }
    }
}

/// An array as the recordings have it.
pub(crate) fn value(json: &Json) -> Value {
    let size = |n: &Json| n.as_u64().unwrap() as usize;
    let shape: Vec<usize> = json["shape"].as_array().unwrap().iter().map(size).collect();
    let dtype = DType::from_name(json["dtype"].as_str().unwrap()).unwrap();
    let data = json["data"].as_array().unwrap();
    let mut storage = Storage::zeros(dtype, data.len());
    for (k, number) in data.iter().enumerate() {
        storage.set_f64(k, number.as_f64().unwrap());
    }
    Value::new(shape, storage).unwrap()
}

/// Fails unless the numbers agree to 1e-4 of the largest of them: what the order of additions in a model of a
/// few layers may change in 32 bits.
pub(crate) fn assert_close(name: &str, got: &Value, wanted: &Value) {
    assert_eq!(got.shape(), wanted.shape(), "{name}");
    let (got, wanted) = (got.to_f64_vec(), wanted.to_f64_vec());
    let largest = wanted.iter().fold(1e-3f64, |most, x| most.max(x.abs()));
    for (k, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
        let apart = (got - wanted).abs();
        assert!(apart <= 1e-4 * largest, "{name} [{k}]: {got}, not {wanted}");
    }
}

/// A path in the folder for temporary files that no other test uses.
pub(crate) fn temporary(name: &str) -> PathBuf {
    std::env::temp_dir().join(format!("hornblende-saving-{}-{name}", std::process::id()))
}
