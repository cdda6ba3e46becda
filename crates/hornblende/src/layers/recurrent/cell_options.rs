// tidy: not an item
//! What the cells have in common: weights, activations, dropout.

use std::panic::Location;
use std::sync::{Arc, OnceLock};

use hornblende_core::{DType, Error, Result, Shape, Tensor, Value};

use super::DropoutMasks;
use crate::activations::{self, Activation, IntoActivation};
use crate::config::{Config, Json};
use crate::initializers::{GlorotUniform, Orthogonal, Zeros};
use crate::layers::{Call, LayerBase, WeightOptions, weight_options};
use crate::random::SeedGenerator;

/// Weights, activations and dropout of a cell as the user chose them. A name that nothing has is told when
/// the layer is built.
#[derive(Clone)]
pub struct CellOptions {
    pub(super) activation: Result<Activation>,
    /// Of cells with gates.
    pub(super) recurrent_activation: Result<Activation>,
    pub(super) use_bias: bool,
    pub(super) kernel: WeightOptions,
    pub(super) recurrent: WeightOptions,
    pub(super) bias: WeightOptions,
    pub(super) dropout: f64,
    pub(super) recurrent_dropout: f64,
    seed: Option<u64>,
    generator: Arc<OnceLock<SeedGenerator>>,
}

/// The options of recurrent cells and layers, as methods that hand the layer on.
pub trait CellArguments: Sized {
    /// Where the options are kept.
    fn cell_options_mut(&mut self) -> &mut CellOptions;

    /// The function of the candidate and of the output: a name, a function of [`crate::activations`] or a
    /// closure. Default: `"tanh"`.
    #[track_caller]
    #[must_use]
    fn activation(mut self, activation: impl IntoActivation) -> Self {
        let location = Location::caller();
        let activation = activation.into_activation();
        self.cell_options_mut().activation = activation.map_err(|error| error.at(location));
        self
    }

    /// Whether a bias is added. Default: true.
    #[must_use]
    fn use_bias(mut self, use_bias: bool) -> Self {
        self.cell_options_mut().use_bias = use_bias;
        self
    }

    /// The part of the input that training drops, from 0 to 1. Default: 0.
    #[must_use]
    fn dropout(mut self, dropout: f64) -> Self {
        self.cell_options_mut().dropout = clamp(dropout);
        self
    }

    /// The part of the state that training drops at each step, from 0 to 1. Default: 0.
    #[must_use]
    fn recurrent_dropout(mut self, recurrent_dropout: f64) -> Self {
        self.cell_options_mut().recurrent_dropout = clamp(recurrent_dropout);
        self
    }

    /// Makes the random numbers of dropout repeatable, whatever else is random. Default: none.
    #[must_use]
    fn seed(mut self, seed: u64) -> Self {
        self.cell_options_mut().seed = Some(seed);
        self
    }

    weight_options!(, "kernel", "glorot_uniform", self => self.cell_options_mut().kernel;
        kernel_initializer, kernel_regularizer, kernel_constraint);

    weight_options!(, "recurrent kernel", "orthogonal", self => self.cell_options_mut().recurrent;
        recurrent_initializer, recurrent_regularizer, recurrent_constraint);

    weight_options!(, "bias", "zeros", self => self.cell_options_mut().bias;
        bias_initializer, bias_regularizer, bias_constraint);
}

/// The options of cells and layers with gates.
pub trait GateArguments: CellArguments {
    /// The function of the gates: a name, a function of [`crate::activations`] or a closure. Default:
    /// `"sigmoid"`.
    #[track_caller]
    #[must_use]
    fn recurrent_activation(mut self, activation: impl IntoActivation) -> Self {
        let location = Location::caller();
        let activation = activation.into_activation();
        self.cell_options_mut().recurrent_activation =
            activation.map_err(|error| error.at(location));
        self
    }
}

