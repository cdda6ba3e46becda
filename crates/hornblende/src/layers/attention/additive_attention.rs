//! Attention by sums of queries and keys.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::score_options::{ScoreOptions, check_inputs};
use crate::config::Config;
use crate::initializers::GlorotUniform;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "AdditiveAttention",
    aliases: &[],
    arguments: &[&["use_scale"], ScoreOptions::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(AdditiveAttention::from_config(config)?)),
    examples: || {
        let plain = Config::new().with("use_scale", false).with("dropout", 0.25);
        vec![
            Example::new(Config::new(), [[2, 3, 4], [2, 5, 4]]),
            Example::new(plain, [[2, 3, 4], [2, 5, 4], [2, 5, 4]]),
        ]
    },
};

/// Attention by sums: `softmax(sum(scale * tanh(query + key))) · value`.
///
/// Called on `[query, value]` or `[query, value, key]`; without a key the value is the key.
///
/// # Arguments
/// Methods: `use_scale` (default true: whether the features are weighted), `dropout` of the shares in training
/// (0 to 1, default 0), `seed`. Masks and the other arguments of the call are those of
/// [`Attention`](crate::layers::Attention).
///
/// # Shapes
/// Query `[batch, queries, n]`, key `[batch, keys, n]`, value `[batch, keys, m]` give `[batch, queries, m]`.
/// Weight: scale `[n]`.
///
/// # Errors
/// `InvalidArgument` for another number of inputs or another rate, `ShapeMismatch` for shapes that do not fit.
///
/// # Source
/// Bahdanau et al. 2014, arXiv:1409.0473; `keras.layers.AdditiveAttention`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let query = Tensor::from([[[1.0f32, -1.0]]]);
/// let value = Tensor::from([[[1.0f32, 2.0], [1.0, 2.0]]]);
/// let y = AdditiveAttention::new().call([&query, &value])?;
/// assert_eq!(y.to_vec::<f32>()?, [1.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct AdditiveAttention {
    base: LayerBase,
    use_scale: bool,
    options: ScoreOptions,
}

impl AdditiveAttention {
    /// Attention with a weight for each feature.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            use_scale: true,
            options: ScoreOptions::default(),
        }
    }

    /// Whether the features are weighted. Default: true.
    #[must_use]
    pub fn use_scale(mut self, use_scale: bool) -> Self {
        self.use_scale = use_scale;
        self
    }

    /// The part of the shares that training drops, from 0 to 1. Default: 0.
    #[must_use]
    pub fn dropout(mut self, dropout: f64) -> Self {
        self.options.dropout = dropout;
        self
    }

    /// Makes what is dropped repeatable. Default: none.
    #[must_use]
    pub fn seed(mut self, seed: u64) -> Self {
        self.options.seed = Some(seed);
        self
    }

    fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            use_scale: config.flag("use_scale")?.unwrap_or(true),
            options: ScoreOptions::from_config(config)?,
            ..Self::new()
        })
    }
}

impl Default for AdditiveAttention {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for AdditiveAttention {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_inputs("AdditiveAttention", inputs)?;
        if self.use_scale {
            let features = inputs[0][inputs[0].rank() - 1];
            if features == Shape::UNKNOWN {
                let got = format!("shape {}", inputs[0]);
                let expected = "a last axis of known size";
                return Err(Error::shape_mismatch(
                    "AdditiveAttention",
                    expected,
                    got,
                    "",
                ));
            }
            self.base
                .add_weight("scale", [features], &GlorotUniform::new(), true)?;
        }
        self.options.build(&self.base, &inputs[0])
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let shapes: Vec<Shape> = inputs.iter().map(|x| x.shape().clone()).collect();
        check_inputs("AdditiveAttention", &shapes)?;
        let key = inputs.get(2).unwrap_or(&inputs[1]);
        let mut sum = (inputs[0].expand_dims(-2) + key.expand_dims(-3)).tanh();
        if self.use_scale {
            sum = sum * self.base.built_variable("scale")?.read();
        }
        self.options.attend(&sum.sum(-1), inputs, call)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.options.sublayers()
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("use_scale", self.use_scale);
        self.options.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
