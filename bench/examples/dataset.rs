//! What a dataset costs: `fit` of a small perceptron from arrays and from
//! `from_tensor_slices(..).shuffle(10000).batch(32).prefetch(1)`, in turns.
//!
//! `bench/peer/dataset.py` does the same in Keras.

use std::io::Write;
use std::time::Instant;

use hornblende::data::{Dataset, Element};
use hornblende::prelude::*;

const ROWS: usize = 30_000;

fn model() -> Result<Model> {
    let inputs = Input::new([784]);
    let x = Dense::new(64).activation("relu").call(&inputs)?;
    let x = Dense::new(64).activation("relu").call(&x)?;
    let mut model = Model::new(&inputs, Dense::new(10).activation("softmax").call(&x)?)?;
    let compile = Compile::new().optimizer("rmsprop");
    model.compile(
        compile
            .loss("sparse_categorical_crossentropy")
            .metrics(["accuracy"]),
    )?;
    Ok(model)
}

fn main() -> Result<()> {
    hornblende::random::set_seed(1);
    let pixels = (0..ROWS * 784).map(|k| ((k * 7919) % 1009) as f32 / 1009.0);
    let x = Tensor::from_vec([ROWS, 784], pixels.collect());
    let y = Tensor::from_vec([ROWS], (0..ROWS).map(|k| (k % 10) as i64).collect());
    let rows = Dataset::from_tensor_slices((&x, &y));
    let sources = [
        (
            "shuffle, batch, prefetch",
            rows.shuffle(10_000).batch(32).prefetch(1),
        ),
        ("shuffle, batch", rows.shuffle(10_000).batch(32)),
        (
            "the same with map",
            rows.map(|row: Element| Ok(row))
                .shuffle(10_000)
                .batch(32)
                .prefetch(1),
        ),
    ];
    let mut model = model()?;
    let options = || Fit::new().batch_size(32).verbose(0);
    model.fit((&x, &y), options())?;
    let mut out = std::io::stdout();
    for round in 0..5 {
        let began = Instant::now();
        model.fit((&x, &y), options())?;
        let arrays = began.elapsed().as_secs_f64();
        for (name, dataset) in &sources {
            let began = Instant::now();
            model.fit(dataset, options())?;
            let ratio = began.elapsed().as_secs_f64() / arrays;
            // Whoever closed the output does not want to read it.
            let _ = writeln!(
                out,
                "{round} {arrays:.3} s from arrays; {name}: {ratio:.3} of it"
            );
        }
    }
    Ok(())
}
