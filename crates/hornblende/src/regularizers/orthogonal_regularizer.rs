//! The pull of rows or columns towards right angles.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::{Entry, Regularizer};
use crate::config::Config;
use crate::ops;

pub(super) const ENTRY: Entry = Entry {
    class_name: "OrthogonalRegularizer",
    names: &["orthogonal_regularizer"],
    from_config: |config| {
        config.only("OrthogonalRegularizer", &["factor", "mode"])?;
        let mode = config.text("mode")?.unwrap_or_else(|| "rows".to_owned());
        let regularizer = OrthogonalRegularizer::new(config.number("factor")?.unwrap_or(0.01));
        regularizer.mode(&mode).map(|it| Arc::new(it) as _)
    },
};

/// Pulls the rows (or columns) of a matrix towards right angles to each other:
/// `factor * mean(|cosine of two rows|)` over all pairs of rows. The factor is 0.01 by default.
///
/// # Shapes
/// `x`: `[rows, columns]`; another rank is an error. A single row has no pair, which gives NaN as in Keras.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let parallel = Tensor::from([[1.0f32, 0.0], [2.0, 0.0]]);
/// assert_eq!(OrthogonalRegularizer::new(0.5).call(&parallel).item::<f32>()?, 0.5);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.regularizers.OrthogonalRegularizer`.
#[derive(Debug, Clone, Copy)]
pub struct OrthogonalRegularizer {
    factor: f64,
    of_columns: bool,
}

impl OrthogonalRegularizer {
    /// A regularizer of rows with this factor.
    #[must_use]
    pub fn new(factor: f64) -> Self {
        Self {
            factor,
            of_columns: false,
        }
    }

    /// What is pulled: `"rows"` (the default) or `"columns"`.
    ///
    /// # Errors
    /// [`Error::UnknownName`] for another name.
    pub fn mode(mut self, mode: &str) -> Result<Self> {
        self.of_columns = match mode {
            "rows" => false,
            "columns" => true,
            _ => return Err(Error::unknown("mode", mode, &["rows", "columns"])),
        };
        Ok(self)
    }
}

impl Default for OrthogonalRegularizer {
    fn default() -> Self {
        Self::new(0.01)
    }
}

impl Regularizer for OrthogonalRegularizer {
    #[track_caller]
    fn call(&self, x: &Tensor) -> Tensor {
        if x.rank() != 2 {
            let got = format!("shape {}", x.shape());
            return ops::invalid(Error::shape_mismatch(
                "OrthogonalRegularizer",
                "a matrix",
                got,
                "Use it for the kernel of a Dense layer",
            ));
        }
        let rows = if self.of_columns {
            x.transpose([1, 0])
        } else {
            x.clone()
        };
        // The floor keeps a row of zeros at 0, as Keras's normalize does.
        let squares = rows.square().sum(-1).expand_dims(-1);
        let floor = Tensor::literal(ops::EPSILON * ops::EPSILON, x.dtype());
        let unit = &rows / squares.maximum(&floor).sqrt();
        let cosines = unit.matmul(&unit.transpose([1, 0]));
        let count = rows.shape()[0];
        let place = |axis| Tensor::iota([count, count], axis, DType::I32);
        let same = place(0).equal(place(1));
        let pairs = count as f64 * (count as f64 - 1.0) / 2.0;
        same.select(0.0, cosines.abs()).sum(..) * (self.factor * 0.5) / pairs
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_config(&self) -> Config {
        let mode = if self.of_columns { "columns" } else { "rows" };
        Config::new().with("factor", self.factor).with("mode", mode)
    }
}
