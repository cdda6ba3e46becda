//! Layers: what models are made of.
//!
//! A layer is made with its constructor, set up with methods that carry Keras's argument names, and called
//! on tensors: `Dense::new(64).activation("relu").call(&x)?`. Its variables are made by the first call.

mod activation;
mod adapt;
mod affine;
mod attention;
mod axis_list;
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
mod normalization;
mod options;
mod own_layer;
mod pooling;
mod preprocessing;
mod randomness;
mod recurrent;
mod regularization;
mod reshaping;
mod sides;
mod sizes;
mod spatial_window;
mod weight_options;
mod weights;

pub use activation::elu::ELU;
pub use activation::leaky_relu::LeakyReLU;
pub use activation::prelu::PReLU;
pub use activation::relu::ReLU;
pub use activation::softmax::Softmax;
pub use adapt::AdaptLayer;
pub use affine::{Affine, AffineOptions};
pub use attention::additive_attention::AdditiveAttention;
pub use attention::attention::Attention;
pub use attention::group_query_attention::GroupQueryAttention;
pub use attention::head_options::{HeadOptions, Heads};
pub use attention::multi_head_attention::MultiHeadAttention;
pub use axis_list::AxisList;
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
pub use core::einsum_dense::EinsumDense;
pub use core::embedding::Embedding;
pub use core::identity::Identity;
pub use core::input::Input;
pub use core::lambda::Lambda;
pub use core::masking::Masking;
pub use core::reversible_embedding::ReversibleEmbedding;
pub(crate) use data_format::DataFormat;
pub(in crate::layers) use delegated::delegated_layer;
pub(crate) use entry::require_size;
pub use entry::{Entry, Example, from_config, layer_object, nested_layer};
pub use input_spec::InputSpec;
pub use layer::Layer;
pub use layer_inputs::LayerInputs;
pub use merging::add::{Add, add};
pub use merging::average::{Average, average};
pub use merging::concatenate::{Concatenate, concatenate};
pub use merging::dot::{Dot, dot};
pub use merging::dot_axes::DotAxes;
pub use merging::maximum::{Maximum, maximum};
pub use merging::minimum::{Minimum, minimum};
pub use merging::multiply::{Multiply, multiply};
pub use merging::subtract::{Subtract, subtract};
pub use normalization::batch_normalization::BatchNormalization;
pub use normalization::group_normalization::GroupNormalization;
pub use normalization::layer_normalization::LayerNormalization;
pub use normalization::renorm::Renorm;
pub use normalization::rms_normalization::RMSNormalization;
pub use normalization::scale_and_center::{ScaleAndCenter, ScaleAndCenterOptions};
pub use normalization::spectral_normalization::SpectralNormalization;
pub use normalization::unit_normalization::UnitNormalization;
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
pub use preprocessing::category_encoding::CategoryEncoding;
pub use preprocessing::discretization::Discretization;
pub use preprocessing::hashed_crossing::HashedCrossing;
pub use preprocessing::hashing::Hashing;
pub use preprocessing::image::aug_mix::AugMix;
pub use preprocessing::image::auto_contrast::AutoContrast;
pub use preprocessing::image::center_crop::CenterCrop;
pub use preprocessing::image::contrast_limited_adaptive_histogram_equalization::ContrastLimitedAdaptiveHistogramEqualization;
pub use preprocessing::image::cut_mix::CutMix;
pub use preprocessing::image::equalization::Equalization;
pub use preprocessing::image::factor::Factor;
pub use preprocessing::image::max_num_bounding_boxes::MaxNumBoundingBoxes;
pub use preprocessing::image::mix_up::MixUp;
pub use preprocessing::image::rand_augment::RandAugment;
pub use preprocessing::image::random_brightness::RandomBrightness;
pub use preprocessing::image::random_color_degeneration::RandomColorDegeneration;
pub use preprocessing::image::random_color_jitter::RandomColorJitter;
pub use preprocessing::image::random_contrast::RandomContrast;
pub use preprocessing::image::random_crop::RandomCrop;
pub use preprocessing::image::random_elastic_transform::RandomElasticTransform;
pub use preprocessing::image::random_erasing::RandomErasing;
pub use preprocessing::image::random_flip::RandomFlip;
pub use preprocessing::image::random_gaussian_blur::RandomGaussianBlur;
pub use preprocessing::image::random_grayscale::RandomGrayscale;
pub use preprocessing::image::random_hue::RandomHue;
pub use preprocessing::image::random_invert::RandomInvert;
pub use preprocessing::image::random_perspective::RandomPerspective;
pub use preprocessing::image::random_posterization::RandomPosterization;
pub use preprocessing::image::random_rotation::RandomRotation;
pub use preprocessing::image::random_saturation::RandomSaturation;
pub use preprocessing::image::random_sharpness::RandomSharpness;
pub use preprocessing::image::random_shear::RandomShear;
pub use preprocessing::image::random_translation::RandomTranslation;
pub use preprocessing::image::random_zoom::RandomZoom;
pub use preprocessing::image::resizing::Resizing;
pub use preprocessing::image::solarization::Solarization;
pub use preprocessing::integer_lookup::IntegerLookup;
pub use preprocessing::mel_spectrogram::MelSpectrogram;
pub use preprocessing::normalization::Normalization;
pub use preprocessing::numbers::Numbers;
pub use preprocessing::pipeline::Pipeline;
pub use preprocessing::rescaling::Rescaling;
pub use preprocessing::stft_spectrogram::STFTSpectrogram;
pub use preprocessing::string_lookup::StringLookup;
pub use preprocessing::text_vectorization::TextVectorization;
pub use recurrent::bidirectional::Bidirectional;
pub use recurrent::conv_lstm1d::ConvLSTM1D;
pub use recurrent::conv_lstm2d::ConvLSTM2D;
pub use recurrent::conv_lstm3d::ConvLSTM3D;
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
pub use regularization::activity_regularization::ActivityRegularization;
pub use regularization::alpha_dropout::AlphaDropout;
pub use regularization::dropout::Dropout;
pub use regularization::gaussian_dropout::GaussianDropout;
pub use regularization::gaussian_noise::GaussianNoise;
pub use regularization::spatial_dropout1d::SpatialDropout1D;
pub use regularization::spatial_dropout2d::SpatialDropout2D;
pub use regularization::spatial_dropout3d::SpatialDropout3D;
pub use reshaping::cropping1d::Cropping1D;
pub use reshaping::cropping2d::Cropping2D;
pub use reshaping::cropping3d::Cropping3D;
pub use reshaping::flatten::Flatten;
pub use reshaping::permute::Permute;
pub use reshaping::repeat_vector::RepeatVector;
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
pub(in crate::layers) use weight_options::{initializer_option, weight_options};

