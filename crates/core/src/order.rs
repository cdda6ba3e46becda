//! The nodes behind tensors, operands before users.

use std::collections::hash_map::Entry;
use std::slice;

use crate::hash::QuickMap;
use crate::tensor::Tensor;

/// Every node that some tensors need, once, after its operands.
pub(crate) struct Order<'a> {
    nodes: Vec<Visited<'a>>,
    /// The number of each node in the order in which they were met.
    numbers: QuickMap<usize, usize>,
    /// By these numbers, the nodes' places and how often each is used.
    met: Vec<Met>,
}

/// A node in its place.
#[derive(Clone, Copy)]
pub(crate) struct Visited<'a> {
    pub(crate) tensor: &'a Tensor,
    /// How often it is an operand of another one or one of the tensors asked for.
    pub(crate) uses: usize,
}

#[derive(Clone, Copy)]
struct Met {
    place: usize,
    uses: usize,
}

/// The graph of a usual training step has fewer nodes; room for them is made at once.
const USUAL: usize = 512;

impl<'a> Order<'a> {
    /// The nodes behind `roots`, as far as `operands` leads. Without recursion, since graphs may be deeper than the
    /// stack.
    pub(crate) fn new(
        roots: impl IntoIterator<Item = &'a Tensor>,
        operands: impl Fn(&'a Tensor) -> &'a [Tensor],
    ) -> Self {
        let mut order = Self {
            nodes: Vec::with_capacity(USUAL),
            numbers: QuickMap::with_capacity_and_hasher(USUAL, Default::default()),
            met: Vec::with_capacity(USUAL),
        };
        // The nodes whose operands are being visited, with the operands that are left.
        let mut open: Vec<(usize, &'a Tensor, slice::Iter<'a, Tensor>)> = Vec::new();
        for root in roots {
            if let Some(number) = order.meet(root) {
                open.push((number, root, operands(root).iter()));
            }
            while let Some((number, tensor, left)) = open.last_mut() {
                match left.next() {
                    Some(operand) => {
                        if let Some(number) = order.meet(operand) {
                            open.push((number, operand, operands(operand).iter()));
                        }
                    }
                    None => {
                        order.met[*number].place = order.nodes.len();
                        order.nodes.push(Visited { tensor, uses: 0 });
                        open.pop();
                    }
                }
            }
        }
        for met in &order.met {
            order.nodes[met.place].uses = met.uses;
        }
        order
    }

    /// Counts a use of the node; its number if it was not met before.
    fn meet(&mut self, tensor: &Tensor) -> Option<usize> {
        match self.numbers.entry(tensor.address()) {
            Entry::Occupied(known) => {
                self.met[*known.get()].uses += 1;
                None
            }
            Entry::Vacant(unknown) => {
                let number = self.met.len();
                unknown.insert(number);
                self.met.push(Met { place: 0, uses: 1 });
                Some(number)
            }
        }
    }

    /// The nodes, operands before users.
    pub(crate) fn nodes(&self) -> &[Visited<'a>] {
        &self.nodes
    }

    /// The place of a node, or `None` if it is not there.
    pub(crate) fn place(&self, tensor: &Tensor) -> Option<usize> {
        let number = self.numbers.get(&tensor.address())?;
        Some(self.met[*number].place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operands_come_before_users_and_uses_are_counted() {
        let x = Tensor::from([1.0f32]);
        let square = &x * &x;
        let sum = &square + &x;
        let order = Order::new([&sum, &square], |tensor| tensor.0.inputs());
        let uses: Vec<usize> = order.nodes().iter().map(|node| node.uses).collect();
        assert_eq!(uses, [3, 2, 1]);
        assert_eq!(order.place(&sum), Some(2));
        assert_eq!(order.place(&(&x + 1.0)), None);
    }
}
