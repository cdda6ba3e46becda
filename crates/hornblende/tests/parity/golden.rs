//! Reading cases.

use std::path::{Path, PathBuf};

use hornblende::config::{Config, Json};
use hornblende::{Storage, Value};

/// One case of a file.
pub(crate) struct Case(Json);

/// The cases of a family, or `None` where there are none on this machine.
pub(crate) fn cases(family: &str) -> Option<Vec<Case>> {
    let text = std::fs::read_to_string(folder()?.join(format!("{family}.json"))).ok()?;
    let file: Json = serde_json::from_str(&text).expect("cases are JSON");
    let Json::Array(cases) = &file["cases"] else {
        panic!("{family}.json has no list of cases");
    };
    Some(cases.iter().cloned().map(Case).collect())
}

fn folder() -> Option<PathBuf> {
    if let Some(folder) = std::env::var_os("PARITY_CASES") {
        return Some(folder.into());
    }
    if let Some(shared) = std::env::var_os("HORNBLENDE_SHARED") {
        return Some(Path::new(&shared).join("keras-parity"));
    }
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|above| above.join("shared/keras-parity"))
        .find(|folder| folder.is_dir())
}

impl Case {
    pub(crate) fn id(&self) -> &str {
        self.0["id"].as_str().expect("a case has an id")
    }

    pub(crate) fn class(&self) -> &str {
        self.0["class"].as_str().expect("a case has a class")
    }

    pub(crate) fn config(&self) -> Config {
        match keras_classes(&self.0["config"]) {
            Json::Object(fields) => Config(fields),
            other => panic!("{}: a configuration is an object: {other}", self.id()),
        }
    }

    /// What stands under this key, null if nothing does.
    pub(crate) fn get(&self, key: &str) -> &Json {
        &self.0[key]
    }

    pub(crate) fn expected(&self, key: &str) -> &Json {
        &self.0["expected"][key]
    }
}

/// Nested objects are named by `class` in the cases and by `class_name` in Keras's configurations.
fn keras_classes(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let rename = |key: &str| if key == "class" { "class_name" } else { key }.to_owned();
            let pairs = fields
                .iter()
                .map(|(key, value)| (rename(key), keras_classes(value)));
            Json::Object(pairs.collect())
        }
        Json::Array(entries) => Json::Array(entries.iter().map(keras_classes).collect()),
        other => other.clone(),
    }
}

/// The array, or `None` for null.
pub(crate) fn array(json: &Json) -> Option<Value> {
    if json.is_null() {
        return None;
    }
    let shape: Vec<usize> = list(&json["shape"])
        .iter()
        .map(|d| number(d) as usize)
        .collect();
    let data = list(&json["data"]).iter().map(number);
    let storage = match json["dtype"].as_str() {
        Some("float32") => Storage::F32(data.map(|x| x as f32).collect()),
        Some("int32") => Storage::I32(data.map(|x| x as i32).collect()),
        Some("int64") => Storage::I64(data.map(|x| x as i64).collect()),
        Some("bool") => Storage::Bool(data.map(|x| u8::from(x != 0.0)).collect()),
        other => panic!("an array of {other:?}"),
    };
    Some(Value::new(shape, storage).expect("as many numbers as the shape says"))
}

pub(crate) fn list(json: &Json) -> &[Json] {
    json.as_array().map_or(&[], Vec::as_slice)
}

/// A number, also `"nan"`, `"inf"` and `"-inf"`.
pub(crate) fn number(json: &Json) -> f64 {
    match json {
        Json::String(text) => text.parse().expect("nan, inf or -inf"),
        Json::Bool(truth) => f64::from(u8::from(*truth)),
        other => other.as_f64().expect("a number"),
    }
}
