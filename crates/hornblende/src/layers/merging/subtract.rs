//! The difference of two inputs.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::merge;
use crate::config::Config;
use crate::layers::{Call, CallLayer, Entry, Example, Layer, LayerBase, LayerInputs};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Subtract",
    aliases: &[],
    arguments: &[],
    unsupported: &[],
    from_config: |_| Ok(Arc::new(Subtract::new())),
    examples: || vec![Example::new(Config::new(), [vec![2, 3, 2], vec![2, 2]])],
};

/// The first of two inputs minus the second, which broadcast together.
///
/// # Shapes
/// As [`Add`](crate::layers::Add), masks included.
///
/// # Errors
/// [`Error::InvalidArgument`] if there are not two.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (a, b) = (Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32, 20.0]]));
/// assert_eq!(Subtract::new().call([&a, &b])?.to_vec::<f32>()?, [-9.0, -18.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone, Default)]
pub struct Subtract {
    base: LayerBase,
}

impl Subtract {
    /// The layer; it has no arguments.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }
}

impl Layer for Subtract {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        require_two(ENTRY.class_name, inputs.len())?;
        merge::check(ENTRY.class_name, inputs)?;
        Ok(merge::fold(inputs, |a, b| a - b))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// The function form of [`Subtract`], as `keras.layers.subtract`.
///
/// # Errors
/// If there are not two inputs that broadcast together.
#[track_caller]
pub fn subtract(inputs: impl LayerInputs) -> Result<Tensor> {
    Subtract::new().call(inputs)
}

pub(super) fn require_two(class_name: &str, count: usize) -> Result<()> {
    if count == 2 {
        return Ok(());
    }
    let got = count.to_string();
    Err(Error::invalid_argument(class_name, "two inputs", got, ""))
}
