//! Additive noise.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::drop::require_part;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GaussianNoise",
    aliases: &[],
    arguments: &[&["stddev", "seed"]],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GaussianNoise {
            base: LayerBase::default(),
            stddev: config.require_number("GaussianNoise", "stddev")?,
            randomness: Randomness::from_config(config)?,
        }))
    },
    examples: || vec![Example::new(Config::new().with("stddev", 0.5), [[2, 3]])],
};

/// Adds normally distributed numbers of mean 0 while a model is trained, and lets everything pass
/// otherwise.
///
/// # Arguments
/// `stddev`: their standard deviation, from 0 to 1. Method: [`GaussianNoise::seed`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = GaussianNoise::new(0.1).seed(1);
/// let x = Tensor::ones([1, 1000], DType::F32);
/// assert_eq!(layer.call(&x)?.sum(..).item::<f32>()?, 1000.0);
/// let noisy = layer.call_with(&x, &Call::new(true))?.remove(0);
/// let spread = noisy.variance(..).item::<f32>()?.sqrt();
/// assert!((0.09..0.11).contains(&spread));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct GaussianNoise {
    base: LayerBase,
    stddev: f64,
    randomness: Randomness,
}

impl GaussianNoise {
    /// A layer that adds noise of this standard deviation.
    #[must_use]
    pub fn new(stddev: f64) -> Self {
        Self {
            base: LayerBase::default(),
            stddev,
            randomness: Randomness::default(),
        }
    }

    /// Makes the random numbers repeatable, whatever else is random. Default: none.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.randomness.set_seed(seed);
        self
    }
}

impl Layer for GaussianNoise {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        require_part(ENTRY.class_name, "stddev", self.stddev)?;
        if self.stddev > 0.0 {
            self.randomness.build(&self.base);
        }
        Ok(())
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        if !call.training || self.stddev == 0.0 {
            return Ok(x.clone());
        }
        let noise = self.randomness.normal(x.shape())? * self.stddev;
        Ok(x + noise.cast(x.dtype()))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("stddev", self.stddev)
            .with("seed", self.randomness.json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
