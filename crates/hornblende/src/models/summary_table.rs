//! The table of a model's layers that `summary` prints.

use std::fmt;

use super::styled_text::{Alignment, StyledText};
use super::summary_grid::SummaryGrid;
use super::{ParameterCount, SummaryRow, SummaryTotals};
use crate::terminal::{Style, Terminal};

/// The table of a model's layers, in the words of Keras 3.
///
/// ```text
/// Model: "mlp"
/// ┏━━━━━━━━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━━━━━━━━━┳━━━━━━━━━━━┓
/// ┃ Layer (type)             ┃ Output Shape      ┃   Param # ┃
/// ┡━━━━━━━━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━━━━━━━━━╇━━━━━━━━━━━┩
/// │ dense_1 (Dense)          │ (None, 64)        │    50,240 │
/// └──────────────────────────┴───────────────────┴───────────┘
///  Total params: 50,240 (196.25 KB)
/// ```
///
/// The columns are as wide as Keras makes them, and wider where a name would be cut: without
/// limit in a pipe or a file, up to the window on a terminal. Only an explicit
/// [`line_length`](Self::line_length) is kept to the letter.
///
/// # Example
/// ```
/// use hornblende::models::{SummaryRow, SummaryTable, SummaryTotals};
/// let row = SummaryRow {
///     name: "dense_1".into(),
///     class: "Dense".into(),
///     output_shape: "(None, 64)".into(),
///     params: Some(50_240),
///     ..SummaryRow::default()
/// };
/// let table = SummaryTable::new("mlp", vec![row], SummaryTotals::default()).to_string();
/// assert!(table.starts_with("Model: \"mlp\"\n┏━"));
/// assert!(table.contains("│ dense_1 (Dense) "));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SummaryTable {
    model: String,
    rows: Vec<SummaryRow>,
    totals: SummaryTotals,
    line_length: Option<usize>,
    show_connections: bool,
    show_trainable: bool,
    expand_nested: bool,
}

/// One column: what stands in its head, and what a layer puts into it.
struct Column {
    header: &'static str,
    side: Alignment,
    cell: fn(&SummaryRow) -> StyledText,
}

/// No line is longer: beyond, a slip of the pen would ask for more memory than there is.
const LONGEST_LINE: usize = 10_000;

/// A cell of fewer columns shows nothing that could be read.
const LEAST_CELL_WIDTH: usize = 3;

impl SummaryTable {
    /// The table of the model named `model`: one row a layer, nested layers behind theirs.
    #[must_use]
    pub fn new(model: impl Into<String>, rows: Vec<SummaryRow>, totals: SummaryTotals) -> Self {
        Self {
            model: model.into(),
            rows,
            totals,
            line_length: None,
            show_connections: false,
            show_trainable: false,
            expand_nested: false,
        }
    }

    /// Makes each line `columns` long, cutting with `…` as Keras does; a length at which nothing
    /// could be read is raised to the least at which something can, and 10,000 is the most.
    #[must_use]
    pub fn line_length(mut self, columns: usize) -> Self {
        self.line_length = Some(columns);
        self
    }

    /// Adds the column `Connected to`, which a model that is more than a chain needs.
    #[must_use]
    pub fn show_connections(mut self, show: bool) -> Self {
        self.show_connections = show;
        self
    }

    /// Adds the column `Trainable`.
    #[must_use]
    pub fn show_trainable(mut self, show: bool) -> Self {
        self.show_trainable = show;
        self
    }

    /// Shows the layers of nested models too: the rows with a depth above 0.
    #[must_use]
    pub fn expand_nested(mut self, expand: bool) -> Self {
        self.expand_nested = expand;
        self
    }

