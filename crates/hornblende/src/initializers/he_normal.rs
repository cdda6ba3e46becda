//! He et al.'s (2015, arXiv:1502.01852) initializer, truncated normal.

use super::Entry;

pub(super) const ENTRY: Entry = HeNormal::entry();

super::variance_scaling::scaled_initializer! {
    /// He et al.'s (2015, arXiv:1502.01852) initializer: a truncated normal distribution of variance `2 / inputs`.
    HeNormal, "he_normal", 2.0, "fan_in", "truncated_normal"
}
