//! Training: `compile`, `fit`, `evaluate`, `predict`, and the progress that a person sees.
//!
//! The methods are those of [`Model`](crate::models::Model); this module has their arguments and results.
//! A training step (forward pass, losses, gradients, the optimizer's update, metrics) is one program, made
//! for each size of batch when it is first met.

mod arrays;
mod callback;
mod callback_list;
mod callback_state;
mod class_weights;
mod collected;
mod compile;
mod compile_config;
mod compiled;
mod console;
mod curves;
mod data;
mod dataset_feed;
mod evaluate;
mod evaluate_options;
mod evaluation;
mod feed;
mod fit;
mod fit_options;
mod fit_run;
mod history;
mod label_checks;
mod layout;
mod logs;
mod loss_arguments;
mod mean_tracker;
mod metric_arguments;
mod metric_choice;
mod on_batch;
mod order;
mod per_output;
mod predict;
mod predict_options;
mod progress_bar;
mod progress_line;
mod progress_style;
mod run;
mod samples;
mod session;
mod snapshot;
mod source;
mod step;
mod step_scene;
mod trackers;
mod train_step;
mod verbose;

pub use arrays::{Arrays, IntoArray, IntoArrays};
pub use callback::{Callback, Flow};
pub use callback_list::IntoCallbacks;
pub use callback_state::CallbackState;
pub use compile::Compile;
pub use console::IntoVerbose;
pub use curves::Curves;
pub use data::{Data, IntoData};
pub use evaluate_options::Evaluate;
pub use evaluation::Evaluation;
pub use fit_options::Fit;
pub use history::History;
pub use logs::Logs;
pub use loss_arguments::{IntoLossWeights, IntoLosses};
pub use metric_arguments::{IntoMetricList, IntoMetrics, way};
pub use metric_choice::{IntoMetricChoice, MetricChoice, kind};
pub use per_output::PerOutput;
pub use predict_options::Predict;
pub use progress_bar::ProgressBar;
pub use progress_style::ProgressStyle;
pub use run::Run;
pub use source::{IntoInputs, IntoSource, Source};
pub use step_scene::StepScene;
pub use train_step::{StepLogs, TrainStep};
pub use verbose::Verbose;