    /// The table as text for `terminal`: coloured where it may be, no wider than its window where
    /// that is possible. It ends with a line break.
    #[must_use]
    pub fn render(&self, terminal: Terminal) -> String {
        let color = terminal.color();
        let columns = self.columns();
        let rows: Vec<Vec<StyledText>> = self
            .rows
            .iter()
            .filter(|row| row.depth == 0 || self.expand_nested)
            .map(|row| columns.iter().map(|column| (column.cell)(row)).collect())
            .collect();
        let widths = self.widths(&columns, &rows, terminal.columns());

        let mut out = String::new();
        let title = StyledText::new(&format!("Model: \"{}\"", self.model), Style::Bold);
        title.write(&mut out, 0, Alignment::Left, color);
        out.push('\n');
        let sides = columns.iter().map(|column| column.side).collect();
        let grid = SummaryGrid {
            widths,
            sides,
            color,
        };
        let header = |column: &Column| StyledText::new(column.header, Style::Bold);
        let header: Vec<_> = columns.iter().map(header).collect();
        grid.write(&mut out, &header, &rows);
        self.write_totals(&mut out, color);
        out
    }

    fn columns(&self) -> Vec<Column> {
        let column = |header, side, cell| Column { header, side, cell };
        let mut columns = vec![
            column("Layer (type)", Alignment::Left, SummaryRow::layer_cell),
            column("Output Shape", Alignment::Left, SummaryRow::shape_cell),
            column("Param #", Alignment::Right, SummaryRow::params_cell),
        ];
        if self.show_connections {
            columns.push(column(
                "Connected to",
                Alignment::Left,
                SummaryRow::connections_cell,
            ));
        }
        if self.show_trainable {
            columns.push(column(
                "Trainable",
                Alignment::Center,
                SummaryRow::trainable_cell,
            ));
        }
        columns
    }

    /// The width of the text in each column.
    fn widths(
        &self,
        columns: &[Column],
        rows: &[Vec<StyledText>],
        window: Option<usize>,
    ) -> Vec<usize> {
        if let Some(length) = self.line_length {
            return self.readable_widths(length);
        }
        let usual = if self.show_connections { 108 } else { 88 };
        let usual = usual + if self.show_trainable { 12 } else { 0 };
        // Keras leaves four columns of the window free.
        let length = window.map_or(usual, |window| usual.min(window.saturating_sub(4)));
        let mut widths = self.readable_widths(length);
        let mut free = window
            .unwrap_or(usize::MAX)
            .saturating_sub(SummaryGrid::line_length(&widths));
        for (index, width) in widths.iter_mut().enumerate() {
            let header = StyledText::new(columns[index].header, Style::Bold).longest_word();
            let longest = rows
                .iter()
                .map(|row| row[index].longest_word())
                .fold(header, usize::max);
            let more = longest.saturating_sub(*width).min(free);
            *width += more;
            free -= more;
        }
        widths
    }

    /// Keras's widths for lines of `length`, or of the least length that can be read.
    fn readable_widths(&self, length: usize) -> Vec<usize> {
        let mut length = length.min(LONGEST_LINE);
        loop {
            let widths = self.keras_widths(length);
            if widths.iter().all(|&width| width >= LEAST_CELL_WIDTH) {
                return widths;
            }
            length += 1;
        }
    }

    /// The widths that Keras gives the columns of a table of `length`: shares of the line, of
    /// which borders and padding are then taken evenly.
    fn keras_widths(&self, length: usize) -> Vec<usize> {
        let shares: &[f64] = if self.show_connections {
            &[0.3, 0.56, 0.74, 1.0]
        } else {
            &[0.45, 0.8, 1.0]
        };
        let mut ends = shares.to_vec();
        if self.show_trainable {
            ends.iter_mut().for_each(|end| *end *= 0.9);
            ends.push(1.0);
        }
        let last_but_one = ends.len() - 2;
        let mut start = 0;
        let width_of = |(index, end): (usize, f64)| {
            let end = (end * length as f64) as usize;
            let width = end - start;
            start = end;
            // Three for each column and one for the last border, which falls to the last but one.
            width.saturating_sub(if index == last_but_one { 4 } else { 3 })
        };
        ends.into_iter().enumerate().map(width_of).collect()
    }

    fn write_totals(&self, out: &mut String, color: bool) {
        let mut line = |label: &str, count: ParameterCount| {
            let mut text = StyledText::new(&format!(" {label} params: "), Style::Bold);
            text.push(&count.grouped(), Style::Green);
            text.push(&format!(" ({})", count.readable_bytes()), Style::Plain);
            text.write(out, 0, Alignment::Left, color);
            out.push('\n');
        };
        line("Total", self.totals.total());
        line("Trainable", self.totals.trainable);
        line("Non-trainable", self.totals.non_trainable);
        if let Some(optimizer) = self.totals.optimizer {
            line("Optimizer", optimizer);
        }
    }
}

