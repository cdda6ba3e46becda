//! Scaled exponential linear unit.

use hornblende_core::Tensor;

use super::Entry;

pub(super) const ENTRY: Entry = Entry {
    names: &["selu"],
    call: selu,
    kinks: &[0.0],
};

/// The negative limit before scaling.
const ALPHA: f64 = 1.673_263_242_354_377_2;
/// The slope above 0.
const SCALE: f64 = 1.050_700_987_355_480_5;

/// `scale * elu(x, alpha)` with the constants that keep mean 0 and variance 1 from layer to layer
/// (Klambauer et al. 2017, arXiv:1706.02515).
///
/// # Example
/// ```
/// use hornblende::{activations, prelude::*};
/// assert!(activations::selu(&Tensor::from(1.0f32)).item::<f32>()? > 1.05);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn selu(x: &Tensor) -> Tensor {
    super::elu(x, ALPHA) * SCALE
}
