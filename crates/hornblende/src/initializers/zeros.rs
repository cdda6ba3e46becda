//! All zeros.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Value};

use super::{Entry, Initializer};

pub(super) const ENTRY: Entry = Entry {
    class_name: "Zeros",
    names: &["zeros", "zero"],
    from_config: |config| {
        config.only("Zeros", &[])?;
        Ok(Arc::new(Zeros::new()))
    },
};

/// All zeros.
#[derive(Debug, Clone, Copy, Default)]
pub struct Zeros;

impl Zeros {
    /// The initializer.
    #[must_use]
    pub fn new() -> Self {
        Self
    }
}

impl Initializer for Zeros {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        Ok(Value::zeros(shape, dtype))
    }

    fn class_name(&self) -> &'static str {
        "Zeros"
    }
}
