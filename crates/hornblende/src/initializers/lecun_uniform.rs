//! LeCun et al.'s (1998) initializer, uniform.

use super::Entry;

pub(super) const ENTRY: Entry = LecunUniform::entry();

super::variance_scaling::scaled_initializer! {
    /// LeCun et al.'s (1998) initializer: a uniform distribution of variance `1 / inputs`.
    LecunUniform, "lecun_uniform", 1.0, "fan_in", "uniform"
}
