//! Training: the progress that a person sees.

mod progress_bar;
mod progress_line;
mod progress_style;
mod verbose;

pub use progress_bar::ProgressBar;
pub use progress_style::ProgressStyle;
pub use verbose::Verbose;
