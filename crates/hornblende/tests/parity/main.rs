//! Numbers of the real Keras, family by family.
//!
//! The cases are `*.json` files (schema: the README beside the shared ones), looked for
//! 1. in `cases` beside this file, which is in the repository and always runs,
//! 2. in `$HORNBLENDE_SHARED/keras-parity`, else in `shared/keras-parity` beside a folder above the crate,
//! 3. in each folder of `$PARITY_CASES`, a list with colons between; a folder without cases is an error.
//!
//! `make_cases.py` writes further ones with the real Keras. What a case needs and the library has not counts
//! as failed; none is skipped. Each family ends with one line: `parity losses: 258 passed, 0 failed, 0 skipped`.
//!
//! `cargo test --test parity losses` runs one family.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod activations;
mod call;
mod callbacks;
mod case;
mod files;
mod fit;
mod hook_order;
mod initializers;
mod layers;
mod losses;
mod metrics;
mod models;
mod optimizers;
mod python_expression;
mod reading;
mod regularizers_constraints;
mod schedules;
mod seed_examples;
#[path = "../../examples/seeds/shared/mod.rs"]
#[allow(
    clippy::print_stdout,
    unreachable_pub,
    missing_docs,
    reason = "an example prints"
)]
mod seeds;
mod tally;
mod tolerance;
