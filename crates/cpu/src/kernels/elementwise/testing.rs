//! Kernels run on poisoned memory, and what the reference engine makes of the same specification.
#![allow(unsafe_code)] // Kernels take raw pointers.

use super::{CompiledKernel, KernelSpec, OutputKind, Step};
use crate::{CpuLevel, Pool};
use hornblende_core::engine::Engine;
use hornblende_core::graph::Graph;
use hornblende_core::graph::op::Op;
use hornblende_core::reference::ReferenceEngine;
use hornblende_core::{DType, Shape, Storage, Value};

/// The memory that an operand's strides run through, and where its first element is.
#[derive(Debug, Clone)]
pub(super) struct Memory {
    pub(super) value: Value,
    pub(super) first: usize,
}

impl Memory {
    /// Memory that begins with the first element.
    pub(super) fn of(value: Value) -> Self {
        Self { value, first: 0 }
    }

    fn address(&self) -> *mut u8 {
        let bytes = self.first * self.value.dtype().size();
        self.value
            .elements()
            .as_ptr()
            .cast_mut()
            .wrapping_add(bytes)
    }
}

/// The types that kernels compute with.
pub(super) const DTYPES: [DType; 6] = [
    DType::F32,
    DType::F64,
    DType::I32,
    DType::I64,
    DType::U8,
    DType::Bool,
];

/// The shape of each output.
pub(super) fn output_shapes(spec: &KernelSpec) -> Vec<Shape> {
    let space = Shape::from(spec.extents.clone());
    let shape = |kind: &OutputKind| match kind {
        OutputKind::Store => space.clone(),
        OutputKind::Reduce { axes, .. } => space.without(axes),
    };
    spec.outputs
        .iter()
        .map(|output| shape(&output.kind))
        .collect()
}

/// Bytes that are NaN as floats and no truth value.
pub(super) fn poison(bytes: usize) -> Vec<u8> {
    vec![0xff; bytes]
}

/// Runs a kernel into poisoned outputs, with poisoned scratch memory.
pub(super) fn run(
    spec: &KernelSpec,
    inputs: &[Memory],
    level: CpuLevel,
    threads: usize,
) -> Vec<Value> {
    let kernel = CompiledKernel::for_level(spec, level).unwrap();
    let dtypes = super::registers::dtypes(spec, level).unwrap();
    let pool = Pool::new(threads);
    let mut outputs: Vec<Value> = spec
        .outputs
        .iter()
        .zip(output_shapes(spec))
        .map(|(output, shape)| poisoned(shape, dtypes[output.register]))
        .collect();
    let mut buffers: Vec<*mut u8> = inputs.iter().map(Memory::address).collect();
    buffers.extend(
        outputs
            .iter_mut()
            .map(|value| value.make_mut().as_mut_ptr()),
    );
    let mut scratch = poison(kernel.scratch_len(threads));
    // SAFETY: the values have the sizes that the specification says; inputs are only read.
    unsafe { kernel.run(&buffers, &pool, scratch.as_mut_ptr()) }
    outputs
}

/// A value whose elements are all poison.
pub(super) fn poisoned(shape: Shape, dtype: DType) -> Value {
    let mut value = Value::zeros(shape, dtype);
    let bytes = value.len() * dtype.size();
    // SAFETY: the storage has this many bytes, and any bytes are elements.
    unsafe { value.make_mut().as_mut_ptr().write_bytes(0xff, bytes) }
    value
}

/// What the reference engine computes for the same specification.
pub(super) fn reference(spec: &KernelSpec, inputs: &[Memory]) -> Vec<Value> {
    let mut graph = Graph::default();
    let mut nodes = Vec::new();
    let shape = Shape::from(spec.extents.clone());
    for step in &spec.steps {
        let operands: Vec<usize> = step.operands().map(|register| nodes[register]).collect();
        let op = match *step {
            Step::Input(input) => Op::Constant(gathered(spec, &inputs[input], input)),
            Step::Constant(scalar) => {
                let mut value = Value::zeros(shape.clone(), scalar.dtype());
                let storage = value.make_mut();
                for k in 0..shape.len() {
                    // SAFETY: element `k` is there, and a cell holds one element.
                    unsafe {
                        let size = scalar.dtype().size();
                        let to = storage.as_mut_ptr().add(k * size);
                        std::ptr::copy_nonoverlapping(scalar.cell().0.as_ptr(), to, size);
                    }
                }
                Op::Constant(value)
            }
            Step::Iota { axis, dtype } => Op::Iota {
                shape: shape.clone(),
                dtype,
                axis,
            },
            Step::Unary(op, _) => Op::Unary(op),
            Step::Binary(op, ..) => Op::Binary(op),
            Step::Compare(op, ..) => Op::Compare(op),
            Step::Select(..) => Op::Select,
            Step::Convert(dtype, _) => Op::Convert(dtype),
        };
        nodes.push(graph.apply(op, &operands).unwrap());
    }
    for output in &spec.outputs {
        let node = match &output.kind {
            OutputKind::Store => nodes[output.register],
            OutputKind::Reduce { kind, axes } => {
                let op = Op::Reduce {
                    kind: *kind,
                    axes: axes.clone(),
                };
                graph.apply(op, &[nodes[output.register]]).unwrap()
            }
        };
        graph.outputs.push(node);
    }
    let specs: Vec<_> = graph
        .outputs
        .iter()
        .map(|node| &graph.nodes[*node])
        .collect();
    let mut outputs: Vec<Value> = specs
        .iter()
        .map(|node| Value::zeros(node.shape.clone(), node.dtype))
        .collect();
    ReferenceEngine
        .compile(&graph)
        .unwrap()
        .run(&[], &mut [], &mut outputs)
        .unwrap();
    outputs
}

/// The elements of an operand, dense.
fn gathered(spec: &KernelSpec, memory: &Memory, input: usize) -> Value {
    let operand = &spec.inputs[input];
    let shape = Shape::from(spec.extents.clone());
    let mut storage = Storage::zeros(operand.dtype, shape.len());
    for k in 0..shape.len() {
        let (mut rest, mut at) = (k, memory.first as isize);
        for axis in (0..spec.extents.len()).rev() {
            at += (rest % spec.extents[axis]) as isize * operand.strides[axis];
            rest /= spec.extents[axis];
        }
        storage.copy_from(k, memory.value.elements(), at as usize, 1);
    }
    Value::new(shape, storage).unwrap()
}

/// Checks that values agree: floats within `tolerance` times their size, or both NaN; others exactly.
/// What the workers flush to zero counts as zero.
pub(super) fn assert_close(got: &Value, wanted: &Value, tolerance: f64, what: &str) {
    assert_eq!(
        (got.shape(), got.dtype()),
        (wanted.shape(), wanted.dtype()),
        "{what}"
    );
    let tiny = if got.dtype() == DType::F64 {
        f64::MIN_POSITIVE
    } else {
        1.2e-38
    };
    for k in 0..wanted.len() {
        let (a, b) = (got.get_f64(k), wanted.get_f64(k));
        let agrees = a == b
            || (a.is_nan() && b.is_nan())
            || (a - b).abs() <= tolerance * b.abs() + tiny && got.dtype().is_float();
        assert!(agrees, "{what}: element {k} is {a:e}, not {b:e}");
    }
}

/// The bytes of a value.
pub(super) fn bytes(value: &Value) -> &[u8] {
    // SAFETY: the storage has this many bytes.
    unsafe {
        let bytes = value.len() * value.dtype().size();
        std::slice::from_raw_parts(value.elements().as_ptr(), bytes)
    }
}
