//! Recurrent layers: cells, and what runs them over time.

pub(super) mod bidirectional;
mod cell;
mod cell_options;
pub(super) mod conv_lstm1d;
pub(super) mod conv_lstm2d;
pub(super) mod conv_lstm3d;
mod conv_lstm_cell;
mod dropout_masks;
pub(super) mod gru;
pub(super) mod gru_cell;
pub(super) mod lstm;
pub(super) mod lstm_cell;
mod recurrence;
mod recurrent_layer;
pub(super) mod rnn;
pub(super) mod simple_rnn;
pub(super) mod simple_rnn_cell;
pub(super) mod stacked_rnn_cells;
pub(super) mod time_distributed;
mod time_loop;

pub use cell::{RecurrentCell, step_of_cell};
pub use cell_options::{CellArguments, CellOptions, GateArguments};
pub use dropout_masks::DropoutMasks;
pub(in crate::layers) use recurrence::build_inner;
pub use recurrence::{Recurrence, RecurrenceArguments};
use recurrent_layer::recurrent_layer;

use hornblende_core::{Error, Result, Shape};

use crate::layers::{InputSpec, LayerBase};

/// The size of the last axis, from which the kernel follows.
fn known_features(class_name: &str, input: &Shape) -> Result<usize> {
    InputSpec::rank(2).check(class_name, input)?;
    match input.dims().last() {
        Some(size) if *size != Shape::UNKNOWN => Ok(*size),
        _ => Err(Error::shape_mismatch(
            class_name,
            "a last axis of known size",
            format!("shape {input}"),
            "",
        )),
    }
}

/// A sequence of vectors, of the size that the kernel was made for if there is one.
fn sequence_spec(cell: &LayerBase) -> InputSpec {
    let spec = InputSpec::rank(3);
    match cell.variable("kernel") {
        Some(kernel) => spec.axis(-1, kernel.shape()[0]),
        None => spec,
    }
}
