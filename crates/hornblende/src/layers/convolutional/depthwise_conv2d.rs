//! Convolution of images channel by channel.

use std::sync::Arc;

use super::depthwise::{Depthwise, depthwise};
use super::geometry::ConvolutionKind;
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "DepthwiseConv2D",
    rank: 2,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &[],
    arguments: Depthwise::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(DepthwiseConv2D(Depthwise::from_config(
            KIND, config,
        )?)))
    },
    examples: || Depthwise::examples(KIND),
};

/// Convolution of images channel by channel: each channel has kernels of its own, `depth_multiplier` of them.
///
/// `y[.., c * depth_multiplier + m] = activation(kernel[.., c, m] moved over x[.., c] + bias)`
///
/// # Arguments
/// `kernel_size`: one number, or one for each axis. The others are methods: [`DepthwiseConv2D::strides`],
/// [`DepthwiseConv2D::padding`], [`DepthwiseConv2D::depth_multiplier`], [`DepthwiseConv2D::dilation_rate`],
/// [`DepthwiseConv2D::data_format`], [`DepthwiseConv2D::activation`], [`DepthwiseConv2D::use_bias`], those whose
/// names begin with `depthwise_` and `bias_`, and those of [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, channels * depth_multiplier]`, counted as by
/// [`Conv2D`](crate::layers::Conv2D); the kernel is `[kernel height, kernel width, channels, depth_multiplier]`.
///
/// # Errors
/// As [`Conv2D`](crate::layers::Conv2D); strides and dilation may both be above 1 here.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = DepthwiseConv2D::new(3).padding("same").depth_multiplier(2);
/// let y = layer.call(&Tensor::zeros([1, 8, 8, 4], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 8, 8, 8]);
/// let sums = DepthwiseConv2D::new((1, 2)).depthwise_initializer("ones");
/// let x = Tensor::from_vec([1, 1, 2, 2], vec![1.0f32, 10.0, 2.0, 20.0]);
/// assert_eq!(sums.call(&x)?.to_vec::<f32>()?, [3.0, 30.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.DepthwiseConv2D`.
#[derive(Clone)]
pub struct DepthwiseConv2D(Depthwise);

depthwise!(DepthwiseConv2D);
