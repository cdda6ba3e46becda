//! Separable convolution of images.

use std::sync::Arc;

use super::geometry::ConvolutionKind;
use super::separable::{Separable, separable};
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "SeparableConv2D",
    rank: 2,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["SeparableConvolution2D"],
    arguments: Separable::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(SeparableConv2D(Separable::from_config(
            KIND, config,
        )?)))
    },
    examples: || Separable::examples(KIND),
};

/// Separable convolution of images: a depthwise convolution, then a mixture of the channels at each place.
///
/// `y = activation(depthwise(x) · pointwise_kernel + bias)`
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`SeparableConv2D::strides`], [`SeparableConv2D::padding`], [`SeparableConv2D::depth_multiplier`],
/// [`SeparableConv2D::dilation_rate`], [`SeparableConv2D::data_format`], [`SeparableConv2D::activation`],
/// [`SeparableConv2D::use_bias`], those whose names begin with `depthwise_`, `pointwise_` and `bias_`, and those of
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, height, width, channels]` gives `[batch, new height, new width, filters]`, counted as by
/// [`Conv2D`](crate::layers::Conv2D). The weights are `depthwise_kernel`,
/// `[kernel height, kernel width, channels, depth_multiplier]`, and `pointwise_kernel`, `[1, 1, channels *
/// depth_multiplier, filters]`.
///
/// # Errors
/// As [`Conv2D`](crate::layers::Conv2D); strides and dilation may both be above 1 here.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = SeparableConv2D::new(16, 3).strides(2).padding("same").activation("relu");
/// let y = layer.call(&Tensor::zeros([1, 8, 8, 4], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 4, 4, 16]);
/// // 3 * 3 * 4 for the channels, 4 * 16 to mix them, 16 for the bias.
/// assert_eq!(layer.count_params(), 116);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.SeparableConv2D`; Chollet 2017, "Xception" (arXiv 1610.02357).
#[derive(Clone)]
pub struct SeparableConv2D(Separable);

separable!(SeparableConv2D);
