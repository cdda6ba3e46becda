//! Layers of several inputs and one result.

pub(super) mod add;
pub(super) mod concatenate;
mod matched;
pub(super) mod subtract;
