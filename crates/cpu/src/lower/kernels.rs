//! The program of a fused kernel, from the nodes that it computes.

use std::collections::HashMap;

use hornblende_core::graph::op::Op;
use hornblende_core::graph::{Graph, NodeId};
use hornblende_core::{DType, Error, Result, Value};

use super::analysis::{Analysis, Class, domain};
use super::view::View;
use crate::kernels::elementwise::{
    KernelSpec, Operand, Output, OutputKind, Register, Scalar, Step,
};

/// A kernel with the memory that it reads and the nodes whose values it writes.
pub(crate) struct FusedKernel {
    pub(crate) spec: KernelSpec,
    /// For each input: where its elements are; `value` is a node.
    pub(crate) inputs: Vec<View>,
    /// For each output: the node.
    pub(crate) outputs: Vec<NodeId>,
}

/// Builds the kernel of `members`, which leaves the values of `leaves`.
///
/// # Errors
/// [`Error::Engine`] for an element type that kernels do not compute with.
pub(crate) fn fused_kernel(
    analysis: &Analysis<'_>,
    members: &[NodeId],
    leaves: &[NodeId],
) -> Result<FusedKernel> {
    let graph = analysis.graph;
    let mut builder = Builder {
        analysis,
        kernel: FusedKernel {
            spec: KernelSpec {
                extents: domain(graph, members[0]).to_vec(),
                ..KernelSpec::default()
            },
            inputs: Vec::new(),
            outputs: leaves.to_vec(),
        },
        registers: HashMap::new(),
        members,
    };
    for member in members {
        if analysis.class[*member] != Class::Reduce {
            builder.register(*member)?;
        }
    }
    for leaf in leaves {
        let output = match &graph.nodes[*leaf].op {
            Op::Reduce { kind, axes } => Output {
                register: builder.register(graph.nodes[*leaf].inputs[0])?,
                kind: OutputKind::Reduce {
                    kind: *kind,
                    axes: axes.clone(),
                },
            },
            _ => Output {
                register: builder.register(*leaf)?,
                kind: OutputKind::Store,
            },
        };
        builder.kernel.spec.outputs.push(output);
    }
    Ok(builder.kernel)
}

struct Builder<'a> {
    analysis: &'a Analysis<'a>,
    kernel: FusedKernel,
    registers: HashMap<NodeId, Register>,
    members: &'a [NodeId],
}

impl Builder<'_> {
    /// The register that holds a node's value.
    fn register(&mut self, id: NodeId) -> Result<Register> {
        if let Some(known) = self.registers.get(&id) {
            return Ok(*known);
        }
        let graph = self.analysis.graph;
        let node = &graph.nodes[id];
        supported(node.dtype)?;
        let step = if let Some(constant) = self.analysis.constant_scalar(id) {
            Step::Constant(constant_of(graph, constant)?)
        } else if self.members.contains(&id) || self.analysis.class[id] == Class::Repeated {
            self.compute(id)?
        } else {
            self.input(id)?
        };
        self.kernel.spec.steps.push(step);
        let register = self.kernel.spec.steps.len() - 1;
        self.registers.insert(id, register);
        Ok(register)
    }

    fn compute(&mut self, id: NodeId) -> Result<Step> {
        let node = &self.analysis.graph.nodes[id];
        if let Op::Iota { axis, dtype, .. } = &node.op {
            return Ok(Step::Iota {
                axis: *axis,
                dtype: *dtype,
            });
        }
        let inputs: Vec<Register> = node
            .inputs
            .iter()
            .map(|i| self.register(*i))
            .collect::<Result<_>>()?;
        Ok(match (&node.op, inputs.as_slice()) {
            (Op::Unary(op), [a]) => Step::Unary(*op, *a),
            (Op::Binary(op), [a, b]) => Step::Binary(*op, *a, *b),
            (Op::Compare(op), [a, b]) => Step::Compare(*op, *a, *b),
            (Op::Select, [p, a, b]) => Step::Select(*p, *a, *b),
            (Op::Convert(dtype), [a]) => Step::Convert(*dtype, *a),
            (op, _) => {
                return Err(Error::engine(
                    "cpu",
                    "an elementwise operation",
                    op.name(),
                    "",
                ));
            }
        })
    }

    fn input(&mut self, id: NodeId) -> Result<Step> {
        let Some(view) = self.analysis.views[id].clone() else {
            return Err(Error::engine(
                "cpu",
                "a value in memory",
                format!("node %{id}"),
                "",
            ));
        };
        let dtype = self.analysis.graph.nodes[id].dtype;
        self.kernel.spec.inputs.push(Operand {
            dtype,
            strides: view.strides.clone(),
        });
        self.kernel.inputs.push(view);
        Ok(Step::Input(self.kernel.inputs.len() - 1))
    }
}

/// Fails for types that kernels do not compute with.
pub(crate) fn supported(dtype: DType) -> Result<()> {
    match dtype {
        DType::F16 | DType::BF16 => Err(Error::engine(
            "cpu",
            "an element type that this engine computes with: float32, float64, int32, int64, uint8 or bool",
            dtype.name(),
            "Convert with cast",
        )),
        _ => Ok(()),
    }
}

fn constant_of(graph: &Graph, id: NodeId) -> Result<Scalar> {
    let Op::Constant(value) = &graph.nodes[id].op else {
        return Err(Error::engine(
            "cpu",
            "a constant",
            graph.nodes[id].op.name(),
            "",
        ));
    };
    scalar(value)
}

fn scalar(value: &Value) -> Result<Scalar> {
    let x = value.get_f64(0);
    Ok(match value.dtype() {
        DType::F32 => Scalar::F32(x as f32),
        DType::F64 => Scalar::F64(x),
        DType::I32 => Scalar::I32(x as i32),
        // A number beyond 2^53 keeps its bits only if it is read as what it is.
        DType::I64 => Scalar::I64(value.as_slice::<i64>().map_or(0, |v| v[0])),
        DType::U8 => Scalar::U8(x as u8),
        DType::Bool => Scalar::Bool(x != 0.0),
        other => return supported(other).map(|()| Scalar::F32(0.0)),
    })
}
