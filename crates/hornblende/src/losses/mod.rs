//! Losses: how far predictions are from what they should be.

mod loss;

pub use loss::{Loss, Reduction, match_ranks, reduce_losses};
