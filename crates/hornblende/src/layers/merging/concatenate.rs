//! Several inputs one behind the other.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use crate::config::{Config, Json};
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Concatenate",
    aliases: &[],
    arguments: &[&["axis"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Concatenate::from_config(config)?)),
    examples: || {
        let config = Config::new().with("axis", 1);
        vec![Example::new(config, [[2, 3, 2], [2, 1, 2]])]
    },
};

/// Several inputs one behind the other along an axis.
///
/// # Shapes
/// All sizes but those along the axis must agree.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[3.0f32]]));
/// assert_eq!(Concatenate::new().call([&a, &b])?.to_vec::<f32>()?, [1.0, 2.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Concatenate {
    base: LayerBase,
    axis: isize,
}

impl Concatenate {
    /// A layer that puts its inputs one behind the other along the last axis.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            axis: -1,
        }
    }

    /// The axis, counted with the batch axis. Default: -1.
    #[must_use]
    pub fn axis(mut self, axis: isize) -> Self {
        self.axis = axis;
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        let Some(value) = config.get("axis") else {
            return Ok(Self::new());
        };
        match value.as_i64() {
            Some(axis) => Ok(Self::new().axis(axis as isize)),
            None => Err(Error::format(
                "argument \"axis\"",
                "a whole number",
                value.to_string(),
                "",
            )),
        }
    }
}

impl Default for Concatenate {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Concatenate {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let dtype = inputs.iter().map(Tensor::dtype).reduce(|a, b| a.promote(b));
        let dtype = dtype.unwrap_or_else(|| self.base.dtype());
        let inputs: Vec<Tensor> = inputs.iter().map(|x| x.cast(dtype)).collect();
        Ok(Tensor::concatenate(&inputs, self.axis))
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("axis", Json::from(self.axis))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
