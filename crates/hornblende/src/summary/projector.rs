//! The files of the embedding projector: arrays and labels as tab-separated text, and a list of them.

use std::fmt::Write;

use hornblende_core::{Error, Result, Value};

/// An array of the projector. Paths are seen from the folder of the list.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EmbeddingInfo {
    pub(crate) tensor_name: String,
    pub(crate) tensor_path: String,
    pub(crate) metadata_path: Option<String>,
}

/// The text of `projector_config.pbtxt`.
pub(crate) fn config_text(embeddings: &[EmbeddingInfo]) -> String {
    let mut text = String::new();
    for embedding in embeddings {
        text.push_str("embeddings {\n");
        let fields = [
            ("tensor_name", Some(&embedding.tensor_name)),
            ("metadata_path", embedding.metadata_path.as_ref()),
            ("tensor_path", Some(&embedding.tensor_path)),
        ];
        for (name, value) in fields {
            if let Some(value) = value {
                // Writing to a text cannot fail.
                let _ = writeln!(text, "  {name}: \"{}\"", escaped(value));
            }
        }
        text.push_str("}\n");
    }
    text
}

/// A text as Protocol Buffers quote it.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        match c {
            '\\' | '"' => escaped.extend(['\\', c]),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The rows of a matrix, a line each.
///
/// # Errors
/// [`Error::ShapeMismatch`] if it is none.
pub(crate) fn tensor_text(matrix: &Value) -> Result<String> {
    let &[rows, columns] = matrix.shape().dims() else {
        let expected = "an array of two axes, (points, sizes)";
        let got = matrix.shape().to_string();
        return Err(Error::shape_mismatch(
            "embedding summary",
            expected,
            got,
            "",
        ));
    };
    let mut text = String::new();
    for row in 0..rows {
        for column in 0..columns {
            let end = if column + 1 == columns { "\n" } else { "\t" };
            let number = matrix.get_f64(row * columns + column);
            // The projector keeps numbers in single precision, so that is how they are written.
            let _ = write!(text, "{}{end}", number as f32);
        }
    }
    Ok(text)
}

/// The labels of points, a line each: what would end a line or a column becomes a space.
pub(super) fn label_text(labels: &[&str]) -> String {
    let line = |label: &&str| label.replace(['\t', '\n', '\r'], " ") + "\n";
    labels.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use hornblende_core::DType;

    use super::*;

    #[test]
    fn lists_name_what_there_is_and_quote_what_must_be() {
        let words = EmbeddingInfo {
            tensor_name: "words".to_owned(),
            tensor_path: "a \"b\"\\c".to_owned(),
            metadata_path: None,
        };
        let expected =
            "embeddings {\n  tensor_name: \"words\"\n  tensor_path: \"a \\\"b\\\"\\\\c\"\n}\n";
        assert_eq!(config_text(&[words]), expected);
    }

    #[test]
    fn rows_and_labels_are_lines() {
        let matrix = Value::from_vec([2, 2], vec![1.0f32, -0.5, 0.1, 3.0]).unwrap();
        assert_eq!(tensor_text(&matrix).unwrap(), "1\t-0.5\n0.1\t3\n");
        assert!(tensor_text(&Value::zeros([2], DType::F32)).is_err());
        assert_eq!(label_text(&["a\tb", "c\nd"]), "a b\nc d\n");
    }
}
