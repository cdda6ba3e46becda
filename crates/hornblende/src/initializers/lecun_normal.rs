//! LeCun et al.'s (1998) initializer, truncated normal.

use super::Entry;

pub(super) const ENTRY: Entry = LecunNormal::entry();

super::variance_scaling::scaled_initializer! {
    /// LeCun et al.'s (1998) initializer: a truncated normal distribution of variance `1 / inputs`.
    LecunNormal, "lecun_normal", 1.0, "fan_in", "truncated_normal"
}
