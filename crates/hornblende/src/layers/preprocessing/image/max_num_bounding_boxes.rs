//! As many bounding boxes for every image.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::images::{Images, image_arguments};
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "MaxNumBoundingBoxes",
    aliases: &[],
    arguments: &[&["max_number", "fill_value", "data_format"]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let number = require_size(ENTRY.class_name, config, "max_number")?;
        let mut layer = MaxNumBoundingBoxes::new(number);
        layer.images = layer.images.read(config)?;
        layer.fill_value = config.whole("fill_value")?.unwrap_or(layer.fill_value);
        Ok(Arc::new(layer))
    },
    examples: || {
        let shapes = [vec![2, 3, 4, 3], vec![2, 3, 4], vec![2, 3]];
        let config = |number: i32| Config::new().with("max_number", number);
        vec![
            Example::new(config(2), shapes.clone()),
            Example::new(config(5), shapes),
            Example::new(config(1), [vec![2, 3, 4, 3]]),
        ]
    },
};

/// What Keras fills with unless it is told.
const FILL_VALUE: i64 = -1;

/// Cuts or fills the bounding boxes of each image and their labels to the same number, so that they make a batch.
///
/// # Shapes
/// Called on images, boxes `[batch, any, 4]` and labels `[batch, any]`, the layer gives the images as they are, boxes
/// `[batch, max_number, 4]` and labels `[batch, max_number]`: the first ones, and where there are fewer, `fill_value`
/// behind them. One image with boxes `[any, 4]` and labels `[any]` works as well, and so do images alone.
///
/// # Arguments
/// `max_number`: how many boxes. Methods: [`MaxNumBoundingBoxes::fill_value`] (default: -1), `data_format`.
///
/// # Errors
/// [`Error::InvalidArgument`] for another number of inputs; [`Error::ShapeMismatch`] for boxes and labels of other
/// shapes.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let images = Tensor::zeros([1, 8, 8, 3], DType::F32);
/// let boxes = Tensor::from([[[1.0f32, 2.0, 3.0, 4.0]]]);
/// let layer = MaxNumBoundingBoxes::new(2);
/// let results = layer.call_all([&images, &boxes, &Tensor::from([[7i32]])])?;
/// assert_eq!(results[1].to_vec::<f32>()?, [1.0, 2.0, 3.0, 4.0, -1.0, -1.0, -1.0, -1.0]);
/// assert_eq!(results[2].to_vec::<i32>()?, [7, -1]);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.MaxNumBoundingBoxes`, which takes a dictionary; its configuration forgets `fill_value`, and ours
/// has it where it is not -1.
#[derive(Clone)]
pub struct MaxNumBoundingBoxes {
    images: Images,
    max_number: usize,
    fill_value: i64,
}

impl MaxNumBoundingBoxes {
    /// So many boxes for every image.
    #[must_use]
    pub fn new(max_number: usize) -> Self {
        Self {
            images: Images::fixed(),
            max_number,
            fill_value: FILL_VALUE,
        }
    }

    /// What stands behind the boxes of an image that has fewer. Default: -1.
    #[must_use]
    pub fn fill_value(mut self, fill_value: i64) -> Self {
        self.fill_value = fill_value;
        self
    }

    /// The first entries along the axis, filled behind them to the number that is wanted.
    fn cut_or_filled(&self, x: &Tensor, axis: usize) -> Tensor {
        let (there, rank) = (x.shape()[axis], x.rank());
        let (start, mut limit) = (vec![0; rank], x.shape().dims().to_vec());
        limit[axis] = there.min(self.max_number);
        let mut high = vec![0; rank];
        high[axis] = self.max_number.saturating_sub(there) as isize;
        let zeros = vec![0; rank];
        let fill_value = Tensor::literal(self.fill_value as f64, x.dtype());
        x.strided_slice(&start, &limit, &vec![1; rank]).pad(
            &vec![0; rank],
            &high,
            &zeros,
            fill_value,
        )
    }
}

impl Layer for MaxNumBoundingBoxes {
    fn base(&self) -> &LayerBase {
        &self.images.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.images.build()
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(&inputs[..1], call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], _call: &Call) -> Result<Vec<Tensor>> {
        let (images, boxes, labels) = match inputs {
            [images] => return Ok(vec![images.clone()]),
            [images, boxes, labels] => (images, boxes, labels),
            _ => {
                let got = format!("{} inputs", inputs.len());
                let expected = "images, or images, boxes and labels";
                return Err(Error::invalid_argument(ENTRY.class_name, expected, got, ""));
            }
        };
        // The axes of an image are those of a batch but for the first.
        let axis = images.rank().saturating_sub(3);
        let fits = axis < 2
            && boxes.rank() == axis + 2
            && labels.rank() == axis + 1
            && boxes.shape()[axis + 1] == 4
            && labels.shape().dims() == &boxes.shape().dims()[..=axis];
        if !fits {
            let shapes = [images, boxes, labels].map(|x| x.shape().to_string());
            return Err(Error::shape_mismatch(
                ENTRY.class_name,
                "images [batch, .., .., ..], boxes [batch, any, 4] and labels [batch, any]",
                shapes.join(", "),
                "",
            ));
        }
        let boxes = match boxes.dtype() {
            dtype if dtype.is_float() => boxes.clone(),
            _ => boxes.cast(DType::F32),
        };
        Ok(vec![
            images.clone(),
            self.cut_or_filled(&boxes, axis),
            self.cut_or_filled(labels, axis),
        ])
    }

    fn get_config(&self) -> Config {
        let config = self.images.get_config(ENTRY.class_name);
        let config = config.with("max_number", self.max_number);
        match self.fill_value {
            FILL_VALUE => config,
            other => config.with("fill_value", other),
        }
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

image_arguments!(MaxNumBoundingBoxes, data_format);
