//! No negative numbers.

use std::sync::Arc;

use hornblende_core::Tensor;

use super::{Constraint, Entry};

pub(super) const ENTRY: Entry = Entry {
    class_name: "NonNeg",
    names: &["non_neg"],
    from_config: |config| {
        config.only("NonNeg", &[])?;
        Ok(Arc::new(NonNeg))
    },
};

/// Replaces negative numbers by 0: `maximum(w, 0)`.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let w = NonNeg.call(&Tensor::from([-1.0f32, 2.0]));
/// assert_eq!(w.to_vec::<f32>()?, [0.0, 2.0]);
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.constraints.NonNeg`.
#[derive(Debug, Clone, Copy, Default)]
pub struct NonNeg;

impl Constraint for NonNeg {
    fn call(&self, w: &Tensor) -> Tensor {
        w.maximum(0.0)
    }

    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }
}
