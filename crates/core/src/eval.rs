//! Computing the values of lazy tensors.
//!
//! The graph behind the tensors is compiled with every known value as a parameter, so that the same
//! computation on other numbers is the same program; compiled programs are kept by their graph.

use crate::hash::QuickMap;
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
        let wanted = with_held(&unknown);
        let Lowered {
            graph, captured, ..
        } = lower(&[], &wanted, &[], Leaves::Parameters)?;
        let program = program(graph)?;
        let mut program = program.lock().unwrap_or_else(PoisonError::into_inner);
        let values = program.run(&captured)?;
        for (tensor, value) in wanted.iter().zip(values) {
            tensor.0.remember(value.clone());
        }
    }
    Ok(tensors
        .iter()
        .filter_map(|t| t.0.value().cloned())
        .collect())
}

/// How many bytes a tensor may have that is kept because somebody holds it, if it is larger than all that was asked
/// for and all that is known.
const HELD_BYTES: usize = 1 << 16;

/// The tensors and, behind them, what they are computed from and somebody outside of this graph holds too: another
/// question about it is likely, as for the loss behind gradients, and its answer then is at hand.
fn with_held(roots: &[Tensor]) -> Vec<Tensor> {
    // How often each node is used within the graph.
    let mut uses: QuickMap<usize, usize> = QuickMap::default();
    let mut order: Vec<&Tensor> = Vec::new();
    let mut largest = HELD_BYTES;
    let mut stack: Vec<&Tensor> = roots.iter().collect();
    while let Some(tensor) = stack.pop() {
        let used = uses.entry(tensor.address()).or_insert(0);
        *used += 1;
        if *used > 1 {
            continue;
        }
        order.push(tensor);
        if tensor.0.value().is_some() {
            largest = largest.max(bytes(tensor));
            continue;
        }
        stack.extend(tensor.0.inputs());
    }
    for (_, about) in order.iter().flat_map(|tensor| &tensor.0.remarks) {
        uses.entry(about.address()).and_modify(|used| *used += 1);
    }
    let mut wanted = roots.to_vec();
    for tensor in order {
        let used = uses[&tensor.address()];
        let is_held = Arc::strong_count(&tensor.0) > used;
        let is_root = || roots.iter().any(|root| root.is_same(tensor));
        let is_small = || bytes(tensor) <= largest;
        if is_held && tensor.0.can_be_kept() && is_small() && !is_root() {
            wanted.push(tensor.clone());
        }
    }
    wanted
}

fn bytes(tensor: &Tensor) -> usize {
    tensor.shape().len() * tensor.dtype().size()
}

type Kept = Arc<Mutex<Program>>;

#[derive(Default)]
struct Cache {
    programs: QuickMap<Graph, (u64, Kept)>,
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
    use crate::tensor::Kind;
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
    fn what_somebody_holds_is_computed_with_what_is_computed_from_it() {
        let x = Tensor::from([1.0f32, 2.0]);
        let held = x.exp();
        let y = (&held * 2.0).sum(..) + x.square().sum(..);
        y.eval().unwrap();
        assert!(held.0.value().is_some());
        let Kind::Op { inputs, .. } = &y.0.kind else {
            panic!("a sum is an operation");
        };
        assert!(inputs.iter().all(|input| input.0.value().is_none()));
    }

    #[test]
    fn what_is_behind_a_held_tensor_is_not_computed_twice() {
        let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0]]);
        let middle = x.exp();
        // Depends on the same numbers and is not asked for yet.
        let loss = middle.log().sum(..);
        drop(middle);
        let gradient = crate::gradient(&loss, std::slice::from_ref(&x))[0]
            .clone()
            .unwrap();
        assert_eq!(gradient.to_vec::<f32>().unwrap(), [1.0; 4]);
        assert!(loss.0.inputs()[0].0.inputs()[0].0.value().is_some());
        assert_eq!(loss.item::<f32>().unwrap(), 10.0);
    }

    #[test]
    fn rows_of_a_known_value_are_known_and_gradients_go_through_them() {
        let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        let rows = x.slice(1..3);
        assert!(rows.0.value().is_some());
        let gradient = crate::gradient(&rows.square().sum(..), &[x])[0]
            .clone()
            .unwrap();
        assert_eq!(
            gradient.to_vec::<f32>().unwrap(),
            [0.0, 0.0, 6.0, 8.0, 10.0, 12.0]
        );
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
