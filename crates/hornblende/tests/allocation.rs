//! A steady training step allocates nothing.
//!
//! The counter is per thread; the process is started again with one thread, so that all work is counted.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::process::Command;

use hornblende::prelude::*;
use hornblende::random;

const CHILD: &str = "HORNBLENDE_TEST_COUNTS_ALLOCATIONS";
const BATCH: usize = 16;

/// How many more allocations a fit makes whose epoch has 20 more steps. Shuffled rows, metrics and the
/// optimizer are part of each step.
fn allocations_of_twenty_steps(model: &mut Model, features: &[usize]) -> Result<i64> {
    model.compile(
        Compile::new()
            .optimizer("adam")
            .loss("sparse_categorical_crossentropy")
            .metrics(["accuracy"]),
    )?;
    let mut count = |steps: usize| -> Result<i64> {
        let mut shape = vec![steps * BATCH];
        shape.extend_from_slice(features);
        let elements = shape.iter().product::<usize>();
        let x = (0..elements).map(|k| (k % 17) as f32 / 17.0).collect();
        let (x, y) = (
            Tensor::from_vec(shape, x),
            (0..steps * BATCH).map(|k| (k % 10) as i32),
        );
        let y = Tensor::from(y.collect::<Vec<i32>>());
        let mut fit = || model.fit((&x, &y), Fit::new().batch_size(BATCH).verbose(0));
        // The first run makes the programs and what the engine keeps for later.
        fit()?;
        let mut result = Ok(History::default());
        let counted = allocation_counter::measure(|| result = fit());
        result?;
        Ok(i64::try_from(counted.count_total).unwrap_or(i64::MAX))
    };
    Ok(count(30)? - count(10)?)
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
        "smallest={}",
        allocations_of_twenty_steps(&mut smallest()?, &[3])?
    );
    println!(
        "perceptron={}",
        allocations_of_twenty_steps(&mut perceptron()?, &[784])?
    );
    println!(
        "convolutional={}",
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
        assert_eq!(of(model), "0", "{model}: allocations of 20 steps");
    }
}
