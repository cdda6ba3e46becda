//! What the gradient is where there is none.

/// What a tape gives for a source that the target does not depend on: `tf.UnconnectedGradients`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UnconnectedGradients {
    /// Nothing: `None` in a list; for a source that was named alone, a tensor that carries an error.
    #[default]
    None,
    /// Zeros of the shape of the source.
    Zero,
}
