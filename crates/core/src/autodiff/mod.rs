//! Reverse-mode differentiation: from a graph to a larger graph.
//!
//! The gradient of a tensor is more tensors, made by one rule for each primitive (`vjp.rs`); gradients
//! of gradients follow.

mod vjp;

use std::collections::HashMap;

use smallvec::SmallVec;

use crate::graph::op::Op;
use crate::hash::{QuickMap, QuickSet};
use crate::order::Order;
use crate::tensor::{Kind, Tensor};

/// The remark on the gradient of a table from which rows were taken: the sum of the squares of what each taking
/// contributes. TensorFlow's optimizers see it where others see the square of the sum.
pub const SQUARES_OF_ROWS: &str = "squares_of_rows";

/// The gradient of the sum of `target` with regard to each source; `None` where `target` does not
/// depend on it through floating-point numbers.
///
/// A source may be any tensor that `target` was computed from; a variable read counts for all reads
/// of its variable.
///
/// # Example
/// ```
/// use hornblende_core::{Tensor, gradient};
/// let x = Tensor::from([1.0f32, 3.0]);
/// let y = x.square() * 2.0;
/// let dx = gradient(&y, &[x])[0].clone().unwrap();
/// assert_eq!(dx.to_vec::<f32>()?, [4.0, 12.0]);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[must_use]
pub fn gradient(target: &Tensor, sources: &[Tensor]) -> Vec<Option<Tensor>> {
    let seed = Tensor::ones(target.shape().clone(), target.dtype());
    vector_jacobian(std::slice::from_ref(target), &[seed], sources)
}

/// The gradient of `sum(target * cotangent)` over all targets with regard to each source; `None` where
/// no target depends on it.
///
/// The name is JAX's `vjp`, the pull-back of cotangents.
#[must_use]
pub fn vector_jacobian(
    targets: &[Tensor],
    cotangents: &[Tensor],
    sources: &[Tensor],
) -> Vec<Option<Tensor>> {
    if let Some(bad) = targets
        .iter()
        .chain(cotangents)
        .find(|t| t.error().is_some())
    {
        return sources.iter().map(|_| Some(bad.clone())).collect();
    }
    let wanted = Wanted::new(sources);
    let order = Order::new(targets, operands_with_gradients);
    let active = active_places(&order, &wanted);
    let mut gathered = Cotangents::new(order.nodes().len());
    for (target, cotangent) in targets.iter().zip(cotangents) {
        if let (true, Some(place)) = (target.dtype().is_float(), order.place(target)) {
            gathered.add(place, cotangent.clone());
        }
    }
    let mut found: QuickMap<usize, Tensor> = QuickMap::default();
    for (place, node) in order.nodes().iter().enumerate().rev() {
        let node = node.tensor;
        if !active[place] {
            continue;
        }
        if let (true, Some(cotangent)) = (wanted.contains(node), gathered.total(place)) {
            let slot = found.entry(wanted.key(node));
            slot.and_modify(|sum| *sum = added(sum, &cotangent))
                .or_insert(cotangent);
        }
        pull_back(place, &order, &active, &mut gathered);
    }
    sources
        .iter()
        .map(|s| found.get(&wanted.key(s)).cloned())
        .collect()
}

/// Applies the rule of the node in this place: its cotangent goes on to its operands.
fn pull_back(place: usize, order: &Order<'_>, active: &[bool], gathered: &mut Cotangents) {
    let node = order.nodes()[place].tensor;
    let Kind::Op { op, inputs } = &node.0.kind else {
        return;
    };
    let operands = order.operands(place);
    let mut needs: SmallVec<[bool; 4]> = SmallVec::new();
    for (operand, input) in operands.iter().zip(inputs) {
        needs.push(active[*operand] && (input.dtype().is_float() || is_loop(input)));
    }
    if !needs.contains(&true) {
        return;
    }
    let pulled = match op {
        Op::TupleElement(index) => {
            if let Some(cotangent) = gathered.total(place) {
                gathered.add_element(operands[0], *index, cotangent);
            }
            return;
        }
        Op::Scan(scan) => match gathered.elements.remove(&place) {
            Some(elements) => vjp::scan(scan, inputs, node, &elements),
            None => return,
        },
        Op::While(_) => match gathered.elements.remove(&place) {
            Some(_) => vjp::while_loop(inputs),
            None => return,
        },
        _ => match gathered.total(place) {
            Some(cotangent) => vjp::vjp(op, inputs, node, &cotangent, &needs),
            None => return,
        },
    };
    for ((operand, needed), cotangent) in operands.iter().zip(needs).zip(pulled) {
        if let (true, Some(cotangent)) = (needed, cotangent) {
            gathered.add(*operand, cotangent);
        }
    }
}

