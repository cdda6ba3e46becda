// tidy: not an item
//! What the recurrent layers have in common: how a cell runs over time.

use hornblende_core::{DType, Error, Result, Shape, Tensor, Variable};

use super::cell::{RecurrentCell, check_states, zero_states};
use super::time_loop::TimeLoop;
use crate::config::Config;
use crate::layers::{Call, InputSpec, Layer, LayerBase};

/// How a cell runs over time, as the user chose it.
#[derive(Debug, Clone, Default)]
pub struct Recurrence {
    pub(super) return_sequences: bool,
    pub(super) return_state: bool,
    pub(super) go_backwards: bool,
    pub(super) stateful: bool,
    unroll: bool,
    zero_output_for_mask: bool,
}

/// The options of recurrent layers, as methods that hand the layer on.
pub trait RecurrenceArguments: Layer + Sized {
    /// Where the options are kept.
    fn recurrence_mut(&mut self) -> &mut Recurrence;

    /// Whether the result is the outputs of all steps, `[batch, time, ..]`, instead of the last one,
    /// `[batch, ..]`. Default: false.
    #[must_use]
    fn return_sequences(mut self, return_sequences: bool) -> Self {
        self.recurrence_mut().return_sequences = return_sequences;
        self
    }

    /// Whether the last states are further results. Default: false.
    #[must_use]
    fn return_state(mut self, return_state: bool) -> Self {
        self.recurrence_mut().return_state = return_state;
        self
    }

    /// Whether the steps run from the last to the first; the outputs then come in that order. Default: false.
    #[must_use]
    fn go_backwards(mut self, go_backwards: bool) -> Self {
        self.recurrence_mut().go_backwards = go_backwards;
        self
    }

    /// Whether each call begins with the states in which the one before it ended. Needs a fixed batch size.
    /// Default: false.
    #[must_use]
    fn stateful(mut self, stateful: bool) -> Self {
        self.recurrence_mut().stateful = stateful;
        self
    }

    /// Whether the program holds a copy of the step for each time instead of a loop. Default: false.
    #[must_use]
    fn unroll(mut self, unroll: bool) -> Self {
        self.recurrence_mut().unroll = unroll;
        self
    }

    /// Whether the output of a step that the mask leaves out is 0 instead of the output before it. Default:
    /// false.
    #[must_use]
    fn zero_output_for_mask(mut self, zero_output_for_mask: bool) -> Self {
        self.recurrence_mut().zero_output_for_mask = zero_output_for_mask;
        self
    }

    /// Sets the states that a stateful layer keeps to 0.
    ///
    /// # Errors
    /// None in practice: zeros always fit.
    fn reset_state(&self) -> Result<()> {
        let zeros = |state: Variable| {
            let zeros = Tensor::zeros(state.shape().clone(), state.dtype());
            state.assign(&zeros)
        };
        Recurrence::kept_states(self.base())
            .into_iter()
            .try_for_each(zeros)
    }
}

impl Recurrence {
    /// The arguments of all recurrent layers; `use_cudnn` is about a library that is not used here.
    pub(super) const ARGUMENTS: &[&str] = &[
        "return_sequences",
        "return_state",
        "go_backwards",
        "stateful",
        "unroll",
        "zero_output_for_mask",
        "use_cudnn",
    ];

    pub(super) fn from_config(config: &Config) -> Result<Self> {
        let flag = |key: &str| Ok(config.flag(key)?.unwrap_or(false));
        Ok(Self {
            return_sequences: flag("return_sequences")?,
            return_state: flag("return_state")?,
            go_backwards: flag("go_backwards")?,
            stateful: flag("stateful")?,
            unroll: flag("unroll")?,
            zero_output_for_mask: flag("zero_output_for_mask")?,
        })
    }

    pub(super) fn add_to(&self, config: Config) -> Config {
        config
            .with("return_sequences", self.return_sequences)
            .with("return_state", self.return_state)
            .with("go_backwards", self.go_backwards)
            .with("stateful", self.stateful)
            .with("unroll", self.unroll)
            .with("zero_output_for_mask", self.zero_output_for_mask)
    }

