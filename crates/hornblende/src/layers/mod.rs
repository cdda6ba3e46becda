//! Layers.

mod base;
mod layer;

pub use base::{LayerBase, automatic_name, clear_session, snake_case};
pub use layer::{
    Call, CallLayer, Layer, LayerHandle, LayerInputs, call_layer, trainable_variables_of,
    variables_of,
};
