//! Logs for TensorBoard: what is in them, and what the real TensorBoard makes of them.
//!
//! The second needs a Python that has the package `tensorboard`: the one that `HORNBLENDE_PYTHON` names, else
//! `python3` if it has it.
#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod event_log;
mod keras;
mod real;
mod writer;

use std::path::{Path, PathBuf};

use hornblende::prelude::*;

/// A folder that is not there yet, and not any more after the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("hornblende-tensorboard-{name}-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        let _ = std::fs::remove_dir_all(&folder);
        Self(folder)
    }

    fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The model whose logs of Keras are known.
fn small_model() -> Sequential {
    hornblende::random::set_seed(1);
    let mut model = Sequential::new()
        .add(Input::new([4]))
        .add(Dense::new(3).activation("relu").name("first"))
        .add(Dense::new(1).name("second"))
        .with_name("small");
    let compile = Compile::new().optimizer("sgd").loss("mse").metrics(["mae"]);
    model.compile(compile).unwrap();
    model
}

/// Ten samples.
fn data() -> (Tensor, Tensor) {
    let numbers = (0..40).map(|k| (k * 17 % 40) as f32 / 40.0).collect();
    let x = Tensor::from_vec([10, 4], numbers);
    let y = x.sum(1).reshape([10, 1]);
    (x, y)
}

/// Three epochs of two batches, with validation, as Keras was run.
fn fit(model: &mut Model, callback: TensorBoard) -> Result<History> {
    let (x, y) = data();
    let options = Fit::new()
        .epochs(3)
        .batch_size(4)
        .validation_split(0.4)
        .verbose(0);
    model.fit((&x, &y), options.callbacks(callback))
}
