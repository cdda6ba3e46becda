//! The entries of a family's list.

use std::sync::Arc;

use hornblende_core::{Error, Result};

use super::Config;

/// What the list of a family knows about one of its members.
pub struct Entry<T: ?Sized> {
    /// Keras's class name.
    pub class_name: &'static str,
    /// The other names it is found by.
    pub names: &'static [&'static str],
    /// Makes one of the arguments of a configuration.
    pub from_config: fn(&Config) -> Result<Arc<T>>,
}

impl<T: ?Sized> Entry<T> {
    /// The entry of this class name or other name.
    ///
    /// # Errors
    /// [`Error::UnknownName`] with the nearest known ones.
    pub fn find(family: &str, list: &[&'static Self], name: &str) -> Result<&'static Self> {
        let has_name = |entry: &&&Self| entry.class_name == name || entry.names.contains(&name);
        match list.iter().find(has_name) {
            Some(entry) => Ok(entry),
            None => Err(Error::unknown(family, name, &Self::names_of(list))),
        }
    }

    /// All names that [`Entry::find`] knows.
    #[must_use]
    pub fn names_of(list: &[&'static Self]) -> Vec<&'static str> {
        let of = |entry: &&'static Self| entry.names.iter().copied().chain([entry.class_name]);
        list.iter().flat_map(of).collect()
    }
}
