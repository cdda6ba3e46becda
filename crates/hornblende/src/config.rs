//! Configurations: what `get_config` gives and `from_config` takes, as JSON with Keras's keys.

mod conversions;
mod entry;
mod summary;

use hornblende_core::{Axes, Error, Result};

pub(crate) use conversions::conversions;
pub use entry::Entry;
pub use summary::summary;

/// A JSON value.
pub use serde_json::Value as Json;

/// The constructor arguments of a layer, loss, metric, optimizer, ... under Keras's names.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config(pub serde_json::Map<String, Json>);

impl Config {
    /// A configuration without arguments.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The same configuration with one more argument.
    #[must_use]
    pub fn with(mut self, key: &str, value: impl Into<Json>) -> Self {
        self.0.insert(key.to_owned(), value.into());
        self
    }

    /// The same configuration without this argument.
    #[must_use]
    pub fn without(mut self, key: &str) -> Self {
        self.0.remove(key);
        self
    }

    /// The argument of this name; `None` if it is absent or null.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.0.get(key).filter(|v| !v.is_null())
    }

    /// A number, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn number(&self, key: &str) -> Result<Option<f64>> {
        self.typed(key, "a number", Json::as_f64)
    }

    /// A number that has no default.
    ///
    /// # Errors
    /// [`Error::Format`] if it is absent or something else.
    pub fn require_number(&self, class_name: &str, key: &str) -> Result<f64> {
        self.number(key)?.ok_or_else(|| {
            let expected = format!("the argument \"{key}\"");
            Error::format(class_name, expected, "none", "")
        })
    }

    /// A whole number of at least 0, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn size(&self, key: &str) -> Result<Option<usize>> {
        self.typed(key, "a whole number of at least 0", |v| {
            v.as_u64().map(|n| n as usize)
        })
    }

    /// A whole number, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn whole(&self, key: &str) -> Result<Option<i64>> {
        self.typed(key, "a whole number", Json::as_i64)
    }

    /// Whole numbers: a list, or one number alone; `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn axes(&self, key: &str) -> Result<Option<Vec<isize>>> {
        let whole = |v: &Json| v.as_i64().map(|n| n as isize);
        self.typed(key, "a whole number or a list of them", |v| match v {
            Json::Array(list) => list.iter().map(whole).collect(),
            one => whole(one).map(|n| vec![n]),
        })
    }

    /// Axes: a whole number or a list of them, where null stands for all; `None` if it is absent.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub(crate) fn axes_or_all(&self, key: &str) -> Result<Option<Axes>> {
        if !self.0.contains_key(key) {
            return Ok(None);
        }
        Ok(Some(self.axes(key)?.map_or(Axes::All, Axes::Some)))
    }

    /// A list of numbers, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn numbers(&self, key: &str) -> Result<Option<Vec<f64>>> {
        self.typed(key, "a list of numbers", |v| {
            v.as_array()?.iter().map(Json::as_f64).collect()
        })
    }

    /// A truth value, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn flag(&self, key: &str) -> Result<Option<bool>> {
        self.typed(key, "true or false", Json::as_bool)
    }

    /// A text, or `None` if it is absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn text(&self, key: &str) -> Result<Option<String>> {
        self.typed(key, "a text", |v| v.as_str().map(str::to_owned))
    }

    /// Whole numbers: a list, or one number that stands for `rank` equal ones; `None` if absent or null.
    ///
    /// # Errors
    /// [`Error::Format`] if it is something else.
    pub fn sizes(&self, key: &str, rank: usize) -> Result<Option<Vec<usize>>> {
        let whole = |v: &Json| v.as_u64().map(|n| n as usize);
        self.typed(key, "a whole number or a list of them", |v| match v {
            Json::Array(list) => list.iter().map(whole).collect(),
            one => whole(one).map(|n| vec![n; rank]),
        })
    }

    /// Fails for an argument whose name is not among `known`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] listing the known ones.
    pub fn only(&self, class_name: &str, known: &[&str]) -> Result<()> {
        match self.0.keys().find(|k| !known.contains(&k.as_str())) {
            Some(key) => Err(Error::unknown(
                &format!("argument of {class_name}"),
                key,
                known,
            )),
            None => Ok(()),
        }
    }

    fn typed<T>(
        &self,
        key: &str,
        expected: &str,
        read: impl Fn(&Json) -> Option<T>,
    ) -> Result<Option<T>> {
        let Some(value) = self.get(key) else {
            return Ok(None);
        };
        match read(value) {
            Some(x) => Ok(Some(x)),
            None => Err(Error::format(
                format!("argument \"{key}\""),
                expected,
                value.to_string(),
                "",
            )),
        }
    }
}

/// A class inside a configuration: its name alone, or an object with `class_name` and `config`.
///
/// # Errors
/// [`Error::Format`] if it is something else.
pub(crate) fn class_of(key: &str, value: &Json) -> Result<(String, Config)> {
    let named = |value: &Json| {
        let name = value.get("class_name").or_else(|| value.get("class"))?;
        let config = match value.get("config") {
            Some(Json::Object(config)) => Config(config.clone()),
            None | Some(Json::Null) => Config::new(),
            Some(_) => return None,
        };
        Some((name.as_str()?.to_owned(), config))
    };
    let found = match value {
        Json::String(name) => Some((name.clone(), Config::new())),
        _ => named(value),
    };
    // A class may carry the module it is found in, as in `regularizers.L2`.
    let found = found.map(|(name, config)| match name.rsplit_once('.') {
        Some((_, class_name)) => (class_name.to_owned(), config),
        None => (name, config),
    });
    found.ok_or_else(|| {
        let expected = "a name, or an object with class_name and config";
        let subject = format!("argument \"{key}\"");
        Error::format(subject, expected, value.to_string(), "")
    })
}

/// A class inside a configuration, as Keras writes it.
pub(crate) fn class_object(module: &str, class_name: &str, config: Config) -> Json {
    let object = Config::new()
        .with("module", module)
        .with("class_name", class_name)
        .with("config", Json::Object(config.0))
        .with("registered_name", Json::Null);
    Json::Object(object.0)
}

/// Axes as a value of a configuration, which [`Config::axes_or_all`] reads.
pub(crate) fn axes_value(axes: &Axes) -> Json {
    match axes {
        Axes::All => Json::Null,
        Axes::Some(axes) => match axes.as_slice() {
            [axis] => (*axis).into(),
            axes => axes.into(),
        },
    }
}

/// The name of a function type, as Python's `__name__`; `custom` for a closure.
pub(crate) fn function_name<F>() -> &'static str {
    match std::any::type_name::<F>().rsplit("::").next() {
        Some(name) if !name.contains(['{', '<', '>', '(']) => name,
        _ => "custom",
    }
}
