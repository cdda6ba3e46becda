//! What a callback remembers, for checkpoints.

use hornblende_core::Value;

use crate::config::Config;

/// What a callback remembers between hooks: numbers and texts under names, and arrays.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CallbackState {
    /// Numbers, texts and truth values.
    pub config: Config,
    /// Arrays, such as the best weights so far.
    pub arrays: Vec<Value>,
}

impl From<Config> for CallbackState {
    fn from(config: Config) -> Self {
        Self {
            config,
            arrays: Vec::new(),
        }
    }
}
