//! Numbers beside those that Keras gives.

use hornblende::prelude::*;

/// Prints a number and fails if it is not Keras's. The notes' own numbers come from F32, so a few roundings are allowed.
pub(crate) fn check(what: &str, got: &Tensor, keras: &[f64]) -> Result<()> {
    let got = got.cast(DType::F64).to_vec::<f64>()?;
    println!("{what}: {got:?}");
    let is_near = |(got, keras): (&f64, &f64)| (got - keras).abs() <= 1e-5 * keras.abs() + 1e-6;
    if got.len() == keras.len() && got.iter().zip(keras).all(is_near) {
        return Ok(());
    }
    Err(Error::data(
        what,
        format!("{keras:?}"),
        format!("{got:?}"),
        "",
    ))
}

/// The number of epochs to train for: as in the notes, or as `HORNBLENDE_EPOCHS` says.
pub(crate) fn epochs(notes: usize) -> usize {
    let wanted = std::env::var("HORNBLENDE_EPOCHS").ok();
    wanted.and_then(|text| text.parse().ok()).unwrap_or(notes)
}
