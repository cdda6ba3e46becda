//! What TensorBoard shows: event files with curves, histograms, images, texts, graphs, hyperparameters and
//! embeddings, as TensorFlow's `tf.summary` writes them.
//!
//! `fit` writes them through the callback [`TensorBoard`](crate::callbacks::TensorBoard); a loop of your own
//! uses a [`SummaryWriter`].

mod calls;
mod event_file;
mod graph_def;
mod histogram;
mod hparam;
mod hparam_metric;
mod hparam_value;
mod hparams;
mod image;
mod projector;
mod summary_value;
mod summary_writer;

pub use hparam::HParam;
pub use hparam_metric::HParamMetric;
pub use hparam_value::HParamValue;
pub use summary_writer::SummaryWriter;

pub(crate) use calls::{call_of, layer_name, tensors_between, unique};
pub(crate) use image::weight_images;
pub(crate) use projector::{EmbeddingInfo, config_text, tensor_text};
