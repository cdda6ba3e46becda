//! Convolution of volumes.

use std::sync::Arc;

use super::convolution::{Convolution, convolution};
use super::geometry::ConvolutionKind;
use crate::layers::{Affine, Entry};

/// What tells the class apart.
const KIND: ConvolutionKind = ConvolutionKind {
    class_name: "Conv3D",
    rank: 3,
};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: KIND.class_name,
    aliases: &["Convolution3D"],
    arguments: Convolution::ARGUMENTS,
    unsupported: Affine::UNSUPPORTED,
    from_config: |config| Ok(Arc::new(Conv3D(Convolution::from_config(KIND, config)?))),
    examples: || Convolution::examples(KIND),
};

/// Convolution of volumes: `activation(kernel moved over x + bias)`. The kernel is not flipped.
///
/// # Arguments
/// `filters`: the channels of the result. `kernel_size`: one number, or one for each axis. The others are methods:
/// [`Conv3D::strides`], [`Conv3D::padding`], [`Conv3D::dilation_rate`], [`Conv3D::groups`],
/// [`Conv3D::data_format`], and those of [`AffineOptions`](crate::layers::AffineOptions) and
/// [`LayerOptions`](crate::layers::LayerOptions).
///
/// # Shapes
/// `[batch, depth, height, width, channels]` gives `[batch, new depth, new height, new width, filters]`; the kernel is
/// `[kernel depth, kernel height, kernel width, channels / groups, filters]`. With padding `"valid"` the new depth is
/// `(depth - (kernel size - 1) * dilation - 1) / stride + 1`, rounded down, with `"same"` it is
/// `depth / stride`, rounded up, where of an odd number of added places the larger half stands at the end.
///
/// # Errors
/// [`Error::ShapeMismatch`](crate::Error::ShapeMismatch) for an input that has not five axes, whose
/// channels differ from the first call's, or that is smaller than the kernel;
/// [`Error::InvalidArgument`](crate::Error::InvalidArgument) for sizes of 0, for groups that do not divide channels
/// and filters, and for strides and dilation that are both above 1.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Conv3D::new(8, (1, 3, 3)).strides(2);
/// let y = layer.call(&Tensor::zeros([1, 4, 9, 9, 2], DType::F32))?;
/// assert_eq!(y.shape().dims(), [1, 2, 4, 4, 8]);
/// let sums = Conv3D::new(1, 2).kernel_initializer("ones");
/// let y = sums.call(&Tensor::ones([1, 2, 2, 2, 1], DType::F32))?;
/// assert_eq!(y.to_vec::<f32>()?, [8.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.layers.Conv3D`, without its LoRA arguments. Where strides exceed the kernel by two or more and padding is
/// `"same"`, TensorFlow begins at a later place than the first on CPUs, in three dimensions only; this layer does not.
#[derive(Clone)]
pub struct Conv3D(Convolution);

convolution!(Conv3D);
