//! The layer that does nothing.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Identity",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Identity::new())),
    examples: || vec![Example::new(Config::new(), [[2, 3]])],
};

/// The layer that passes its input on as it is: a placeholder for one that may come there.
///
/// (`prelude` has the initializer of that name; this is `layers::Identity`.)
///
/// # Example
/// ```
/// use hornblende::layers;
/// use hornblende::prelude::*;
/// let y = layers::Identity::new().call(&Tensor::from([[1.0f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Identity {
    base: LayerBase,
}

impl Identity {
    /// The layer; it has no arguments.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Layer for Identity {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward_all(&self, inputs: &[Tensor], _call: &Call) -> Result<Vec<Tensor>> {
        Ok(inputs.to_vec())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        Ok(inputs[0].clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
