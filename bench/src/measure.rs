//! The clock, and the checks that stop a run that is fast because it did something else.

use std::time::Instant;

use hornblende::prelude::*;

use crate::workload::Workload;

const WARM_UP_EPOCHS: usize = 1;
const EPOCHS: usize = 3;

/// The median time of an epoch in seconds, the first one to warm up not counted.
pub(crate) fn measure(workload: &Workload) -> Result<f64> {
    let (x, y) = workload.data();
    let mut model = workload.model()?;
    let mut seconds = Vec::new();
    for _ in 0..WARM_UP_EPOCHS + EPOCHS {
        let start = Instant::now();
        // Both calls return when their results are on the host: no step is still under way.
        if workload.predict {
            let options = Predict::new().batch_size(workload.batch).verbose(0);
            let predictions = model.predict(&x, options)?;
            seconds.push(start.elapsed().as_secs_f64());
            verify_predictions(workload, &predictions)?;
        } else {
            let options = Fit::new()
                .batch_size(workload.batch)
                .shuffle(false)
                .verbose(0);
            let history = model.fit((&x, &y), options)?;
            seconds.push(start.elapsed().as_secs_f64());
            verify_training(workload, &history)?;
        }
    }
    seconds.drain(..WARM_UP_EPOCHS);
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[EPOCHS / 2])
}

/// Every row must be a distribution over the classes.
fn verify_predictions(workload: &Workload, predictions: &Tensor) -> Result<()> {
    if predictions.shape().dims() != [workload.samples, workload.classes] {
        return Err(wrong(
            workload,
            "a row for each sample",
            predictions.shape(),
        ));
    }
    let rows = predictions.to_vec::<f32>()?;
    let is_distribution = |row: &[f32]| (row.iter().sum::<f32>() - 1.0).abs() < 1e-4;
    if !rows.chunks_exact(workload.classes).all(is_distribution) {
        return Err(wrong(
            workload,
            "rows of probabilities",
            "rows with other sums",
        ));
    }
    Ok(())
}

/// The loss must be finite, and the accuracy a mean over all samples.
fn verify_training(workload: &Workload, history: &History) -> Result<()> {
    let (&[loss], &[accuracy]) = (&history["loss"], &history["accuracy"]) else {
        return Err(wrong(
            workload,
            "a loss and an accuracy for one epoch",
            "others",
        ));
    };
    if !(0.0..20.0).contains(&loss) {
        return Err(wrong(workload, "a loss between 0 and 20", loss));
    }
    let right = accuracy * workload.samples as f64;
    // A whole number but for the rounding of float32 (6e-8 of at most 50,000) and of its sums.
    if !(0.0..=1.0).contains(&accuracy) || (right - right.round()).abs() > 0.02 {
        let expected = format!("an accuracy over {} samples", workload.samples);
        return Err(wrong(workload, &expected, accuracy));
    }
    Ok(())
}

fn wrong(workload: &Workload, expected: &str, got: impl std::fmt::Display) -> Error {
    Error::data(workload.name, expected, got.to_string(), "")
}
