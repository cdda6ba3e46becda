// tidy: not an item
//! What can be a layer's input.

use hornblende_core::Tensor;

use crate::layers::Input;

/// What can be a layer's input: one tensor or several.
pub trait LayerInputs {
    /// The tensors in order.
    fn tensors(&self) -> Vec<Tensor>;
}

impl LayerInputs for Tensor {
    fn tensors(&self) -> Vec<Tensor> {
        vec![self.clone()]
    }
}

impl LayerInputs for Input {
    fn tensors(&self) -> Vec<Tensor> {
        vec![(**self).clone()]
    }
}

impl<T: LayerInputs + ?Sized> LayerInputs for &T {
    fn tensors(&self) -> Vec<Tensor> {
        (**self).tensors()
    }
}

impl<T: LayerInputs, const N: usize> LayerInputs for [T; N] {
    fn tensors(&self) -> Vec<Tensor> {
        self.iter().flat_map(T::tensors).collect()
    }
}

impl<T: LayerInputs> LayerInputs for [T] {
    fn tensors(&self) -> Vec<Tensor> {
        self.iter().flat_map(T::tensors).collect()
    }
}

impl<T: LayerInputs> LayerInputs for Vec<T> {
    fn tensors(&self) -> Vec<Tensor> {
        self.as_slice().tensors()
    }
}