/// All layers.
pub static LAYERS: &[&Entry] = &[
    &activation::elu::ENTRY,
    &activation::leaky_relu::ENTRY,
    &activation::prelu::ENTRY,
    &activation::relu::ENTRY,
    &activation::softmax::ENTRY,
    &convolutional::conv1d::ENTRY,
    &convolutional::conv1d_transpose::ENTRY,
    &attention::additive_attention::ENTRY,
    &attention::attention::ENTRY,
    &attention::group_query_attention::ENTRY,
    &attention::multi_head_attention::ENTRY,
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
    &core::identity::ENTRY,
    &core::einsum_dense::ENTRY,
    &core::input::ENTRY,
    &core::lambda::ENTRY,
    &core::masking::ENTRY,
    &core::reversible_embedding::ENTRY,
    &merging::add::ENTRY,
    &merging::average::ENTRY,
    &merging::concatenate::ENTRY,
    &merging::dot::ENTRY,
    &merging::maximum::ENTRY,
    &merging::minimum::ENTRY,
    &merging::multiply::ENTRY,
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
    &normalization::batch_normalization::ENTRY,
    &normalization::group_normalization::ENTRY,
    &normalization::layer_normalization::ENTRY,
    &normalization::rms_normalization::ENTRY,
    &normalization::spectral_normalization::ENTRY,
    &normalization::unit_normalization::ENTRY,
    &pooling::max_pooling2d::ENTRY,
    &pooling::max_pooling3d::ENTRY,
    &preprocessing::category_encoding::ENTRY,
    &preprocessing::discretization::ENTRY,
    &preprocessing::hashed_crossing::ENTRY,
    &preprocessing::hashing::ENTRY,
    &preprocessing::image::aug_mix::ENTRY,
    &preprocessing::image::auto_contrast::ENTRY,
    &preprocessing::image::center_crop::ENTRY,
    &preprocessing::image::contrast_limited_adaptive_histogram_equalization::ENTRY,
    &preprocessing::image::cut_mix::ENTRY,
    &preprocessing::image::equalization::ENTRY,
    &preprocessing::image::max_num_bounding_boxes::ENTRY,
    &preprocessing::image::mix_up::ENTRY,
    &preprocessing::image::rand_augment::ENTRY,
    &preprocessing::image::random_brightness::ENTRY,
    &preprocessing::image::random_color_degeneration::ENTRY,
    &preprocessing::image::random_color_jitter::ENTRY,
    &preprocessing::image::random_contrast::ENTRY,
    &preprocessing::image::random_crop::ENTRY,
    &preprocessing::image::random_elastic_transform::ENTRY,
    &preprocessing::image::random_erasing::ENTRY,
    &preprocessing::image::random_flip::ENTRY,
    &preprocessing::image::random_gaussian_blur::ENTRY,
    &preprocessing::image::random_grayscale::ENTRY,
    &preprocessing::image::random_hue::ENTRY,
    &preprocessing::image::random_invert::ENTRY,
    &preprocessing::image::random_perspective::ENTRY,
    &preprocessing::image::random_posterization::ENTRY,
    &preprocessing::image::random_rotation::ENTRY,
    &preprocessing::image::random_saturation::ENTRY,
    &preprocessing::image::random_sharpness::ENTRY,
    &preprocessing::image::random_shear::ENTRY,
    &preprocessing::image::random_translation::ENTRY,
    &preprocessing::image::random_zoom::ENTRY,
    &preprocessing::image::resizing::ENTRY,
    &preprocessing::image::solarization::ENTRY,
    &preprocessing::integer_lookup::ENTRY,
    &preprocessing::mel_spectrogram::ENTRY,
    &preprocessing::normalization::ENTRY,
    &preprocessing::pipeline::ENTRY,
    &preprocessing::rescaling::ENTRY,
    &preprocessing::stft_spectrogram::ENTRY,
    &preprocessing::string_lookup::ENTRY,
    &preprocessing::text_vectorization::ENTRY,
    &recurrent::bidirectional::ENTRY,
    &recurrent::conv_lstm1d::ENTRY,
    &recurrent::conv_lstm2d::ENTRY,
    &recurrent::conv_lstm3d::ENTRY,
    &recurrent::gru::ENTRY,
    &recurrent::gru_cell::ENTRY,
    &recurrent::lstm::ENTRY,
    &recurrent::lstm_cell::ENTRY,
    &recurrent::rnn::ENTRY,
    &recurrent::simple_rnn::ENTRY,
    &recurrent::simple_rnn_cell::ENTRY,
    &recurrent::stacked_rnn_cells::ENTRY,
    &recurrent::time_distributed::ENTRY,
    &regularization::activity_regularization::ENTRY,
    &regularization::alpha_dropout::ENTRY,
    &regularization::dropout::ENTRY,
    &regularization::gaussian_dropout::ENTRY,
    &regularization::gaussian_noise::ENTRY,
    &regularization::spatial_dropout1d::ENTRY,
    &regularization::spatial_dropout2d::ENTRY,
    &regularization::spatial_dropout3d::ENTRY,
    &reshaping::cropping1d::ENTRY,
    &reshaping::cropping2d::ENTRY,
    &reshaping::cropping3d::ENTRY,
    &reshaping::flatten::ENTRY,
    &reshaping::permute::ENTRY,
    &reshaping::repeat_vector::ENTRY,
    &reshaping::reshape::ENTRY,
    &reshaping::up_sampling1d::ENTRY,
    &reshaping::up_sampling2d::ENTRY,
    &reshaping::up_sampling3d::ENTRY,
    &reshaping::zero_padding1d::ENTRY,
    &reshaping::zero_padding2d::ENTRY,
    &reshaping::zero_padding3d::ENTRY,
];
