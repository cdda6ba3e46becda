// tidy: not an item
//! What the list of layers knows about a layer.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape};

use super::LAYERS;
use crate::config::{Config, Json, class_object, class_of};
use crate::layers::Layer;
use crate::layers::weight_options::regularizer_of;

/// What the list of layers knows about a layer.
pub struct Entry {
    /// Keras's class name.
    pub class_name: &'static str,
    /// Other names of the class in Keras.
    pub aliases: &'static [&'static str],
    /// The arguments of a configuration, beside those that every layer has, in groups.
    pub arguments: &'static [&'static [&'static str]],
    /// Keras's further arguments, which must be absent or null.
    pub unsupported: &'static [&'static str],
    /// Makes the layer from its own arguments.
    pub from_config: fn(&Config) -> Result<Arc<dyn Layer>>,
    /// Configurations and inputs to try the layer with.
    pub examples: fn() -> Vec<Example>,
}

/// A configuration of a layer and the shapes of inputs that it takes, for tests of all layers.
#[derive(Debug, Clone)]
pub struct Example {
    /// The layer's own arguments.
    pub config: Config,
    /// The shape of each input, batch axis included.
    pub inputs: Vec<Shape>,
}

impl Example {
    /// An example with inputs of these shapes.
    #[must_use]
    pub fn new<S: Into<Shape>>(config: Config, inputs: impl IntoIterator<Item = S>) -> Self {
        Self {
            config,
            inputs: inputs.into_iter().map(Into::into).collect(),
        }
    }
}

/// What Keras writes for every layer.
const COMMON: &[&str] = &["name", "trainable", "dtype", "activity_regularizer"];

/// Makes the layer of this class from what [`Layer::get_config`] gives, in Keras's words.
///
/// # Errors
/// [`Error::UnknownName`] for a class or an argument that there is not; [`Error::Format`] for an argument of
/// the wrong kind.
///
/// # Example
/// ```
/// use hornblende::layers;
/// use hornblende::config::Config;
/// let config = Config::new().with("units", 3).with("name", "score");
/// let layer = layers::from_config("Dense", &config)?;
/// assert_eq!((layer.class_name(), layer.name().as_str()), ("Dense", "score"));
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_config(class_name: &str, config: &Config) -> Result<Arc<dyn Layer>> {
    let is_it = |e: &&&Entry| e.class_name == class_name || e.aliases.contains(&class_name);
    let Some(entry) = LAYERS.iter().find(is_it) else {
        let known: Vec<&str> = LAYERS.iter().map(|e| e.class_name).collect();
        return Err(Error::unknown("layer class", class_name, &known));
    };
    let known = [COMMON, &entry.arguments.concat(), entry.unsupported].concat();
    config.only(entry.class_name, &known)?;
    for key in entry.unsupported {
        if let Some(value) = config.get(key) {
            return Err(Error::invalid_argument(
                format!("{}: {key}", entry.class_name),
                "nothing: it is not supported",
                value.to_string(),
                "",
            ));
        }
    }
    let layer = (entry.from_config)(config)?;
    if let Some(name) = config.text("name")? {
        layer.base().set_name(name);
    }
    if let Some(trainable) = config.flag("trainable")? {
        layer.base().set_trainable(trainable);
    }
    if let Some(dtype) = dtype_of(config)?.filter(|dtype| dtype.is_float()) {
        layer.base().set_dtype(dtype);
    }
    if let Some(regularizer) = regularizer_of(config, "activity_regularizer")? {
        layer.base().set_activity_regularizer(Some(regularizer));
    }
    Ok(layer)
}

/// A layer inside the configuration of another, under the name `key`: an object with `class_name` (or
/// `class`) and `config`, as [`layer_object`] writes it.
///
/// # Errors
/// [`Error::Format`] if it is absent or something else; else what [`from_config`] returns.
pub fn nested_layer(config: &Config, key: &str) -> Result<Arc<dyn Layer>> {
    let Some(value) = config.get(key) else {
        let expected = "a layer: an object with class_name and config";
        let subject = format!("argument \"{key}\"");
        return Err(Error::format(subject, expected, "none", ""));
    };
    let (class_name, inner) = class_of(key, value)?;
    from_config(&class_name, &inner)
}

/// A layer inside the configuration of another, as Keras writes it; [`nested_layer`] reads it.
#[must_use]
pub fn layer_object(layer: &dyn Layer) -> Json {
    class_object("keras.layers", layer.class_name(), layer.get_config())
}

/// The type that a configuration names: as text, or as Keras's policy object around one.
pub(super) fn dtype_of(config: &Config) -> Result<Option<DType>> {
    let Some(value) = config.get("dtype") else {
        return Ok(None);
    };
    let name = match value {
        Json::Object(policy) => policy.get("config").and_then(|c| c.get("name")),
        plain => Some(plain),
    };
    let dtype = name.and_then(Json::as_str).and_then(DType::from_name);
    dtype.map(Some).ok_or_else(|| {
        let expected = "the name of an element type, such as \"float32\"";
        Error::format("argument \"dtype\"", expected, value.to_string(), "")
    })
}

/// An argument that has no default: a whole number.
pub(crate) fn require_size(class_name: &str, config: &Config, key: &str) -> Result<usize> {
    config.size(key)?.ok_or_else(|| {
        let expected = format!("the argument \"{key}\"");
        Error::format(class_name, expected, "none", "")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nested_layer_is_read_in_both_spellings_and_comes_back_as_it_was_written() {
        let inner = Config::new().with("units", 3).with("name", "inner");
        for key in ["class_name", "class"] {
            let object = Config::new()
                .with(key, "Dense")
                .with("config", Json::Object(inner.0.clone()));
            let outer = Config::new().with("layer", Json::Object(object.0));
            let layer = nested_layer(&outer, "layer").unwrap();
            assert_eq!(layer.name(), "inner");
            let again = Config::new().with("layer", layer_object(&*layer));
            let again = nested_layer(&again, "layer").unwrap();
            assert_eq!(again.get_config(), layer.get_config());
        }
    }

    #[test]
    fn a_nested_layer_that_is_none_is_told() {
        let told = |config: Config| nested_layer(&config, "layer").unwrap_err().to_string();
        assert!(told(Config::new()).contains("argument \"layer\""));
        assert!(told(Config::new().with("layer", 3)).contains("class_name"));
        let dence = Config::new().with("class_name", "Dence");
        let told = told(Config::new().with("layer", Json::Object(dence.0)));
        assert!(told.contains("Did you mean \"Dense\"?"), "{told}");
    }
}
