//! The identity matrix.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Value};

use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "Identity",
    names: &["identity", "IdentityInitializer"],
    from_config: |config| {
        config.only("Identity", &["gain"])?;
        let gain = config.number("gain")?.unwrap_or(1.0);
        Ok(Arc::new(Identity::new().gain(gain)))
    },
};

/// `gain` on the diagonal of a matrix, 0 elsewhere.
#[derive(Debug, Clone, Copy)]
pub struct Identity {
    gain: f64,
}

impl Default for Identity {
    fn default() -> Self {
        Self { gain: 1.0 }
    }
}

impl Identity {
    /// The identity matrix.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The number on the diagonal; 1 by default.
    #[must_use]
    pub fn gain(mut self, gain: f64) -> Self {
        self.gain = gain;
        self
    }
}

impl Initializer for Identity {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let &[rows, columns] = shape.dims() else {
            return Err(Error::shape_mismatch(
                "Identity",
                "the shape of a matrix",
                shape.to_string(),
                "",
            ));
        };
        let mut value = Value::zeros(shape, dtype);
        let storage = value.make_mut();
        (0..rows.min(columns)).for_each(|k| storage.set_f64(k * columns + k, self.gain));
        Ok(value)
    }

    fn class_name(&self) -> &'static str {
        "Identity"
    }

    fn get_config(&self) -> Config {
        Config::new().with("gain", self.gain)
    }
}
