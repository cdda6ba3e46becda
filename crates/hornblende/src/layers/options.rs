// tidy: not an item
//! The options that every layer has.

use std::panic::Location;

use hornblende_core::{DType, Shape};

use crate::layers::Layer;
use crate::regularizers::IntoRegularizer;

/// The options that every layer has, as methods that hand the layer on.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Dense::new(64).name("dense_1").trainable(false);
/// assert_eq!(layer.base().name("Dense"), "dense_1");
/// ```
pub trait LayerOptions: Layer + Sized {
    /// The layer's name. Default: made from the class name, `dense`, `dense_1`, ... A name that the layer
    /// has already stays.
    #[must_use]
    fn name(self, name: &str) -> Self {
        self.base().set_name(name);
        self
    }

    /// Whether an optimizer may change the layer's variables. Default: true.
    #[must_use]
    fn trainable(self, trainable: bool) -> Self {
        self.base().set_trainable(trainable);
        self
    }

    /// The floating-point type of the variables and of the computation. Default: `F32`.
    #[must_use]
    fn dtype(self, dtype: DType) -> Self {
        self.base().set_dtype(dtype);
        self
    }

    /// What each call adds to the loss for the layer's results, divided by the batch size: a name, a
    /// regularizer or a closure. Default: nothing.
    #[track_caller]
    #[must_use]
    fn activity_regularizer(self, regularizer: impl IntoRegularizer) -> Self {
        let location = Location::caller();
        match regularizer.into_regularizer() {
            Ok(regularizer) => self.base().set_activity_regularizer(Some(regularizer)),
            Err(error) => self.base().refuse(error.at(location)),
        }
        self
    }

    /// The shape of one sample of the input, without the batch axis: lets a `Sequential` that begins with
    /// this layer be built at once.
    #[must_use]
    fn input_shape(self, shape: impl Into<Shape>) -> Self {
        self.base().set_input_shape(shape.into());
        self
    }
}

impl<L: Layer + Sized> LayerOptions for L {}
