//! Blocks of layers beside their peers: the time of a forward pass and of a training step (mean square of the output,
//! gradient descent), for `docs/engine.md`.
//!
//! - `lstm`: a long short-term memory of 64 units on 32 sequences of 50 steps of 32 features.
//! - `encoder`: self-attention with 4 heads, a perceptron of 512 units, and a layer normalization behind each, on 16
//!   sequences of 64 steps of 128 features.
//!
//! `cargo run --release -p hornblende-bench --example blocks`; the peers: `python bench/peer/blocks.py torch lstm`.
#![allow(clippy::print_stdout, reason = "it prints a measurement")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use hornblende::prelude::*;
use hornblende_core::{Value, function, gradient};

type Forward = dyn Fn(&Tensor) -> Result<Tensor> + Send + Sync;

/// What a block makes of its input, and its weights.
struct Block {
    call: Arc<Forward>,
    weights: Vec<Variable>,
}

fn main() -> Result<()> {
    let wanted = std::env::args().nth(1);
    for (name, shape, make) in [
        ("lstm", [32, 50, 32], lstm as fn(&Tensor) -> Result<Block>),
        ("encoder", [16, 64, 128], encoder),
    ] {
        if wanted.as_deref().is_some_and(|wanted| wanted != name) {
            continue;
        }
        let len = shape.iter().product::<usize>();
        let numbers: Vec<f32> = (0..len)
            .map(|k| ((k * 37 % 101) as f32 - 50.0) / 50.0)
            .collect();
        let x = Value::from_vec(shape, numbers)?;
        let block = make(&Tensor::from(x.clone()))?;
        measure(name, block, &[x])?;
    }
    Ok(())
}

fn lstm(x: &Tensor) -> Result<Block> {
    let layer = LSTM::new(64);
    layer.call(x)?;
    Ok(Block {
        weights: layer.trainable_variables(),
        call: Arc::new(move |x| layer.call(x)),
    })
}

fn encoder(x: &Tensor) -> Result<Block> {
    let attention = MultiHeadAttention::new(4, 32);
    let (first, second) = (LayerNormalization::new(), LayerNormalization::new());
    let (wide, narrow) = (Dense::new(512).activation("relu"), Dense::new(128));
    let call = {
        let (attention, first, second) = (attention.clone(), first.clone(), second.clone());
        let (wide, narrow) = (wide.clone(), narrow.clone());
        move |x: &Tensor| {
            let attended = attention.call([x, x])?;
            let x = first.call(x + attended)?;
            let made = narrow.call(wide.call(&x)?)?;
            second.call(x + made)
        }
    };
    call(x)?;
    Ok(Block {
        weights: [
            attention.trainable_variables(),
            first.trainable_variables(),
            wide.trainable_variables(),
            narrow.trainable_variables(),
            second.trainable_variables(),
        ]
        .concat(),
        call: Arc::new(call),
    })
}

fn measure(name: &str, block: Block, inputs: &[Value]) -> Result<()> {
    let Block { call, weights } = block;
    let forward = {
        let call = Arc::clone(&call);
        function(move |x| Ok(vec![call(&x[0])?]))
    };
    let step = function(move |x| {
        let reads: Vec<Tensor> = weights.iter().map(Variable::read).collect();
        let loss = call(&x[0])?.square().mean(..);
        for (weight, gradient) in weights.iter().zip(gradient(&loss, &reads)) {
            if let Some(gradient) = gradient {
                weight.assign(&(weight.read() - gradient * 1e-3))?;
            }
        }
        Ok(vec![loss])
    });
    for (part, program) in [("forward", &forward), ("step", &step)] {
        program.call_values(inputs)?;
        let mut times: Vec<Duration> = Vec::new();
        for _ in 0..200 {
            let start = Instant::now();
            program.call_values(inputs)?;
            times.push(start.elapsed());
        }
        times.sort();
        let milliseconds = |k: usize| times[k].as_secs_f64() * 1e3;
        println!(
            "hornblende {name} {part}: least {:.3} ms, median {:.3} ms",
            milliseconds(0),
            milliseconds(100)
        );
    }
    Ok(())
}
