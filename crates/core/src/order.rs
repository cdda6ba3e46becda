//! The nodes behind tensors, operands before users.

use std::collections::hash_map::Entry;
use std::slice;

use smallvec::SmallVec;

use crate::hash::QuickMap;
use crate::tensor::Tensor;

/// Every node that some tensors need, once, after its operands.
pub(crate) struct Order<'a> {
    nodes: Vec<Visited<'a>>,
    /// The places of all operands, node by node.
    operands: Vec<usize>,
    /// The number of each node in the order in which they were met.
    numbers: QuickMap<usize, usize>,
    /// By these numbers, the nodes' places and how often each is used.
    met: Vec<Met>,
}

/// A node in its place.
#[derive(Clone, Copy)]
pub(crate) struct Visited<'a> {
    pub(crate) tensor: &'a Tensor,
    /// How often it is an operand of another one, one of the tensors asked for, or what another one remarks on.
    pub(crate) uses: usize,
    /// Where its operands begin in [`Order::operands`], and how many there are.
    operands: (usize, usize),
}

#[derive(Clone, Copy)]
struct Met {
    place: usize,
    uses: usize,
}

/// A node whose operands are being visited.
struct Open<'a> {
    number: usize,
    tensor: &'a Tensor,
    /// The operands that are left.
    left: slice::Iter<'a, Tensor>,
    /// The numbers of those that are not.
    operands: SmallVec<[usize; 3]>,
}

/// The graph of a small training step has fewer nodes; room for them is made at once.
const USUAL: usize = 128;

impl<'a> Order<'a> {
    /// The nodes behind `roots`, as far as `operands` leads. Without recursion, since graphs may be deeper than the
    /// stack.
    pub(crate) fn new(
        roots: impl IntoIterator<Item = &'a Tensor>,
        operands: impl Fn(&'a Tensor) -> &'a [Tensor],
    ) -> Self {
        let mut order = Self {
            nodes: Vec::with_capacity(USUAL),
            operands: Vec::with_capacity(2 * USUAL),
            numbers: QuickMap::with_capacity_and_hasher(USUAL, Default::default()),
            met: Vec::with_capacity(USUAL),
        };
        let open_node = |number: usize, tensor: &'a Tensor| Open {
            number,
            tensor,
            left: operands(tensor).iter(),
            operands: SmallVec::new(),
        };
        let mut open: Vec<Open<'a>> = Vec::new();
        for root in roots {
            if let (number, true) = order.meet(root) {
                open.push(open_node(number, root));
            }
            while let Some(node) = open.last_mut() {
                let Some(operand) = node.left.next() else {
                    order.close(node);
                    open.pop();
                    continue;
                };
                let (number, is_new) = order.meet(operand);
                node.operands.push(number);
                if is_new {
                    open.push(open_node(number, operand));
                }
            }
        }
        order.finish();
        order
    }

    /// Gives the node its place.
    fn close(&mut self, node: &Open<'a>) {
        self.met[node.number].place = self.nodes.len();
        self.nodes.push(Visited {
            tensor: node.tensor,
            uses: 0,
            operands: (self.operands.len(), node.operands.len()),
        });
        self.operands.extend_from_slice(&node.operands);
    }

    /// Every node has its place now: numbers become places, and uses are told to the nodes.
    fn finish(&mut self) {
        for operand in &mut self.operands {
            *operand = self.met[*operand].place;
        }
        for met in &self.met {
            self.nodes[met.place].uses = met.uses;
        }
        for place in 0..self.nodes.len() {
            for (_, about) in &self.nodes[place].tensor.0.remarks {
                if let Some(about) = self.place(about) {
                    self.nodes[about].uses += 1;
                }
            }
        }
    }

    /// Counts a use of the node; its number, and whether it was not met before.
    fn meet(&mut self, tensor: &Tensor) -> (usize, bool) {
        match self.numbers.entry(tensor.address()) {
            Entry::Occupied(known) => {
                let number = *known.get();
                self.met[number].uses += 1;
                (number, false)
            }
            Entry::Vacant(unknown) => {
                let number = self.met.len();
                unknown.insert(number);
                self.met.push(Met { place: 0, uses: 1 });
                (number, true)
            }
        }
    }

    /// The places of the operands of the node in this place, as far as the order led.
    pub(crate) fn operands(&self, place: usize) -> &[usize] {
        let (first, count) = self.nodes[place].operands;
        &self.operands[first..first + count]
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
        assert_eq!(order.operands(1), [0, 0]);
        assert_eq!(order.operands(2), [1, 0]);
        assert_eq!(order.place(&sum), Some(2));
        assert_eq!(order.place(&(&x + 1.0)), None);
    }
}
