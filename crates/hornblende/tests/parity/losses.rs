//! Losses: value and gradient.

use hornblende::prelude::*;
use hornblende::{Value, losses};

use super::golden::{Case, array};
use super::tally::{Outcome, run};
use super::tolerance::CLOSE;

#[test]
fn losses_are_keras_losses() {
    run(
        "losses",
        "losses",
        |_| true,
        |case| {
            if !losses::names().contains(&case.class()) {
                return Outcome::Skipped;
            }
            check(case).into()
        },
    );
}

fn check(case: &Case) -> Result<(), String> {
    let loss = losses::from_config(case.class(), &case.config()).map_err(text)?;
    let input = |key: &str| array(case.get(key)).map(Tensor::from);
    let (Some(y_true), Some(y_pred)) = (input("y_true"), input("y_pred")) else {
        return Err("no y_true or y_pred".to_owned());
    };
    let value = loss.compute(&y_true, &y_pred, input("sample_weight").as_ref());
    let wanted = |key: &str| array(case.expected(key)).unwrap_or_else(|| Value::scalar(f32::NAN));
    CLOSE.check("loss", &value.eval().map_err(text)?, &wanted("loss"))?;
    let gradient = value.gradients(&[y_pred])[0].eval().map_err(text)?;
    CLOSE.check("grad_y_pred", &gradient, &wanted("grad_y_pred"))
}

fn text(error: Error) -> String {
    error.to_string()
}