    /// Builds the cell for the steps of such an input, and makes the states that are kept.
    pub(super) fn build(
        &self,
        layer: &dyn Layer,
        cell: &dyn RecurrentCell,
        spec: InputSpec,
        inputs: &[Shape],
    ) -> Result<()> {
        let (base, class_name) = (layer.base(), layer.class_name());
        let fix = "A sequence has the axes batch, time and features";
        spec.fix(fix).check(class_name, &inputs[0])?;
        let dims = inputs[0].dims();
        let step: Vec<usize> = dims[..1].iter().chain(&dims[2..]).copied().collect();
        build_inner(base, class_name, cell, &step.into())?;
        if !self.stateful {
            return Ok(());
        }
        if dims[0] == Shape::UNKNOWN {
            return Err(Error::shape_mismatch(
                format!("{class_name}: stateful"),
                "an input of known batch size",
                inputs[0].to_string(),
                "Give the Input a batch_size",
            ));
        }
        for (k, state) in zero_states(cell, dims[0], base.dtype()).iter().enumerate() {
            let name = format!("rnn_state_{k}");
            let state = Variable::new(name.clone(), state)?;
            state.set_trainable(false);
            base.track_state(&name, state);
        }
        Ok(())
    }

    /// Runs the cell over an input.
    pub(super) fn forward(
        &self,
        base: &LayerBase,
        cell: &dyn RecurrentCell,
        inputs: &[Tensor],
        call: &Call,
    ) -> Result<Vec<Tensor>> {
        let (x, given) = (&inputs[0], &inputs[1..]);
        let dims = x.shape().dims();
        let begins_with_zeros = given.is_empty() && !self.stateful;
        let states = self.initial_states(base, cell, given, dims[0])?;
        let step: Vec<usize> = dims[..1].iter().chain(&dims[2..]).copied().collect();
        let masks = cell.draw(&step.into(), call)?;
        let time_loop = TimeLoop {
            projected: cell.project(&time_first(x), &masks)?,
            cell,
            masks,
            mask: x.remark("mask").map(step_masks),
            go_backwards: self.go_backwards,
            zero_output_for_mask: self.zero_output_for_mask,
            wants_sequence: self.return_sequences,
            begins_with_zeros,
        };
        let outcome = match self.unroll {
            true => time_loop.unrolled(states)?,
            false => time_loop.scanned(states)?,
        };
        if self.stateful {
            for (kept, state) in Self::kept_states(base).iter().zip(&outcome.states) {
                kept.assign(state)?;
            }
        }
        let output = match (self.return_sequences, outcome.sequence) {
            (true, Some(sequence)) => with_mask_of(x, time_first(&sequence)),
            _ => outcome.last,
        };
        let mut outputs = vec![output];
        if self.return_state {
            outputs.extend(outcome.states);
        }
        Ok(outputs)
    }

    fn initial_states(
        &self,
        base: &LayerBase,
        cell: &dyn RecurrentCell,
        given: &[Tensor],
        batch: usize,
    ) -> Result<Vec<Tensor>> {
        if !given.is_empty() {
            check_states(cell, given)?;
            return Ok(given.to_vec());
        }
        if !self.stateful {
            return Ok(zero_states(cell, batch, base.dtype()));
        }
        let kept = Self::kept_states(base);
        match kept
            .iter()
            .find(|state| state.shape().dims().first() != Some(&batch))
        {
            Some(state) => Err(Error::shape_mismatch(
                "a stateful layer",
                format!(
                    "batches of {} samples, as in the first call",
                    state.shape()[0]
                ),
                batch.to_string(),
                "",
            )),
            None => Ok(kept.iter().map(Variable::read).collect()),
        }
    }

    /// The states that a stateful layer keeps.
    pub(super) fn kept_states(base: &LayerBase) -> Vec<Variable> {
        (0..)
            .map_while(|k| base.variable(&format!("rnn_state_{k}")))
            .collect()
    }
}

