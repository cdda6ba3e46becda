//! The calls that lead from symbolic inputs to symbolic outputs.

use std::collections::HashSet;
use std::sync::Arc;

use hornblende_core::Tensor;
use hornblende_core::tensor::{CallRecord, Origin};

use crate::layers::LayerHandle;

/// What tells symbolic tensors apart: an input, or one of the results of a call.
pub(crate) type Key = (usize, usize);

/// The key of a symbolic tensor; `None` for another one.
pub(crate) fn key(tensor: &Tensor) -> Option<Key> {
    match tensor.origin()? {
        Origin::Call(record, index) => Some((Arc::as_ptr(record) as usize, *index)),
        input @ Origin::Input { .. } => Some((std::ptr::from_ref(input) as usize, 0)),
    }
}

/// All symbolic tensors that lead to the outputs, each after those it is made of. What is before one of
/// `inputs` is left out.
pub(crate) fn tensors_between(inputs: &[Tensor], outputs: &[Tensor]) -> Vec<Tensor> {
    let ends: HashSet<Key> = inputs.iter().filter_map(key).collect();
    let needs = |tensor: &Tensor| match (key(tensor), tensor.origin()) {
        (Some(key), Some(Origin::Call(record, _))) if !ends.contains(&key) => record.inputs.clone(),
        _ => Vec::new(),
    };
    let mut found: Vec<Tensor> = Vec::new();
    let mut done: HashSet<Key> = HashSet::new();
    // Depth first, without recursion: a model may be deeper than the stack.
    let mut open: Vec<(Tensor, bool)> = outputs.iter().rev().map(|t| (t.clone(), false)).collect();
    while let Some((tensor, is_ready)) = open.pop() {
        let Some(key) = key(&tensor) else {
            continue;
        };
        if is_ready {
            if done.insert(key) {
                found.push(tensor);
            }
        } else if !done.contains(&key) {
            let needs = needs(&tensor);
            open.push((tensor, true));
            open.extend(needs.into_iter().rev().map(|need| (need, false)));
        }
    }
    found
}

/// The call that a tensor is a result of.
pub(crate) fn call_of(tensor: &Tensor) -> Option<&Arc<CallRecord>> {
    match tensor.origin()? {
        Origin::Call(record, _) => Some(record),
        Origin::Input { .. } => None,
    }
}

/// The name of the layer that a call is of; `None` for plain arithmetic.
pub(crate) fn layer_name(record: &CallRecord) -> Option<String> {
    let handle = record.owner.as_ref()?.downcast_ref::<LayerHandle>()?;
    Some(handle.layer.name())
}

/// The name, numbered if it is taken, and taken from now on.
pub(crate) fn unique(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (1..).map(|n| format!("{name}_{n}"));
    let mut names = [name.to_owned()].into_iter().chain(numbered);
    // Some number is free.
    names
        .find(|name| taken.insert(name.clone()))
        .unwrap_or_default()
}
