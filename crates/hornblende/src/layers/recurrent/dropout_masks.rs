// tidy: not an item
//! What dropout multiplies inputs and states of a cell by.

use hornblende_core::{DType, Result, Shape, Tensor};

use crate::random::SeedGenerator;

/// What dropout multiplies inputs and states of a cell by: drawn once a call, the same at each step.
#[derive(Debug, Clone, Default)]
pub struct DropoutMasks {
    /// For the input: one mask, or one for each gate; none if nothing is dropped.
    pub input: Vec<Tensor>,
    /// For the state: the same.
    pub recurrent: Vec<Tensor>,
    /// Those of the cells inside this one.
    pub inner: Vec<DropoutMasks>,
}

impl DropoutMasks {
    /// So many masks of 0 and `1 / (1 - rate)`.
    ///
    /// # Errors
    /// If there is no random key.
    pub(super) fn draw(
        generator: &SeedGenerator,
        count: usize,
        shape: &Shape,
        rate: f64,
        dtype: DType,
    ) -> Result<Vec<Tensor>> {
        let mask = |_| {
            if rate >= 1.0 {
                return Ok(Tensor::zeros(shape.clone(), dtype));
            }
            let numbers = Tensor::random_uniform(&generator.next_key()?, shape.clone());
            let scale = Tensor::literal(1.0 / (1.0 - rate), dtype);
            Ok(numbers.greater_equal(rate).select(scale, 0.0))
        };
        (0..count).map(mask).collect()
    }
}
