// tidy: not an item
//! What layers of several attention heads have in common.

use std::sync::{Arc, OnceLock};

use hornblende_core::{Axes, Error, Result, Shape, Tensor};

use super::masks;
use super::score_options::ScoreOptions;
use crate::config::Config;
use crate::initializers::{GlorotUniform, Zeros};
use crate::layers::activation::softmax;
use crate::layers::recurrent::build_inner;
use crate::layers::{
    Call, EinsumDense, Layer, LayerBase, WeightOptions, call_layer, weight_options,
};
use crate::ops;
use crate::regularizers::Regularizer;

/// The options of layers of several attention heads, and the projections inside them.
#[derive(Clone)]
pub struct Heads {
    use_bias: bool,
    use_gate: bool,
    sliding_window: Option<usize>,
    kernel: WeightOptions,
    bias: WeightOptions,
    pub(super) scores: ScoreOptions,
    parts: Arc<OnceLock<Vec<Arc<dyn Layer>>>>,
    activity_regularizer: Arc<OnceLock<Arc<dyn Regularizer>>>,
}

/// The options of layers of several attention heads, as methods that hand the layer on.
pub trait HeadOptions: Sized {
    /// Where the options are kept.
    fn heads_mut(&mut self) -> &mut Heads;

    /// The part of the shares that training drops, from 0 to 1. Default: 0.
    #[must_use]
    fn dropout(mut self, dropout: f64) -> Self {
        self.heads_mut().scores.dropout = dropout;
        self
    }

    /// Makes what is dropped repeatable. Default: none.
    #[must_use]
    fn seed(mut self, seed: u64) -> Self {
        self.heads_mut().scores.seed = Some(seed);
        self
    }

    /// Whether the projections have a bias. Default: true.
    #[must_use]
    fn use_bias(mut self, use_bias: bool) -> Self {
        self.heads_mut().use_bias = use_bias;
        self
    }

    /// Whether the heads are multiplied by a sigmoid of a projection of the query. Default: false.
    #[must_use]
    fn use_gate(mut self, use_gate: bool) -> Self {
        self.heads_mut().use_gate = use_gate;
        self
    }

    /// Attends only to positions less than so many places away, above 0. Default: to all.
    #[must_use]
    fn sliding_window(mut self, sliding_window: usize) -> Self {
        self.heads_mut().sliding_window = Some(sliding_window);
        self
    }

    /// Taken for Keras's sake and without effect: which kernels compute is the engine's choice.
    #[must_use]
    fn flash_attention(self, _flash_attention: bool) -> Self {
        self
    }

    weight_options!(, "kernel of each projection", "glorot_uniform", self => self.heads_mut().kernel;
        kernel_initializer, kernel_regularizer, kernel_constraint);

    weight_options!(, "bias of each projection", "zeros", self => self.heads_mut().bias;
        bias_initializer, bias_regularizer, bias_constraint);
}

/// The equations of the projections, and the sizes that they give.
pub(super) struct Projections {
    /// Equation, letters of the bias and sizes of the result, of query, key and value.
    pub(super) into_heads: [(String, String, Vec<Option<usize>>); 3],
    /// The sizes of a gate, which has the query's equation.
    pub(super) gate: Vec<Option<usize>>,
    /// The same of the projection of the heads, and the shape of what it gets.
    pub(super) out_of_heads: (String, String, Vec<Option<usize>>),
    pub(super) heads: Shape,
}

/// The inputs of a call after their projections.
pub(super) struct Projected {
    pub(super) query: Tensor,
    pub(super) key: Tensor,
    pub(super) value: Tensor,
    pub(super) gate: Option<Tensor>,
}

