//! Comparing with the golden numbers.

use hornblende::config::Json;
use hornblende::prelude::*;
use hornblende::training::Evaluation;

use crate::reading::{entries, list, number, tensor, text};
use crate::tolerance;

/// How far numbers may be from Keras's: what the table says, or 30 times what a relative noise of 1e-6 on the initial
/// weights does to them, if that is more (README of the golden vectors).
pub(crate) struct Tolerance {
    relative: f64,
    weights: f64,
}

impl Tolerance {
    pub(crate) fn of(case: &Json) -> Self {
        let sensitivity = &case["expected"]["sensitivity"];
        let of = |key: &str| sensitivity.get(key).map_or(0.0, |v| 30.0 * number(v));
        let least = tolerance::of("fit", "").relative;
        Self {
            relative: of("loss_relative").max(least),
            weights: of("final_weights_absolute").max(least),
        }
    }

    pub(crate) fn number(&self, what: &str, got: f64, wanted: f64) -> Result<(), String> {
        // Losses below 1e-2 come as differences of numbers around 1, so their error is absolute.
        let allowed = self.relative * wanted.abs().max(1e-2);
        if (got - wanted).abs() <= allowed || (got.is_nan() && wanted.is_nan()) {
            return Ok(());
        }
        Err(format!(
            "{what}: expected {wanted}; got {got} (allowed {allowed:e})"
        ))
    }

    pub(crate) fn tensor(&self, what: &str, got: &Tensor, wanted: &Json) -> Result<(), String> {
        let wanted = tensor(wanted);
        if got.shape() != wanted.shape() {
            return Err(format!(
                "{what}: expected {}; got {}",
                wanted.shape(),
                got.shape()
            ));
        }
        let numbers = |t: &Tensor| t.to_vec::<f64>().map_err(|e| e.to_string());
        let (got, wanted) = (numbers(got)?, numbers(&wanted)?);
        let largest = wanted.iter().fold(1.0f64, |m, x| m.max(x.abs()));
        let allowed = self.weights * largest;
        for (k, (g, w)) in got.iter().zip(&wanted).enumerate() {
            let close = (g - w).abs() <= allowed;
            if !close {
                return Err(format!(
                    "{what}[{k}]: expected {w}; got {g} (allowed {allowed:e})"
                ));
            }
        }
        Ok(())
    }

    /// Compares all weights by their paths.
    pub(crate) fn weights(&self, model: &Model, wanted: &Json) -> Result<(), String> {
        let weights = model.weights();
        for weight in list(wanted) {
            let path = text(&weight["path"]);
            let found = weights.iter().find(|v| &*v.name() == path);
            let found = found.ok_or_else(|| format!("there is no weight {path}"))?;
            self.tensor(path, &found.read(), &weight["value"])?;
        }
        Ok(())
    }

    /// Compares results by name; the sets of names must be equal.
    pub(crate) fn results(
        &self,
        what: &str,
        got: &Evaluation,
        wanted: &Json,
    ) -> Result<(), String> {
        let wanted = entries(wanted);
        for (name, value) in &wanted {
            let found = got.get(name);
            let found = found.ok_or_else(|| format!("{what}: no {name} in {:?}", got.names()))?;
            self.number(&format!("{what} {name}"), found, number(value))?;
        }
        if wanted.len() != got.names().len() {
            return Err(format!("{what}: too many results: {:?}", got.names()));
        }
        Ok(())
    }
}

/// The places of our results in Keras's list. Keras lists a name twice if a metric and a weighted metric
/// share it; our list has each name once.
pub(crate) fn keras_order(got: &Evaluation, own_names: &[String]) -> Vec<usize> {
    let place = |name: &String| got.names().iter().position(|n| n == name);
    let mut order: Vec<usize> = own_names.iter().filter_map(place).collect();
    let rest: Vec<usize> = (0..got.names().len())
        .filter(|k| !order.contains(k))
        .collect();
    order.extend(rest);
    order
}
