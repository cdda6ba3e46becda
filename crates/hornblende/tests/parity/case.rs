//! A case: what goes into the real Keras and what came out of it.

use hornblende::config::{Config, Json};

use super::reading::{config, text};
use super::tolerance::{self, Tolerance};

/// One case of a file.
pub(crate) struct Case {
    family: String,
    /// The file it stands in, for messages.
    file: String,
    json: Json,
}

impl Case {
    pub(crate) fn new(family: &str, file: &str, json: &Json) -> Self {
        Self {
            family: family.to_owned(),
            file: file.to_owned(),
            json: json.clone(),
        }
    }

    /// The name of the file and of the case.
    pub(crate) fn label(&self) -> String {
        format!("{} {}", self.file, self.json["id"].as_str().unwrap_or("?"))
    }

    pub(crate) fn class(&self) -> &str {
        text(&self.json["class"])
    }

    /// The constructor's arguments.
    pub(crate) fn config(&self) -> Config {
        config(&self.json["config"])
    }

    pub(crate) fn json(&self) -> &Json {
        &self.json
    }

    /// What stands under this key, null if nothing does.
    pub(crate) fn get(&self, key: &str) -> &Json {
        &self.json[key]
    }

    pub(crate) fn expected(&self, key: &str) -> &Json {
        &self.json["expected"][key]
    }

    /// How far numbers of this case's family and class may be from Keras's.
    pub(crate) fn tolerance(&self) -> Tolerance {
        tolerance::of(&self.family, self.json["class"].as_str().unwrap_or(""))
    }

    /// Fails for a key of the case, or of what it expects, that its test does not look at: nothing that a
    /// case says is passed over in silence.
    pub(crate) fn only(&self, keys: &[&str], expected: &[&str]) -> Result<(), String> {
        only(
            "case",
            &self.json,
            &[&["id", "note", "expected"], keys].concat(),
        )?;
        only("expected", &self.json["expected"], expected)
    }
}

/// Fails for a key that is not among the known ones.
pub(crate) fn only(what: &str, json: &Json, known: &[&str]) -> Result<(), String> {
    let mut keys = json.as_object().into_iter().flat_map(|map| map.keys());
    match keys.find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(format!(
            "{what}: the key \"{key}\" is not known to this test"
        )),
        None => Ok(()),
    }
}
