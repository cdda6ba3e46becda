// tidy: not an item
//! What attention layers have in common from the scores on.

use std::sync::{Arc, OnceLock};

use hornblende_core::{Axes, Error, Result, Shape, Tensor};

use super::masks;
use crate::config::Config;
use crate::layers::{Call, Dropout, Layer, LayerBase, call_layer};
use crate::ops;

/// What is taken from a score that a mask leaves out: exp of it is 0 beside any other score.
const NEVER: f64 = 1e9;

/// Dropout of attention scores: its rate and seed, and the layer that does it.
#[derive(Clone, Default)]
pub(super) struct ScoreOptions {
    pub(super) dropout: f64,
    pub(super) seed: Option<u64>,
    layer: Arc<OnceLock<Dropout>>,
}

impl ScoreOptions {
    pub(super) const ARGUMENTS: &[&str] = &["dropout", "seed"];

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            dropout: config.number("dropout")?.unwrap_or(0.0),
            seed: config.size("seed")?.map(|seed| seed as u64),
            layer: Arc::default(),
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        config.with("dropout", self.dropout).with("seed", self.seed)
    }

    /// Makes the random state, if scores are dropped.
    pub(super) fn build(&self, base: &LayerBase, scores: &Shape) -> Result<()> {
        if self.dropout == 0.0 {
            return Ok(());
        }
        let layer = self.layer.get_or_init(|| match self.seed {
            Some(seed) => Dropout::new(self.dropout).seed(seed),
            None => Dropout::new(self.dropout),
        });
        layer.base().set_dtype(base.dtype());
        layer
            .base()
            .build_once("Dropout", || layer.build(std::slice::from_ref(scores)))
    }

    pub(super) fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        self.layer
            .get()
            .map(|layer| Arc::new(layer.clone()) as Arc<dyn Layer>)
            .into_iter()
            .collect()
    }

    /// The scores, some of them dropped in training.
    pub(super) fn drop(&self, scores: &Tensor, call: &Call) -> Result<Tensor> {
        match self.layer.get() {
            Some(layer) => {
                let layer: Arc<dyn Layer> = Arc::new(layer.clone());
                Ok(call_layer(&layer, std::slice::from_ref(scores), &call.inner())?.remove(0))
            }
            None => Ok(scores.clone()),
        }
    }

    /// The results of a layer of one head: what the scores make of the values, and the scores if they are asked
    /// for. The inputs are query, value and key, with their masks.
    pub(super) fn attend(
        &self,
        scores: &Tensor,
        inputs: &[Tensor],
        call: &Call,
    ) -> Result<Vec<Tensor>> {
        let (query, value) = (&inputs[0], &inputs[1]);
        let rank = scores.rank();
        let (queries, keys) = (scores.shape()[rank - 2], scores.shape()[rank - 1]);
        let of_value = value.remark("mask").map(|mask| mask.expand_dims(-2));
        let causal = call.use_causal_mask.then(|| masks::causal(queries, keys));
        let scores = match masks::all_of([of_value, causal]) {
            Some(mask) => mask.select(scores, scores - NEVER),
            None => scores.clone(),
        };
        let shares = self.drop(&ops::softmax(&scores, Axes::from(-1)), call)?;
        let mut result = shares.matmul(value);
        if let Some(mask) = query.remark("mask") {
            result = mask
                .expand_dims(-1)
                .select(result, 0.0)
                .with_remark("mask", mask);
        }
        Ok(match call.return_attention_scores {
            true => vec![result, shares],
            false => vec![result],
        })
    }
}

/// Fails unless there are query and value, or query, value and key, whose shapes fit each other.
pub(super) fn check_inputs(class_name: &str, shapes: &[Shape]) -> Result<()> {
    if !(2..=3).contains(&shapes.len()) {
        return Err(Error::invalid_argument(
            class_name,
            "the inputs [query, value] or [query, value, key]",
            format!("{} inputs", shapes.len()),
            "For attention of a tensor to itself give it twice",
        ));
    }
    let (value, key) = (&shapes[1], shapes.last().unwrap_or(&shapes[1]));
    let between = |shape: &Shape| {
        shape
            .dims()
            .get(1..shape.rank().max(2) - 1)
            .map(<[usize]>::to_vec)
    };
    if shapes.iter().any(|shape| shape.rank() < 3) || between(value) != between(key) {
        return Err(Error::shape_mismatch(
            class_name,
            "inputs of 3 axes or more, key and value of equal sizes between the first and the last",
            shapes
                .iter()
                .map(Shape::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            "",
        ));
    }
    Ok(())
}
