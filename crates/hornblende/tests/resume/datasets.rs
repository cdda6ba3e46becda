//! Runs on datasets, which have an order and a position of their own.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hornblende::data::{Dataset, Element};
use hornblende::prelude::*;

use super::interrupted::alone;
use super::run::{bits, fresh_folder};

/// Trains on a dataset whose element of the number `fails_at`, counted over the run, is an error; tells history
/// and variables to the last bit.
fn run(folder: Option<&Path>, fails_at: usize, steps_per_epoch: Option<usize>) -> Result<String> {
    hornblende::random::set_seed(5);
    let x: Vec<f32> = (0..90).map(|k| (k as f32 * 0.7).sin()).collect();
    let y: Vec<f32> = x.chunks(3).map(|row| row[0] - 2.0 * row[1]).collect();
    let (x, y) = (Tensor::from_vec([30, 3], x), Tensor::from_vec([30, 1], y));
    let seen = Arc::new(AtomicUsize::new(0));
    let mut dataset = Dataset::from_tensor_slices((&x, &y))
        .map(
            move |element: Element| match seen.fetch_add(1, Ordering::Relaxed) {
                n if n == fails_at => Err(Error::data("reader", "a file", "none", "")),
                _ => Ok(element),
            },
        )
        .shuffle(11)
        .batch(4)
        .prefetch(2);
    if steps_per_epoch.is_some() {
        dataset = dataset.repeat(None);
    }
    let mut model = Sequential::new()
        .add(Input::new([3]))
        .add(Dense::new(6).activation("relu"))
        .add(Dropout::new(0.2))
        .add(Dense::new(1));
    model.compile(
        Compile::new()
            .optimizer("adam")
            .loss("mse")
            .metrics(["mae"]),
    )?;
    let validation = Dataset::from_tensor_slices((&x, &y)).batch(7);
    let mut options = Fit::new().epochs(4).verbose(0).validation_data(&validation);
    if let Some(steps) = steps_per_epoch {
        options = options.steps_per_epoch(steps);
    }
    if let Some(folder) = folder {
        options = options.callbacks(BackupAndRestore::new(folder).save_freq(1));
    }
    let history = model.fit(&dataset, options)?;
    let mut told = format!("{history:?}\n");
    for variable in model.variables() {
        told.push_str(&bits(&variable.value()));
    }
    Ok(told)
}

#[test]
fn a_dataset_that_fails_in_the_middle_is_continued_at_its_place() {
    let _alone = alone();
    for (name, steps_per_epoch) in [("passes", None), ("endless", Some(5))] {
        let wanted = run(None, usize::MAX, steps_per_epoch).unwrap();
        let folder = fresh_folder(name);
        let mut failures = 0;
        for fails_at in [20, 35, 47, 60, 75, usize::MAX] {
            match run(Some(&folder), fails_at, steps_per_epoch) {
                Ok(told) => {
                    assert!(told == wanted, "{name}: after {failures} failures");
                    break;
                }
                Err(error) => {
                    assert!(error.to_string().contains("reader"), "{error}");
                    failures += 1;
                }
            }
        }
        assert!(failures > 1, "{name}: nothing failed");
        assert!(!folder.exists(), "{name}: the run has not ended");
    }
}
