//! Dropout that keeps mean and variance.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::drop::{Drop, drop_arguments};
use super::noise_shape::NoiseShape;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "AlphaDropout",
    aliases: &[],
    arguments: &[&["rate", "seed", "noise_shape"]],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(AlphaDropout {
            base: LayerBase::default(),
            drop: Drop::from_config("AlphaDropout", config)?,
            noise_shape: NoiseShape::from_config(config)?,
        }))
    },
    examples: || vec![Example::new(Config::new().with("rate", 0.5), [[2, 3]])],
};

/// To where [`selu`](crate::activations::selu) tends for small inputs: minus its scale times its alpha.
const SATURATION: f64 = -1.050_700_987_355_480_5 * 1.673_263_242_354_377_2;

/// Dropout for networks of [`selu`](crate::activations::selu), which keep their activations at mean 0 and
/// variance 1: a random part becomes the number `s` to which `selu` tends, and `a x + b` restores both.
///
/// `a = ((1 - rate) (1 + rate s^2))^(-1/2)`, `b = -a s rate`, `s = -1.7581`. Only in training.
///
/// # Arguments
/// `rate`: the part that is dropped, from 0 to below 1. Methods: [`AlphaDropout::seed`],
/// [`AlphaDropout::noise_shape`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = AlphaDropout::new(0.5).seed(1);
/// let x = Tensor::zeros([1, 1000], DType::F32);
/// let y = layer.call_with(&x, &Call::new(true))?.remove(0).to_vec::<f32>()?;
/// let (low, high) = (y.iter().copied().fold(f32::MAX, f32::min), y.iter().copied().fold(f32::MIN, f32::max));
/// assert!((low + 0.7792).abs() < 1e-4 && (high - 0.7792).abs() < 1e-4);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Klambauer et al. 2017, "Self-Normalizing Neural Networks"; `keras.layers.AlphaDropout`.
#[derive(Clone)]
pub struct AlphaDropout {
    base: LayerBase,
    drop: Drop,
    noise_shape: NoiseShape,
}

impl AlphaDropout {
    /// A layer that drops this part of its input.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self {
            base: LayerBase::default(),
            drop: Drop::new(rate),
            noise_shape: NoiseShape::default(),
        }
    }
}

drop_arguments!(AlphaDropout, seed, noise_shape);

impl Layer for AlphaDropout {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.drop.build(ENTRY.class_name, &self.base)
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let (x, rate) = (&inputs[0], self.drop.rate);
        if !call.training || rate == 0.0 {
            return Ok(x.clone());
        }
        if rate == 1.0 {
            let expected = "a number below 1 in training";
            let fix = "Of nothing, no variance can be restored";
            return Err(Error::invalid_argument(
                "AlphaDropout: rate",
                expected,
                "1",
                fix,
            ));
        }
        let decisions = self.noise_shape.resolve(ENTRY.class_name, x.shape())?;
        let a = ((1.0 - rate) * (1.0 + rate * SATURATION * SATURATION)).powf(-0.5);
        let b = -a * SATURATION * rate;
        Ok(self.drop.kept(decisions)?.select(x, SATURATION) * a + b)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.drop
            .add_to(self.base.get_config(self.class_name()))
            .with("noise_shape", self.noise_shape.json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
