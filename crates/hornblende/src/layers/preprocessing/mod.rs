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
pub(super) mod mel_spectrogram;
mod moments;
pub(super) mod normalization;
pub(super) mod numbers;
mod output_mode;
pub(super) mod pipeline;
mod quantiles;
pub(super) mod rescaling;
pub(super) mod stft_spectrogram;
pub(super) mod string_lookup;
pub(super) mod text_vectorization;