impl CellOptions {
    /// The arguments of all cells.
    pub(super) const ARGUMENTS: &[&str] = &[
        "activation",
        "use_bias",
        WeightOptions::KERNEL[0],
        WeightOptions::KERNEL[1],
        WeightOptions::KERNEL[2],
        "recurrent_initializer",
        "recurrent_regularizer",
        "recurrent_constraint",
        WeightOptions::BIAS[0],
        WeightOptions::BIAS[1],
        WeightOptions::BIAS[2],
        "dropout",
        "recurrent_dropout",
        "seed",
    ];

    /// Those of cells with gates. `implementation` chooses between two orders of the same arithmetic in
    /// Keras.
    pub(super) const GATES: &[&str] = &["recurrent_activation", "implementation"];

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let mut options = Self::default();
        if let Some(activation) = activation_of(config, "activation")? {
            options.activation = Ok(activation);
        }
        if let Some(activation) = activation_of(config, "recurrent_activation")? {
            options.recurrent_activation = Ok(activation);
        }
        if let Some(use_bias) = config.flag("use_bias")? {
            options.use_bias = use_bias;
        }
        options.kernel.read(config, "kernel")?;
        options.recurrent.read(config, "recurrent")?;
        options.bias.read(config, "bias")?;
        options.dropout = clamp(config.number("dropout")?.unwrap_or(0.0));
        options.recurrent_dropout = clamp(config.number("recurrent_dropout")?.unwrap_or(0.0));
        options.seed = config.size("seed")?.map(|seed| seed as u64);
        Ok(options)
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        let name = |activation: &Result<Activation>| match activation {
            Ok(activation) => activation.name().to_owned(),
            Err(_) => "unknown".to_owned(),
        };
        let config = config
            .with("activation", name(&self.activation))
            .with("use_bias", self.use_bias);
        let config = self.kernel.add_to(config, "kernel");
        let config = self.recurrent.add_to(config, "recurrent");
        let config = self.bias.add_to(config, "bias");
        config
            .with("dropout", self.dropout)
            .with("recurrent_dropout", self.recurrent_dropout)
            .with("seed", self.seed.map_or(Json::Null, Json::from))
    }

    /// The same for a cell with gates.
    pub(super) fn add_gates_to(&self, config: Config) -> Config {
        let gates = self.recurrent_activation.as_ref();
        let name = gates.map_or("unknown", Activation::name);
        self.add_to(config).with("recurrent_activation", name)
    }

    /// Makes kernel, recurrent kernel and bias, and the random key if something is dropped. `forget` is the
    /// range of the bias that begins with ones.
    pub(super) fn build(
        &self,
        base: &LayerBase,
        kernel: impl Into<Shape>,
        recurrent: impl Into<Shape>,
        bias: impl Into<Shape>,
        forget: Option<std::ops::Range<usize>>,
    ) -> Result<()> {
        self.activation.as_ref().map_err(Error::clone)?;
        self.recurrent_activation.as_ref().map_err(Error::clone)?;
        self.recurrent.check()?;
        self.bias.check()?;
        self.kernel.add_weight(base, "kernel", kernel)?;
        self.recurrent
            .add_weight(base, "recurrent_kernel", recurrent)?;
        if self.use_bias {
            let bias = self.bias.add_weight(base, "bias", bias)?;
            if let Some(forget) = forget {
                let value = bias.value();
                let number = |k: usize| match forget.contains(&k) {
                    true => 1.0,
                    false => value.get_f64(k),
                };
                let numbers: Vec<f64> = (0..value.len()).map(number).collect();
                let value = Value::from_vec(value.shape().clone(), numbers)?;
                bias.set(value.convert(bias.dtype()))?;
            }
        }
        if self.dropout > 0.0 || self.recurrent_dropout > 0.0 {
            let generator = self.generator.get_or_init(|| SeedGenerator::new(self.seed));
            base.track_state("seed_generator_state", generator.state().clone());
        }
        Ok(())
    }

    /// The masks of a call in training: so many for the input `[batch, ..]` and for the state of each sample.
    pub(super) fn draw(
        &self,
        call: &Call,
        counts: (usize, usize),
        input: &Shape,
        state: &Shape,
        dtype: DType,
    ) -> Result<DropoutMasks> {
        let (true, Some(generator)) = (call.training, self.generator.get()) else {
            return Ok(DropoutMasks::default());
        };
        let of = |count: usize, shape: &Shape, rate: f64| match rate > 0.0 {
            true => DropoutMasks::draw(generator, count, shape, rate, dtype),
            false => Ok(Vec::new()),
        };
        let batch = input.dims().first().copied().unwrap_or(1);
        let state: Vec<usize> = [batch].iter().chain(state.dims()).copied().collect();
        Ok(DropoutMasks {
            input: of(counts.0, input, self.dropout)?,
            recurrent: of(counts.1, &state.into(), self.recurrent_dropout)?,
            inner: Vec::new(),
        })
    }

    /// As [`CellOptions::draw`] for a cell with gates, where a rate of 1 drops nothing, as in Keras.
    pub(super) fn draw_for_gates(
        &self,
        call: &Call,
        counts: (usize, usize),
        input: &Shape,
        state: &Shape,
        dtype: DType,
    ) -> Result<DropoutMasks> {
        let below_one = |rate: f64| if rate < 1.0 { rate } else { 0.0 };
        let effective = Self {
            dropout: below_one(self.dropout),
            recurrent_dropout: below_one(self.recurrent_dropout),
            ..self.clone()
        };
        effective.draw(call, counts, input, state, dtype)
    }

    /// How many masks of the input and of the state so many gates need: each has its own as soon as states are
    /// dropped, as in Keras.
    pub(super) fn mask_counts(&self, gates: usize) -> (usize, usize) {
        match self.recurrent_dropout > 0.0 {
            true => (gates, gates),
            false => (1, gates),
        }
    }

    pub(super) fn activate(&self, x: &Tensor) -> Result<Tensor> {
        Ok(self.activation.as_ref().map_err(Error::clone)?.call(x))
    }

    pub(super) fn activate_gate(&self, x: &Tensor) -> Result<Tensor> {
        let activation = self.recurrent_activation.as_ref();
        Ok(activation.map_err(Error::clone)?.call(x))
    }
}

