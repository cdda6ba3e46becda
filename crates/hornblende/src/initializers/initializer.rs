//! What an initializer is.
// tidy: not an item

use hornblende_core::{DType, Result, Shape, Value};

use crate::config::Config;

/// Gives the first value of a variable.
pub trait Initializer: Send + Sync {
    /// A value of this shape and type.
    ///
    /// # Errors
    /// If there is none of this shape.
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value>;

    /// Keras's class name, for configurations.
    fn class_name(&self) -> &'static str;

    /// The constructor arguments under Keras's names.
    fn get_config(&self) -> Config {
        Config::new()
    }
}
