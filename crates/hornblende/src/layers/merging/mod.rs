//! Layers of several inputs and one result.

pub(super) mod add;
pub(super) mod average;
pub(super) mod concatenate;
pub(super) mod dot;
pub(super) mod dot_axes;
pub(super) mod maximum;
pub(super) mod merge;
pub(super) mod minimum;
pub(super) mod multiply;
pub(super) mod subtract;
