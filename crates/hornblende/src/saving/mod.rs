//! Models and weights in files, as Keras writes and reads them.
//!
//! [`Model::save`](crate::models::Model::save) and [`load_model`] keep a whole model in a `.keras` file: layers,
//! weights, and for a compiled model its optimizer with state, losses and metrics.
//! [`Model::save_weights`](crate::models::Model::save_weights) and
//! [`Model::load_weights`](crate::models::Model::load_weights) keep weights alone, in a `.weights.h5` file. A
//! file takes the place of an older one only when it is complete.

mod model_file;
mod weights_file;

pub use model_file::load_model;
