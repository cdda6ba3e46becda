//! Images mixed with changed copies of themselves.

use std::sync::Arc;

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::{DType, Error, Result, Tensor, scan};

use super::changes::Changes;
use super::distributions::{choices, symmetric_beta, symmetric_dirichlet};
use super::factor::Factor;
use super::images::{Images, image_layer};
use super::projection::{Projection, projection_methods};
use super::value_range::ValueRange;
use crate::config::Config;
use crate::layers::{Entry, Example};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "AugMix",
    aliases: &[],
    arguments: &[&[
        "value_range",
        "num_chains",
        "chain_depth",
        "factor",
        "alpha",
        "all_ops",
        "interpolation",
        "seed",
        "data_format",
    ]],
    unsupported: &["bounding_box_format"],
    from_config: |config| {
        let mut layer = AugMix::new();
        layer.images = layer.images.read(config)?;
        layer.range = ValueRange::from_config(config)?;
        layer.projection = Projection::from_config(config)?;
        layer.num_chains = config.size("num_chains")?.unwrap_or(layer.num_chains);
        layer.chain_depth = config.size("chain_depth")?.unwrap_or(layer.chain_depth);
        layer.factor = Factor::from_config(config, "factor")?.unwrap_or(layer.factor);
        layer.alpha = config.number("alpha")?.unwrap_or(layer.alpha);
        layer.all_ops = config.flag("all_ops")?.unwrap_or(layer.all_ops);
        Ok(Arc::new(layer))
    },
    examples: || {
        let config = Config::new().with("value_range", vec![-1.5, 1.5]);
        let few = config
            .clone()
            .with("all_ops", false)
            .with("num_chains", 2)
            .with("chain_depth", 1);
        vec![
            Example::new(config, [[2, 3, 4, 3]]),
            Example::new(few, [[2, 3, 4, 2]]),
        ]
    },
};

/// Mixes images with copies of them that were changed in ways chosen at random, in training and in calls by hand, and
/// lets all pass otherwise: `w x + (1 - w) sum_k m[k] chain[k](x)`, moved into `value_range`.
///
/// A chain makes `chain_depth` changes one behind the other, each chosen for all images of a batch from those of
/// [`RandAugment`](crate::layers::RandAugment) and no change at all. The weights `m` of the chains are of the Dirichlet
/// distribution with all parameters `alpha`, the weight `w` of the images of the beta distribution with both.
///
/// # Shapes
/// Images `[height, width, channels]` or batches of them, with all changes of 1 or 3 channels; labels behind the images
/// pass.
///
/// # Arguments
/// Methods: [`AugMix::num_chains`] (default: 3), [`AugMix::chain_depth`] (3), [`AugMix::factor`] (0.3),
/// [`AugMix::alpha`] (1), [`AugMix::all_ops`] (true: without it, brightness, contrast, colors and sharpness stay),
/// `value_range` (0 to 255), `interpolation`: `"bilinear"` (default) or `"nearest"`, `seed`, `data_format`.
///
/// # Cost
/// Each of the `num_chains * chain_depth` steps computes all changes, of which shear, translation and rotation cost as
/// much as one, and takes one of them; Keras computes that one only. So gradients go through.
///
/// # Errors
/// [`Error::InvalidArgument`] for an `alpha` that is not above 0.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let x = Tensor::full([2, 4, 4, 3], 100.0, DType::F32);
/// let y = AugMix::new().seed(1).call(&x)?;
/// assert_eq!(y.shape(), x.shape());
/// assert!(y.to_vec::<f32>()?.iter().all(|y| (0.0..=255.0).contains(y)));
/// # Ok::<(), Error>(())
/// ```
///
/// Source: Hendrycks et al. 2019, "AugMix: A Simple Data Processing Method to Improve Robustness and Uncertainty";
/// `keras.layers.AugMix`, which chooses changes with Python's generator: its `seed` does not repeat them, and a compiled
/// step makes the same changes for all batches. Here each batch has others, and `seed` repeats them.
#[derive(Clone)]
pub struct AugMix {
    images: Images,
    range: ValueRange,
    num_chains: usize,
    chain_depth: usize,
    factor: Factor,
    alpha: f64,
    all_ops: bool,
    projection: Projection,
}

impl AugMix {
    /// A layer of three chains of three changes.
    #[must_use]
    pub fn new() -> Self {
        Self {
            images: Images::random(),
            range: ValueRange::default(),
            num_chains: 3,
            chain_depth: 3,
            factor: 0.3.into(),
            alpha: 1.0,
            all_ops: true,
            projection: Projection::default(),
        }
    }

    /// The number of changed copies that are mixed, above 0. Default: 3.
    #[must_use]
    pub fn num_chains(mut self, num_chains: usize) -> Self {
        self.num_chains = num_chains;
        self
    }

    /// The number of changes of each copy. Default: 3.
    #[must_use]
    pub fn chain_depth(mut self, chain_depth: usize) -> Self {
        self.chain_depth = chain_depth;
        self
    }

    /// The range that the strength of changes is drawn from, from 0 to 1; a number `f` is 0 to f. Default: 0.3.
    #[must_use]
    pub fn factor(mut self, factor: impl Into<Factor>) -> Self {
        self.factor = factor.into();
        self
    }

