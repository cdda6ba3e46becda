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
mod delegated;
mod entry;
mod input_spec;
mod layer;
mod layer_inputs;
mod merging;
mod options;
mod pooling;
mod recurrent;
mod regularization;
mod reshaping;
mod sides;
mod sizes;
mod spatial_window;
mod weight_options;
mod weights;

pub use activation::relu::ReLU;
pub use activation::softmax::Softmax;
pub use affine::{Affine, AffineOptions};
pub use base::{LayerBase, automatic_name, clear_session, snake_case};
pub use call::{Call, CallLayer, LayerHandle, call_layer};
pub use convolutional::conv1d::Conv1D;
pub use convolutional::conv1d_transpose::Conv1DTranspose;
pub use convolutional::conv2d::Conv2D;
pub use convolutional::conv2d_transpose::Conv2DTranspose;
pub use convolutional::conv3d::Conv3D;
pub use convolutional::conv3d_transpose::Conv3DTranspose;
pub use convolutional::depthwise_conv1d::DepthwiseConv1D;
pub use convolutional::depthwise_conv2d::DepthwiseConv2D;
pub use convolutional::separable_conv1d::SeparableConv1D;
pub use convolutional::separable_conv2d::SeparableConv2D;
pub use core::activation::Activation;
pub use core::dense::Dense;
pub use core::embedding::Embedding;
pub use core::input::Input;
pub use core::masking::Masking;
pub(crate) use data_format::DataFormat;
pub(in crate::layers) use delegated::delegated_layer;
pub(crate) use entry::require_size;
pub use entry::{Entry, Example, from_config};
pub use input_spec::InputSpec;
pub use layer::Layer;
pub use layer_inputs::LayerInputs;
pub use merging::add::Add;
pub use merging::concatenate::Concatenate;
pub use merging::subtract::Subtract;
pub use options::LayerOptions;
pub use pooling::adaptive_average_pooling1d::AdaptiveAveragePooling1D;
pub use pooling::adaptive_average_pooling2d::AdaptiveAveragePooling2D;
pub use pooling::adaptive_average_pooling3d::AdaptiveAveragePooling3D;
pub use pooling::adaptive_max_pooling1d::AdaptiveMaxPooling1D;
pub use pooling::adaptive_max_pooling2d::AdaptiveMaxPooling2D;
pub use pooling::adaptive_max_pooling3d::AdaptiveMaxPooling3D;
pub use pooling::average_pooling1d::AveragePooling1D;
pub use pooling::average_pooling2d::AveragePooling2D;
pub use pooling::average_pooling3d::AveragePooling3D;
pub use pooling::global_average_pooling1d::GlobalAveragePooling1D;
pub use pooling::global_average_pooling2d::GlobalAveragePooling2D;
pub use pooling::global_average_pooling3d::GlobalAveragePooling3D;
pub use pooling::global_max_pooling1d::GlobalMaxPooling1D;
pub use pooling::global_max_pooling2d::GlobalMaxPooling2D;
pub use pooling::global_max_pooling3d::GlobalMaxPooling3D;
pub use pooling::max_pooling1d::MaxPooling1D;
pub use pooling::max_pooling2d::MaxPooling2D;
pub use pooling::max_pooling3d::MaxPooling3D;
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
pub use reshaping::cropping1d::Cropping1D;
pub use reshaping::cropping2d::Cropping2D;
pub use reshaping::cropping3d::Cropping3D;
pub use reshaping::flatten::Flatten;
pub use reshaping::reshape::Reshape;
pub use reshaping::up_sampling1d::UpSampling1D;
pub use reshaping::up_sampling2d::UpSampling2D;
pub use reshaping::up_sampling3d::UpSampling3D;
pub use reshaping::zero_padding1d::ZeroPadding1D;
pub use reshaping::zero_padding2d::ZeroPadding2D;
pub use reshaping::zero_padding3d::ZeroPadding3D;
pub use sides::Sides;
pub use sizes::Sizes;
pub use weight_options::WeightOptions;
pub(in crate::layers) use weight_options::weight_options;

/// All layers.
pub static LAYERS: &[&Entry] = &[
    &activation::relu::ENTRY,
    &activation::softmax::ENTRY,
    &convolutional::conv1d::ENTRY,
    &convolutional::conv1d_transpose::ENTRY,
    &convolutional::conv2d::ENTRY,
    &convolutional::conv2d_transpose::ENTRY,
    &convolutional::conv3d::ENTRY,
    &convolutional::conv3d_transpose::ENTRY,
    &convolutional::depthwise_conv1d::ENTRY,
    &convolutional::depthwise_conv2d::ENTRY,
    &convolutional::separable_conv1d::ENTRY,
    &convolutional::separable_conv2d::ENTRY,
    &core::activation::ENTRY,
    &core::dense::ENTRY,
    &core::embedding::ENTRY,
    &core::input::ENTRY,
    &core::masking::ENTRY,
    &merging::add::ENTRY,
    &merging::concatenate::ENTRY,
    &merging::subtract::ENTRY,
    &pooling::adaptive_average_pooling1d::ENTRY,
    &pooling::adaptive_average_pooling2d::ENTRY,
    &pooling::adaptive_average_pooling3d::ENTRY,
    &pooling::adaptive_max_pooling1d::ENTRY,
    &pooling::adaptive_max_pooling2d::ENTRY,
    &pooling::adaptive_max_pooling3d::ENTRY,
    &pooling::average_pooling1d::ENTRY,
    &pooling::average_pooling2d::ENTRY,
    &pooling::average_pooling3d::ENTRY,
    &pooling::global_average_pooling1d::ENTRY,
    &pooling::global_average_pooling2d::ENTRY,
    &pooling::global_average_pooling3d::ENTRY,
    &pooling::global_max_pooling1d::ENTRY,
    &pooling::global_max_pooling2d::ENTRY,
    &pooling::global_max_pooling3d::ENTRY,
    &pooling::max_pooling1d::ENTRY,
    &pooling::max_pooling2d::ENTRY,
    &pooling::max_pooling3d::ENTRY,
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
    &reshaping::cropping1d::ENTRY,
    &reshaping::cropping2d::ENTRY,
    &reshaping::cropping3d::ENTRY,
    &reshaping::flatten::ENTRY,
    &reshaping::reshape::ENTRY,
    &reshaping::up_sampling1d::ENTRY,
    &reshaping::up_sampling2d::ENTRY,
    &reshaping::up_sampling3d::ENTRY,
    &reshaping::zero_padding1d::ENTRY,
    &reshaping::zero_padding2d::ENTRY,
    &reshaping::zero_padding3d::ENTRY,
];
