//! Learning-rate schedules.

use hornblende::optimizers::schedules;
use hornblende::prelude::*;

use super::case::Case;
use super::reading::{list, message, number};
use super::tally::run;

#[test]
fn schedules_are_keras_schedules() {
    run("schedules", check);
}

fn check(case: &Case) -> Result<(), String> {
    case.only(&["class", "config", "steps"], &["learning_rate"])?;
    let schedule = schedules::from_config(case.class(), &case.config()).map_err(message)?;
    let rates = list(case.expected("learning_rate"));
    for (step, wanted) in list(case.get("steps")).iter().zip(rates) {
        let step = number(step);
        let rate = schedule.call(&Tensor::from(step as f32));
        let rate = rate.item::<f32>().map_err(message)?;
        let what = format!("step {step}");
        case.tolerance()
            .check_number(&what, rate.into(), number(wanted))?;
    }
    Ok(())
}
