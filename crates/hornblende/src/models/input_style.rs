//! How Keras's classes take several inputs.

/// How a layer that is called on several tensors takes them in Keras.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum InputStyle {
    /// As one list.
    List,
    /// One after the other.
    Positional,
    /// The first alone, the others as the argument `initial_state`.
    InitialState,
}

impl InputStyle {
    /// The style of a class.
    pub(super) fn of(class_name: &str) -> Self {
        match class_name {
            "MultiHeadAttention" | "GroupQueryAttention" => Self::Positional,
            "RNN" | "SimpleRNN" | "LSTM" | "GRU" | "Bidirectional" => Self::InitialState,
            name if name.starts_with("ConvLSTM") => Self::InitialState,
            _ => Self::List,
        }
    }
}
