//! Reading the golden vectors: `README.md` beside them describes the schema.

use std::path::PathBuf;

use hornblende::config::{Config, Json};
use hornblende::{Result, Tensor};

/// The cases of `fit.json`, or `None` where the golden vectors are not at hand.
pub(crate) fn cases() -> Option<Vec<Json>> {
    let path = folder()?.join("fit.json");
    let text = std::fs::read_to_string(&path).ok()?;
    let file: Json = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{path:?}: {e}"));
    Some(list(&file["cases"]).to_vec())
}

/// `$PARITY_CASES`, `$HORNBLENDE_SHARED/keras-parity`, or the first `shared/keras-parity` above this crate.
fn folder() -> Option<PathBuf> {
    if let Ok(folder) = std::env::var("PARITY_CASES") {
        return Some(folder.into());
    }
    if let Ok(shared) = std::env::var("HORNBLENDE_SHARED") {
        return Some(PathBuf::from(shared).join("keras-parity"));
    }
    let here = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let candidates = here.ancestors().map(|a| a.join("shared/keras-parity"));
    candidates.into_iter().find(|folder| folder.is_dir())
}

/// An array of the golden vectors as a tensor.
pub(crate) fn tensor(array: &Json) -> Tensor {
    let shape: Vec<usize> = list(&array["shape"]).iter().map(size).collect();
    let numbers: Vec<f64> = list(&array["data"]).iter().map(number).collect();
    match text(&array["dtype"]) {
        "int32" => Tensor::from_vec(shape, numbers.iter().map(|x| *x as i32).collect()),
        _ => Tensor::from_vec(shape, numbers.iter().map(|x| *x as f32).collect()),
    }
}

/// A number, also one of those that JSON has no sign for.
pub(crate) fn number(json: &Json) -> f64 {
    match json.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => json
            .as_f64()
            .unwrap_or_else(|| panic!("{json} is no number")),
    }
}

pub(crate) fn size(json: &Json) -> usize {
    json.as_u64().unwrap_or_else(|| panic!("{json} is no size")) as usize
}

pub(crate) fn text(json: &Json) -> &str {
    json.as_str().unwrap_or_else(|| panic!("{json} is no text"))
}

pub(crate) fn list(json: &Json) -> &[Json] {
    json.as_array()
        .unwrap_or_else(|| panic!("{json} is no list"))
}

/// Keys and values in the order of the file.
pub(crate) fn entries(json: &Json) -> Vec<(&str, &Json)> {
    let map = json.as_object();
    map.map_or_else(Vec::new, |m| {
        m.iter().map(|(k, v)| (k.as_str(), v)).collect()
    })
}

/// A configuration in Keras's words: the golden vectors write nested objects as `class` and `config`.
pub(crate) fn config(json: &Json) -> Config {
    let named = |(key, value): (&str, &Json)| (key.to_owned(), nested(value));
    Config(entries(json).into_iter().map(named).collect())
}

fn nested(value: &Json) -> Json {
    let Some(class) = value.get("class").and_then(Json::as_str) else {
        return value.clone();
    };
    let class = class.rsplit('.').next().unwrap_or(class);
    let config = config(&value["config"]).0;
    let object = [
        ("class_name".to_owned(), Json::from(class)),
        ("config".to_owned(), Json::Object(config)),
    ];
    Json::Object(object.into_iter().collect())
}

/// A name, or an object of class and configuration, made by the one or the other function.
pub(crate) fn named<T>(
    json: &Json,
    get: impl Fn(&str) -> Result<T>,
    from_config: impl Fn(&str, &Config) -> Result<T>,
) -> Result<T> {
    match json.as_str() {
        Some(name) => get(name),
        None => from_config(text(&json["class"]), &config(&json["config"])),
    }
}
