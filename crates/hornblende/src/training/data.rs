//! What a model is trained or evaluated on.

use super::{Arrays, IntoArrays};

/// Inputs, with what should come out of them and how much each sample counts.
///
/// Made by [`IntoData`] of `(&x, &y)` or `(&x, &y, &sample_weight)`.
#[derive(Debug, Clone)]
pub struct Data {
    /// The inputs.
    pub x: Arrays,
    /// What should come out; `None` for a model whose only losses are those its layers add.
    pub y: Option<Arrays>,
    /// How much each sample counts.
    pub sample_weight: Option<Arrays>,
}

/// What can be trained or evaluated on: `(x,)`, `(x, y)` or `(x, y, sample_weight)`.
pub trait IntoData {
    /// The data.
    fn into_data(self) -> Data;
}

impl IntoData for Data {
    fn into_data(self) -> Data {
        self
    }
}

impl<X: IntoArrays> IntoData for (X,) {
    fn into_data(self) -> Data {
        Data {
            x: self.0.into_arrays(),
            y: None,
            sample_weight: None,
        }
    }
}

impl<X: IntoArrays, Y: IntoArrays> IntoData for (X, Y) {
    fn into_data(self) -> Data {
        Data {
            x: self.0.into_arrays(),
            y: Some(self.1.into_arrays()),
            sample_weight: None,
        }
    }
}

impl<X: IntoArrays, Y: IntoArrays, W: IntoArrays> IntoData for (X, Y, W) {
    fn into_data(self) -> Data {
        Data {
            x: self.0.into_arrays(),
            y: Some(self.1.into_arrays()),
            sample_weight: Some(self.2.into_arrays()),
        }
    }
}
