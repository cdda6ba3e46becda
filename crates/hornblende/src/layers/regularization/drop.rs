// tidy: not an item
//! What layers that drop a part of their input have in common.

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::LayerBase;
use crate::layers::randomness::Randomness;

/// The part that is dropped, and the numbers that decide.
#[derive(Clone)]
pub(super) struct Drop {
    pub(super) rate: f64,
    pub(super) randomness: Randomness,
}

impl Drop {
    pub(super) fn new(rate: f64) -> Self {
        Self {
            rate,
            randomness: Randomness::default(),
        }
    }

    pub(super) fn from_config(class_name: &str, config: &Config) -> Result<Self> {
        Ok(Self {
            rate: config.require_number(class_name, "rate")?,
            randomness: Randomness::from_config(config)?,
        })
    }

    pub(super) fn build(&self, class_name: &str, base: &LayerBase) -> Result<()> {
        require_part(class_name, "rate", self.rate)?;
        if self.rate > 0.0 {
            self.randomness.build(base);
        }
        Ok(())
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        config
            .with("rate", self.rate)
            .with("seed", self.randomness.json())
    }

    /// True for what stays.
    pub(super) fn kept(&self, shape: impl Into<Shape>) -> Result<Tensor> {
        Ok(self.randomness.uniform(shape)?.greater_equal(self.rate))
    }

    /// The input with a random part of it 0 and the rest multiplied so that the expected sum stays.
    pub(super) fn call(&self, x: &Tensor, decisions: impl Into<Shape>) -> Result<Tensor> {
        if self.rate == 0.0 {
            return Ok(x.clone());
        }
        if self.rate == 1.0 {
            return Ok(Tensor::zeros(x.shape(), x.dtype()));
        }
        // A choice, not a product: what is dropped is 0 even where it was infinite.
        let scaled = x * (1.0 / (1.0 - self.rate));
        Ok(self.kept(decisions)?.select(scaled, 0.0))
    }
}

/// Fails unless the argument is from 0 to 1.
pub(super) fn require_part(class_name: &str, argument: &str, part: f64) -> Result<()> {
    if (0.0..=1.0).contains(&part) {
        return Ok(());
    }
    Err(Error::invalid_argument(
        format!("{class_name}: {argument}"),
        "a number from 0 to 1",
        part.to_string(),
        "",
    ))
}

/// The builder methods `seed`, for structs with the field `drop`, and `noise_shape`, for those with a field of that
/// name. They are inherent methods, as all arguments are, hence a macro.
macro_rules! drop_arguments {
    ($name:ident $(, $argument:ident)*) => {
        impl $name {
            $(super::drop::drop_arguments!(@method $argument);)*
        }
    };
    (@method seed) => {
        /// Makes the random numbers repeatable, whatever else is random. Default: none.
        #[must_use]
        pub fn seed(mut self, seed: u64) -> Self {
            self.drop.randomness.set_seed(seed);
            self
        }
    };
    (@method noise_shape) => {
        /// The shape of the random decisions, batch axis included; `None` is the input's size, and along an axis
        /// of size 1 all elements share a decision. Default: each element has its own.
        #[must_use]
        pub fn noise_shape(mut self, noise_shape: impl AsRef<[Option<usize>]>) -> Self {
            self.noise_shape = super::noise_shape::NoiseShape::of(noise_shape.as_ref());
            self
        }
    };
}
pub(super) use drop_arguments;
