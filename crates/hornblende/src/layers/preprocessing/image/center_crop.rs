//! The middle of images.

use std::sync::Arc;

use hornblende_core::{Error, Result, Tensor};

use super::images::{Images, image_layer};
use super::resample::Resample;
use super::resizing::crop_to_aspect_ratio;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "CenterCrop",
    aliases: &[],
    arguments: &[&["height", "width", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let height = require_size(ENTRY.class_name, config, "height")?;
        let mut layer = CenterCrop::new(height, require_size(ENTRY.class_name, config, "width")?);
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
    size: [usize; 2],
}

impl CenterCrop {
    /// A layer whose results have this height and width.
    #[must_use]
    pub fn new(height: usize, width: usize) -> Self {
        Self {
            images: Images::fixed(),
            size: [height, width],
        }
    }

    fn check(&self) -> Result<()> {
        if !self.size.contains(&0) {
            return Ok(());
        }
        let got = format!("{} x {}", self.size[0], self.size[1]);
        Err(Error::invalid_argument(
            ENTRY.class_name,
            "a size above 0",
            got,
            "",
        ))
    }

    fn transform(&self, images: &Tensor, _call: &Call) -> Result<Tensor> {
        let [height, width] = self.size;
        let before = [images.shape()[1], images.shape()[2]];
        if before[0] < height || before[1] < width {
            let part = crop_to_aspect_ratio(images, self.size);
            return Ok(Resample::Bilinear.resize(&part, self.size, false));
        }
        let (top, left) = ((before[0] - height) / 2, (before[1] - width) / 2);
        let rows = images.slice_axis(1, top..top + height);
        Ok(rows.slice_axis(2, left..left + width))
    }

    fn add_to(&self, config: Config) -> Config {
        config
            .with("height", self.size[0])
            .with("width", self.size[1])
    }
}

image_layer!(CenterCrop);
