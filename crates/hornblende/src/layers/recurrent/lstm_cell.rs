//! The cell of `LSTM`.

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
    class_name: "LSTMCell",
    aliases: &[],
    arguments: &[
        LSTMCell::ARGUMENTS,
        CellOptions::ARGUMENTS,
        CellOptions::GATES,
    ],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(LSTMCell::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 3).with("dropout", 0.3);
        let config = config.with("recurrent_dropout", 0.3);
        vec![Example::new(config, [[2, 4], [2, 3], [2, 3]])]
    },
};

/// One step of a long short-term memory.
///
/// With `z = x · kernel + h · recurrent_kernel + bias`, cut into four parts of `units` along the last axis:
/// `i, f, o = recurrent_activation(z1, z2, z4)`, `c' = f * c + i * activation(z3)`,
/// `h' = o * activation(c')`.
///
/// # Arguments
/// `units`: the size of output and states, above 0. The others are methods: [`LSTMCell::unit_forget_bias`],
/// and those of [`CellArguments`] and [`GateArguments`].
///
/// # Shapes
/// The inputs `x` of `[batch, n]`, `h` and `c` of `[batch, units]` give `h'`, `h'`, `c'`. The kernels are
/// `[n, 4 * units]` and `[units, 4 * units]`, the bias `[4 * units]`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cell = LSTMCell::new(1).kernel_initializer("ones").recurrent_initializer("ones");
/// let cell = cell.activation("linear").recurrent_activation("linear").unit_forget_bias(false);
/// let state = Tensor::from([[1.0f32]]);
/// let results = cell.call_all([Tensor::from([[1.0f32]]), state.clone(), state])?;
/// assert_eq!(results[2].item::<f32>()?, 6.0);
/// assert_eq!(results[0].item::<f32>()?, 12.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: S. Hochreiter and J. Schmidhuber, "Long Short-Term Memory", 1997; `keras.layers.LSTMCell`.
#[derive(Clone)]
pub struct LSTMCell {
    base: LayerBase,
    units: usize,
    unit_forget_bias: bool,
    options: CellOptions,
}

impl LSTMCell {
    pub(super) const ARGUMENTS: &[&str] = &["units", "unit_forget_bias"];

    /// A cell whose output has `units` entries.
    #[must_use]
    pub fn new(units: usize) -> Self {
        Self {
            base: LayerBase::default(),
            units,
            unit_forget_bias: true,
            options: CellOptions::default(),
        }
    }

    /// Whether the bias of the forget gate begins with ones, whatever the initializer. Default: true.
    #[must_use]
    pub fn unit_forget_bias(mut self, unit_forget_bias: bool) -> Self {
        self.unit_forget_bias = unit_forget_bias;
        self
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            unit_forget_bias: config.flag("unit_forget_bias")?.unwrap_or(true),
            options: CellOptions::from_config(config)?,
            ..Self::new(require_size("LSTM", config, "units")?)
        })
    }

    /// What the cell demands of a sequence.
    pub(super) fn sequence_spec(&self) -> InputSpec {
        sequence_spec(&self.base)
    }

    pub(super) fn arguments(&self, config: Config) -> Config {
        let config = config
            .with("units", self.units)
            .with("unit_forget_bias", self.unit_forget_bias);
        self.options.add_gates_to(config)
    }
}

impl CellArguments for LSTMCell {
    fn cell_options_mut(&mut self) -> &mut CellOptions {
        &mut self.options
    }
}

impl GateArguments for LSTMCell {}

/// Output and states from what the four gates add up: also the arithmetic of the convolutional cell.
pub(super) fn lstm_step(
    options: &CellOptions,
    x: &Tensor,
    recurrent: &Tensor,
    carry: &Tensor,
) -> Result<Vec<Tensor>> {
    // The parts are added, not the whole: so each sum is made where it is used.
    let (x, recurrent) = (gates_of(x, 4), gates_of(recurrent, 4));
    let sum = |k: usize| &x[k] + &recurrent[k];
    let input = options.activate_gate(&sum(0))?;
    let forget = options.activate_gate(&sum(1))?;
    let candidate = options.activate(&sum(2))?;
    let output = options.activate_gate(&sum(3))?;
    let carry = forget * carry + input * candidate;
    let state = output * options.activate(&carry)?;
    Ok(vec![state.clone(), state, carry])
}

impl RecurrentCell for LSTMCell {
    fn state_shapes(&self) -> Vec<Shape> {
        vec![[self.units].into(); 2]
    }

    fn draw(&self, input: &Shape, call: &Call) -> Result<DropoutMasks> {
        let state = [self.units].into();
        self.options.draw_for_gates(
            call,
            self.options.mask_counts(4),
            input,
            &state,
            self.base.dtype(),
        )
    }

    fn project(&self, x: &Tensor, masks: &DropoutMasks) -> Result<Tensor> {
        let kernel = self.base.built_variable("kernel")?.read();
        let x = project_gates(x, &kernel, &masks.input, Tensor::matmul);
        Ok(match self.options.use_bias {
            true => x + self.base.built_variable("bias")?.read(),
            false => x,
        })
    }

    fn step(&self, x: &Tensor, states: &[Tensor], masks: &DropoutMasks) -> Result<Vec<Tensor>> {
        let kernel = self.base.built_variable("recurrent_kernel")?.read();
        let state = project_gates(&states[0], &kernel, &masks.recurrent, Tensor::matmul);
        lstm_step(&self.options, x, &state, &states[1])
    }

    fn output_is_first_state(&self) -> bool {
        true
    }
}

impl Layer for LSTMCell {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_positive("LSTM: units", &[self.units])?;
        let features = known_features("LSTMCell", &inputs[0])?;
        let (units, all) = (self.units, 4 * self.units);
        let forget = self.unit_forget_bias.then_some(units..2 * units);
        self.options
            .build(&self.base, [features, all], [units, all], [all], forget)
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
