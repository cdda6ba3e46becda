//! Gradients beside their variables.

use hornblende_core::{Tensor, Variable};

/// The pairs that `apply_gradients` takes. A variable without a gradient is left out, and so stays as it is.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let (w, unused) = (Variable::new("w", 2.0f32)?, Variable::new("unused", 1.0f32)?);
/// let variables = [w.clone(), unused.clone()];
/// let tape = GradientTape::new();
/// let loss = w.read().square();
/// let pairs = zip(tape.gradient(&loss, &variables), &variables);
/// assert_eq!(pairs.len(), 1);
/// assert_eq!(pairs[0].0.item::<f32>()?, 4.0);
/// # Ok::<(), Error>(())
/// ```
#[must_use]
pub fn zip(
    gradients: impl IntoIterator<Item = impl Into<Option<Tensor>>>,
    variables: impl AsRef<[Variable]>,
) -> Vec<(Tensor, Variable)> {
    (gradients.into_iter().map(Into::into))
        .zip(variables.as_ref())
        .filter_map(|(gradient, variable)| Some((gradient?, variable.clone())))
        .collect()
}
