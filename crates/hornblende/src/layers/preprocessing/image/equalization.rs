//! Images of which every brightness is as frequent as every other.

use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Tensor};

use super::augment::Augment;
use super::images::{Images, image_layer};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::randomness::Randomness;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Equalization",
    aliases: &[],
    arguments: &[&["value_range", "bins", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = Equalization::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.bins = config.size("bins")?.unwrap_or(layer.bins);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new()
            .with("value_range", vec![-1.0, 1.0])
            .with("bins", 16);
        vec![Example::new(config, [[2, 3, 4, 2]])]
    },
};

/// Spreads the numbers of each channel so that all are about equally frequent, in training and in calls by hand, and
/// lets all pass otherwise.
///
/// Of images from 0 to 255, a number becomes `255 (c - c0) / (n - c0)`, rounded, where `c` is how many of all `n` numbers of
/// the channel fall into its bin or those below, and `c0` how many into the first bin that is not empty. A channel whose
/// numbers fall into one bin stays as it is.
///
/// # Arguments
/// Methods: [`Equalization::bins`] (default: 256), `value_range` (0 to 255), `data_format`.
///
/// # Gradient
/// 0, but for channels that stay.
///
/// # Errors
/// [`Error::InvalidArgument`] for less than one bin.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[10.0f32], [10.0], [11.0], [13.0], [200.0]]]);
/// // 2, 2, 3, 4 and 5 numbers are not larger, less the 2 of the first bin: of 3.
/// assert_eq!(Equalization::new().call(&x)?.to_vec::<f32>()?, [0.0, 0.0, 85.0, 170.0, 255.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.Equalization`, which counts the numbers of all images of a batch together; so do we. To equalize
/// each image by itself, call the layer on one image at a time, as a pipeline of data does in front of `batch`.
#[derive(Clone)]
pub struct Equalization {
    images: Images,
    range: ValueRange,
    bins: usize,
}

impl Equalization {
    /// A layer that counts in 256 bins.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::fixed(),
            range: ValueRange::default(),
            bins: 256,
        }
    }

    /// The number of bins, above 0. Default: 256.
    #[must_use]
    pub fn bins(mut self, bins: usize) -> Self {
        self.bins = bins;
        self
    }

    fn check(&self) -> Result<()> {
        if self.bins > 0 {
            return Ok(());
        }
        let expected = "at least one bin";
        Err(Error::invalid_argument(
            "Equalization: bins",
            expected,
            "0",
            "",
        ))
    }

    fn add_to(&self, config: Config) -> Config {
        self.range.add_to(config.with("bins", self.bins))
    }

    /// The bins of these numbers, cut to whole ones.
    fn bins_of(&self, scaled: &Tensor) -> Tensor {
        scaled
            .clip(0.0, self.bins as f64 - 1.0)
            .floor()
            .cast(DType::I32)
    }

    /// What the numbers of each bin become, `[channels, bins]`, and whether the channel stays, `[channels, 1]`.
    fn table(&self, bins: &Tensor) -> (Tensor, Tensor) {
        let counts = Tensor::zeros([bins.shape()[0], self.bins], DType::I32);
        let ones = Tensor::ones(bins.shape(), DType::I32);
        // Double precision holds the products of counts and 255, and halves are rounded as they are.
        let counts = counts.scatter_add(bins, &ones, 1, 1).cast(DType::F64);
        let is_used = counts.greater(0.0);
        let used = is_used.cast(DType::F64).sum_keepdims(1);
        let upto = counts.cumsum(1);
        let none = upto.max_keepdims(1) + 1.0;
        let first = -(-is_used.select(&upto, none)).max_keepdims(1);
        let rest = upto.max_keepdims(1) - &first;
        let rest = rest.equal(0.0).select(1.0, &rest);
        let table = ((upto - first) * 255.0 / rest).round().clip(0.0, 255.0);
        (table, used.less_equal(1.0))
    }
}

impl Augment for Equalization {
    fn draw(&self, _images: &Tensor, _randomness: &Randomness) -> Result<Vec<Tensor>> {
        Ok(Vec::new())
    }

    fn apply(&self, images: &Tensor, _drawn: &[Tensor]) -> Result<Tensor> {
        let dims = images.shape().dims().to_vec();
        let (channels, places) = (dims[3], dims[0] * dims[1] * dims[2]);
        if images.shape().is_empty() {
            return Ok(images.clone());
        }
        let last = self.bins as f64 - 1.0;
        let scale = 255.0 / self.range.size();
        let bytes = images * scale - self.range.0[0] * scale;
        let of_channels = bytes.reshape_to([places, channels]).transpose([1, 0]);
        // Keras divides and multiplies in one order when it counts, in the other when it looks up.
        let (table, stays) = self.table(&self.bins_of(&(&of_channels * last / 255.0)));
        let found = table.take_along_axis(&self.bins_of(&(&of_channels / 255.0 * last)), 1);
        let equalized = stays.select(&of_channels, found.cast(images.dtype()));
        let equalized = equalized.transpose([1, 0]).reshape_to(dims);
        Ok(equalized * (1.0 / scale) + self.range.0[0])
    }
}

impl Default for Equalization {
    fn default() -> Self {
        Self::new()
    }
}

image_layer!(augment Equalization, value_range);
