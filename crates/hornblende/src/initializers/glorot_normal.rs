//! Glorot and Bengio's (2010) initializer, truncated normal.

use super::Entry;

pub(super) const ENTRY: Entry = GlorotNormal::entry();

super::variance_scaling::scaled_initializer! {
    /// Glorot and Bengio's (2010) initializer: a truncated normal distribution of variance `2 / (inputs + outputs)`.
    GlorotNormal, "glorot_normal", 1.0, "fan_avg", "truncated_normal"
}
