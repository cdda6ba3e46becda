//! Images changed in ways chosen at random.

use std::sync::Arc;

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::{Result, Tensor, scan};

use super::changes::Changes;
use super::distributions::choices;
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, projection_methods};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "RandAugment",
    aliases: &[],
    arguments: &[&[
        "value_range",
        "num_ops",
        "factor",
        "interpolation",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = RandAugment::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.projection = Projection::from_config(config)?;
        layer.num_ops = config.size("num_ops")?.unwrap_or(layer.num_ops);
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![-1.5, 1.5]);
        vec![Example::new(config, [[2, 3, 4, 3]])]
    },
};

/// Changes images in `num_ops` ways, one behind the other, each chosen at random for all images of a batch, in training
/// and in calls by hand, and lets all pass otherwise.
///
/// The ways are `RandomShear`, `RandomTranslation`, `RandomRotation`, `RandomBrightness`, `RandomColorDegeneration`,
/// `RandomContrast`, `RandomSharpness` and `Solarization`, all of this `factor`, `RandomPosterization` to up to `8 factor`
/// bits, `AutoContrast` and `Equalization`. Each draws its numbers once, so that a way that is chosen twice changes by
/// the same amount twice.
///
/// # Shapes
/// Images `[height, width, channels]` of 1 or 3 channels, or batches of them; labels behind the images pass.
///
/// # Arguments
/// Methods: [`RandAugment::num_ops`] (default: 2), [`RandAugment::factor`] (0.5), `value_range` (0 to 255),
/// `interpolation`: `"bilinear"` (default) or `"nearest"`, `seed`, `data_format`.
///
/// # Cost
/// All eleven ways are computed for each of the `num_ops` steps, and one is taken, as in Keras; only shear, translation
/// and rotation are computed as one.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([2, 4, 4, 3], 100.0, DType::F32);
/// let y = RandAugment::new().seed(1).call(&x)?;
/// assert_eq!(y.shape(), x.shape());
/// assert!(y.to_vec::<f32>()?.iter().all(|y| (0.0..=255.0).contains(y)));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Cubuk et al. 2019, "RandAugment: Practical automated data augmentation with a reduced search space";
/// `keras.layers.RandAugment`.
#[derive(Clone)]
pub struct RandAugment {
    images: Images,
    range: ValueRange,
    num_ops: usize,
    factor: Factor,
    projection: Projection,
}

impl RandAugment {
    /// A layer of two changes of half strength.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            range: ValueRange::default(),
            num_ops: 2,
            factor: 0.5.into(),
            projection: Projection::default(),
        }
    }

    /// The number of changes one behind the other. Default: 2.
    #[must_use]
    pub fn num_ops(mut self, num_ops: usize) -> Self {
        self.num_ops = num_ops;
        self
    }

    /// The range that the strength of changes is drawn from, from 0 to 1; a number `f` is 0 to f. Default: 0.5.
    #[must_use]
    pub fn factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factor = factor.into();
        self
    }

    fn check(&self) -> Result<()> {
        self.projection.check()?;
        self.factor.check("RandAugment: factor", 0.0, 1.0)
    }

    fn transform(&self, images: &Tensor, training: bool) -> Result<Tensor> {
        if !training || self.num_ops == 0 {
            return Ok(images.clone());
        }
        let randomness = &self.images.randomness;
        let changes = Changes::all(self.factor, self.range, &self.projection);
        let drawn = changes
            .list
            .iter()
            .map(|change| change.draw(images, randomness));
        let drawn: Vec<Vec<Tensor>> = drawn.collect::<Result<_>>()?;
        let drawn: Vec<&[Tensor]> = drawn.iter().map(Vec::as_slice).collect();
        let wanted = choices(randomness, [self.num_ops], changes.list.len())?;
        let options = ScanOptions {
            length: self.num_ops,
            reverse: false,
        };
        let (mut last, _) = scan(
            std::slice::from_ref(images),
            &[wanted],
            options,
            |carry, slice| {
                let next = changes.apply(&slice[0], &carry[0], &drawn)?;
                Ok((vec![next], Vec::new()))
            },
        )?;
        Ok(last.remove(0))
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("num_ops", self.num_ops)
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("interpolation", self.projection.interpolation());
        self.range.add_to(config)
    }
}

impl Default for RandAugment {
    fn default() -> Self {
        Self::new()
    }
}

projection_methods!(RandAugment, interpolation);
image_layer!(RandAugment, seed, value_range);
