//! Numbers of the real Keras, family by family.
//!
//! The cases are files outside the repository: `$PARITY_CASES`, else `keras-parity` in
//! `$HORNBLENDE_SHARED`, else `shared/keras-parity` beside a folder above the crate. Without them the
//! tests say so and check nothing. A class that is not written yet is skipped and counted.

mod activations;
mod golden;
mod initializers;
mod losses;
mod metrics;
mod optimizers;
mod schedules;
mod tally;
mod tolerance;
