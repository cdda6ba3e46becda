//! Layers: what models are made of.
//!
//! A layer is made with its constructor, set up with methods that carry Keras's argument names, and called
//! on tensors: `Dense::new(64).activation("relu").call(&x)?`. Its variables are made by the first call.

mod activation;
mod affine;
mod base;
mod call;
mod convolutional;
mod core;
mod data_format;
mod entry;
mod input_spec;
mod layer;
mod layer_inputs;
mod merging;
mod options;
mod pair;
mod pooling;
mod recurrent;
mod regularization;
mod reshaping;
mod spatial_window;
mod weight_options;
mod weights;

pub use activation::relu::ReLU;
pub use activation::softmax::Softmax;
pub use affine::{Affine, AffineOptions};
pub use base::{LayerBase, automatic_name, clear_session, snake_case};
pub use call::{Call, CallLayer, LayerHandle, call_layer};
pub use convolutional::conv2d::Conv2D;
pub use core::activation::Activation;
pub use core::dense::Dense;
pub use core::embedding::Embedding;
pub use core::input::Input;
pub use core::masking::Masking;
pub(crate) use data_format::DataFormat;
pub(crate) use entry::require_size;
pub use entry::{Entry, Example, from_config};
pub use input_spec::InputSpec;
pub use layer::Layer;
pub use layer_inputs::LayerInputs;
pub use merging::add::Add;
pub use merging::concatenate::Concatenate;
pub use merging::subtract::Subtract;
pub use options::LayerOptions;
pub use pair::Pair;
pub use pooling::max_pooling2d::MaxPooling2D;
pub use recurrent::bidirectional::Bidirectional;
pub use recurrent::gru::GRU;
pub use recurrent::gru_cell::GRUCell;
pub use recurrent::lstm::LSTM;
pub use recurrent::lstm_cell::LSTMCell;
pub use recurrent::rnn::RNN;
pub use recurrent::simple_rnn::SimpleRNN;
pub use recurrent::simple_rnn_cell::SimpleRNNCell;
pub use recurrent::stacked_rnn_cells::StackedRNNCells;
pub use recurrent::time_distributed::TimeDistributed;
pub use recurrent::{
    CellArguments, CellOptions, DropoutMasks, GateArguments, Recurrence, RecurrenceArguments,
    RecurrentCell, step_of_cell,
};
pub use regularization::dropout::Dropout;
pub use reshaping::flatten::Flatten;
pub use reshaping::reshape::Reshape;
pub use weight_options::WeightOptions;
pub(in crate::layers) use weight_options::weight_options;

/// All layers.
pub static LAYERS: &[&Entry] = &[
    &activation::relu::ENTRY,
    &activation::softmax::ENTRY,
    &convolutional::conv2d::ENTRY,
    &core::activation::ENTRY,
    &core::dense::ENTRY,
    &core::embedding::ENTRY,
    &core::input::ENTRY,
    &core::masking::ENTRY,
    &merging::add::ENTRY,
    &merging::concatenate::ENTRY,
    &merging::subtract::ENTRY,
    &pooling::max_pooling2d::ENTRY,
    &recurrent::bidirectional::ENTRY,
    &recurrent::gru::ENTRY,
    &recurrent::gru_cell::ENTRY,
    &recurrent::lstm::ENTRY,
    &recurrent::lstm_cell::ENTRY,
    &recurrent::rnn::ENTRY,
    &recurrent::simple_rnn::ENTRY,
    &recurrent::simple_rnn_cell::ENTRY,
    &recurrent::stacked_rnn_cells::ENTRY,
    &recurrent::time_distributed::ENTRY,
    &regularization::dropout::ENTRY,
    &reshaping::flatten::ENTRY,
    &reshaping::reshape::ENTRY,
];
