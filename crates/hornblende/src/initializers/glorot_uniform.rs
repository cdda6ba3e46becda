//! Glorot and Bengio's (2010) initializer, uniform.

use super::Entry;

pub(super) const ENTRY: Entry = GlorotUniform::entry();

super::variance_scaling::scaled_initializer! {
    /// Glorot and Bengio's (2010) initializer: a uniform distribution of variance `2 / (inputs + outputs)`.
    GlorotUniform, "glorot_uniform", 1.0, "fan_avg", "uniform"
}
