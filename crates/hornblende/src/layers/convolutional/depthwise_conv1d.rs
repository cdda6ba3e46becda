//! Convolution of sequences channel by channel.

use std::sync::Arc;

use super::depthwise::{Depthwise, depthwise};
use super::geometry::ConvolutionKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "DepthwiseConv1D",
    rank: 1,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: Depthwise::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(DepthwiseConv1D(Depthwise::from_config(
            KIND, config,
        )?)))
    },
    examples: || Depthwise::examples(KIND),
};

/// Convolution of sequences channel by channel: each channel has kernels of its own, `depth_multiplier` of them.
///
/// `y[.., c * depth_multiplier + m] = activation(kernel[.., c, m] moved over x[.., c] + bias)`
///
/// # Arguments
/// `kernel_size`: one number, or one for each axis. The others are methods: [`DepthwiseConv1D::strides`],
/// [`DepthwiseConv1D::padding`], [`DepthwiseConv1D::depth_multiplier`], [`DepthwiseConv1D::dilation_rate`],
/// [`DepthwiseConv1D::data_format`], [`DepthwiseConv1D::activation`], [`DepthwiseConv1D::use_bias`], those whose
/// names begin with `depthwise_` and `bias_`, and those of [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, channels * depth_multiplier]`, counted as by
/// [`Conv1D`](crate::layers::Conv1D); the kernel is `[kernel size, channels, depth_multiplier]`.
///
/// # Errors
/// As [`Conv1D`](crate::layers::Conv1D); strides and dilation may both be above 1 here.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = DepthwiseConv1D::new(2).depthwise_initializer("ones");
/// let x = Tensor::from_vec([1, 3, 2], vec![1.0f32, 10.0, 2.0, 20.0, 4.0, 40.0]);
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [3.0, 30.0, 6.0, 60.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.DepthwiseConv1D`.
#[derive(Clone)]
pub struct DepthwiseConv1D(Depthwise);

depthwise!(DepthwiseConv1D);
