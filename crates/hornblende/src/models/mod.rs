//! Models: the table that describes one.

mod parameter_count;
mod styled_text;
mod summary_grid;
mod summary_row;
mod summary_table;
mod summary_totals;

pub use parameter_count::ParameterCount;
pub use summary_row::SummaryRow;
pub use summary_table::SummaryTable;
pub use summary_totals::SummaryTotals;
