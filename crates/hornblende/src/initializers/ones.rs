//! All ones.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Value};

use super::{Entry, Initializer};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Ones",
    names: &["ones", "one"],
    from_config: |config| {
        config.only("Ones", &[])?;
        Ok(Arc::new(Ones::new()))
    },
};

/// All ones.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ones;

impl Ones {
    /// The initializer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Initializer for Ones {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        Ok(Value::full(shape, dtype, 1.0))
    }

    fn class_name(&self) -> &'static str {
        "Ones"
    }
}
