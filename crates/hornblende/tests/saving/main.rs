//! Files of models and weights, against those that Keras wrote.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]
#![allow(clippy::print_stderr, reason = "what was not run is told")]

mod damaged;
mod keras_files;
mod recorded;
mod round_trip;
