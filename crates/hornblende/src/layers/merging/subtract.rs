//! The difference of two inputs.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::matched::matched;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

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
    /// A layer that subtracts.
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

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_two(inputs.len())
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        check_two(inputs.len())?;
        let inputs = matched(inputs);
        Ok(&inputs[0] - &inputs[1])
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

fn check_two(count: usize) -> Result<()> {
    if count == 2 {
        return Ok(());
    }
    Err(Error::invalid_argument(
        "Subtract",
        "two inputs",
        count.to_string(),
        "",
    ))
}