impl fmt::Display for SummaryTable {
    /// The table as a file gets it: no colours, nothing cut.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(Terminal::plain()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::terminal::text_width;

    /// Compares with a file that `make.py`, beside the files, wrote with the real Keras.
    macro_rules! assert_golden {
        ($rendered:expr, $name:literal) => {
            let golden = include_str!(concat!("../../tests/golden/terminal/", $name, ".txt"));
            let (_, golden) = golden.split_once('\n').unwrap();
            assert_eq!($rendered, golden.replace("<ESC>", "\x1b"), $name);
        };
    }

    const COLORED: Terminal = Terminal::fixed(400, true);

    fn row(name: &str, class: &str, shape: &str, params: u64) -> SummaryRow {
        SummaryRow {
            name: name.into(),
            class: class.into(),
            output_shape: shape.into(),
            params: Some(params),
            connected_to: Vec::new(),
            trainable: (params > 0).then_some(true),
            depth: 0,
        }
    }

    /// Totals of weights of four bytes each.
    fn totals(trainable: u64, non_trainable: u64) -> SummaryTotals {
        SummaryTotals {
            trainable: f32_count(trainable),
            non_trainable: f32_count(non_trainable),
            optimizer: None,
        }
    }

    fn f32_count(parameters: u64) -> ParameterCount {
        ParameterCount {
            parameters,
            bytes: 4 * parameters,
        }
    }

    fn linear() -> SummaryTable {
        let rows = vec![
            row("digits", "InputLayer", "(None, 784)", 0),
            row("dense_1", "Dense", "(None, 64)", 50_240),
            row("dropout", "Dropout", "(None, 64)", 0),
            row("predictions", "Dense", "(None, 10)", 650),
        ];
        SummaryTable::new("mlp", rows, totals(50_890, 0))
    }

    fn branching() -> SummaryTable {
        let connected = |row: SummaryRow, to: &[&str]| SummaryRow {
            connected_to: to.iter().map(|layer| format!("{layer}[0][0]")).collect(),
            ..row
        };
        let convolution = "a_convolution_with_a_long_name";
        let all = "concatenate_everything_together";
        let frozen = SummaryRow {
            trainable: Some(false),
            ..row("frozen", "Dense", "(None, 8)", 72)
        };
        let rows = vec![
            row("left", "InputLayer", "(None, 32, 32, 3)", 0),
            connected(
                row(convolution, "Conv2D", "(None, 30, 30, 8)", 224),
                &["left"],
            ),
            row("right", "InputLayer", "(None, 16)", 0),
            connected(
                row("norm", "BatchNormalization", "(None, 30, 30, 8)", 32),
                &[convolution],
            ),
            connected(row("dense", "Dense", "(None, 8)", 136), &["right"]),
            connected(
                row("pool", "GlobalAveragePooling2D", "(None, 8)", 0),
                &["norm"],
            ),
            connected(frozen, &["dense"]),
            connected(row("add", "Add", "(None, 8)", 0), &["pool", "frozen"]),
            connected(
                row(all, "Concatenate", "(None, 24)", 0),
                &["pool", "frozen", "add"],
            ),
            connected(row("score", "Dense", "(None, 1)", 25), &[all]),
            connected(row("label", "Dense", "(None, 3)", 75), &[all]),
        ];
        SummaryTable::new("branching", rows, totals(476, 88)).show_connections(true)
    }

    fn nested() -> SummaryTable {
        let at = |depth, row: SummaryRow| SummaryRow { depth, ..row };
        let rows = vec![
            row("deeper", "Sequential", "(None, 4)", 192),
            at(1, row("encoder", "Sequential", "(None, 4)", 172)),
            at(2, row("inner_dense", "Dense", "(None, 8)", 136)),
            at(2, row("inner_out", "Dense", "(None, 4)", 36)),
            at(1, row("after", "Dense", "(None, 4)", 20)),
            row("head", "Dense", "(None, 2)", 10),
        ];
        SummaryTable::new("nested", rows, totals(202, 0))
    }

