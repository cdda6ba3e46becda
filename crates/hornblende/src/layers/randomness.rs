// tidy: not an item
//! The random state of a layer that draws numbers.

use std::sync::{Arc, OnceLock};

use hornblende_core::{Result, Shape, Tensor};

use crate::config::{Config, Json};
use crate::layers::LayerBase;
use crate::random::SeedGenerator;

/// The seed that a layer was given and the key that it draws numbers with, which is made when the layer is
/// built.
#[derive(Clone, Default)]
pub(in crate::layers) struct Randomness {
    seed: Option<u64>,
    generator: Arc<OnceLock<SeedGenerator>>,
}

impl Randomness {
    pub(in crate::layers) fn from_config(config: &Config) -> Result<Self> {
        let mut randomness = Self::default();
        if let Some(seed) = config.size("seed")? {
            randomness.set_seed(seed as u64);
        }
        Ok(randomness)
    }

    pub(in crate::layers) fn set_seed(&mut self, seed: u64) {
        self.seed = Some(seed);
    }

    /// The seed as Keras writes it into configurations.
    pub(in crate::layers) fn json(&self) -> Json {
        self.seed.map_or(Json::Null, Json::from)
    }

    /// Makes the key and tracks it as state of the layer.
    pub(in crate::layers) fn build(&self, base: &LayerBase) {
        let generator = self.generator.get_or_init(|| SeedGenerator::new(self.seed));
        base.track_state("seed_generator_state", generator.state().clone());
    }

    /// Numbers from [0, 1) that no earlier call gave.
    pub(in crate::layers) fn uniform(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        Ok(Tensor::random_uniform(&self.next_key()?, shape))
    }

    /// Numbers of the standard normal distribution that no earlier call gave.
    pub(in crate::layers) fn normal(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        Ok(crate::ops::random_normal(&self.next_key()?, shape))
    }

    fn next_key(&self) -> Result<Tensor> {
        let generator = self.generator.get_or_init(|| SeedGenerator::new(self.seed));
        generator.next_key()
    }
}
