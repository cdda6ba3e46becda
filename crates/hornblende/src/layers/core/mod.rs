//! Layers that models are made of first of all.

pub(super) mod activation;
pub(super) mod dense;
pub(super) mod einsum_dense;
mod einsum_shapes;
pub(super) mod embedding;
pub(super) mod identity;
pub(super) mod input;
pub(super) mod lambda;
pub(super) mod masking;
pub(super) mod reversible_embedding;
