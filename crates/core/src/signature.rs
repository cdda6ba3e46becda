//! What a lazy graph computes, in a row of words: equal rows, equal programs.
//!
//! A line of tensor code that was not compiled in advance looks its program up by the whole graph behind it, each time it
//! is evaluated. Writing the graph down in words costs a fraction of building one.

use std::hash::{Hash, Hasher};

use crate::deferred::Item;
use crate::hash::QuickMap;
use crate::order::Order;
use crate::tensor::{Kind, Tensor};
use crate::value::Value;

/// The words of an evaluation; see [`signature`].
#[derive(PartialEq, Eq, Hash)]
pub(crate) struct Signature(Vec<u64>);

/// What kind of node comes next.
const PARAMETER: u64 = 1;
const STATE: u64 = 2;
const CONSTANT: u64 = 3;
const OPERATION: u64 = 4;
/// In place of the number of a procedure.
const ASSIGNMENT: u64 = 0;

/// The words, and the values of the parameters, of what computes `outputs` and `items`; `None` if a node cannot be
/// computed. As [`lower_evaluation`](crate::lower::lower_evaluation) numbers parameters and states.
pub(crate) fn signature(
    order: &Order<'_>,
    outputs: &[Tensor],
    items: &[Item],
) -> Option<(Signature, Vec<Value>)> {
    let mut words = Words(Vec::with_capacity(8 * order.nodes().len() + 64));
    let mut captured = Vec::new();
    let replaced = replaced_states(items);
    for (place, node) in order.nodes().iter().enumerate() {
        let tensor = node.tensor;
        match (&tensor.0.kind, tensor.0.value()) {
            (Kind::Constant(value), _) => {
                words.write_u64(CONSTANT);
                value.hash(&mut words);
            }
            (kind, Some(value)) => match replaced_state(kind, value, &replaced) {
                Some(state) => {
                    words.write_u64(STATE);
                    words.write_usize(state);
                }
                None => {
                    words.write_u64(PARAMETER);
                    tensor.spec().hash(&mut words);
                    captured.push(value.clone());
                }
            },
            (Kind::Op { op, .. }, None) => {
                words.write_u64(OPERATION);
                op.hash(&mut words);
                let operands = order.operands(place);
                words.write_usize(operands.len());
                operands.iter().for_each(|place| words.write_usize(*place));
            }
            _ => return None,
        }
    }
    words.write_usize(outputs.len());
    for output in outputs {
        words.write_usize(order.place(output)?);
    }
    for item in items {
        words.item(item, order)?;
    }
    Some((Signature(words.0), captured))
}

/// The numbers of the states that these items change, by their variables.
pub(crate) fn replaced_states(items: &[Item]) -> QuickMap<u64, usize> {
    let variables = items.iter().flat_map(Item::updated);
    variables
        .enumerate()
        .map(|(state, variable)| (variable.id(), state))
        .collect()
}

/// The state that a read of a variable is, if the variable still has the value that was read and will be changed.
pub(crate) fn replaced_state(
    kind: &Kind,
    value: &Value,
    replaced: &QuickMap<u64, usize>,
) -> Option<usize> {
    let Kind::Read(variable) = kind else {
        return None;
    };
    let state = replaced.get(&variable.id())?;
    variable.will_replace(value).then_some(*state)
}

/// Takes down what it is to hash. What is hashed tells its lengths, so that equal words come from equal things only.
struct Words(Vec<u64>);

impl Words {
    fn item(&mut self, item: &Item, order: &Order<'_>) -> Option<()> {
        match item {
            Item::Assign(variable, _) => {
                self.write_u64(ASSIGNMENT);
                variable.spec().hash(self);
            }
            Item::Call(procedure, inputs) => {
                // The very same procedure: its number, which no other one ever has, stands for its code.
                self.write_u64(procedure.id());
                self.write_usize(inputs.len());
            }
        }
        for operand in item.operands() {
            self.write_usize(order.place(operand)?);
        }
        Some(())
    }
}

impl Hasher for Words {
    fn write(&mut self, bytes: &[u8]) {
        let (words, rest) = bytes.as_chunks::<8>();
        (self.0).extend(words.iter().map(|word| u64::from_le_bytes(*word)));
        if !rest.is_empty() {
            let mut word = [0; 8];
            word[..rest.len()].copy_from_slice(rest);
            self.0.push(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, x: u8) {
        self.0.push(u64::from(x));
    }

    fn write_u32(&mut self, x: u32) {
        self.0.push(u64::from(x));
    }

    fn write_u64(&mut self, x: u64) {
        self.0.push(x);
    }

    fn write_usize(&mut self, x: usize) {
        self.0.push(x as u64);
    }

    fn finish(&self) -> u64 {
        self.0.len() as u64
    }
}
