//! Computing the values of lazy tensors.
//!
//! The graph behind the tensors is compiled with every known value as a parameter, so that the same
//! computation on other numbers is the same program; compiled programs are kept by their graph.

use std::sync::{Arc, Mutex, PoisonError};

use crate::deferred::{self, Group, Item};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::hash::QuickMap;
use crate::lower::{Leaves, lower_evaluation};
use crate::order::{Order, Visited};
use crate::program::Program;
use crate::signature::{Signature, signature};
use crate::tensor::Tensor;
use crate::value::Value;
use crate::variable::Variable;

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
        let group = deferred::group();
        let mut waiting = group.lock();
        waiting.check()?;
        compute(&unknown, &group, &mut waiting.items)?;
    }
    Ok(tensors
        .iter()
        .filter_map(|t| t.0.value().cloned())
        .collect())
}

/// Computes these tensors, and with them all that waits in the group: its items are gone then.
///
/// # Errors
/// An error that comes with one of the tensors leaves the items as they are; any other one gives them up, and their
/// variables keep their values.
pub(crate) fn compute(tensors: &[Tensor], group: &Arc<Group>, items: &mut Vec<Item>) -> Result<()> {
    let found = find(tensors, items);
    let (kept, wanted, captured) = match found {
        Ok(found) => found,
        Err(error) => {
            if items.is_empty() || find(tensors, &[]).is_ok() {
                group.abandon(items);
            }
            return Err(error);
        }
    };
    let variables: Vec<Variable> = items.iter().flat_map(Item::updated).cloned().collect();
    // The tensors hold what was read of the variables, which can be changed in place once nobody holds it.
    items.clear();
    let mut program = kept.lock().unwrap_or_else(PoisonError::into_inner);
    let values = program.run_for(group, variables, &captured)?;
    for (tensor, value) in wanted.iter().zip(values) {
        tensor.0.remember(value.clone());
    }
    Ok(())
}

/// The program that computes these tensors and items, all that it computes, and the values of its parameters.
fn find(tensors: &[Tensor], items: &[Item]) -> Result<(Kept, Vec<Tensor>, Vec<Value>)> {
    let operands = items.iter().flat_map(Item::operands);
    let order = Order::new(tensors.iter().chain(operands), |tensor| {
        Leaves::Parameters.operands(tensor)
    });
    let wanted = with_held(&order, tensors);
    let lower = || lower_evaluation(&order, &wanted, items);
    let Some((signature, captured)) = signature(&order, &wanted, items) else {
        lower()?;
        return Err(Error::engine("eval", "a graph", "none", ""));
    };
    Ok((program(signature, lower)?, wanted, captured))
}

/// How many bytes a tensor may have that is kept because somebody holds it, if it is larger than all that was asked
/// for and all that is known.
const HELD_BYTES: usize = 1 << 16;

/// The tensors and, behind them, what they are computed from and somebody outside of this graph holds too: another
/// question about it is likely, as for the loss behind gradients, and its answer then is at hand.
fn with_held(order: &Order<'_>, tensors: &[Tensor]) -> Vec<Tensor> {
    let mut wanted = tensors.to_vec();
    let is_held = |node: &&Visited<'_>| {
        Arc::strong_count(&node.tensor.0) > node.uses && node.tensor.0.can_be_kept()
    };
    let mut held = order.nodes().iter().filter(is_held).peekable();
    if held.peek().is_none() {
        return wanted;
    }
    let known = (order.nodes().iter()).filter(|node| node.tensor.0.value().is_some());
    let largest = known.map(|node| bytes(node.tensor)).max().unwrap_or(0);
    let largest = largest.max(HELD_BYTES);
    for Visited { tensor, .. } in held {
        let is_wanted = || tensors.iter().any(|wanted| wanted.is_same(tensor));
        if bytes(tensor) <= largest && !is_wanted() {
            wanted.push(Tensor::clone(tensor));
        }
    }
    wanted
}

fn bytes(tensor: &Tensor) -> usize {
    tensor.shape().len() * tensor.dtype().size()
}

type Kept = Arc<Mutex<Program>>;

struct Entry {
    program: Kept,
    used: u64,
    /// Debug builds compare each graph with the one whose program is taken for it.
    #[cfg(debug_assertions)]
    graph: Graph,
}

#[derive(Default)]
struct Cache {
    programs: QuickMap<Signature, Entry>,
    clock: u64,
}

/// The program of this signature, compiled if it was not known.
fn program(signature: Signature, lower: impl Fn() -> Result<Graph>) -> Result<Kept> {
    static CACHE: Mutex<Option<Cache>> = Mutex::new(None);
    let lock = || CACHE.lock().unwrap_or_else(PoisonError::into_inner);
    {
        let mut cache = lock();
        let cache = cache.get_or_insert_default();
        cache.clock += 1;
        if let Some(entry) = cache.programs.get_mut(&signature) {
            entry.used = cache.clock;
            #[cfg(debug_assertions)]
            assert!(lower().is_ok_and(|graph| graph == entry.graph));
            return Ok(Arc::clone(&entry.program));
        }
    }
    // Compiled without the lock, so that other threads can look up theirs.
    let graph = lower()?;
    let program = Arc::new(Mutex::new(Program::of_any_variables(&graph)?));
    let mut cache = lock();
    let cache = cache.get_or_insert_default();
    if cache.programs.len() >= KEPT {
        let oldest = cache.programs.values().map(|entry| entry.used).min();
        cache.programs.retain(|_, entry| Some(entry.used) != oldest);
    }
    let entry = Entry {
        program: Arc::clone(&program),
        used: cache.clock,
        #[cfg(debug_assertions)]
        graph,
    };
    cache.programs.insert(signature, entry);
    Ok(program)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tensor::Kind;

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
