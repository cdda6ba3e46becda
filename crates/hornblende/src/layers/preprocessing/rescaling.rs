//! Numbers on another scale.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::numbers::Numbers;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Rescaling",
    aliases: &[],
    arguments: &[&["scale", "offset"]],
    unsupported: &[],
    from_config: |config| {
        let scale = Numbers::from_config(config, "scale")?;
        let scale = scale
            .ok_or_else(|| Error::format("Rescaling", "the argument \"scale\"", "none", ""))?;
        let layer = Rescaling::new(scale);
        Ok(Arc::new(match Numbers::from_config(config, "offset")? {
            Some(offset) => layer.offset(offset),
            None => layer,
        }))
    },
    examples: || {
        let config = Config::new().with("scale", 0.5).with("offset", -1.0);
        let channels = Config::new().with("scale", vec![0.5, 2.0]);
        vec![
            Example::new(config, [[2, 3]]),
            Example::new(channels, [[2, 3, 3, 2]]),
        ]
    },
};

/// Numbers on another scale: `x * scale + offset`. Whole numbers become floats of the layer's type.
///
/// # Arguments
/// `scale`: a number, or an array that broadcasts with the input, such as one number a channel.
/// Method: [`Rescaling::offset`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let pixels = Tensor::from([[0i32, 255]]);
/// let y = Rescaling::new(2.0 / 255.0).offset(-1.0).call(&pixels)?;
/// assert_eq!(y.to_vec::<f32>()?, [-1.0, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Rescaling {
    base: LayerBase,
    scale: Numbers,
    offset: Numbers,
}

impl Rescaling {
    /// A layer that multiplies by this.
    #[must_use]
    pub fn new(scale: impl Into<Numbers>) -> Self {
        Self {
            base: LayerBase::default(),
            scale: scale.into(),
            offset: 0.0.into(),
        }
    }

    /// What is added behind the multiplication: a number or an array. Default: 0.
    #[must_use]
    pub fn offset(mut self, offset: impl Into<Numbers>) -> Self {
        self.offset = offset.into();
        self
    }
}

impl Layer for Rescaling {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let dtype = self.base.dtype();
        Ok(inputs[0].cast(dtype) * self.scale.tensor(dtype) + self.offset.tensor(dtype))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("scale", self.scale.json())
            .with("offset", self.offset.json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
