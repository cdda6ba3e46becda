//! Layers that models are made of first of all.

pub(super) mod activation;
pub(super) mod dense;
pub(super) mod embedding;
pub(super) mod input;
pub(super) mod masking;
