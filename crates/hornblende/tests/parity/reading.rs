//! Reading the notation of the cases. What cannot be read panics, which fails the case.

use hornblende::config::{Config, Json};
use hornblende::prelude::*;
use hornblende::{Storage, Value};

/// The array, or `None` for null.
pub(crate) fn array(json: &Json) -> Option<Value> {
    if json.is_null() {
        return None;
    }
    let shape: Vec<usize> = list(&json["shape"]).iter().map(size).collect();
    let data = list(&json["data"]).iter().map(number);
    let storage = match text(&json["dtype"]) {
        "float32" => Storage::F32(data.map(|x| x as f32).collect()),
        "int32" => Storage::I32(data.map(|x| x as i32).collect()),
        "int64" => Storage::I64(data.map(|x| x as i64).collect()),
        "bool" => Storage::Bool(data.map(|x| u8::from(x != 0.0)).collect()),
        other => panic!("an array of {other}"),
    };
    Some(Value::new(shape, storage).expect("as many numbers as the shape says"))
}

/// The array, which must be there.
pub(crate) fn value(json: &Json) -> Value {
    array(json).expect("an array")
}

/// The array as a tensor.
pub(crate) fn tensor(json: &Json) -> Tensor {
    value(json).into()
}

/// The arrays of a list, or the one array that there is.
pub(crate) fn tensors(json: &Json) -> Vec<Tensor> {
    match json {
        Json::Array(arrays) => arrays.iter().map(tensor).collect(),
        one => array(one).map(Tensor::from).into_iter().collect(),
    }
}

/// The entries; none for null.
pub(crate) fn list(json: &Json) -> &[Json] {
    match json {
        Json::Array(entries) => entries,
        Json::Null => &[],
        other => panic!("{other} is no list"),
    }
}

/// Keys and values in the order of the file; none for null.
pub(crate) fn entries(json: &Json) -> Vec<(&str, &Json)> {
    let map = json.as_object().into_iter().flatten();
    map.map(|(key, value)| (key.as_str(), value)).collect()
}

/// A number, also one of those that JSON has no sign for.
pub(crate) fn number(json: &Json) -> f64 {
    match json {
        Json::String(text) => text.parse().expect("nan, inf or -inf"),
        Json::Bool(truth) => f64::from(u8::from(*truth)),
        other => other
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

/// A configuration in Keras's words: the cases name nested classes by `class`, Keras by `class_name`.
pub(crate) fn config(json: &Json) -> Config {
    match keras_words(json) {
        Json::Object(fields) => Config(fields),
        Json::Null => Config::new(),
        other => panic!("a configuration is an object: {other}"),
    }
}

fn keras_words(json: &Json) -> Json {
    match json {
        Json::Object(fields) => {
            let key = |key: &str| if key == "class" { "class_name" } else { key }.to_owned();
            let pairs = fields.iter().map(|(k, value)| (key(k), keras_words(value)));
            Json::Object(pairs.collect())
        }
        Json::Array(entries) => Json::Array(entries.iter().map(keras_words).collect()),
        other => other.clone(),
    }
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

/// An error as the message of a failed case.
pub(crate) fn message(error: Error) -> String {
    error.to_string()
}