/// Builds a layer inside another one, in the outer one's element type and with its name before the names of
/// the variables, as Keras has them.
pub(in crate::layers) fn build_inner<L: Layer + ?Sized>(
    base: &LayerBase,
    class_name: &str,
    inner: &L,
    input: &Shape,
) -> Result<()> {
    if inner.base().is_built() {
        return Ok(());
    }
    inner.base().set_dtype(base.dtype());
    let shapes = [input.clone()];
    let build = || inner.build(&shapes);
    inner.base().build_once(inner.class_name(), build)?;
    let name = base.name(class_name);
    for variable in inner.variables() {
        variable.rename(format!("{name}/{}", variable.name()));
    }
    Ok(())
}

/// Batch and time exchanged.
pub(super) fn time_first(x: &Tensor) -> Tensor {
    let axes: Vec<usize> = [1, 0].into_iter().chain(2..x.rank()).collect();
    x.transpose(axes)
}

/// A mask `[batch, time]` as one of steps, `[time, batch, 1]`.
fn step_masks(mask: &Tensor) -> Tensor {
    let mask = mask.cast(DType::Bool);
    let mask = match mask.rank() {
        2 => mask.expand_dims(-1),
        _ => mask,
    };
    time_first(&mask)
}

fn with_mask_of(x: &Tensor, output: Tensor) -> Tensor {
    match x.remark("mask") {
        Some(mask) => output.with_remark("mask", mask),
        None => output,
    }
}

#[cfg(test)]
mod tests {
    use crate::prelude::*;

    fn adder() -> SimpleRNN {
        let layer = SimpleRNN::new(1).activation("linear");
        layer
            .kernel_initializer("ones")
            .recurrent_initializer("ones")
    }

    fn last(layer: &SimpleRNN, x: &Tensor) -> f32 {
        layer.call(x).unwrap().item().unwrap()
    }

    #[test]
    fn a_stateful_layer_goes_on_where_it_ended_until_it_is_reset() {
        let (layer, x) = (adder().stateful(true), Tensor::from([[[1.0f32], [2.0]]]));
        assert_eq!([last(&layer, &x), last(&layer, &x)], [3.0, 6.0]);
        layer.reset_state().unwrap();
        assert_eq!(last(&layer, &x), 3.0);
        assert_eq!(layer.weights().len(), 3, "states are no weights");
        let error = layer
            .call(Tensor::zeros([2, 2, 1], DType::F32))
            .unwrap_err();
        assert!(
            error.to_string().contains("batches of 1 samples"),
            "{error}"
        );
        let error = adder().stateful(true).call(Input::new([2, 1])).unwrap_err();
        assert!(
            error.to_string().contains("Give the Input a batch_size"),
            "{error}"
        );
    }

    #[test]
    fn dropout_has_one_mask_for_all_steps_and_another_for_each_call() {
        let layer = SimpleRNN::new(8).use_bias(false).dropout(0.5).seed(3);
        let layer = layer.activation("linear").recurrent_initializer("zeros");
        let layer = layer.kernel_initializer("identity").return_sequences(true);
        let x = Tensor::ones([1, 3, 8], DType::F32);
        let call = || {
            let y = layer.call_with(&x, &Call::new(true)).unwrap();
            y[0].to_vec::<f32>().unwrap()
        };
        let (first, second) = (call(), call());
        assert_eq!(first[..8], first[8..16]);
        assert!(first.iter().all(|y| *y == 0.0 || *y == 2.0) && first != second);
        let y = layer.call(&x).unwrap().to_vec::<f32>().unwrap();
        assert_eq!(y, [1.0; 24]);
    }

    #[test]
    fn states_that_do_not_fit_are_told() {
        let x = Tensor::zeros([2, 3, 1], DType::F32);
        let state = Tensor::zeros([2, 4], DType::F32);
        let error = adder().call([&x, &state]).unwrap_err().to_string();
        assert!(error.contains("[batch, 1]"), "{error}");
        let error = SimpleRNN::new(0).call(&x).unwrap_err().to_string();
        assert!(error.starts_with("SimpleRNN: units"), "{error}");
    }
}
