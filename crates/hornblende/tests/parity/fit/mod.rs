//! Training runs of the real Keras, repeated: same initial weights, same batches, same numbers.

mod build;
mod compare;
mod custom;
mod run;

#[test]
fn fit_gives_the_numbers_of_keras() {
    super::tally::run("fit", run::run);
}