/// The operands of a node that gradients go on to.
fn operands_with_gradients(tensor: &Tensor) -> &[Tensor] {
    match &tensor.0.kind {
        Kind::Op {
            op: Op::StopGradient,
            ..
        } => &[],
        _ => tensor.0.inputs(),
    }
}

fn is_loop(tensor: &Tensor) -> bool {
    matches!(
        &tensor.0.kind,
        Kind::Op {
            op: Op::Scan(_) | Op::While(_),
            ..
        }
    )
}

/// The sum of two cotangents of one tensor.
fn added(a: &Tensor, b: &Tensor) -> Tensor {
    match (a.remark(SQUARES_OF_ROWS), b.remark(SQUARES_OF_ROWS)) {
        (Some(of_a), Some(of_b)) => (a + b).with_remark(SQUARES_OF_ROWS, &(of_a + of_b)),
        _ => a + b,
    }
}

/// Whether the node in each place depends on a source.
fn active_places(order: &Order<'_>, wanted: &Wanted) -> Vec<bool> {
    let mut active = Vec::with_capacity(order.nodes().len());
    for (place, node) in order.nodes().iter().enumerate() {
        let mut operands = order.operands(place).iter();
        let depends = wanted.contains(node.tensor) || operands.any(|operand| active[*operand]);
        active.push(depends);
    }
    active
}

/// What has come back to each place so far.
struct Cotangents {
    values: Vec<SmallVec<[Tensor; 2]>>,
    /// For loops: what has come back to each of their results.
    elements: HashMap<usize, HashMap<usize, Tensor>>,
}

impl Cotangents {
    fn new(places: usize) -> Self {
        let mut values = Vec::new();
        values.resize_with(places, SmallVec::new);
        Self {
            values,
            elements: HashMap::new(),
        }
    }

    fn add(&mut self, place: usize, cotangent: Tensor) {
        self.values[place].push(cotangent);
    }

    /// The sum of what has come back to a place.
    fn total(&mut self, place: usize) -> Option<Tensor> {
        let parts = &mut self.values[place];
        if let [whole] = parts.as_slice() {
            return Some(whole.clone());
        }
        let sum = match joined(parts) {
            Some(whole) => whole,
            None => parts.iter().cloned().reduce(|a, b| added(&a, &b))?,
        };
        parts.clear();
        parts.push(sum.clone());
        Some(sum)
    }

    fn add_element(&mut self, place: usize, index: usize, cotangent: Tensor) {
        let slot = self.elements.entry(place).or_default().entry(index);
        slot.and_modify(|sum| *sum = &*sum + &cotangent)
            .or_insert(cotangent);
    }
}

/// The sum of parts that are zero outside of ranges of one axis which cover it without overlap, as those of a tensor
/// that was cut in pieces: the pieces one after the other, without a sum.
fn joined(parts: &[Tensor]) -> Option<Tensor> {
    let mut pieces = parts
        .iter()
        .map(Piece::of)
        .collect::<Option<Vec<Piece>>>()?;
    let axis = pieces.first()?.axis;
    pieces.sort_by_key(|piece| piece.start);
    let mut end = 0;
    for piece in &pieces {
        if piece.axis != axis || piece.start != end {
            return None;
        }
        end += piece.values.shape()[axis];
    }
    if end != parts[0].shape()[axis] {
        return None;
    }
    let values: Vec<Tensor> = pieces.into_iter().map(|piece| piece.values).collect();
    Some(Tensor::concatenate(&values, axis as isize))
}

/// What is zero but in a range of one axis.
struct Piece {
    axis: usize,
    start: usize,
    values: Tensor,
}

impl Piece {
    fn of(tensor: &Tensor) -> Option<Self> {
        let Kind::Op { op, inputs } = &tensor.0.kind else {
            return None;
        };
        let Op::Pad {
            low,
            high,
            interior,
        } = op
        else {
            return None;
        };
        let adds = |k: &usize| low[*k] != 0 || high[*k] != 0;
        let axes: Vec<usize> = (0..low.len()).filter(adds).collect();
        let [axis] = *axes else {
            return None;
        };
        let is_plain = interior.iter().all(|i| *i == 0) && low[axis] >= 0 && high[axis] >= 0;
        let is_zero =
            matches!(&inputs[1].0.kind, Kind::Constant(v) if v.len() == 1 && v.get_f64(0) == 0.0);
        (is_plain && is_zero).then(|| Self {
            axis,
            start: low[axis] as usize,
            values: inputs[0].clone(),
        })
    }
}

