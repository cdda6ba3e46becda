//! Regularizers: value and gradient. Constraints: the weights that they leave.

use hornblende::{constraints, regularizers};

use super::case::Case;
use super::reading::{array, message, tensor, text, value};
use super::tally::run;

#[test]
fn regularizers_constraints_are_those_of_keras() {
    run("regularizers_constraints", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(&["class", "config", "kind", "w"], &["value", "grad"])?;
    let (w, config) = (tensor(case.get("w")), case.config());
    let got = match text(case.get("kind")) {
        "regularizer" => {
            let regularizer = regularizers::from_config(case.class(), &config).map_err(message)?;
            regularizer.call(&w)
        }
        "constraint" => {
            let constraint = constraints::from_config(case.class(), &config).map_err(message)?;
            constraint.call(&w)
        }
        other => return Err(format!("the kind \"{other}\" is not known to this test")),
    };
    let tolerance = case.tolerance();
    tolerance.check_tensor("value", &got, &value(case.expected("value")))?;
    if let Some(wanted) = array(case.expected("grad")) {
        let gradient = &got.gradients(&[w])[0];
        tolerance.check_tensor("grad", gradient, &wanted)?;
    }
    Ok(())
}
