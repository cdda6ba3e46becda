//! The axes of samples in another order.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use crate::config::Config;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Permute",
    aliases: &[],
    arguments: &[&["dims"]],
    unsupported: &[],
    from_config: |config| {
        let dims = config.sizes("dims", 1)?;
        let dims =
            dims.ok_or_else(|| Error::format("Permute", "the argument \"dims\"", "none", ""))?;
        Ok(Arc::new(Permute::new(dims)))
    },
    examples: || {
        let config = Config::new().with("dims", vec![3, 1, 2]);
        vec![Example::new(config, [[2, 3, 4, 5]])]
    },
};

/// The axes of samples in another order.
///
/// # Arguments
/// `dims`: which axis of the input comes where, counted from 1; the batch axis, 0, stays where it is.
///
/// # Errors
/// If `dims` does not name each axis of a sample once.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let y = Permute::new([2, 1]).call(&Tensor::zeros([5, 10, 64], DType::F32))?;
/// assert_eq!(y.shape().dims(), [5, 64, 10]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Permute {
    base: LayerBase,
    dims: Vec<usize>,
}

impl Permute {
    /// A layer that brings axis `dims[k]` of the input to place `k + 1`.
    #[must_use]
    pub fn new(dims: impl AsRef<[usize]>) -> Self {
        Self {
            base: LayerBase::default(),
            dims: dims.as_ref().to_vec(),
        }
    }
}

impl Layer for Permute {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        let mut sorted = self.dims.clone();
        sorted.sort_unstable();
        if sorted.iter().copied().eq(1..=self.dims.len()) {
            return Ok(());
        }
        let got = format!("{:?}", self.dims);
        let expected = "the axes 1, 2, .. each once";
        Err(Error::invalid_argument("Permute: dims", expected, got, ""))
    }

    fn forward(&self, inputs: &[Tensor], _call: &Call) -> Result<Tensor> {
        let spec = InputSpec::rank(self.dims.len() + 1);
        spec.check(ENTRY.class_name, inputs[0].shape())?;
        let axes: Vec<usize> = [0].into_iter().chain(self.dims.iter().copied()).collect();
        Ok(inputs[0].transpose(axes))
    }

    fn get_config(&self) -> Config {
        self.base
            .get_config(self.class_name())
            .with("dims", self.dims.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    #[test]
    fn dims_that_are_no_permutation_are_told() {
        let x = Tensor::zeros([2, 3, 4], DType::F32);
        for dims in [vec![0, 1], vec![1, 1], vec![1, 3]] {
            let error = Permute::new(dims).call(&x).unwrap_err().to_string();
            assert!(
                error.starts_with("Permute: dims: expected the axes 1, 2, .."),
                "{error}"
            );
        }
        let error = Permute::new([1]).call(&x).unwrap_err().to_string();
        assert!(
            error.starts_with("input of Permute: expected 2 axes"),
            "{error}"
        );
    }
}
