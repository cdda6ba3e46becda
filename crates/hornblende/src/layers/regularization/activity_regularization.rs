//! A loss for large activations.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};
use crate::regularizers::L1L2;

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "ActivityRegularization",
    aliases: &[],
    arguments: &[&["l1", "l2"]],
    unsupported: &[],
    from_config: |config| {
        let factor = |key: &str| Ok(config.number(key)?.unwrap_or(0.0));
        let layer = ActivityRegularization::new();
        Ok(Arc::new(layer.l1(factor("l1")?).l2(factor("l2")?)))
    },
    examples: || {
        let config = Config::new().with("l1", 0.1).with("l2", 0.2);
        vec![Example::new(config, [[2, 3]])]
    },
};

/// Passes its input on and adds `(l1 * sum(|x|) + l2 * sum(x^2)) / batch size` to the loss.
///
/// Every other layer does the same for its results with
/// [`activity_regularizer`](crate::layers::LayerOptions::activity_regularizer).
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let call = Call::new(true);
/// let x = Tensor::from([[1.0f32, -2.0], [0.0, 3.0]]);
/// ActivityRegularization::new().l1(0.5).call_with(&x, &call)?;
/// assert_eq!(call.losses()[0].item::<f32>()?, 1.5);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ActivityRegularization {
    base: LayerBase,
    l1: f64,
    l2: f64,
}

impl ActivityRegularization {
    /// A layer that adds nothing yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The factor of the sum of absolute values. Default: 0.
    #[must_use]
    pub fn l1(mut self, l1: f64) -> Self {
        self.l1 = l1;
        self.with_regularizer()
    }

    /// The factor of the sum of squares. Default: 0.
    #[must_use]
    pub fn l2(mut self, l2: f64) -> Self {
        self.l2 = l2;
        self.with_regularizer()
    }

    fn with_regularizer(self) -> Self {
        let regularizer = Arc::new(L1L2::new(self.l1, self.l2));
        self.base.set_activity_regularizer(Some(regularizer));
        self
    }
}

impl Layer for ActivityRegularization {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        Ok(inputs[0].clone())
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        // The regularizer follows from the two factors.
        self.base
            .get_config(self.class_name())
            .without("activity_regularizer")
            .with("l1", self.l1)
            .with("l2", self.l2)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
