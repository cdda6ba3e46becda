//! Whose progress line is drawn.

/// The look of the progress line.
///
/// ```text
/// Keras3   10/10 ━━━━━━━━━━━━━━━━━━━━ 1s 29ms/step - accuracy: 0.0828 - loss: 2.4984
/// Keras2   10/10 [==============================] - 1s 29ms/step - loss: 2.4984 - accuracy: 0.0828
/// ```
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ProgressStyle {
    /// The line of Keras 3.
    #[default]
    Keras3,
    /// The line of Keras 2, which many scripts and documents know.
    Keras2,
}

impl ProgressStyle {
    /// The number of characters of a whole bar.
    pub(super) const fn bar_width(self) -> usize {
        match self {
            Self::Keras3 => 20,
            Self::Keras2 => 30,
        }
    }
}
