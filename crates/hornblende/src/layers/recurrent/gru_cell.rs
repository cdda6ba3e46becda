//! The cell of `GRU`.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::cell::{RecurrentCell, step_of_cell};
use super::cell_options::{CellArguments, CellOptions, GateArguments, gates_of, project_gates};
use super::{DropoutMasks, known_features, sequence_spec};
use crate::config::Config;
use crate::layers::spatial_window::check_positive;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "GRUCell",
    aliases: &[],
    arguments: &[
        GRUCell::ARGUMENTS,
        CellOptions::ARGUMENTS,
        CellOptions::GATES,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(GRUCell::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 3);
        let dropped = config.clone().with("dropout", 0.3);
        let dropped = dropped
            .with("recurrent_dropout", 0.3)
            .with("reset_after", false);
        vec![
            Example::new(config, [[2, 4], [2, 3]]),
            Example::new(dropped, [[2, 4], [2, 3]]),
        ]
    },
};

/// One step of a gated recurrent unit.
///
/// With kernels cut into three parts of `units`: `z, r = recurrent_activation(x · K1 + h · U1,
/// x · K2 + h · U2)`, the candidate `c = activation(x · K3 + r * (h · U3))`, or with `reset_after(false)`
/// `activation(x · K3 + (r * h) · U3)`, and `h' = z * h + (1 - z) * c`.
///
/// # Arguments
/// `units`: the size of output and state, above 0. The others are methods: [`GRUCell::reset_after`], and those
/// of [`CellArguments`] and [`GateArguments`].
///
/// # Shapes
/// The inputs `x` of `[batch, n]` and `h` of `[batch, units]` give `h'` twice. The kernels are
/// `[n, 3 * units]` and `[units, 3 * units]`; the bias is `[2, 3 * units]`, one row for the input and one for
/// the state, or `[3 * units]` with `reset_after(false)`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cell = GRUCell::new(1).kernel_initializer("ones").recurrent_initializer("ones");
/// let cell = cell.activation("linear").recurrent_activation("linear");
/// let results = cell.call_all([Tensor::from([[1.0f32]]), Tensor::from([[1.0f32]])])?;
/// assert_eq!(results[0].item::<f32>()?, 2.0 * 1.0 + (1.0 - 2.0) * 3.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: K. Cho and others, "Learning Phrase Representations using RNN Encoder-Decoder", 2014;
/// `keras.layers.GRUCell`.
#[derive(Clone)]
pub struct GRUCell {
    base: LayerBase,
    units: usize,
    reset_after: bool,
    options: CellOptions,
}

impl GRUCell {
    pub(super) const ARGUMENTS: &[&str] = &["units", "reset_after"];

    /// A cell whose output has `units` entries.
    #[must_use]
    pub fn new(units: usize) -> Self {
        Self {
            base: LayerBase::default(),
            units,
            reset_after: true,
            options: CellOptions::default(),
        }
    }

    /// Whether the reset gate is applied after the product with the recurrent kernel. Default: true.
    #[must_use]
    pub fn reset_after(mut self, reset_after: bool) -> Self {
        self.reset_after = reset_after;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            reset_after: config.flag("reset_after")?.unwrap_or(true),
            options: CellOptions::from_config(config)?,
            ..Self::new(require_size("GRU", config, "units")?)
        })
    }

    /// What the cell demands of a sequence.
    pub(super) fn sequence_spec(&self) -> InputSpec {
        sequence_spec(&self.base)
    }

    pub(super) fn arguments(&self, config: Config) -> Config {
        let config = config
            .with("units", self.units)
            .with("reset_after", self.reset_after);
        self.options.add_gates_to(config)
    }

    /// The row of the bias that belongs to the input (0) or to the state (1).
    fn bias(&self, row: usize) -> Result<Option<Tensor>> {
        if !self.options.use_bias || (row == 1 && !self.reset_after) {
            return Ok(None);
        }
        let bias = self.base.built_variable("bias")?.read();
        Ok(Some(match self.reset_after {
            true => bias.slice(row..row + 1).squeeze(0),
            false => bias,
        }))
    }

    /// What the state adds to each gate; of the candidate only with `reset_after`.
    fn of_state(&self, state: &Tensor, masks: &[Tensor], kernel: &Tensor) -> Result<Vec<Tensor>> {
        let gates = if self.reset_after { 3 } else { 2 };
        let kernel = kernel.slice_axis(-1, 0..gates * self.units);
        let masks = masks.get(..gates).unwrap_or_default();
        let product = project_gates(state, &kernel, masks, Tensor::matmul);
        let mut parts = gates_of(&product, gates);
        if let Some(bias) = self.bias(1)? {
            let bias = gates_of(&bias, gates);
            parts = parts.iter().zip(&bias).map(|(p, b)| p + b).collect();
        }
        Ok(parts)
    }
}

impl CellArguments for GRUCell {
    fn cell_options_mut(&mut self) -> &mut CellOptions {
        &mut self.options
    }
}

impl GateArguments for GRUCell {}

impl RecurrentCell for GRUCell {
    fn state_shapes(&self) -> Vec<Shape> {
        vec![[self.units].into()]
    }

    fn draw(&self, input: &Shape, call: &Call) -> Result<DropoutMasks> {
        let state = [self.units].into();
        self.options.draw_for_gates(
            call,
            self.options.mask_counts(3),
            input,
            &state,
            self.base.dtype(),
        )
    }

    fn project(&self, x: &Tensor, masks: &DropoutMasks) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let x = project_gates(x, &kernel, &masks.input, Tensor::matmul);
        Ok(match self.bias(0)? {
            Some(bias) => x + bias,
            None => x,
        })
    }

    fn step(&self, x: &Tensor, states: &[Tensor], masks: &DropoutMasks) -> Result<Vec<Tensor>> {
        let (state, units) = (&states[0], self.units);
        let kernel = self.base.built_variable("recurrent_kernel")?.read();
        let x = gates_of(x, 3);
        let of_state = self.of_state(state, &masks.recurrent, &kernel)?;
        let update = self.options.activate_gate(&(&x[0] + &of_state[0]))?;
        let reset = self.options.activate_gate(&(&x[1] + &of_state[1]))?;
        let candidate = if self.reset_after {
            &x[2] + reset * &of_state[2]
        } else {
            let kernel = kernel.slice_axis(-1, 2 * units..3 * units);
            let state = match masks.recurrent.get(2) {
                Some(mask) => state * mask,
                None => state.clone(),
            };
            &x[2] + (reset * state).matmul(&kernel)
        };
        let candidate = self.options.activate(&candidate)?;
        let output = &update * state + (-&update + 1.0) * candidate;
        Ok(vec![output.clone(), output])
    }

    fn output_is_first_state(&self) -> bool {
        true
    }
}

impl Layer for GRUCell {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_positive("GRU: units", &[self.units])?;
        let features = known_features("GRUCell", &inputs[0])?;
        let (units, all) = (self.units, 3 * self.units);
        let bias = match self.reset_after {
            true => Shape::from([2, all]),
            false => Shape::from([all]),
        };
        self.options
            .build(&self.base, [features, all], [units, all], bias, None)
    }

    fn forward(&self, inputs: &[Tensor], call: &Call) -> Result<Tensor> {
        Ok(self.forward_all(inputs, call)?.remove(0))
    }

    fn forward_all(&self, inputs: &[Tensor], call: &Call) -> Result<Vec<Tensor>> {
        step_of_cell(self, inputs, call)
    }

    fn get_config(&self) -> Config {
        self.arguments(self.base.get_config(self.class_name()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}