impl Heads {
    /// The arguments, for the `arguments` of an entry.
    pub(in crate::layers) const ARGUMENTS: &[&str] = &[
        "dropout",
        "seed",
        "use_bias",
        "use_gate",
        "sliding_window",
        "flash_attention",
        "kernel_initializer",
        "kernel_regularizer",
        "kernel_constraint",
        "bias_initializer",
        "bias_regularizer",
        "bias_constraint",
    ];

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let mut heads = Self::default();
        heads.use_bias = config.flag("use_bias")?.unwrap_or(heads.use_bias);
        heads.use_gate = config.flag("use_gate")?.unwrap_or(heads.use_gate);
        heads.sliding_window = config.size("sliding_window")?;
        config.flag("flash_attention")?;
        heads.kernel.read(config, "kernel")?;
        heads.bias.read(config, "bias")?;
        heads.scores = ScoreOptions::from_config(config)?;
        Ok(heads)
    }

    /// The configuration of the layer with these options.
    pub(super) fn add_to(&self, config: Config) -> Config {
        let config = config
            .with("use_bias", self.use_bias)
            .with("use_gate", self.use_gate)
            .with("sliding_window", self.sliding_window);
        let config = self
            .bias
            .add_to(self.kernel.add_to(config, "kernel"), "bias");
        let config = self.scores.add_to(config);
        match self.activity_regularizer.get() {
            Some(regularizer) => config.with(
                "activity_regularizer",
                crate::config::class_object(
                    "keras.regularizers",
                    regularizer.class_name(),
                    regularizer.get_config(),
                ),
            ),
            None => config,
        }
    }

    /// Makes the projections and their weights for inputs of these shapes.
    pub(super) fn build(
        &self,
        (base, class_name): (&LayerBase, &str),
        inputs: &[Shape],
        projections: &Projections,
    ) -> Result<()> {
        if self.sliding_window == Some(0) {
            let expected = "a number above 0";
            return Err(Error::invalid_argument("sliding_window", expected, "0", ""));
        }
        // It counts for the results of the projections, not for that of the whole.
        if let Some(regularizer) = base.activity_regularizer() {
            let _ = self.activity_regularizer.set(regularizer);
            base.set_activity_regularizer(None);
        }
        let key = inputs.get(2).unwrap_or(&inputs[1]);
        let layer = (base, class_name);
        let [of_query, of_key, of_value] = &projections.into_heads;
        let gate = (
            of_query.0.clone(),
            of_query.1.clone(),
            projections.gate.clone(),
        );
        let mut parts = vec![
            self.part(layer, "query", of_query, &inputs[0])?,
            self.part(layer, "key", of_key, key)?,
            self.part(layer, "value", of_value, &inputs[1])?,
        ];
        if self.use_gate {
            parts.insert(2, self.part(layer, "gate", &gate, &inputs[0])?);
        }
        let heads = &projections.heads;
        parts.push(self.part(layer, "attention_output", &projections.out_of_heads, heads)?);
        self.scores.build(base, &inputs[0])?;
        let _ = self.parts.set(parts);
        Ok(())
    }

    fn part(
        &self,
        (base, class_name): (&LayerBase, &str),
        name: &str,
        (equation, bias_axes, sizes): &(String, String, Vec<Option<usize>>),
        input: &Shape,
    ) -> Result<Arc<dyn Layer>> {
        let weights = (self.kernel.clone(), self.bias.clone());
        let mut layer = EinsumDense::with_weights(equation, sizes, weights);
        if self.use_bias {
            layer = layer.bias_axes(bias_axes);
        }
        if name == "gate" {
            layer = layer.activation("sigmoid");
        }
        layer.base().set_name(name);
        let regularizer = self.activity_regularizer.get().cloned();
        layer.base().set_activity_regularizer(regularizer);
        build_inner(base, class_name, &layer, input)?;
        Ok(Arc::new(layer))
    }

    fn parts(&self) -> Result<&[Arc<dyn Layer>]> {
        self.parts.get().map(Vec::as_slice).ok_or_else(|| {
            Error::not_built(
                "attention",
                "a layer that is built",
                "one without weights",
                "",
            )
        })
    }

    pub(super) fn sublayers(&self) -> Vec<Arc<dyn Layer>> {
        let mut layers = self.parts.get().cloned().unwrap_or_default();
        let last = layers.len().saturating_sub(1);
        layers.splice(last..last, self.scores.sublayers());
        layers
    }

    pub(super) fn project(&self, inputs: &[Tensor], call: &Call) -> Result<Projected> {
        let parts = self.parts()?;
        let part = |k: usize, input: usize| -> Result<Tensor> {
            let input = inputs.get(input).unwrap_or(&inputs[1]);
            Ok(call_layer(&parts[k], std::slice::from_ref(input), &call.inner())?.remove(0))
        };
        let gate = self.use_gate.then(|| part(2, 0)).transpose()?;
        Ok(Projected {
            query: part(0, 0)?,
            key: part(1, 2)?,
            value: part(parts.len() - 2, 1)?,
            gate,
        })
    }

    /// The share of each key in each query's result: the softmax of the scores along the last `axes` axes.
    pub(super) fn shares(
        &self,
        scores: &Tensor,
        axes: usize,
        inputs: &[Tensor],
        call: &Call,
    ) -> Tensor {
        let along = Axes::from((scores.rank() - axes..scores.rank()).collect::<Vec<usize>>());
        let mut mask = self.mask(inputs, call);
        while let Some(narrow) = mask.as_ref().filter(|m| m.rank() < scores.rank()) {
            // The heads stand before the positions of queries and of keys.
            mask = Some(narrow.expand_dims(-2 * axes as isize - 1));
        }
        let has_one_path = self.scores.dropout == 0.0 && !call.return_attention_scores;
        match mask {
            // Keras computes so where nobody asks for the scores: a query that may attend to nothing attends to
            // all alike, where it gets zeros otherwise.
            Some(mask) if has_one_path && scores.rank() == 4 => {
                ops::softmax(&mask.select(scores, LEAST_SCORE), along)
            }
            mask => softmax::masked(scores, mask.as_ref(), along),
        }
    }

    fn mask(&self, inputs: &[Tensor], call: &Call) -> Option<Tensor> {
        let (query, value) = (&inputs[0], &inputs[1]);
        let (queries, keys) = (query.shape()[1], value.shape()[1]);
        let of = |x: &Tensor, axis: isize| x.remark("mask").map(|mask| mask.expand_dims(axis));
        let window = |window| masks::sliding_window(queries, keys, window);
        masks::all_of([
            of(query, -1),
            of(value, -2),
            inputs.get(2).and_then(|key| of(key, -2)),
            call.use_causal_mask.then(|| masks::causal(queries, keys)),
            self.sliding_window.map(window),
            query.remark("attention_mask").cloned(),
        ])
    }

    /// The results: the heads projected, and the shares if they are asked for.
    pub(super) fn finish(
        &self,
        heads: Tensor,
        gate: Option<Tensor>,
        (shares, query): (Tensor, &Tensor),
        call: &Call,
    ) -> Result<Vec<Tensor>> {
        let heads = gate.map_or(heads.clone(), |gate| heads * gate);
        let parts = self.parts()?;
        let mut results = call_layer(&parts[parts.len() - 1], &[heads], &call.inner())?;
        if let Some(mask) = query.remark("mask") {
            results[0] = results[0].with_remark("mask", mask);
        }
        if call.return_attention_scores {
            results.push(shares);
        }
        Ok(results)
    }
}

/// What stands for a score that a mask leaves out: near the lowest number of F32.
const LEAST_SCORE: f64 = -0.7 * 3.38953e38;

impl Default for Heads {
    fn default() -> Self {
        Self {
            use_bias: true,
            use_gate: false,
            sliding_window: None,
            kernel: WeightOptions::new(GlorotUniform::new()),
            bias: WeightOptions::new(Zeros::new()),
            scores: ScoreOptions::default(),
            parts: Arc::default(),
            activity_regularizer: Arc::default(),
        }
    }
}

/// Fails unless the argument is above 0.
pub(super) fn above_zero(class_name: &str, argument: &str, size: usize) -> Result<()> {
    match size {
        0 => {
            let subject = format!("{class_name}: {argument}");
            Err(Error::invalid_argument(
                subject,
                "a number above 0",
                "0",
                "",
            ))
        }
        _ => Ok(()),
    }
}
