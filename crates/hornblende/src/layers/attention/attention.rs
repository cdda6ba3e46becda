//! Attention by products of queries and keys.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Error, Result, Shape, Tensor};

use super::score_options::{ScoreOptions, check_inputs};
use crate::config::Config;
use crate::initializers::Ones;
use crate::layers::{Call, Entry, Example, Layer, LayerBase};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "Attention",
    aliases: &[],
    arguments: &[&["use_scale", "score_mode"], ScoreOptions::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(Attention::from_config(config)?)),
    examples: || {
        let scaled = Config::new().with("use_scale", true);
        let concat = Config::new()
            .with("score_mode", "concat")
            .with("use_scale", true);
        vec![
            Example::new(scaled.with("dropout", 0.25), [[2, 3, 4], [2, 5, 4]]),
            Example::new(concat, [[2, 3, 4], [2, 5, 4], [2, 5, 4]]),
        ]
    },
};

/// Attention by products: `softmax(query · keyᵀ) · value`.
///
/// Called on `[query, value]` or `[query, value, key]`; without a key the value is the key.
///
/// # Arguments
/// Methods: `use_scale` (default false: whether the scores are multiplied by a weight that starts at 1),
/// `score_mode` (`"dot"`, the default, or `"concat"`: a weight times `sum(tanh(query + key))`, a scale going into
/// the tanh), `dropout` of the scores in training (0 to 1, default 0), `seed`.
///
/// Of the call: a mask of the query sets the results of its positions to 0, a mask of the value leaves its
/// positions out, as do [`Call::use_causal_mask`] for later positions; [`Call::return_attention_scores`] gives the
/// shares as a second result.
///
/// # Shapes
/// Query `[batch, queries, n]`, key `[batch, keys, n]`, value `[batch, keys, m]` give `[batch, queries, m]`;
/// the shares are `[batch, queries, keys]`. Weights: scale `[]`, concat_score_weight `[]`.
///
/// # At the edges
/// Where a mask leaves all positions out, the shares are those without the mask, rounded to some hundredths as
/// Keras's are: 1e9 is taken from each score.
///
/// # Errors
/// `InvalidArgument` for another number of inputs, another score mode or rate.
///
/// # Source
/// Luong et al. 2015, arXiv:1508.04025; `keras.layers.Attention`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let query = Tensor::from([[[0.0f32, 0.0]]]);
/// let value = Tensor::from([[[1.0f32, 2.0], [3.0, 4.0]]]);
/// let y = Attention::new().call([&query, &value])?;
/// assert_eq!(y.to_vec::<f32>()?, [2.0, 3.0]);
/// # Ok::<(), Error>(())
/// ```
#[derive(Clone)]
pub struct Attention {
    base: LayerBase,
    use_scale: bool,
    score_mode: String,
    options: ScoreOptions,
}

impl Attention {
    /// Attention by plain products.
    #[must_use]
    pub fn new() -> Self {
        Self {
            base: LayerBase::default(),
            use_scale: false,
            score_mode: "dot".to_owned(),
            options: ScoreOptions::default(),
        }
    }

    /// Whether a weight scales the scores. Default: false.
    #[must_use]
    pub fn use_scale(mut self, use_scale: bool) -> Self {
        self.use_scale = use_scale;
        self
    }

    /// `"dot"` or `"concat"`. Default: `"dot"`.
    #[must_use]
    pub fn score_mode(mut self, score_mode: &str) -> Self {
        score_mode.clone_into(&mut self.score_mode);
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
        let plain = Self::new();
        Ok(Self {
            use_scale: config.flag("use_scale")?.unwrap_or(plain.use_scale),
            score_mode: config
                .text("score_mode")?
                .unwrap_or_else(|| plain.score_mode.clone()),
            options: ScoreOptions::from_config(config)?,
            ..plain
        })
    }

    fn scores(&self, query: &Tensor, key: &Tensor) -> Result<Tensor> {
        let weight = |name: &str| Ok::<_, Error>(self.base.built_variable(name)?.read());
        if self.score_mode == "dot" {
            let scores = query.matmul(&key.swap_axes(-2, -1));
            return Ok(if self.use_scale {
                scores * weight("scale")?
            } else {
                scores
            });
        }
        let mut sum = query.expand_dims(-2) + key.expand_dims(-3);
        if self.use_scale {
            sum = sum * weight("scale")?;
        }
        Ok(sum.tanh().sum(-1) * weight("concat_score_weight")?)
    }
}

impl Default for Attention {
    fn default() -> Self {
        Self::new()
    }
}

impl Layer for Attention {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_inputs("Attention", inputs)?;
        if !["dot", "concat"].contains(&self.score_mode.as_str()) {
            let known = ["dot", "concat"];
            return Err(Error::unknown(
                "score_mode of Attention",
                &self.score_mode,
                &known,
            ));
        }
        if self.use_scale {
            self.base
                .add_weight("scale", Shape::scalar(), &Ones::new(), true)?;
        }
        if self.score_mode == "concat" {
            self.base
                .add_weight("concat_score_weight", Shape::scalar(), &Ones::new(), true)?;
        }
        self.options.build(&self.base, &inputs[0])
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        let shapes: Vec<Shape> = inputs.iter().map(|x| x.shape().clone()).collect();
        check_inputs("Attention", &shapes)?;
        let scores = self.scores(&inputs[0], inputs.get(2).unwrap_or(&inputs[1]))?;
        self.options.attend(&scores, inputs, call)
    }

    fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.options.sublayers()
    }

    fn get_config(&self) -> Config {
        let config = self
            .base
            .get_config(self.class_name())
            .with("use_scale", self.use_scale)
            .with("score_mode", self.score_mode.as_str());
        self.options.add_to(config)
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::prelude::*;

    fn mask(truths: [[i32; 2]; 1]) -> Tensor {
        Tensor::from(truths).cast(DType::Bool)
    }

    #[test]
    fn masks_leave_positions_out_and_travel_with_the_query() {
        let query = Tensor::from([[[1.0f32, 0.0], [0.0, 1.0]]]);
        let value = Tensor::from([[[1.0f32, 2.0], [3.0, 4.0]]]);
        let (of_query, of_value) = (mask([[1, 0]]), mask([[0, 1]]));
        let call = Call::new(false).masks([Some(&of_query), Some(&of_value)]);
        let y = Attention::new().call_with([&query, &value], &call).unwrap();
        assert_eq!(y[0].to_vec::<f32>().unwrap(), [3.0, 4.0, 0.0, 0.0]);
        assert!(y[0].remark("mask").is_some());
    }

    #[test]
    fn the_scores_are_a_second_result_if_they_are_asked_for() {
        let x = Tensor::from([[[1.0f32], [2.0]]]);
        let call = Call::new(false)
            .use_causal_mask(true)
            .return_attention_scores(true);
        let y = Attention::new().call_with([&x, &x], &call).unwrap();
        let shares = y[1].to_vec::<f32>().unwrap();
        assert_eq!(shares[..2], [1.0, 0.0]);
    }

    #[test]
    fn another_number_of_inputs_and_another_mode_are_told() {
        let x = Tensor::ones([1, 2, 3], DType::F32);
        let error = Attention::new().call(&x).unwrap_err().to_string();
        assert!(error.contains("[query, value]"), "{error}");
        let error = Attention::new()
            .score_mode("dott")
            .call([&x, &x])
            .unwrap_err()
            .to_string();
        assert!(error.contains("Did you mean \"dot\"?"), "{error}");
    }
}
