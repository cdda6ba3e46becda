// tidy: not an item
//! Lists of variables.

use hornblende_core::{Error, Result, Tensor, Value, Variable};

/// Appends the variables that are not in the list yet.
pub(crate) fn push_new(list: &mut Vec<Variable>, more: Vec<Variable>) {
    for variable in more {
        if !list.contains(&variable) {
            list.push(variable);
        }
    }
}

/// Sets the variables of the layer named `name` to these values, or none of them if something is wrong.
pub(crate) fn assign_all(name: &str, variables: &[Variable], values: &[Tensor]) -> Result<()> {
    if variables.len() != values.len() {
        let fix = if variables.is_empty() {
            "The layer has no weights; one that is not built gets them when it is first called"
        } else {
            ""
        };
        return Err(Error::invalid_argument(
            "set_weights",
            format!("{} weights", variables.len()),
            values.len().to_string(),
            fix,
        )
        .in_layer(name));
    }
    let checked = variables.iter().zip(values).map(|(variable, tensor)| {
        let value = tensor.eval()?.convert(variable.dtype());
        if value.shape() == variable.shape() {
            return Ok(value);
        }
        Err(Error::shape_mismatch(
            "set_weights",
            format!("{} for \"{}\"", variable.shape(), variable.name()),
            value.shape().to_string(),
            "",
        )
        .in_layer(name))
    });
    let values = checked.collect::<Result<Vec<Value>>>()?;
    for (variable, value) in variables.iter().zip(values) {
        variable.set(value)?;
    }
    Ok(())
}
