//! Regularizers and constraints.

use super::case::Case;
use super::tally::run;

#[test]
fn regularizers_constraints_are_those_of_keras() {
    run("regularizers_constraints", check);
}

fn check(case: &Case) -> Result<(), String> {
    Err(format!("there is no {}", case.class()))
}