    #[test]
    fn a_chain_is_printed_as_keras_prints_it() {
        assert_golden!(linear().to_string(), "linear");
        assert_golden!(linear().render(COLORED), "linear_color");
    }

    #[test]
    fn an_explicit_line_length_wraps_and_cuts_as_keras_does() {
        assert_golden!(linear().line_length(60).to_string(), "linear_60");
        assert_golden!(linear().line_length(40).to_string(), "linear_40");
        assert_golden!(linear().line_length(30).to_string(), "linear_30");
        assert_golden!(branching().line_length(108).to_string(), "branching_108");
        assert_golden!(branching().line_length(70).to_string(), "branching_70");
    }

    #[test]
    fn what_the_optimizer_remembers_is_counted() {
        let table = SummaryTable {
            totals: SummaryTotals {
                optimizer: Some(f32_count(101_782)),
                ..totals(50_890, 0)
            },
            ..linear()
        };
        assert_golden!(table.to_string(), "linear_optimizer");
    }

    #[test]
    fn connections_and_trainability_are_printed_as_keras_prints_them() {
        assert_golden!(
            branching()
                .show_trainable(true)
                .line_length(120)
                .render(COLORED),
            "branching_trainable_color"
        );
    }

    #[test]
    fn nested_layers_are_shown_when_asked_for() {
        assert_golden!(nested().to_string(), "nested");
        let expanded = nested()
            .expand_nested(true)
            .show_trainable(true)
            .line_length(100);
        assert_golden!(expanded.to_string(), "nested_expanded_trainable");
    }

    #[test]
    fn unbuilt_layers_several_outputs_and_no_layers_at_all_are_printed_as_keras_does() {
        let dense = SummaryRow {
            params: None,
            ..row("dense", "Dense", "?", 0)
        };
        let unbuilt = SummaryTable::new("unbuilt", vec![dense], totals(0, 0));
        assert_golden!(unbuilt.to_string(), "unbuilt");
        let rows = vec![
            row("seq", "InputLayer", "(None, 5, 2)", 0),
            row("lstm", "LSTM", "[(None, 4), (None, 4), (None, 4)]", 112),
        ];
        assert_golden!(
            SummaryTable::new("multi", rows, totals(112, 0)).to_string(),
            "states"
        );
        assert_golden!(
            SummaryTable::new("empty", vec![], totals(0, 0)).to_string(),
            "empty"
        );
    }

    #[test]
    fn in_a_pipe_nothing_is_cut() {
        let text = branching().show_trainable(true).to_string();
        assert!(!text.contains('…') && !text.contains('\x1b'));
        assert!(text.contains("│ a_convolution_with_a_long_name "));
        assert!(text.contains("│ concatenate_everything_together[0][0] "));
    }

    #[test]
    fn on_a_terminal_the_table_keeps_within_the_window_and_uses_all_of_it_before_it_cuts() {
        for columns in 60..200 {
            let text = branching().render(Terminal::fixed(columns, false));
            let widest = text.lines().map(text_width).max().unwrap();
            assert!(widest <= columns, "{widest} of {columns} columns");
            assert!(
                !text.contains('…') || widest == columns,
                "cut at {widest} of {columns}"
            );
        }
    }

    #[test]
    fn a_window_of_eighty_columns_gets_the_table_that_keras_prints_there() {
        let expected = linear().line_length(76).to_string();
        assert_eq!(linear().render(Terminal::fixed(80, false)), expected);
    }

    #[test]
    fn all_lines_of_the_table_are_equally_wide_in_any_script() {
        let rows = vec![
            row("编码器", "Dense", "(None, 64)", 7),
            row("e\u{301}", "Dense", "?", 7),
        ];
        let text = SummaryTable::new("模型", rows, totals(14, 0)).to_string();
        let widths: Vec<_> = text
            .lines()
            .filter(|line| !line.contains(':'))
            .map(text_width)
            .collect();
        assert_eq!(widths, [88; 7]);
    }

    #[test]
    fn an_impossible_line_length_is_brought_to_the_nearest_possible_one() {
        let text = branching().line_length(0).show_trainable(true).to_string();
        assert!(text.contains("La…") || text.contains("Lay"), "{text}");
        assert_eq!(
            text,
            branching().line_length(1).show_trainable(true).to_string()
        );
    }
}
