//! Numbers of a normal distribution.

use std::sync::Arc;

use hornblende_core::{DType, Result, Shape, Value};

use super::draw;
use super::{Entry, Initializer};
use crate::config::Config;

pub(super) const ENTRY: Entry = Entry {
    class_name: "RandomNormal",
    names: &["random_normal", "normal"],
    from_config: |config| {
        config.only("RandomNormal", &["mean", "stddev", "seed"])?;
        let defaults = RandomNormal::default();
        Ok(Arc::new(RandomNormal {
            mean: config.number("mean")?.unwrap_or(defaults.mean),
            stddev: config.number("stddev")?.unwrap_or(defaults.stddev),
            seed: super::seed_of(config)?,
        }))
    },
};

/// Numbers of a normal distribution.
///
/// With a seed the numbers are the same at each call; without, each call draws others.
///
/// # Example
/// ```
/// use hornblende::{initializers::{Initializer, RandomNormal}, prelude::*};
/// let value = RandomNormal::new().seed(7).initialize(&Shape::from([2, 3]), DType::F32)?;
/// assert_eq!(value.shape().dims(), [2, 3]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct RandomNormal {
    mean: f64,
    stddev: f64,
    seed: Option<u64>,
}

impl Default for RandomNormal {
    fn default() -> Self {
        Self {
            mean: 0.0,
            stddev: 0.05,
            seed: None,
        }
    }
}

impl RandomNormal {
    /// The initializer with Keras's defaults.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The mean; 0.0 by default.
    #[must_use]
    pub fn mean(mut self, mean: f64) -> Self {
        self.mean = mean;
        self
    }

    /// The standard deviation; 0.05 by default.
    #[must_use]
    pub fn stddev(mut self, stddev: f64) -> Self {
        self.stddev = stddev;
        self
    }

    /// The seed; without one each call draws other numbers.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }
}

impl Initializer for RandomNormal {
    fn initialize(&self, shape: &Shape, dtype: DType) -> Result<Value> {
        let mut stream = draw::stream(self.seed);
        draw::fill(shape, dtype, || self.mean + self.stddev * stream.normal())
    }

    fn class_name(&self) -> &'static str {
        "RandomNormal"
    }

    fn get_config(&self) -> Config {
        Config::new()
            .with("mean", self.mean)
            .with("stddev", self.stddev)
            .with("seed", self.seed)
    }
}
