//! Reductions in an order that depends on the shape alone.

mod accumulate;
mod fold;
mod fold_lanes;
mod reducer;

pub(super) use reducer::Reducer;
