//! Learning-rate schedules.

use hornblende::optimizers::schedules;
use hornblende::prelude::*;

use super::golden::{Case, list, number};
use super::tally::{Outcome, run};
use super::tolerance::CLOSE;

#[test]
fn schedules_are_keras_schedules() {
    run(
        "schedules",
        "schedules",
        |_| true,
        |case| {
            if !schedules::SCHEDULES
                .iter()
                .any(|e| e.class_name == case.class())
            {
                return Outcome::Skipped;
            }
            check(case).into()
        },
    );
}

fn check(case: &Case) -> Result<(), String> {
    let text = |error: Error| error.to_string();
    let schedule = schedules::from_config(case.class(), &case.config()).map_err(text)?;
    let rates = list(case.expected("learning_rate"));
    for (step, wanted) in list(case.get("steps")).iter().zip(rates) {
        let step = number(step);
        let rate = schedule
            .call(&Tensor::from(step as f32))
            .item::<f32>()
            .map_err(text)?;
        CLOSE.check_number(&format!("step {step}"), rate.into(), number(wanted))?;
    }
    Ok(())
}
