//! The exponential linear unit as a layer.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use crate::activations;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ELU",
    aliases: &[],
    arguments: &[&["alpha"]],
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(match config.number("alpha")? {
            Some(alpha) => ELU::new().alpha(alpha),
            None => ELU::new(),
        }))
    },
    examples: || {
        let config = Config::new().with("alpha", 0.5);
        vec![
            Example::new(Config::new(), [[3, 4]]),
            Example::new(config, [[3, 4]]),
        ]
    },
};

/// The exponential linear unit as a layer: `x` above 0, `alpha * (exp(x) - 1)` below.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = ELU::new().alpha(0.5).call(&Tensor::from([[-1e4f32, 2.0]]))?;
/// assert_eq!(y.to_vec::<f32>()?, [-0.5, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct ELU {
    base: LayerBase,
    alpha: f64,
}

impl ELU {
    /// A layer whose results tend to -1 for small inputs.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            alpha: 1.0,
        }
    }

    /// Minus the number to which results tend for small inputs. Default: 1.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }
}

impl Default for ELU {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for ELU {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        Ok(activations::elu(&inputs[0], self.alpha))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("alpha", self.alpha)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
