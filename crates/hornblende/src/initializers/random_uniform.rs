//! Numbers of a uniform distribution.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Value};

use super::draw;
use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "RandomUniform",
    names: &["random_uniform", "uniform"],
    from_config: |config| {
        config.only("RandomUniform", &["minval", "maxval", "seed"])?;
        let defaults = RandomUniform::default();
        Ok(Arc::new(RandomUniform {
            minval: config.number("minval")?.unwrap_or(defaults.minval),
            maxval: config.number("maxval")?.unwrap_or(defaults.maxval),
            seed: super::seed_of(config)?,
        }))
    },
};

/// Numbers of a uniform distribution.
///
/// With a seed the numbers are the same at each call; without, each call draws others.
///
/// # Example
/// ```
/// use hornblende::{initializers::{Initializer, RandomUniform}, prelude::*};
/// let value = RandomUniform::new().seed(7).initialize(&Shape::from([2, 3]), DType::F32)?;
/// assert_eq!(value.shape().dims(), [2, 3]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RandomUniform {
    minval: f64,
    maxval: f64,
    seed: Option<u64>,
}

impl Default for RandomUniform {
    fn default() -> Self {
        Self {
            minval: -0.05,
            maxval: 0.05,
            seed: None,
        }
    }
}

impl RandomUniform {
    /// The initializer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The lower limit; -0.05 by default.
    #[must_use]
    pub fn minval(mut self, minval: f64) -> Self {
        self.minval = minval;
        self
    }

    /// The upper limit, which is not reached; 0.05 by default.
    #[must_use]
    pub fn maxval(mut self, maxval: f64) -> Self {
        self.maxval = maxval;
        self
    }

    /// The seed; without one each call draws other numbers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl Initializer for RandomUniform {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let mut stream = draw::stream(self.seed);
        draw::fill(shape, dtype, || {
            self.minval + (self.maxval - self.minval) * stream.uniform()
        })
    }

    fn class_name(&self) -> &'static str {
        "RandomUniform"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("minval", self.minval)
            .with("maxval", self.maxval)
            .with("seed", self.seed)
    }
}
