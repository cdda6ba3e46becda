//! Values of hyperparameters.

use crate::formats::protobuf::Message;

/// The value of a hyperparameter: a number, a truth value or a text. All of them convert.
///
/// # Example
/// ```
/// use hornblende::summary::HParamValue;
/// assert_eq!(HParamValue::from(16), HParamValue::Number(16.0));
/// assert_eq!(HParamValue::from("adam"), HParamValue::Text("adam".to_owned()));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub enum HParamValue {
    /// A number, whole or not: TensorBoard does not tell them apart.
    Number(f64),
    /// A truth value.
    Bool(bool),
    /// A text, such as the name of an optimizer.
    Text(String),
}

impl From<f64> for HParamValue {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<f32> for HParamValue {
    fn from(number: f32) -> Self {
        // Through text, so that 0.1 is shown as 0.1.
        Self::Number(
            number
                .to_string()
                .parse()
                .unwrap_or_else(|_| f64::from(number)),
        )
    }
}

impl From<i32> for HParamValue {
    fn from(number: i32) -> Self {
        Self::Number(f64::from(number))
    }
}

impl From<usize> for HParamValue {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

impl From<bool> for HParamValue {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<&str> for HParamValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for HParamValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl HParamValue {
    /// As a `google.protobuf.Value`.
    pub(super) fn message(&self) -> Message {
        match self {
            Self::Number(number) => Message::new().double(2, *number),
            Self::Text(text) => Message::new().text(3, text),
            Self::Bool(truth) => Message::new().whole(4, i64::from(*truth)),
        }
    }

    /// The number of the type, as TensorBoard counts them.
    pub(super) fn data_type(&self) -> i64 {
        match self {
            Self::Text(_) => 1,
            Self::Bool(_) => 2,
            Self::Number(_) => 3,
        }
    }
}
