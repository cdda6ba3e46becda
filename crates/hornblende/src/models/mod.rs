//! Models: how layers are connected, and the table that describes it.

mod chain;
mod differences;
mod from_config;
mod graph;
mod graph_walk;
mod input_style;
mod model;
mod network;
mod parameter_count;
mod recorded_masks;
mod sequential;
mod styled_text;
mod summary;
mod summary_grid;
mod summary_row;
mod summary_table;
mod summary_totals;
mod to_config;
mod weight_places;

pub(crate) use differences::Differences;
pub use model::Model;
pub use parameter_count::ParameterCount;
pub use sequential::Sequential;
pub use summary_row::SummaryRow;
pub use summary_table::SummaryTable;
pub use summary_totals::SummaryTotals;
pub(crate) use weight_places::WeightPlaces;
