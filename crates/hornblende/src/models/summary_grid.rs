//! The borders of the summary table and the cells between them.

use super::styled_text::{Alignment, StyledText};
use crate::terminal::Style;

/// A grid with a heavy head, as Keras 3 draws it.
pub(super) struct SummaryGrid {
    /// The width of the text in each column, without the space on either side.
    pub(super) widths: Vec<usize>,
    /// Where the text of each column stands.
    pub(super) sides: Vec<Alignment>,
    pub(super) color: bool,
}

/// The signs of a horizontal rule: start, line, crossing, end.
type Rule = [&'static str; 4];

const TOP: Rule = ["┏", "━", "┳", "┓"];
const BELOW_HEADER: Rule = ["┡", "━", "╇", "┩"];
const BETWEEN_ROWS: Rule = ["├", "─", "┼", "┤"];
const BOTTOM: Rule = ["└", "─", "┴", "┘"];

impl SummaryGrid {
    /// The columns of a whole line: each cell with a border and two spaces, and the last border.
    pub(super) fn line_length(widths: &[usize]) -> usize {
        widths.iter().map(|width| width + 3).sum::<usize>() + 1
    }

    /// Appends the whole grid to `out`; each row has one cell a column.
    pub(super) fn write(&self, out: &mut String, header: &[StyledText], rows: &[Vec<StyledText>]) {
        self.write_rule(out, TOP);
        self.write_header(out, header);
        self.write_rule(out, BELOW_HEADER);
        for (index, row) in rows.iter().enumerate() {
            if index > 0 {
                self.write_rule(out, BETWEEN_ROWS);
            }
            self.write_row(out, row);
        }
        self.write_rule(out, BOTTOM);
    }

    fn write_rule(&self, out: &mut String, [start, line, crossing, end]: Rule) {
        for (index, width) in self.widths.iter().enumerate() {
            out.push_str(if index == 0 { start } else { crossing });
            out.extend(std::iter::repeat_n(line, width + 2));
        }
        out.push_str(end);
        out.push('\n');
    }

    /// Writes the head, which differs from other rows: heavy borders, bold up to them, and short
    /// cells standing at the bottom.
    fn write_header(&self, out: &mut String, header: &[StyledText]) {
        let (cells, height) = self.wrap(header);
        let style = if self.color {
            Style::Bold
        } else {
            Style::Plain
        };
        for line in 0..height {
            for ((cell, &width), &side) in cells.iter().zip(&self.widths).zip(&self.sides) {
                out.push('┃');
                out.push_str(style.start());
                out.push(' ');
                let above = height - cell.len();
                let text = line.checked_sub(above).and_then(|line| cell.get(line));
                text.cloned()
                    .unwrap_or_default()
                    .write(out, width, side, false);
                out.push(' ');
                out.push_str(style.end());
            }
            out.push_str("┃\n");
        }
    }

    fn write_row(&self, out: &mut String, row: &[StyledText]) {
        let (cells, height) = self.wrap(row);
        for line in 0..height {
            for ((cell, &width), &side) in cells.iter().zip(&self.widths).zip(&self.sides) {
                out.push_str("│ ");
                let text = cell.get(line).cloned().unwrap_or_default();
                text.write(out, width, side, self.color);
                out.push(' ');
            }
            out.push_str("│\n");
        }
    }

    /// The lines of each cell, and the number of lines of the highest.
    fn wrap(&self, row: &[StyledText]) -> (Vec<Vec<StyledText>>, usize) {
        let cells: Vec<_> = row
            .iter()
            .zip(&self.widths)
            .map(|(cell, &width)| cell.wrap(width))
            .collect();
        let height = cells.iter().map(Vec::len).max().unwrap_or(0);
        (cells, height)
    }
}
