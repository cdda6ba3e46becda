//! Something given for the outputs of a model: one for all, in order, or by name.

use hornblende_core::{Error, Result};

/// Losses, loss weights or metrics, as a user gives them for the outputs of a model.
#[derive(Debug, Clone)]
pub enum PerOutput<T> {
    /// Nothing.
    Nothing,
    /// The same for each output.
    Same(T),
    /// One for each output, in the order of the outputs.
    Positions(Vec<T>),
    /// For the outputs of these names; nothing for the others.
    Names(Vec<(String, T)>),
}

impl<T: Clone> PerOutput<T> {
    /// Adds something for the output of this name to what is given by name; what was given in another way
    /// is replaced.
    pub(super) fn set(&mut self, output: String, item: T) {
        match self {
            Self::Names(named) => named.push((output, item)),
            _ => *self = Self::Names(vec![(output, item)]),
        }
    }

    /// What is given for each of these outputs; `what` says in messages what it is ("loss").
    pub(super) fn resolve(&self, what: &str, outputs: &[String]) -> Result<Vec<Option<T>>> {
        match self {
            Self::Nothing => Ok(vec![None; outputs.len()]),
            Self::Same(item) => Ok(vec![Some(item.clone()); outputs.len()]),
            Self::Positions(items) if items.len() == outputs.len() => {
                Ok(items.iter().cloned().map(Some).collect())
            }
            Self::Positions(items) => Err(Error::invalid_argument(
                format!("compile: {what}"),
                format!(
                    "one for each output of the model, {} ({})",
                    outputs.len(),
                    outputs.join(", ")
                ),
                items.len().to_string(),
                "",
            )),
            Self::Names(named) => {
                let mut found = vec![None; outputs.len()];
                for (name, item) in named {
                    match outputs.iter().position(|o| o == name) {
                        Some(place) => found[place] = Some(item.clone()),
                        None => {
                            let known: Vec<&str> = outputs.iter().map(String::as_str).collect();
                            return Err(Error::unknown("output", name, &known));
                        }
                    }
                }
                Ok(found)
            }
        }
    }
}
