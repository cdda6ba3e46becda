//! He et al.'s (2015, arXiv:1502.01852) initializer, uniform.

use super::Entry;

pub(super) const ENTRY: Entry = HeUniform::entry();

super::variance_scaling::scaled_initializer! {
    /// He et al.'s (2015, arXiv:1502.01852) initializer: a uniform distribution of variance `2 / inputs`.
    HeUniform, "he_uniform", 2.0, "fan_in", "uniform"
}
