//! A run of `fit` that was interrupted goes on, bit for bit, as if nothing had happened.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what was run is told"
)]

mod datasets;
mod disk;
mod interrupted;
mod killed;
mod run;
