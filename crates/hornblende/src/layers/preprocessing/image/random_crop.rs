//! Random parts of images.

use std::sync::Arc;

use hornblende_core::{DType, Result, Tensor};

use super::image_size::ImageSize;
use super::images::{Images, image_layer};
use super::resample::Resample;
use super::resizing::crop_to_aspect_ratio;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandomCrop",
    aliases: &[],
    arguments: &[ImageSize::ARGUMENTS, &["seed", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let ImageSize([height, width]) = ImageSize::from_config(ENTRY.class_name, config)?;
        let mut layer = RandomCrop::new(height, width);
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("height", 2).with("width", 3);
        vec![Example::new(config, [[2, 4, 5, 2]])]
    },
};

/// Random parts of images in training and in calls by hand, the same part of all images of a batch; otherwise, and
/// of images that are not larger, their largest part in the middle of the wanted aspect ratio, resized.
///
/// # Shapes
/// `[batch, .., .., channels]` gives `[batch, height, width, channels]`; one image works as well.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0]], [[4.0], [5.0], [6.0]]]);
/// let y = RandomCrop::new(1, 2).call_with(&x, &Call::new(true))?.remove(0);
/// let y = y.to_vec::<f32>()?;
/// assert_eq!(y[1] - y[0], 1.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.RandomCrop` as it is described. What Keras computes lets images pass unchanged outside
/// of training, so that a model behind it gets another size than in training.
#[derive(Clone)]
pub struct RandomCrop {
    images: Images,
    size: ImageSize,
}

impl RandomCrop {
    /// A layer whose results have this height and width.
    #[must_use]
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            images: Images::random(),
            size: ImageSize([height, width]),
        }
    }

    fn check(&self) -> Result<()> {
        self.size.check(ENTRY.class_name)
    }

    fn transform(&self, images: &Tensor, training: bool) -> Result<Tensor> {
        let dims = images.shape().dims();
        let [height, width] = self.size.0;
        if !training || dims[1] <= height || dims[2] <= width {
            let part = crop_to_aspect_ratio(images, self.size.0);
            return Ok(Resample::Bilinear.resize(&part, self.size.0, false));
        }
        let place = self.images.randomness.uniform([2])?;
        let start = |axis: usize, room: usize| {
            let scaled = place.slice(axis..axis + 1).reshape_to([]) * (room + 1) as f64;
            // The product can round up to the number of places itself.
            scaled.floor().minimum(room as f64).cast(DType::I32)
        };
        let zero = || Tensor::literal(0.0, DType::I32);
        let starts = [
            zero(),
            start(0, dims[1] - height),
            start(1, dims[2] - width),
            zero(),
        ];
        Ok(images.dynamic_slice(&starts, &[dims[0], height, width, dims[3]]))
    }

    fn add_to(&self, config: Config) -> Config {
        self.size.add_to(config)
    }
}

image_layer!(RandomCrop, seed);
