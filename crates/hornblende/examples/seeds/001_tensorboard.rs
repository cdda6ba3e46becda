//! Note 001, curves while a model is trained: the callback that writes logs for TensorBoard.
//!
//! `cargo run --release --example seed_001_tensorboard`, then `tensorboard --logdir` with the folder that it prints.

#![allow(clippy::print_stdout, reason = "an example prints")]

mod shared;

use hornblende::callbacks::TensorBoard;
use hornblende::prelude::*;
use shared::check::epochs;
use shared::data::Images;
use shared::models::get_compiled_model;

fn main() -> Result<()> {
    let images = Images::load()?;
    let (x_train, y_train) = (Images::rows(&images.x_train)?, &images.y_train);
    let logs = std::env::temp_dir().join(format!("hornblende-seed-001-{}", std::process::id()));

    // 使用 TensorBoard callback
    let mut model = get_compiled_model()?;
    let board = TensorBoard::new(&logs)
        .histogram_freq(1) // how often histograms are written
        .embeddings_freq(0) // how often embeddings are written
        .update_freq("epoch"); // how often curves are written: once an epoch unless said
    let options = Fit::new()
        .epochs(epochs(3))
        .validation_split(0.2)
        .verbose(2)
        .callbacks(board);
    model.fit((&x_train, y_train), options)?;

    for run in ["train", "validation"] {
        let mut files = std::fs::read_dir(logs.join(run))
            .map_err(|error| Error::io("the logs", "a folder", error.to_string(), ""))?;
        assert!(files.next().is_some(), "a file of events in {run}");
    }
    println!("tensorboard --logdir={}", logs.display());
    Ok(())
}