/// The sources: variables by identity, other tensors by node.
struct Wanted {
    nodes: QuickSet<usize>,
    variables: QuickSet<u64>,
}

impl Wanted {
    fn new(sources: &[Tensor]) -> Self {
        let mut wanted = Self {
            nodes: QuickSet::default(),
            variables: QuickSet::default(),
        };
        for source in sources {
            match &source.0.kind {
                Kind::Read(variable) => wanted.variables.insert(variable.id()),
                _ => wanted.nodes.insert(source.address()),
            };
        }
        wanted
    }

    fn contains(&self, node: &Tensor) -> bool {
        match &node.0.kind {
            Kind::Read(variable) => self.variables.contains(&variable.id()),
            _ => self.nodes.contains(&node.address()),
        }
    }

    /// Where the gradient of this source is gathered. Addresses are even, so that the two kinds of keys
    /// never meet.
    fn key(&self, node: &Tensor) -> usize {
        match &node.0.kind {
            Kind::Read(variable) => (variable.id() as usize) << 1 | 1,
            _ => node.address(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::variable::Variable;

    #[test]
    fn gradients_of_gradients_follow() {
        let x = Tensor::from([2.0f64]);
        let y = x.pow(4.0);
        let first = gradient(&y, std::slice::from_ref(&x))[0].clone().unwrap();
        let second = gradient(&first, std::slice::from_ref(&x))[0]
            .clone()
            .unwrap();
        let third = gradient(&second, &[x])[0].clone().unwrap();
        assert_eq!(first.to_vec::<f64>().unwrap(), [32.0]);
        assert_eq!(second.to_vec::<f64>().unwrap(), [48.0]);
        assert_eq!(third.to_vec::<f64>().unwrap(), [48.0]);
    }

    #[test]
    fn the_gradient_of_a_tensor_cut_in_pieces_is_the_pieces_joined() {
        let x = Tensor::from([1.0f32, 2.0, 3.0]);
        let y = x.slice(1..).square().sum(..) + x.slice(0..1).sum(..);
        let g = gradient(&y, std::slice::from_ref(&x))[0].clone().unwrap();
        assert_eq!(g.to_vec::<f32>().unwrap(), [1.0, 4.0, 6.0]);
        assert!(matches!(
            &g.0.kind,
            Kind::Op {
                op: Op::Concatenate(0),
                ..
            }
        ));
        let overlapping = x.slice(1..).square().sum(..) + x.slice(0..2).sum(..);
        let g = gradient(&overlapping, &[x])[0].clone().unwrap();
        assert_eq!(g.to_vec::<f32>().unwrap(), [1.0, 5.0, 6.0]);
    }

    #[test]
    fn the_gradient_of_a_table_remembers_the_squares_of_what_each_taking_contributes() {
        let table = Tensor::from([[1.0f32], [2.0]]);
        let weights = Tensor::from([[3.0f32], [4.0], [5.0]]);
        let taken = table.take(&Tensor::from([0i32, 0, 1]), 0);
        let g = gradient(&(taken * weights), &[table])[0].clone().unwrap();
        assert_eq!(g.to_vec::<f32>().unwrap(), [7.0, 5.0]);
        let squares = g.remark(SQUARES_OF_ROWS).unwrap();
        assert_eq!(squares.to_vec::<f32>().unwrap(), [25.0, 25.0]);
    }

    #[test]
    fn all_reads_of_a_variable_count() {
        let w = Variable::new("w", Tensor::from([3.0f32])).unwrap();
        let y = w.read() * w.read();
        let g = gradient(&y, &[w.read()])[0].clone().unwrap();
        assert_eq!(g.to_vec::<f32>().unwrap(), [6.0]);
    }

    #[test]
    fn what_does_not_depend_has_no_gradient() {
        let (x, z) = (Tensor::from([1.0f32]), Tensor::from([1.0f32]));
        assert!(gradient(&x.square(), &[z])[0].is_none());
        let stopped = x.stop_gradient() * 2.0;
        assert!(gradient(&stopped, std::slice::from_ref(&x))[0].is_none());
        let whole = x.cast(crate::DType::I32).cast(crate::DType::F32);
        assert!(gradient(&whole, &[x])[0].is_none());
    }

    #[test]
    fn a_source_in_the_middle_gets_its_gradient() {
        let x = Tensor::from([2.0f32]);
        let middle = x.square();
        let g = gradient(&(&middle * &middle), &[middle.clone(), x]);
        assert_eq!(g[0].clone().unwrap().to_vec::<f32>().unwrap(), [8.0]);
        assert_eq!(g[1].clone().unwrap().to_vec::<f32>().unwrap(), [32.0]);
    }
}
