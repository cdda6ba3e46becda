//! A long short-term memory of 64 units on 32 sequences of 50 steps of 32 features: the time of a forward pass and
//! of a training step (mean square of the last output, gradient descent), for `docs/engine.md`.
//!
//! `cargo run --release -p hornblende-bench --example lstm`; the peers: `python bench/peer/lstm.py`.
#![allow(clippy::print_stdout, reason = "it prints a measurement")]

use std::time::{Duration, Instant};

use hornblende::prelude::*;
use hornblende_core::{Value, function, gradient};

fn main() -> Result<()> {
    let layer = LSTM::new(64);
    let numbers: Vec<f32> = (0..32 * 50 * 32)
        .map(|k| ((k * 37 % 101) as f32 - 50.0) / 50.0)
        .collect();
    let x = Value::from_vec([32, 50, 32], numbers)?;
    layer.call(Tensor::from(x.clone()))?;
    let forward = {
        let layer = layer.clone();
        function(move |x| Ok(vec![layer.call(&x[0])?]))
    };
    let step = function(move |x| {
        let weights = layer.trainable_variables();
        let reads: Vec<Tensor> = weights.iter().map(Variable::read).collect();
        let loss = layer.call(&x[0])?.square().mean(..);
        for (weight, gradient) in weights.iter().zip(gradient(&loss, &reads)) {
            if let Some(gradient) = gradient {
                weight.assign(&(weight.read() - gradient * 1e-3))?;
            }
        }
        Ok(vec![loss])
    });
    let inputs = [x];
    for (name, program) in [("forward", &forward), ("step", &step)] {
        program.call_values(&inputs)?;
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            program.call_values(&inputs)?;
            times.push(start.elapsed());
        }
        times.sort();
        let milliseconds = |k: usize| times[k].as_secs_f64() * 1e3;
        println!(
            "hornblende {name}: least {:.3} ms, median {:.3} ms",
            milliseconds(0),
            milliseconds(100)
        );
    }
    Ok(())
}
