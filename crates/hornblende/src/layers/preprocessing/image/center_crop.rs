//! The middle of images.

use std::sync::Arc;

use hornblende_core::{Result, Tensor};

use super::image_size::ImageSize;
use super::images::{Images, image_layer};
use super::resample::Resample;
use super::resizing::crop_to_aspect_ratio;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "CenterCrop",
    aliases: &[],
    arguments: &[ImageSize::ARGUMENTS, &["data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let ImageSize([height, width]) = ImageSize::from_config(ENTRY.class_name, config)?;
        let mut layer = CenterCrop::new(height, width);
        layer.images = layer.images.read(config)?;
        Ok(Arc::new(layer))
    },
    examples: || {
        let size =
            |height: i32, width: i32| Config::new().with("height", height).with("width", width);
        vec![
            Example::new(size(3, 2), [[2, 4, 5, 2]]),
            Example::new(size(4, 3), [[2, 5, 2, 2]]),
        ]
    },
};

/// The middle of images. Smaller images are resized: their largest part of the wanted aspect ratio, bilinear.
///
/// # Shapes
/// `[batch, .., .., channels]` gives `[batch, height, width, channels]`; one image works as well.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::from([[[1.0f32], [2.0], [3.0], [4.0]]]); // one row of four pixels
/// assert_eq!(CenterCrop::new(1, 2).call(&x)?.to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct CenterCrop {
    images: Images,
    size: ImageSize,
}

impl CenterCrop {
    /// A layer whose results have this height and width.
    #[must_use]
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            images: Images::fixed(),
            size: ImageSize([height, width]),
        }
    }

    fn check(&self) -> Result<()> {
        self.size.check(ENTRY.class_name)
    }

    fn transform(&self, images: &Tensor, _training: bool) -> Result<Tensor> {
        let [height, width] = self.size.0;
        let before = [images.shape()[1], images.shape()[2]];
        if before[0] < height || before[1] < width {
            let part = crop_to_aspect_ratio(images, self.size.0);
            return Ok(Resample::Bilinear.resize(&part, self.size.0, false));
        }
        let (top, left) = ((before[0] - height) / 2, (before[1] - width) / 2);
        let rows = images.slice_axis(1, top..top + height);
        Ok(rows.slice_axis(2, left..left + width))
    }

    fn add_to(&self, config: Config) -> Config {
        self.size.add_to(config)
    }
}

image_layer!(CenterCrop);
