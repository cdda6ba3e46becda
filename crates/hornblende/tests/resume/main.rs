//! A run of `fit` that was interrupted goes on, bit for bit, as if nothing had happened.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod disk;
mod interrupted;
mod killed;
mod run;
