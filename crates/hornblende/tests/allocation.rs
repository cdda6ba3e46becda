//! A steady training step allocates nothing.
//!
//! The counter is per thread; the process is started again with one thread, so that all work is counted.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::process::Command;

use hornblende::prelude::*;
use hornblende::random;

const CHILD: &str = "HORNBLENDE_TEST_COUNTS_ALLOCATIONS";
const BATCH: usize = 16;

/// How many more allocations a call makes on 20 more batches: fit, evaluate and predict in turn.
///
/// Shuffled rows, metrics and the optimizer are part of each step of fit.
fn allocations_of_twenty_steps(model: &mut Model, features: &[usize]) -> Result<[i64; 3]> {
    model.compile(
        Compile::new()
            .optimizer("adam")
            .loss("sparse_categorical_crossentropy")
            .metrics(["accuracy"]),
    )?;
    let (many, few) = (counted(model, features, 30)?, counted(model, features, 10)?);
    Ok([0, 1, 2].map(|k| many[k] - few[k]))
}

fn counted(model: &mut Model, features: &[usize], steps: usize) -> Result<[i64; 3]> {
    let rows = steps * BATCH;
    let shape = [&[rows], features].concat();
    let elements = shape.iter().product::<usize>();
    let x = Tensor::from_vec(
        shape,
        (0..elements).map(|k| (k % 17) as f32 / 17.0).collect(),
    );
    let y = Tensor::from((0..rows).map(|k| (k % 10) as i32).collect::<Vec<_>>());
    let fit = |m: &mut Model| {
        m.fit((&x, &y), Fit::new().batch_size(BATCH).verbose(0))
            .map(drop)
    };
    let evaluate = |m: &mut Model| {
        let options = Evaluate::new().batch_size(BATCH).verbose(0);
        m.evaluate((&x, &y), options).map(drop)
    };
    let predict = |m: &mut Model| {
        let options = Predict::new().batch_size(BATCH).verbose(0);
        m.predict(&x, options).map(drop)
    };
    Ok([
        count(model, fit)?,
        count(model, evaluate)?,
        count(model, predict)?,
    ])
}

/// The allocations of a second run; the first makes the programs and what the engine keeps for later.
fn count(model: &mut Model, call: impl Fn(&mut Model) -> Result<()>) -> Result<i64> {
    call(model)?;
    let mut result = Ok(());
    let counted = allocation_counter::measure(|| result = call(model));
    result?;
    Ok(i64::try_from(counted.count_total).unwrap_or(i64::MAX))
}

fn smallest() -> Result<Model> {
    let inputs = Input::new([3]);
    let outputs = Dense::new(10).activation("softmax").call(&inputs)?;
    Model::new(&inputs, &outputs)
}

fn perceptron() -> Result<Model> {
    let inputs = Input::new([784]);
    let x = Dense::new(64).activation("relu").call(&inputs)?;
    let x = Dense::new(64).activation("relu").call(&x)?;
    let outputs = Dense::new(10).activation("softmax").call(&x)?;
    Model::new(&inputs, &outputs)
}

fn convolutional() -> Result<Model> {
    let inputs = Input::new([8, 8, 1]);
    let x = Conv2D::new(4, 3).activation("relu").call(&inputs)?;
    let x = MaxPooling2D::new().call(&x)?;
    let x = Dropout::new(0.2).call(&Flatten::new().call(&x)?)?;
    let outputs = Dense::new(10).activation("softmax").call(&x)?;
    Model::new(&inputs, &outputs)
}

/// Not a claim of its own: the other test runs it in a process with one thread.
#[test]
fn counts_when_asked() -> Result<()> {
    if std::env::var_os(CHILD).is_none() {
        return Ok(());
    }
    random::set_seed(1);
    let engine = hornblende_core::registry::engine();
    println!("engine={}", engine.name());
    println!(
        "smallest={:?}",
        allocations_of_twenty_steps(&mut smallest()?, &[3])?
    );
    println!(
        "perceptron={:?}",
        allocations_of_twenty_steps(&mut perceptron()?, &[784])?
    );
    println!(
        "convolutional={:?}",
        allocations_of_twenty_steps(&mut convolutional()?, &[8, 8, 1])?
    );
    Ok(())
}

#[test]
fn twenty_more_steps_allocate_nothing_more() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "counts_when_asked", "--nocapture"])
        .env(CHILD, "1")
        .env("HORNBLENDE_NUM_THREADS", "1")
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let of = |name: &str| -> &str {
        let found = text
            .lines()
            .find_map(|line| line.split(&format!("{name}=")).nth(1));
        found.unwrap_or_else(|| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)))
    };
    if of("engine") == "reference" {
        // The interpreter makes every value anew; it says what a graph means and is not meant to be fast.
        eprintln!("allocation: SKIPPED, the reference interpreter is the engine");
        return;
    }
    for model in ["smallest", "perceptron", "convolutional"] {
        assert_eq!(of(model), "[0, 0, 0]", "{model}: allocations of 20 steps");
    }
}
