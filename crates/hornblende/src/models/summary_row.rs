//! What the table says of one layer.

use super::parameter_count::grouped;
use super::styled_text::StyledText;
use crate::terminal::Style;

/// Layers that are nested deeper are not indented further.
const DEEPEST_INDENT: usize = 100;

/// One layer of a [`SummaryTable`](super::SummaryTable).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SummaryRow {
    /// The layer's name, such as `dense_1`.
    pub name: String,
    /// The name of its class, such as `Dense`.
    pub class: String,
    /// The shape of its output as text, such as `(None, 64)`; `?` while it is unknown.
    pub output_shape: String,
    /// Its number of parameters; `None` before it is built.
    pub params: Option<u64>,
    /// Where its inputs come from, such as `dense_1[0][0]`; empty for an input layer.
    pub connected_to: Vec<String>,
    /// Whether it is trained; `None` where it has no weights.
    pub trainable: Option<bool>,
    /// How many models it is nested in: 0 for a layer of the model itself.
    pub depth: usize,
}

impl SummaryRow {
    /// `   └ name (Class)`, indented by the depth.
    pub(super) fn layer_cell(&self) -> StyledText {
        let mut cell = StyledText::default();
        if self.depth > 0 {
            cell.push(&"   ".repeat(self.depth.min(DEEPEST_INDENT)), Style::Plain);
            cell.push("└ ", Style::Plain);
        }
        cell.push(&self.name, Style::Plain);
        cell.push(" (", Style::Plain);
        cell.push(&self.class, Style::Blue);
        cell.push(")", Style::Plain);
        cell
    }

    /// The shape, with its numbers and its `None`s set apart.
    pub(super) fn shape_cell(&self) -> StyledText {
        let mut cell = StyledText::default();
        let mut rest = self.output_shape.as_str();
        while let Some(first) = rest.chars().next() {
            let digits = rest.chars().take_while(char::is_ascii_digit).count();
            let (length, style) = if digits > 0 {
                (digits, Style::Green)
            } else if rest.starts_with("None") {
                ("None".len(), Style::Cyan)
            } else {
                (first.len_utf8(), Style::Plain)
            };
            cell.push(&rest[..length], style);
            rest = &rest[length..];
        }
        cell
    }

    /// The number of parameters; a layer that is not built yet says so.
    pub(super) fn params_cell(&self) -> StyledText {
        let mut cell = StyledText::default();
        cell.push(&grouped(self.params.unwrap_or(0)), Style::Green);
        if self.params.is_none() {
            cell.push(" (unbuilt)", Style::Plain);
        }
        cell
    }

    /// The layers that the inputs come from, or `-`.
    pub(super) fn connections_cell(&self) -> StyledText {
        let mut cell = StyledText::default();
        if self.connected_to.is_empty() {
            cell.push("-", Style::Plain);
        }
        for (index, connection) in self.connected_to.iter().enumerate() {
            if index > 0 {
                cell.push(", ", Style::Plain);
            }
            let (layer, indices) = split_indices(connection);
            cell.push(layer, Style::Plain);
            for character in indices.chars() {
                let style = if character.is_ascii_digit() {
                    Style::Green
                } else {
                    Style::Plain
                };
                cell.push(character.encode_utf8(&mut [0; 4]), style);
            }
        }
        cell
    }

    /// `Y`, `N`, or `-` where there is nothing to train.
    pub(super) fn trainable_cell(&self) -> StyledText {
        let mut cell = StyledText::default();
        match self.trainable {
            Some(true) => cell.push("Y", Style::BoldGreen),
            Some(false) => cell.push("N", Style::BoldRed),
            None => cell.push("-", Style::Bold),
        }
        cell
    }
}

/// Splits `dense_1[0][2]` into `dense_1` and `[0][2]`; the name may hold digits and brackets itself.
fn split_indices(connection: &str) -> (&str, &str) {
    let mut at = connection.len();
    for _ in 0..2 {
        let Some(start) = connection[..at].rfind('[') else {
            break;
        };
        let inner = connection[start + 1..at].strip_suffix(']');
        if !inner.is_some_and(|inner| inner.bytes().all(|byte| byte.is_ascii_digit())) {
            break;
        }
        at = start;
    }
    connection.split_at(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_digits_is_not_taken_for_indices() {
        assert_eq!(split_indices("dense_1[0][12]"), ("dense_1", "[0][12]"));
        assert_eq!(split_indices("odd[7][0][1]"), ("odd[7]", "[0][1]"));
        assert_eq!(split_indices("plain"), ("plain", ""));
        assert_eq!(split_indices("层[x]"), ("层[x]", ""));
    }
}
