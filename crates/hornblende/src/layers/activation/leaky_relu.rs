//! The leaky rectifier as a layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::activations;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "LeakyReLU",
    aliases: &[],
    arguments: &[&["negative_slope", "alpha"]],
    unsupported: &[],
    from_config: |config| {
        let slope = config.number("negative_slope")?;
        // Keras still takes the name that the argument had before.
        let slope = slope.or(config.number("alpha")?);
        Ok(Arc::new(match slope {
            Some(slope) => LeakyReLU::new().negative_slope(slope),
            None => LeakyReLU::new(),
        }))
    },
    examples: || {
        let config = Config::new().with("negative_slope", 0.05);
        vec![
            Example::new(Config::new(), [[3, 4]]),
            Example::new(config, [[3, 4]]),
        ]
    },
};

/// The leaky rectifier as a layer: `x` above 0, `negative_slope * x` below.
///
/// `negative_slope` is 0.3 unless set, where that of the function [`activations::leaky_relu`] is 0.2 in
/// Keras.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = LeakyReLU::new().negative_slope(0.5).call(&Tensor::from([[-2.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct LeakyReLU {
    base: LayerBase,
    negative_slope: f64,
}

impl LeakyReLU {
    /// A layer whose slope below 0 is 0.3.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            negative_slope: 0.3,
        }
    }

    /// The slope below 0, at least 0. Default: 0.3.
    #[must_use]
    pub fn negative_slope(mut self, negative_slope: f64) -> Self {
        self.negative_slope = negative_slope;
        self
    }
}

impl Default for LeakyReLU {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for LeakyReLU {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        if self.negative_slope >= 0.0 {
            return Ok(());
        }
        let got = self.negative_slope.to_string();
        let subject = "LeakyReLU: negative_slope";
        Err(Error::invalid_argument(
            subject,
            "a number of at least 0",
            got,
            "",
        ))
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        Ok(activations::leaky_relu(&inputs[0], self.negative_slope))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("negative_slope", self.negative_slope)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
