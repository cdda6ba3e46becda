//! All the same number.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Value};

use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Constant",
    names: &["constant"],
    from_config: |config| {
        config.only("Constant", &["value"])?;
        Ok(Arc::new(Constant::new(
            config.number("value")?.unwrap_or(0.0),
        )))
    },
};

/// All the same number.
#[derive(Debug, Clone, Copy, Default)]
pub struct Constant {
    value: f64,
}

impl Constant {
    /// All elements are `value`.
    #[must_use]
    pub fn new(value: f64) -> Self {
        Self { value }
    }
}

impl Initializer for Constant {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        Ok(Value::full(shape, dtype, self.value))
    }

    fn class_name(&self) -> &'static str {
        "Constant"
    }

    fn get_config(&self) -> Config {
        Config::new().with("value", self.value)
    }
}
