// tidy: not an item
//! What a recurrent layer runs at each step.

use hornblende_core::{DType, Error, Result, Shape, Tensor};

use super::DropoutMasks;
use crate::layers::{Call, Layer};

/// What a recurrent layer runs at each step: a layer of the inputs `[x, states..]` and the results
/// `[output, new states..]`.
///
/// Implement [`RecurrentCell::state_shapes`] and [`RecurrentCell::step`], and let [`Layer::forward_all`] call
/// [`step_of_cell`]. What does not need the states belongs into [`RecurrentCell::project`], which sees all
/// steps at once.
pub trait RecurrentCell: Layer {
    /// The shape of each state of one sample, without the batch axis. Asked for when the cell is built.
    fn state_shapes(&self) -> Vec<Shape>;

    /// The masks of dropout for one call: the same at each step. `input` is the shape of one step, batch axis
    /// included.
    ///
    /// # Errors
    /// If there is no random key.
    fn draw(&self, _input: &Shape, _call: &Call) -> Result<DropoutMasks> {
        Ok(DropoutMasks::default())
    }

    /// The part of the work that needs no state, for one step `[batch, ..]` or all steps
    /// `[time, batch, ..]`.
    ///
    /// # Errors
    /// If it cannot be computed.
    fn project(&self, x: &Tensor, _masks: &DropoutMasks) -> Result<Tensor> {
        Ok(x.clone())
    }

    /// One step: from what [`RecurrentCell::project`] made of the input and from the states, the output and
    /// the new states.
    ///
    /// # Errors
    /// If it cannot be computed.
    fn step(&self, x: &Tensor, states: &[Tensor], masks: &DropoutMasks) -> Result<Vec<Tensor>>;

    /// Whether the output is the first of the new states, which saves the loop from carrying it twice.
    fn output_is_first_state(&self) -> bool {
        false
    }
}

/// One call of a cell by itself: what its [`Layer::forward_all`] is.
///
/// # Errors
/// [`Error::InvalidArgument`] if there are not as many states as the cell has; what the cell returns.
pub fn step_of_cell(
    cell: &dyn RecurrentCell,
    inputs: &[Tensor],
    call: &Call,
) -> Result<Vec<Tensor>> {
    let (x, states) = inputs.split_first().ok_or_else(|| {
        Error::invalid_argument(cell.class_name(), "an input and the states", "nothing", "")
    })?;
    check_states(cell, states)?;
    let masks = cell.draw(x.shape(), call)?;
    cell.step(&cell.project(x, &masks)?, states, &masks)
}

/// Fails unless there are as many states as the cell has, of its shapes.
pub(super) fn check_states(cell: &dyn RecurrentCell, states: &[Tensor]) -> Result<()> {
    let shapes = cell.state_shapes();
    let fits =
        |(state, shape): (&Tensor, &Shape)| state.shape().dims().get(1..) == Some(shape.dims());
    if states.len() == shapes.len() && states.iter().zip(&shapes).all(fits) {
        return Ok(());
    }
    let list = |shapes: Vec<String>| shapes.join(" and ");
    let expected = shapes.iter().map(|s| format!("[batch, {}]", sizes(s)));
    let got = states.iter().map(|s| s.shape().to_string());
    Err(Error::shape_mismatch(
        format!("states of {}", cell.class_name()),
        list(expected.collect()),
        list(got.collect()),
        "Pass the states behind the input: layer.call([&x, &state])",
    ))
}

fn sizes(shape: &Shape) -> String {
    let sizes: Vec<String> = shape.dims().iter().map(usize::to_string).collect();
    sizes.join(", ")
}

/// States of zeros for so many samples.
pub(super) fn zero_states(cell: &dyn RecurrentCell, batch: usize, dtype: DType) -> Vec<Tensor> {
    let zeros = |shape: Shape| {
        let dims: Vec<usize> = [batch].iter().chain(shape.dims()).copied().collect();
        Tensor::zeros(dims, dtype)
    };
    cell.state_shapes().into_iter().map(zeros).collect()
}
