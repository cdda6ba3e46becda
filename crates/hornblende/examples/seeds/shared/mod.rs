//! What the examples of the notes share: losses, metrics and models of one's own, data, checks.
//!
//! The parity test of the family `seed_examples` uses the same objects.

#![allow(dead_code, reason = "no example uses all of it")]

pub(crate) mod check;
pub(crate) mod data;
pub(crate) mod losses;
pub(crate) mod metrics;
pub(crate) mod models;
