//! The node behind a tensor.

use std::cell::RefCell;
use std::panic::Location;
use std::sync::{Arc, OnceLock};

use smallvec::SmallVec;

use crate::error::Error;
use crate::graph::Spec;
use crate::graph::op::Op;
use crate::tensor::Tensor;
use crate::tensor::symbolic::Origin;
use crate::value::Value;
use crate::variable::Variable;

/// The operands of a primitive: mostly one or two, which need no memory of their own.
pub(crate) type Operands = SmallVec<[Tensor; 2]>;

/// What a tensor is.
#[derive(Clone)]
pub(crate) enum Kind {
    /// A value: it is in [`TensorNode::value`].
    Value,
    /// A value that is part of the program.
    Constant(Value),
    /// An input of a trace.
    Placeholder,
    /// A variable as it is when the program begins, or, outside a trace, as it was when it was read.
    Read(Variable),
    /// A primitive on operands.
    Op { op: Op, inputs: Operands },
    /// A tensor of a functional model, whose batch size is not known yet.
    Symbolic(Arc<Origin>),
    /// An operation that could not be.
    Invalid(Arc<Error>),
}

impl Kind {
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Value => "value",
            Self::Constant(_) => "constant",
            Self::Placeholder => "placeholder",
            Self::Read(_) => "variable",
            Self::Op { op, .. } => op.name(),
            Self::Symbolic(_) => "symbolic",
            Self::Invalid(_) => "error",
        }
    }
}

/// A node of the lazy graph.
pub(crate) struct TensorNode {
    pub(crate) kind: Kind,
    pub(crate) spec: Spec,
    pub(crate) location: Option<&'static Location<'static>>,
    pub(crate) remarks: Vec<(&'static str, Tensor)>,
    value: OnceLock<Value>,
}

impl TensorNode {
    #[inline]
    pub(crate) fn new(
        kind: Kind,
        spec: Spec,
        location: Option<&'static Location<'static>>,
    ) -> Self {
        Self {
            kind,
            spec,
            location,
            remarks: Vec::new(),
            value: OnceLock::new(),
        }
    }

    /// The same node with a further remark.
    pub(crate) fn with_remark(&self, name: &'static str, about: &Tensor) -> Self {
        let mut remarks = self.remarks.clone();
        remarks.retain(|(n, _)| *n != name);
        remarks.push((name, about.clone()));
        Self {
            kind: self.kind.clone(),
            spec: self.spec.clone(),
            location: self.location,
            remarks,
            value: self.value.clone(),
        }
    }

    /// This node with the remarks, the value if it is known, and the line of another one that it equals.
    pub(crate) fn standing_for(mut self, other: &Self) -> Self {
        self.location = other.location;
        self.remarks.clone_from(&other.remarks);
        self.value.clone_from(&other.value);
        self
    }

    /// The value if it is known.
    pub(crate) fn value(&self) -> Option<&Value> {
        match &self.kind {
            Kind::Constant(value) => Some(value),
            _ => self.value.get(),
        }
    }

    /// Keeps the value, so that it is computed once.
    pub(crate) fn remember(&self, value: Value) {
        // Two threads may compute the same node at once; both values are equal, and the first stays.
        let _ = self.value.set(value);
    }

    /// Whether the value is one that is computed, not known yet, and a single tensor.
    pub(crate) fn can_be_kept(&self) -> bool {
        let is_tuple = |op: &Op| matches!(op, Op::Scan(_) | Op::While(_));
        matches!(&self.kind, Kind::Op { op, .. } if !is_tuple(op)) && self.value().is_none()
    }

    pub(crate) fn inputs(&self) -> &[Tensor] {
        match &self.kind {
            Kind::Op { inputs, .. } => inputs,
            _ => &[],
        }
    }
}

/// How many nodes a thread keeps for later: as many as a training step that is written out by hand takes apart and
/// builds again.
const SPARE: usize = 256;

thread_local! {
    /// Nodes that nobody holds any more. The system's allocator is slow where many blocks of one size go and come back.
    static SPARES: RefCell<Vec<Tensor>> = const { RefCell::new(Vec::new()) };
}

impl Tensor {
    /// The tensor of a node.
    #[inline]
    pub(crate) fn of_node(node: TensorNode) -> Self {
        let spare = SPARES.try_with(|spares| spares.borrow_mut().pop());
        if let Ok(Some(mut tensor)) = spare
            && let Some(place) = Arc::get_mut(&mut tensor.0)
        {
            *place = node;
            return tensor;
        }
        Self(Arc::new(node))
    }
}

/// A long chain of nodes is taken apart in a loop: dropping it by recursion would overflow the stack.
impl Drop for TensorNode {
    fn drop(&mut self) {
        let mut chain = SmallVec::<[Tensor; 8]>::new();
        take_operands(self, &mut chain);
        while let Some(mut tensor) = chain.pop() {
            if let Some(node) = Arc::get_mut(&mut tensor.0) {
                take_operands(node, &mut chain);
                // Nothing of what the node was stays in memory.
                node.kind = Kind::Placeholder;
                node.value.take();
                keep_as_spare(tensor);
            }
        }
    }
}

fn keep_as_spare(tensor: Tensor) {
    // A thread that ends keeps nothing.
    let _ = SPARES.try_with(|spares| {
        let mut spares = spares.borrow_mut();
        if spares.len() < SPARE {
            spares.push(tensor);
        }
    });
}

fn take_operands(node: &mut TensorNode, chain: &mut SmallVec<[Tensor; 8]>) {
    match &mut node.kind {
        Kind::Op { inputs, .. } => {
            while let Some(input) = inputs.pop() {
                keep_if_last(input, chain);
            }
        }
        Kind::Symbolic(_) => {
            chain.extend(take_origin(std::mem::replace(
                &mut node.kind,
                Kind::Placeholder,
            )));
        }
        _ => {}
    }
    while let Some((_, about)) = node.remarks.pop() {
        keep_if_last(about, chain);
    }
}

/// Adds the tensor to the chain if nobody else holds it; else this handle on it goes.
fn keep_if_last(tensor: Tensor, chain: &mut SmallVec<[Tensor; 8]>) {
    if Arc::strong_count(&tensor.0) == 1 {
        chain.push(tensor);
    }
}

/// What a symbolic tensor was made of, if nothing else holds the call that made it.
fn take_origin(kind: Kind) -> Vec<Tensor> {
    let Kind::Symbolic(origin) = kind else {
        return Vec::new();
    };
    match Arc::into_inner(origin) {
        Some(Origin::Call(record, _)) => {
            Arc::into_inner(record).map_or_else(Vec::new, |r| r.inputs)
        }
        _ => Vec::new(),
    }
}
