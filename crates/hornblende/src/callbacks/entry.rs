// tidy: not an item
//! What the list of callbacks knows about one.

use hornblende_core::{Error, Result};

use super::CALLBACKS;
use crate::config::Config;
use crate::training::Callback;

/// What the list of callbacks knows about one.
pub struct Entry {
    /// Keras's class name.
    pub class_name: &'static str,
    /// Makes one of the arguments of a configuration.
    pub from_config: fn(&Config) -> Result<Box<dyn Callback>>,
}

impl Entry {
    /// The entry of this class name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest known ones.
    pub fn find(name: &str) -> Result<&'static Self> {
        let found = CALLBACKS.iter().find(|entry| entry.class_name == name);
        found.copied().ok_or_else(|| {
            let known: Vec<&str> = CALLBACKS.iter().map(|entry| entry.class_name).collect();
            Error::unknown("callback", name, &known)
        })
    }
}

/// What is told for a callback that a configuration cannot describe.
pub(super) fn needs_code(class_name: &str) -> Error {
    Error::invalid_argument(
        class_name,
        "a closure, which a configuration cannot hold",
        "a configuration",
        "Make it in code",
    )
}
