//! Separable convolution of sequences.

use std::sync::Arc;

use super::geometry::ConvolutionKind;
use super::separable::{Separable, separable};
use crate::layers::Entry;

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "SeparableConv1D",
    rank: 1,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["SeparableConvolution1D"],
    arguments: Separable::ARGUMENTS,
    unsupported: &[],
    from_config: |config| {
        Ok(Arc::new(SeparableConv1D(Separable::from_config(
            KIND, config,
        )?)))
    },
    examples: || Separable::examples(KIND),
};

/// Separable convolution of sequences: a depthwise convolution, then a mixture of the channels at each place.
///
/// `y = activation(depthwise(x) · pointwise_kernel + bias)`
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`SeparableConv1D::strides`], [`SeparableConv1D::padding`], [`SeparableConv1D::depth_multiplier`],
/// [`SeparableConv1D::dilation_rate`], [`SeparableConv1D::data_format`], [`SeparableConv1D::activation`],
/// [`SeparableConv1D::use_bias`], those whose names begin with `depthwise_`, `pointwise_` and `bias_`, and those of
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, steps, channels]` gives `[batch, new steps, filters]`, counted as by
/// [`Conv1D`](crate::layers::Conv1D). The weights are `depthwise_kernel`,
/// `[kernel size, channels, depth_multiplier]`, and `pointwise_kernel`, `[1, channels *
/// depth_multiplier, filters]`.
///
/// # Errors
/// As [`Conv1D`](crate::layers::Conv1D); strides and dilation may both be above 1 here.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = SeparableConv1D::new(1, 2).depthwise_initializer("ones").pointwise_initializer("ones");
/// let x = Tensor::from_vec([1, 3, 2], vec![1.0f32, 10.0, 2.0, 20.0, 4.0, 40.0]);
/// assert_eq!(layer.call(&x)?.to_vec::<f32>()?, [33.0, 66.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.SeparableConv1D`; Chollet 2017, "Xception" (arXiv 1610.02357).
#[derive(Clone)]
pub struct SeparableConv1D(Separable);

separable!(SeparableConv1D);
