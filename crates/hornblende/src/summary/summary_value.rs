//! The values of summaries: a tag, what shows it, and a tensor.

use crate::formats::protobuf::Message;

/// A tensor as TensorFlow writes it.
pub(super) struct TensorProto(Message);

/// The numbers of TensorFlow's element types.
const FLOAT: i64 = 1;
const DOUBLE: i64 = 2;
const STRING: i64 = 7;

impl TensorProto {
    /// A number.
    pub(super) fn scalar(number: f32) -> Self {
        Self(begin(FLOAT, &[]).text(4, number.to_le_bytes()))
    }

    /// Nothing, for what is all in the metadata.
    pub(super) fn empty() -> Self {
        Self(begin(FLOAT, &[0]))
    }

    /// Rows of three numbers.
    pub(super) fn rows(rows: &[[f64; 3]]) -> Self {
        let bytes: Vec<u8> = rows
            .iter()
            .flatten()
            .flat_map(|x| x.to_le_bytes())
            .collect();
        Self(begin(DOUBLE, &[rows.len(), 3]).text(4, bytes))
    }

    /// One text.
    pub(super) fn text(text: &[u8]) -> Self {
        Self(begin(STRING, &[]).text(8, text))
    }

    /// A list of texts or other bytes.
    pub(super) fn texts(texts: &[Vec<u8>]) -> Self {
        let list = begin(STRING, &[texts.len()]);
        Self(texts.iter().fold(list, |list, text| list.text(8, text)))
    }
}

/// Type and shape.
fn begin(dtype: i64, shape: &[usize]) -> Message {
    Message::new()
        .whole(1, dtype)
        .message(2, &shape_proto(shape))
}

/// A shape as TensorFlow writes it.
pub(super) fn shape_proto(shape: &[usize]) -> Message {
    let size = |size: &usize| Message::new().whole(1, *size as i64);
    shape
        .iter()
        .fold(Message::new(), |shape, n| shape.message(2, &size(n)))
}

/// The summary of one value: its tag, the plugin of TensorBoard that shows it with what that wants to know, and
/// the tensor.
pub(super) fn summary(tag: &str, plugin: &str, content: &[u8], tensor: &TensorProto) -> Message {
    let mut plugin_data = Message::new().text(1, plugin);
    if !content.is_empty() {
        plugin_data = plugin_data.text(2, content);
    }
    let metadata = Message::new().message(1, &plugin_data);
    let value = Message::new()
        .text(1, tag)
        .message(8, &tensor.0)
        .message(9, &metadata);
    Message::new().message(1, &value)
}
