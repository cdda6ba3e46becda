//! What a training loop of one's own costs beside `fit`, side by side in one run:
//! `cargo run --release -p hornblende-bench --example custom_loop`.
//!
//! The loop is that of experiment 3 of the notes on losses: a tape, gradients, an optimizer, a mean of the loss and an
//! accuracy; once with its step wrapped in `function`, once without. All three train the same model on the same batches.

#![allow(clippy::print_stdout, reason = "a table is what the program is for")]
#![allow(dead_code, reason = "the benchmarks use more of the workloads")]

#[path = "../src/workload.rs"]
mod workload;

use std::sync::Arc;
use std::time::Instant;

use hornblende::prelude::*;
use workload::{WORKLOADS, Workload};

/// Rounds; the medians over them are printed. Each round runs all three loops, so that what else the machine does
/// falls on all of them.
const ROUNDS: usize = 9;

fn main() -> Result<()> {
    println!(
        "| workload | fit, ms per step | wrapped | unwrapped | wrapped / fit | unwrapped / fit |"
    );
    println!("|-|-|-|-|-|-|");
    let wanted = std::env::args()
        .skip(1)
        .find(|word| !word.starts_with("--"));
    for workload in WORKLOADS {
        let is_wanted = wanted.as_deref().is_none_or(|name| name == workload.name);
        if is_wanted && ["mlp", "cnn"].contains(&workload.name) {
            compare(workload)?;
        }
    }
    Ok(())
}

fn compare(workload: &Workload) -> Result<()> {
    let steps = if workload.name == "mlp" { 300 } else { 10 };
    let rows = steps * workload.batch;
    let mut shape = workload.model()?.input_specs()[0].shape.dims().to_vec();
    shape[0] = rows;
    let len: usize = shape.iter().product();
    let x = Tensor::from_vec(
        shape,
        (0..len)
            .map(|k| (k * 7919 % 1009) as f32 / 1009.0)
            .collect(),
    );
    let y = Tensor::from_vec([rows], (0..rows).map(|k| (k * 31 % 10) as i32).collect());
    let mut fit_model = workload.model()?;
    let wrapped = ByHand::new(workload)?;
    let unwrapped = ByHand::new(workload)?;
    let step = wrapped.step();
    let mut times = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=ROUNDS {
        let options = Fit::new()
            .batch_size(workload.batch)
            .shuffle(false)
            .verbose(0);
        let fit = time(|| fit_model.fit((&x, &y), options).map(|_| ()))?;
        let wrapped = time(|| {
            wrapped.epoch(workload.batch, &x, &y, |x, y| {
                step.call(&[x, y]).map(|_| ())
            })
        })?;
        let unwrapped =
            time(|| unwrapped.epoch(workload.batch, &x, &y, |x, y| unwrapped.train_step(&x, &y)))?;
        // The first round compiles.
        if round > 0 {
            for (times, seconds) in times.iter_mut().zip([fit, wrapped, unwrapped]) {
                times.push(seconds / steps as f64 * 1e3);
            }
        }
    }
    let [fit, wrapped, unwrapped] = times.map(median);
    println!(
        "| {} | {fit:.3} | {wrapped:.3} | {unwrapped:.3} | {:.2} | {:.2} |",
        workload.name,
        wrapped / fit,
        unwrapped / fit
    );
    Ok(())
}

/// A model with all that a loop by hand needs.
#[derive(Clone)]
struct ByHand {
    model: Arc<Sequential>,
    variables: Vec<Variable>,
    loss: Arc<SparseCategoricalCrossentropy>,
    optimizer: Arc<dyn Optimizer>,
    train_loss: Arc<Mean>,
    train_accuracy: Arc<SparseCategoricalAccuracy>,
}

impl ByHand {
    fn new(workload: &Workload) -> Result<Self> {
        let model = workload.model()?;
        Ok(Self {
            variables: model.trainable_variables(),
            optimizer: model.optimizer()?,
            model: Arc::new(model),
            loss: Arc::new(SparseCategoricalCrossentropy::new()),
            train_loss: Arc::new(Mean::new()),
            train_accuracy: Arc::new(SparseCategoricalAccuracy::new()),
        })
    }

    fn train_step(&self, images: &Tensor, labels: &Tensor) -> Result<()> {
        let tape = GradientTape::new();
        let predictions = self.model.call(images)?;
        let loss = self.loss.compute(labels, &predictions, None);
        let gradients = tape.gradient(&loss, &self.variables);
        self.optimizer
            .apply_gradients(&zip(gradients, &self.variables))?;
        self.train_loss.update_state(&loss, None)?;
        self.train_accuracy.update_state(labels, &predictions, None)
    }

    /// The same step, compiled.
    fn step(&self) -> Function {
        let by_hand = self.clone();
        function(move |batch| {
            by_hand.train_step(&batch[0], &batch[1])?;
            Ok(Vec::new())
        })
    }

    fn epoch(
        &self,
        batch: usize,
        x: &Tensor,
        y: &Tensor,
        step: impl Fn(Tensor, Tensor) -> Result<()>,
    ) -> Result<()> {
        self.train_loss.reset_state()?;
        self.train_accuracy.reset_state()?;
        for first in (0..x.shape()[0]).step_by(batch) {
            let rows = first..first + batch;
            step(x.slice(rows.clone()), y.slice(rows))?;
        }
        let loss = self.train_loss.result().item::<f64>()?;
        let accuracy = self.train_accuracy.result().item::<f64>()?;
        if loss.is_finite() && (0.0..=1.0).contains(&accuracy) {
            return Ok(());
        }
        Err(Error::data(
            "custom_loop",
            "a finite loss",
            loss.to_string(),
            "",
        ))
    }
}

/// Seconds that the work takes: of the clock, or, with `--cpu` and one thread, of the processor, which other programs on
/// a busy machine do not lengthen.
fn time(work: impl FnOnce() -> Result<()>) -> Result<f64> {
    let (start, on_processor) = (Instant::now(), processor_seconds());
    work()?;
    let elapsed = start.elapsed().as_secs_f64();
    let spent = on_processor.and_then(|before| Some(processor_seconds()? - before));
    let wants_processor = std::env::args().any(|word| word == "--cpu");
    Ok(spent.filter(|_| wants_processor).unwrap_or(elapsed))
}

/// How long this thread was on a processor so far, where the system tells.
fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(text.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}
