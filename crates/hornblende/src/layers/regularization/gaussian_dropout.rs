//! Multiplicative noise.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::drop::{Drop, drop_arguments};
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GaussianDropout",
    aliases: &[],
    arguments: &[&["rate", "seed"]],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(GaussianDropout {
            base: LayerBase::default(),
            drop: Drop::from_config("GaussianDropout", config)?,
        }))
    },
    examples: || vec![Example::new(Config::new().with("rate", 0.5), [[2, 3]])],
};

/// Multiplies by normally distributed numbers of mean 1 while a model is trained, and lets everything pass
/// otherwise.
///
/// Their variance, `rate / (1 - rate)`, is that of the numbers which [`Dropout`](crate::layers::Dropout) of
/// this rate multiplies by.
///
/// # Arguments
/// `rate`: as that of `Dropout`, from 0 to below 1. Method: [`GaussianDropout::seed`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = GaussianDropout::new(0.2).seed(1);
/// let x = Tensor::ones([1, 1000], DType::F32);
/// assert_eq!(layer.call(&x)?.sum(..).item::<f32>()?, 1000.0);
/// let noisy = layer.call_with(&x, &Call::new(true))?.remove(0);
/// let variance = noisy.variance(..).item::<f32>()?;
/// assert!((0.2..0.3).contains(&variance));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Srivastava et al. 2014, "Dropout", section 10; `keras.layers.GaussianDropout`.
#[derive(Clone)]
pub struct GaussianDropout {
    base: LayerBase,
    drop: Drop,
}

impl GaussianDropout {
    /// A layer whose noise is as strong as that of `Dropout` of this rate.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self {
            base: LayerBase::default(),
            drop: Drop::new(rate),
        }
    }
}

drop_arguments!(GaussianDropout, seed);

impl Layer for GaussianDropout {
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
            let fix = "The variance rate / (1 - rate) of the noise has to be finite";
            return Err(Error::invalid_argument(
                "GaussianDropout: rate",
                expected,
                "1",
                fix,
            ));
        }
        let noise = self.drop.randomness.normal(x.shape())? * (rate / (1.0 - rate)).sqrt() + 1.0;
        Ok(x * noise.cast(x.dtype()))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.drop.add_to(self.base.get_config(self.class_name()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
