//! Vectors repeated.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RepeatVector",
    aliases: &[],
    arguments: &[&["n"]],
    unsupported: &[],
    from_config: |config| {
        let n = require_size("RepeatVector", config, "n")?;
        Ok(Arc::new(RepeatVector::new(n)))
    },
    examples: || vec![Example::new(Config::new().with("n", 3), [[2, 4]])],
};

/// Each sample, a vector, `n` times: one input for each step of a recurrent layer.
///
/// # Shapes
/// `[batch, features]` gives `[batch, n, features]`.
///
/// # Arguments
/// `n`: how often, at least once.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = RepeatVector::new(2).call(&Tensor::from([[1.0f32, 2.0]]))?;
/// assert_eq!(y.shape().dims(), [1, 2, 2]);
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0, 1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct RepeatVector {
    base: LayerBase,
    n: usize,
}

impl RepeatVector {
    /// A layer that repeats each sample so often.
    #[must_use]
    pub fn new(n: usize) -> Self {
        Self {
            base: LayerBase::default(),
            n,
        }
    }
}

impl Layer for RepeatVector {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        if self.n > 0 {
            return Ok(());
        }
        Err(Error::invalid_argument(
            "RepeatVector: n",
            "a number above 0",
            "0",
            "",
        ))
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        InputSpec::rank(2).check(ENTRY.class_name, x.shape())?;
        let shape = [x.shape()[0], self.n, x.shape()[1]];
        Ok(x.expand_dims(1).broadcast_to(shape))
    }

    fn get_config(&self) -> Config {
        self.base.get_config(self.class_name()).with("n", self.n)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
