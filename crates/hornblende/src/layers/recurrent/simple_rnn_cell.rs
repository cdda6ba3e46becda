//! The cell of `SimpleRNN`.

use std::any::Any;
use std::sync::Arc;

use hornblende_core::{Result, Shape, Tensor};

use super::cell::{RecurrentCell, step_of_cell};
use super::cell_options::{CellArguments, CellOptions, project_gates};
use super::{DropoutMasks, known_features, sequence_spec};
use crate::config::Config;
use crate::layers::spatial_window::check_positive;
use crate::layers::{Call, Entry, Example, InputSpec, Layer, LayerBase, require_size};

pub(in crate::layers) const ENTRY: Entry = Entry {
    class_name: "SimpleRNNCell",
    aliases: &[],
    arguments: &[&["units"], CellOptions::ARGUMENTS],
    unsupported: &[],
    from_config: |config| Ok(Arc::new(SimpleRNNCell::from_config(config)?)),
    examples: || {
        let config = Config::new().with("units", 3).with("dropout", 0.3);
        let config = config.with("recurrent_dropout", 0.3);
        vec![Example::new(config, [[2, 4], [2, 3]])]
    },
};

/// One step of a fully connected recurrent layer:
/// `h' = activation(x · kernel + h · recurrent_kernel + bias)`.
///
/// # Arguments
/// `units`: the size of output and state, above 0. The others are methods: see [`CellArguments`].
///
/// # Shapes
/// The inputs `x` of `[batch, n]` and `h` of `[batch, units]` give the output and the new state, which are the
/// same tensor of `[batch, units]`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let cell = SimpleRNNCell::new(1).kernel_initializer("ones").recurrent_initializer("ones");
/// let cell = cell.activation("linear");
/// let results = cell.call_all([Tensor::from([[1.0f32, 2.0]]), Tensor::from([[10.0f32]])])?;
/// assert_eq!(results[0].item::<f32>()?, 13.0);
/// # Ok::<(), Error>(())
/// ```
///
/// Source: `keras.layers.SimpleRNNCell`.
#[derive(Clone)]
pub struct SimpleRNNCell {
    base: LayerBase,
    units: usize,
    options: CellOptions,
}

impl SimpleRNNCell {
    /// A cell whose output has `units` entries.
    #[must_use]
    pub fn new(units: usize) -> Self {
        Self {
            base: LayerBase::default(),
            units,
            options: CellOptions::default(),
        }
    }

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        Ok(Self {
            options: CellOptions::from_config(config)?,
            ..Self::new(require_size("SimpleRNN", config, "units")?)
        })
    }

    /// What the cell demands of a sequence.
    pub(super) fn sequence_spec(&self) -> InputSpec {
        sequence_spec(&self.base)
    }

    pub(super) fn arguments(&self, config: Config) -> Config {
        self.options.add_to(config.with("units", self.units))
    }
}

impl CellArguments for SimpleRNNCell {
    fn cell_options_mut(&mut self) -> &mut CellOptions {
        &mut self.options
    }
}

impl RecurrentCell for SimpleRNNCell {
    fn state_shapes(&self) -> Vec<Shape> {
        vec![[self.units].into()]
    }

    fn draw(&self, input: &Shape, call: &Call) -> Result<DropoutMasks> {
        let state = [self.units].into();
        self.options
            .draw(call, (1, 1), input, &state, self.base.dtype())
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
        let output = self.options.activate(&(x + state))?;
        Ok(vec![output.clone(), output])
    }

    fn output_is_first_state(&self) -> bool {
        true
    }
}

impl Layer for SimpleRNNCell {
    fn base(&self) -> &LayerBase {
        &self.base
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn build(&self, inputs: &[Shape]) -> Result<()> {
        check_positive("SimpleRNN: units", &[self.units])?;
        let features = known_features("SimpleRNNCell", &inputs[0])?;
        let units = self.units;
        self.options
            .build(&self.base, [features, units], [units, units], [units], None)
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
