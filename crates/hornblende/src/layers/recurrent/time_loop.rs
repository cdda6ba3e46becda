// tidy: not an item
//! The loop of a recurrent layer over the steps of its input.

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::{Error, Result, Tensor, scan};

use super::{DropoutMasks, RecurrentCell};

/// A cell about to run over time.
pub(super) struct TimeLoop<'a> {
    pub(super) cell: &'a dyn RecurrentCell,
    pub(super) masks: DropoutMasks,
    /// What the cell made of the input: `[time, batch, ..]`.
    pub(super) projected: Tensor,
    /// Which steps count: `[time, batch, 1..]`.
    pub(super) mask: Option<Tensor>,
    pub(super) go_backwards: bool,
    pub(super) zero_output_for_mask: bool,
    /// Whether the outputs of all steps are wanted.
    pub(super) wants_sequence: bool,
    /// Whether the loop begins with states of zeros.
    pub(super) begins_with_zeros: bool,
}

/// What a loop leaves.
pub(super) struct Outcome {
    /// The output of the last step that ran.
    pub(super) last: Tensor,
    /// The outputs in the order in which the steps ran, `[time, batch, ..]`.
    pub(super) sequence: Option<Tensor>,
    pub(super) states: Vec<Tensor>,
}

impl TimeLoop<'_> {
    /// Runs as a loop of the program.
    pub(super) fn scanned(&self, states: Vec<Tensor>) -> Result<Outcome> {
        let length = self.projected.shape()[0];
        let count = states.len();
        let first_state = self.cell.output_is_first_state();
        // A step that does not count repeats the output before it. That is the state, unless the loop began
        // with a state that was no output.
        let carries_output = self.mask.is_some()
            && !self.zero_output_for_mask
            && !(first_state && self.begins_with_zeros);
        let emits = self.wants_sequence || !(first_state || carries_output);
        let mut carry = states;
        if carries_output {
            carry.push(self.zero_output(&carry)?);
        }
        let mut slices = vec![self.projected.clone()];
        slices.extend(self.mask.clone());
        let options = ScanOptions {
            length,
            reverse: self.go_backwards,
        };
        let (mut last, mut stacked) = scan(&carry, &slices, options, |carry, slices| {
            let (states, previous) = carry.split_at(count);
            let mask = slices.get(1);
            let (output, mut next) = self.step(&slices[0], mask, states, previous.first())?;
            next.extend(carries_output.then(|| output.clone()));
            Ok((next, if emits { vec![output] } else { Vec::new() }))
        })?;
        let previous = if carries_output { last.pop() } else { None };
        let sequence = stacked.pop().map(|outputs| match self.go_backwards {
            true => outputs.reverse([0]),
            false => outputs,
        });
        let output = match (previous, &sequence) {
            (Some(output), _) => output,
            (None, Some(sequence)) if !first_state => sequence.slice(length - 1..).squeeze(0),
            _ => self.zeroed(&last[0], self.last_mask().as_ref()),
        };
        Ok(Outcome {
            last: output,
            sequence,
            states: last,
        })
    }

    /// Runs as so many copies of the step.
    pub(super) fn unrolled(&self, mut states: Vec<Tensor>) -> Result<Outcome> {
        let length = self.projected.shape()[0];
        if length == 0 {
            let expected = "at least one step to unroll";
            return Err(Error::shape_mismatch("unroll", expected, "none", ""));
        }
        let mut previous = match self.mask {
            Some(_) => Some(self.zero_output(&states)?),
            None => None,
        };
        let mut outputs = Vec::with_capacity(length);
        for turn in 0..length {
            let slot = self.slot(turn);
            let at = |x: &Tensor| x.slice(slot..slot + 1).squeeze(0);
            let mask = self.mask.as_ref().map(at);
            let x = at(&self.projected);
            let repeat = previous.as_ref();
            let (output, next) = self.repeating(&x, mask.as_ref(), &states, repeat)?;
            states = next;
            previous = previous.is_some().then(|| output.clone());
            outputs.push(output);
        }
        let last = outputs[length - 1].clone();
        // Here Keras takes the mask in the order of the input, also for a loop that ran backwards.
        let sequence = Tensor::stack(&outputs, 0);
        Ok(Outcome {
            last: self.zeroed(&last, self.last_mask().as_ref()),
            sequence: Some(self.zeroed(&sequence, self.mask.as_ref())),
            states,
        })
    }

    /// The place in time of a turn.
    fn slot(&self, turn: usize) -> usize {
        match self.go_backwards {
            true => self.projected.shape()[0] - 1 - turn,
            false => turn,
        }
    }

    /// The mask of the step that runs last.
    fn last_mask(&self) -> Option<Tensor> {
        let slot = self.slot(self.projected.shape()[0].checked_sub(1)?);
        let mask = self.mask.as_ref()?;
        Some(mask.slice(slot..slot + 1).squeeze(0))
    }

    /// Zeros where a step does not count, if the layer is to have them.
    fn zeroed(&self, output: &Tensor, mask: Option<&Tensor>) -> Tensor {
        match mask {
            Some(mask) if self.zero_output_for_mask => choose(mask, output, None),
            _ => output.clone(),
        }
    }

    fn step(
        &self,
        x: &Tensor,
        mask: Option<&Tensor>,
        states: &[Tensor],
        previous: Option<&Tensor>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let (output, next) = self.repeating(x, mask, states, previous)?;
        Ok((self.zeroed(&output, mask), next))
    }

    /// One step; where it does not count, the states and `previous` stay. Without `previous` the output that
    /// stays is the first state.
    fn repeating(
        &self,
        x: &Tensor,
        mask: Option<&Tensor>,
        states: &[Tensor],
        previous: Option<&Tensor>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let mut next = self.cell.step(x, states, &self.masks)?;
        if next.len() != states.len() + 1 {
            return Err(Error::invalid_argument(
                self.cell.class_name(),
                format!("an output and {} states from a step", states.len()),
                format!("{} tensors", next.len()),
                "",
            ));
        }
        let output = next.remove(0);
        let Some(mask) = mask else {
            return Ok((output, next));
        };
        let kept = next.iter().zip(states);
        let kept: Vec<Tensor> = kept.map(|(n, s)| choose(mask, n, Some(s))).collect();
        let output = match previous {
            Some(previous) => choose(mask, &output, Some(previous)),
            None if self.cell.output_is_first_state() => kept[0].clone(),
            None => output,
        };
        Ok((output, kept))
    }

    /// Zeros like an output.
    fn zero_output(&self, states: &[Tensor]) -> Result<Tensor> {
        if self.cell.output_is_first_state() {
            return Ok(Tensor::zeros(states[0].shape().clone(), states[0].dtype()));
        }
        let first = self.projected.slice(0..1).squeeze(0);
        let results = self.cell.step(&first, states, &self.masks)?;
        let output = results.first().unwrap_or(&first).check()?.clone();
        Ok(Tensor::zeros(output.shape().clone(), output.dtype()))
    }
}

/// `x` where the mask `[.., 1]` is true, else `other` or 0.
fn choose(mask: &Tensor, x: &Tensor, other: Option<&Tensor>) -> Tensor {
    let mut dims = mask.shape().dims().to_vec();
    dims.resize(x.rank(), 1);
    let mask = mask.reshape_to(dims);
    match other {
        Some(other) => mask.select(x, other),
        None => mask.select(x, 0.0),
    }
}