    /// How evenly images and copies are mixed: the parameter of the distributions of their weights, above 0. Default:
    /// 1.
    #[must_use]
    pub fn alpha(mut self, alpha: f64) -> Self {
        self.alpha = alpha;
        self
    }

    /// Whether brightness, contrast, colors and sharpness are changed too. Default: true.
    #[must_use]
    pub fn all_ops(mut self, all_ops: bool) -> Self {
        self.all_ops = all_ops;
        self
    }

    fn check(&self) -> Result<()> {
        self.projection.check()?;
        self.factor.check("AugMix: factor", 0.0, 1.0)?;
        let wrong = |argument: &str, got: String| {
            let subject = format!("AugMix: {argument}");
            Err(Error::invalid_argument(
                subject,
                "a number above 0",
                got,
                "",
            ))
        };
        if self.num_chains == 0 {
            return wrong("num_chains", self.num_chains.to_string());
        }
        if !(self.alpha > 0.0 && self.alpha.is_finite()) {
            return wrong("alpha", self.alpha.to_string());
        }
        Ok(())
    }

    fn transform(&self, images: &Tensor, training: bool) -> Result<Tensor> {
        if !training {
            return Ok(images.clone());
        }
        let randomness = &self.images.randomness;
        let dtype = images.dtype();
        let weights = symmetric_dirichlet(randomness, self.num_chains, self.alpha)?.cast(dtype);
        let alpha = Tensor::literal(self.alpha, DType::F32);
        let own = symmetric_beta(randomness, [], &alpha)?.cast(dtype);
        let copies = match self.chain_depth {
            0 => images.clone(),
            _ => self.copies(images, &weights)?,
        };
        Ok(self.range.clip(&(&own * images + (1.0 - &own) * copies)))
    }

    /// The sum of the changed copies, each times its weight. One loop makes the changes of all chains.
    fn copies(&self, images: &Tensor, weights: &Tensor) -> Result<Tensor> {
        let of = if self.all_ops {
            Changes::all
        } else {
            Changes::few
        };
        let changes = of(self.factor, self.range, &self.projection);
        let steps = self.num_chains * self.chain_depth;
        let (slices, places) = self.draw(&changes, images, steps)?;
        let depth = self.chain_depth;
        let ends_chain = |step: usize| if step % depth == depth - 1 { 1.0 } else { 0.0 };
        let starts: Vec<f64> = (0..steps)
            .map(|step| f64::from(step % depth == 0))
            .collect();
        let ends: Vec<f64> = (0..steps).map(ends_chain).collect();
        let dtype = images.dtype();
        let of_steps = weights.take(&Tensor::from_vec([steps], chains(steps, depth)), 0);
        let ends = Tensor::from_vec([steps], ends).cast(dtype) * of_steps;
        let starts = Tensor::from_vec([steps], starts).cast(dtype);
        let own_choice = choices(&self.images.randomness, [steps], changes.list.len() + 1)?;
        let slices = [vec![own_choice, starts, ends], slices].concat();
        let options = ScanOptions {
            length: steps,
            reverse: false,
        };
        let nothing = Tensor::zeros(images.shape(), dtype);
        let (carry, _) = scan(
            &[images.clone(), nothing],
            &slices,
            options,
            |carry, slice| {
                let before = slice[1].greater(0.5).select(images, &carry[0]);
                let drawn: Vec<&[Tensor]> = places.iter().map(|p| &slice[3..][p.clone()]).collect();
                let after = changes.apply(&slice[0], &before, &drawn)?;
                let sum = &carry[1] + &after * &slice[2];
                Ok((vec![after, sum], Vec::new()))
            },
        )?;
        Ok(carry[1].clone())
    }

    /// What each change draws in each step, stacked, and where in the list that of each change is.
    fn draw(
        &self,
        changes: &Changes<'_>,
        images: &Tensor,
        steps: usize,
    ) -> Result<(Vec<Tensor>, Vec<std::ops::Range<usize>>)> {
        let dims = images.shape().dims();
        // Only the shape of these is looked at: as many images as there are in all steps.
        let all = Tensor::zeros([steps * dims[0], dims[1], dims[2], dims[3]], images.dtype());
        let (mut slices, mut places) = (Vec::new(), Vec::new());
        for change in &changes.list {
            let start = slices.len();
            for drawn in change.draw(&all, &self.images.randomness)? {
                let shape = [&[steps, dims[0]], &drawn.shape().dims()[1..]].concat();
                slices.push(drawn.reshape_to(shape));
            }
            places.push(start..slices.len());
        }
        Ok((slices, places))
    }

    fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("num_chains", self.num_chains)
            .with("chain_depth", self.chain_depth)
            .with("factor", self.factor.ends(0.0).to_vec())
            .with("alpha", self.alpha)
            .with("all_ops", self.all_ops)
            .with("interpolation", self.projection.interpolation());
        self.range.add_to(config)
    }
}

/// The chain that each step belongs to.
fn chains(steps: usize, depth: usize) -> Vec<i32> {
    (0..steps).map(|step| (step / depth) as i32).collect()
}

impl Default for AugMix {
    fn default() -> Self {
        Self::new()
    }
}

projection_methods!(AugMix, interpolation);
image_layer!(AugMix, seed, value_range);
