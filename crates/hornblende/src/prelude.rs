//! What most programs use.

pub use crate::activations::{Activation, IntoActivation};
pub use crate::datasets;
pub use crate::layers::CallLayer;
pub use crate::{DType, Error, Result, Shape, Tensor, Variable};