impl Default for CellOptions {
    fn default() -> Self {
        Self {
            activation: Ok(Activation::new("tanh", activations::tanh)),
            recurrent_activation: Ok(Activation::new("sigmoid", activations::sigmoid)),
            use_bias: true,
            kernel: WeightOptions::new(GlorotUniform::new()),
            recurrent: WeightOptions::new(Orthogonal::new()),
            bias: WeightOptions::new(Zeros::new()),
            dropout: 0.0,
            recurrent_dropout: 0.0,
            seed: None,
            generator: Arc::default(),
        }
    }
}

/// Keras takes rates outside for the nearest ones inside.
fn clamp(rate: f64) -> f64 {
    rate.clamp(0.0, 1.0)
}

/// An activation of a configuration; null means none, which Keras calls linear.
fn activation_of(config: &Config, key: &str) -> Result<Option<Activation>> {
    if config.0.get(key).is_some_and(Json::is_null) {
        return Ok(Some(Activation::default()));
    }
    config
        .text(key)?
        .map(|name| activations::get(&name))
        .transpose()
}

/// A kernel and a bias of gates side by side, applied to the input of each step with the masks of dropout.
pub(super) fn project_gates(
    x: &Tensor,
    kernel: &Tensor,
    masks: &[Tensor],
    product: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> Tensor {
    match masks {
        [] => product(x, kernel),
        [mask] => product(&(x * mask), kernel),
        masks => {
            let gates = gates_of(kernel, masks.len());
            let parts = masks.iter().zip(&gates);
            let parts: Vec<Tensor> = parts.map(|(mask, k)| product(&(x * mask), k)).collect();
            Tensor::concatenate(&parts, -1)
        }
    }
}

/// The parts of a tensor that belong to so many gates, along the last axis.
pub(super) fn gates_of(x: &Tensor, gates: usize) -> Vec<Tensor> {
    let size = x.shape().dims().last().map_or(0, |n| n / gates);
    let gate = |k: usize| x.slice_axis(-1, k * size..(k + 1) * size);
    (0..gates).map(gate).collect()
}
