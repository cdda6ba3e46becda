//! Gradients by hand, under the names of TensorFlow: a [`GradientTape`], [`gradient`], [`zip`].
//!
//! Tensors know what they were computed from, so nothing has to be recorded: a tape only says what gradients are
//! asked of. It costs nothing to make one, and code that is read beside a TensorFlow program looks the same.

mod jacobian;
mod recorded;
mod sources;
mod tape;
mod unconnected_gradients;
mod zip;

pub use recorded::Recorded;
pub use sources::{GradientSource, GradientSources};
pub use tape::GradientTape;
pub use unconnected_gradients::UnconnectedGradients;
pub use zip::zip;

use hornblende_core::Tensor;

/// The gradient of the sum of `target` with regard to each source: what a [`GradientTape`] gives, without one.
///
/// # Example
/// ```
/// use hornblende::{gradient, prelude::*};
/// let w = Variable::new("w", Tensor::from([1.0f32, 2.0]))?;
/// let loss = w.read().square().sum(..);
/// let gradients = gradient(&loss, &[w.clone()]);
/// SGD::new().learning_rate(0.25).apply_gradients(&zip(gradients, &[w.clone()]))?;
/// assert_eq!(w.read().to_vec::<f32>()?, [0.5, 1.0]);
/// # Ok::<(), Error>(())
/// ```
#[track_caller]
#[must_use]
pub fn gradient<S: GradientSources>(target: &Tensor, sources: S) -> S::Gradients {
    GradientTape::new().gradient(target, sources)
}
