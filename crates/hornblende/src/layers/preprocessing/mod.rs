//! Layers that prepare data.

pub(super) mod category_encoding;
pub(super) mod discretization;
mod fingerprint;
pub(super) mod hashed_crossing;
pub(super) mod hashing;
pub(super) mod image;
pub(super) mod integer_lookup;
mod lookup;
mod lookup_options;
mod moments;
pub(super) mod normalization;
pub(super) mod numbers;
mod output_mode;
mod quantiles;
pub(super) mod rescaling;
pub(super) mod string_lookup;
pub(super) mod text_vectorization;
