//! Losses: how far predictions are from what they should be.

mod loss;

pub use crate::ops::match_ranks;
pub use loss::{Loss, Reduction, reduce_losses};
