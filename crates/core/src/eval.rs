//! Computing the values of lazy tensors.
//!
//! The graph behind the tensors is compiled with every known value as a parameter, so that the same
//! computation on other numbers is the same program; compiled programs are kept by their graph.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::error::Result;
use crate::graph::Graph;
use crate::lower::{Leaves, Lowered, lower};
use crate::program::Program;
use crate::tensor::Tensor;
use crate::value::Value;

/// How many programs are kept. When there are more, the one that was used longest ago goes.
const KEPT: usize = 256;

/// The values of these tensors, computed by one program.
///
/// # Errors
/// The first error that one of them carries, or what the engine reports.
pub fn eval_all(tensors: &[Tensor]) -> Result<Vec<Value>> {
    for tensor in tensors {
        tensor.check()?;
    }
    let unknown: Vec<Tensor> = tensors
        .iter()
        .filter(|t| t.0.value().is_none())
        .cloned()
        .collect();
    if !unknown.is_empty() {
        let Lowered {
            graph, captured, ..
        } = lower(&[], &unknown, &[], Leaves::Parameters)?;
        let program = program(graph)?;
        let mut program = program.lock().unwrap_or_else(PoisonError::into_inner);
        let values = program.run(&captured)?;
        for (tensor, value) in unknown.iter().zip(values) {
            tensor.0.remember(value.clone());
        }
    }
    Ok(tensors
        .iter()
        .filter_map(|t| t.0.value().cloned())
        .collect())
}

type Kept = Arc<Mutex<Program>>;

#[derive(Default)]
struct Cache {
    programs: HashMap<Graph, (u64, Kept)>,
    clock: u64,
}

fn program(graph: Graph) -> Result<Kept> {
    static CACHE: Mutex<Option<Cache>> = Mutex::new(None);
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    {
        let mut cache = lock();
        let cache = cache.get_or_insert_default();
        cache.clock += 1;
        let now = cache.clock;
        if let Some((used, kept)) = cache.programs.get_mut(&graph) {
            *used = now;
            return Ok(Arc::clone(kept));
        }
    }
    // Compiled without the lock, so that other threads can look up theirs.
    let kept = Arc::new(Mutex::new(Program::from_graph(&graph, Vec::new())?));
    let mut cache = lock();
    let cache = cache.get_or_insert_default();
    if cache.programs.len() >= KEPT {
        let oldest = cache.programs.iter().min_by_key(|(_, (used, _))| *used);
        if let Some(oldest) = oldest.map(|(graph, _)| graph.clone()) {
            cache.programs.remove(&oldest);
        }
    }
    cache
        .programs
        .insert(graph, (cache.clock, Arc::clone(&kept)));
    Ok(kept)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable::Variable;

    #[test]
    fn a_value_is_computed_once_and_reads_see_the_variable_as_it_was() {
        let x = Variable::new("x", Tensor::from([1.0f32])).unwrap();
        let before = x.read() * 2.0;
        x.assign(&Tensor::from([5.0f32])).unwrap();
        let after = x.read() * 2.0;
        assert_eq!(before.to_vec::<f32>().unwrap(), [2.0]);
        assert_eq!(after.to_vec::<f32>().unwrap(), [10.0]);
    }

    #[test]
    fn a_chain_longer_than_the_stack_is_deep_evaluates_and_drops() {
        let mut x = Tensor::from([0.0f32]);
        for _ in 0..20_000 {
            x = &x + 1.0;
        }
        assert_eq!(x.to_vec::<f32>().unwrap(), [20_000.0]);
        let mut y = Tensor::from([0.0f32]);
        for _ in 0..1_000_000 {
            y = -y;
        }
        drop(y);
    }

    #[test]
    fn the_first_error_is_returned_with_its_line() {
        let bad = Tensor::from([1.0f32, 2.0]) + Tensor::from([1.0f32, 2.0, 3.0]);
        let line = line!() - 1;
        let error = (bad * 2.0).exp().eval().unwrap_err().to_string();
        assert!(
            error.starts_with("add: expected shapes that broadcast together"),
            "{error}"
        );
        assert!(error.ends_with(&format!("eval.rs:{line})")), "{error}");
    }
}
