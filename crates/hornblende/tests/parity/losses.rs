//! Losses: value and gradient.

use hornblende::losses;
use hornblende::prelude::*;

use super::case::Case;
use super::reading::{array, message, tensor, value};
use super::tally::run;

#[test]
fn losses_are_keras_losses() {
    run("losses", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(
        &["class", "config", "y_true", "y_pred", "sample_weight"],
        &["loss", "grad_y_pred"],
    )?;
    let loss = losses::from_config(case.class(), &case.config()).map_err(message)?;
    let (y_true, y_pred) = (tensor(case.get("y_true")), tensor(case.get("y_pred")));
    let weight = array(case.get("sample_weight")).map(Tensor::from);
    let got = loss.compute(&y_true, &y_pred, weight.as_ref());
    let tolerance = case.tolerance();
    tolerance.check_tensor("loss", &got, &value(case.expected("loss")))?;
    if let Some(wanted) = array(case.expected("grad_y_pred")) {
        let gradient = &got.sum(..).gradients(&[y_pred])[0];
        tolerance.check_tensor("grad_y_pred", gradient, &wanted)?;
    }
    Ok(())
}
