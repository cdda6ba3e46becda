//! Dropout.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::drop::{Drop, drop_arguments};
use super::noise_shape::NoiseShape;
use crate::config::Config;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Dropout",
    aliases: &[],
    arguments: &[&["rate", "seed", "noise_shape"]],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Dropout::from_config(config)?)),
    examples: || vec![Example::new(Config::new().with("rate", 0.5), [[2, 3]])],
};

/// Sets a random part of its input to 0 while a model is trained, and lets everything pass otherwise.
///
/// What stays is multiplied by `1 / (1 - rate)`, so that the expected sum stays the same.
///
/// # Arguments
/// `rate`: the part that is dropped, from 0 to 1. Methods: [`Dropout::seed`], [`Dropout::noise_shape`].
///
/// The random numbers follow from the seed and from how often the layer was called in training. Without a
/// seed they follow from [`crate::random::set_seed`].
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let layer = Dropout::new(0.5).seed(1);
/// let x = Tensor::ones([1, 1000], DType::F32);
/// assert_eq!(layer.call(&x)?.sum(..).item::<f32>()?, 1000.0);
/// let dropped = &layer.call_with(&x, &Call::new(true))?[0];
/// let zeros = dropped.to_vec::<f32>()?.iter().filter(|x| **x == 0.0).count();
/// assert!((400..600).contains(&zeros));
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Dropout {
    base: LayerBase,
    drop: Drop,
    noise_shape: NoiseShape,
}

impl Dropout {
    /// A layer that drops this part of its input.
    #[must_use]
    pub fn new(rate: f64) -> Self {
        Self {
            base: LayerBase::default(),
            drop: Drop::new(rate),
            noise_shape: NoiseShape::default(),
        }
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            base: LayerBase::default(),
            drop: Drop::from_config(ENTRY.class_name, config)?,
            noise_shape: NoiseShape::from_config(config)?,
        })
    }
}

drop_arguments!(Dropout, seed, noise_shape);

impl Layer for Dropout {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, _inputs: &[Shape]) -> Result<()> {
        self.drop.build(ENTRY.class_name, &self.base)
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        let x = &inputs[0];
        if !call.training {
            return Ok(x.clone());
        }
        let decisions = self.noise_shape.resolve(ENTRY.class_name, x.shape())?;
        self.drop.call(x, decisions)
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn get_config(&self) -> Config {
        self.drop
            .add_to(self.base.get_config(self.class_name()))
            .with("noise_shape", self.noise_shape.json())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn dropped(layer: &Dropout, x: &Tensor) -> Vec<f32> {
        layer.call_with(x, &Call::new(true)).unwrap()[0]
            .to_vec()
            .unwrap()
    }

    #[test]
    fn the_expected_sum_stays_the_same() {
        let n = 10_000;
        let y = dropped(
            &Dropout::new(0.25).seed(3),
            &Tensor::ones([1, n], DType::F32),
        );
        let zeros = y.iter().filter(|x| **x == 0.0).count() as f64;
        assert!(y.iter().all(|x| *x == 0.0 || *x == 1.0 / 0.75));
        // Four standard deviations of the binomial distribution: 4 * sqrt(n * 1/4 * 3/4) = 173.
        assert!((zeros - 0.25 * n as f64).abs() < 173.0, "{zeros}");
    }

    #[test]
    fn each_call_drops_others_and_a_seed_repeats_them_all() {
        let x = Tensor::ones([4, 16], DType::F32);
        let two_calls = || {
            let layer = Dropout::new(0.5).seed(9);
            [dropped(&layer, &x), dropped(&layer, &x)]
        };
        let [first, second] = two_calls();
        assert_ne!(first, second);
        assert_eq!(two_calls(), [first, second]);
    }

    #[test]
    fn a_noise_shape_shares_decisions_along_axes_of_size_one() {
        let layer = Dropout::new(0.5).seed(1).noise_shape([None, Some(1)]);
        let y = dropped(&layer, &Tensor::ones([64, 3], DType::F32));
        assert!(y.chunks(3).all(|row| row[0] == row[1] && row[1] == row[2]));
        assert!(y.contains(&0.0) && y.contains(&2.0));
    }

    #[test]
    fn the_random_key_is_state_but_no_weight() {
        let layer = Dropout::new(0.5);
        layer.call(Tensor::ones([1, 1], DType::F32)).unwrap();
        assert_eq!((layer.variables().len(), layer.weights().len()), (1, 0));
        assert_eq!(layer.count_params(), 0);
    }

    #[test]
    fn a_rate_that_is_no_part_is_told() {
        for rate in [-0.1, 1.5, f64::NAN] {
            let x = Tensor::ones([1, 1], DType::F32);
            let error = Dropout::new(rate).call(&x).unwrap_err().to_string();
            assert!(
                error.starts_with("Dropout: rate: expected a number from 0 to 1; got"),
                "{error}"
            );
        }
        let all = Dropout::new(1.0);
        assert_eq!(dropped(&all, &Tensor::ones([1, 2], DType::F32)), [0.0, 0.0]);
    }
}
