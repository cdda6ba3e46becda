//! The sum of several inputs.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::matched::matched;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Add",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Add::new())),
    examples: || {
        vec![Example::new(
            Config::new(),
            [vec![2, 3, 2], vec![2, 1, 2], vec![2, 2]],
        )]
    },
};

/// The sum of several inputs, which broadcast together.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
/// assert_eq!(Add::new().call([&a, &b])?.to_vec::<f32>()?, [11.0, 22.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Add {
    base: LayerBase,
}

impl Add {
    /// A layer that adds.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Layer for Add {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let inputs = matched(inputs);
        Ok(inputs[1..].iter().fold(inputs[0].clone(), |sum, x| sum + x))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
