//! Kernels over the same rows as one pass: what one leaves for each row, the next reads while it is in cache.
//!
//! A softmax is three kernels, since each waits for a reduction of the one before: the largest of each row, the
//! exponentials with their sum, the quotients. Where all that a kernel reads of another belongs to the row that
//! it works on, both may run block of rows by block of rows, and what nobody else reads never leaves the cache.

use std::collections::BTreeSet;

use hornblende_core::graph::NodeId;
use hornblende_core::graph::op::{Op, Unary};
use hornblende_core::{DType, Result};

use super::analysis::{Analysis, domain};
use super::kernels::{FusedKernel, fused_kernel};
use super::units::{Unit, Work, root};
use super::view::{View, collapse, is_dense};
use crate::kernels::elementwise::{
    Internal, KernelSpec, Operand, Output, OutputKind, RowKernel, RowStage, Step,
};

/// Stages over the same rows, with the memory that they read and the nodes whose values they write.
pub(crate) struct RowProgram {
    pub(crate) rows: usize,
    pub(crate) stages: Vec<RowStage>,
    pub(crate) internal: Vec<Internal>,
    /// The buffers that a run is given: first these inputs, then the values of these nodes.
    pub(crate) inputs: Vec<(View, Operand)>,
    pub(crate) outputs: Vec<NodeId>,
}

/// Kernels of one program. A softmax with its gradient has six.
const MOST_STAGES: usize = 8;

/// Work is shared out by rows. With fewer of them, kernels of many points are better cut elsewhere.
const LEAST_ROWS: usize = 16;
const FEW_POINTS: usize = 1 << 14;

impl RowProgram {
    /// Compiles the stages.
    ///
    /// # Errors
    /// As [`RowKernel::new`].
    pub(crate) fn kernel(&self) -> Result<RowKernel> {
        let buffers = self.inputs.len() + self.outputs.len();
        RowKernel::new(self.rows, buffers, &self.internal, &self.stages)
    }
}

/// Joins fused units that work on the same rows.
pub(crate) fn join_rows(analysis: &Analysis<'_>, mut units: Vec<Unit>) -> Vec<Unit> {
    let mut first = 0;
    while first < units.len() {
        match partner(analysis, &units, first) {
            Some((joined, second)) => {
                units[first] = joined;
                units.remove(second);
                // The joined unit is looked at again: a third one may follow.
                first -= usize::from(second < first);
            }
            None => first += 1,
        }
    }
    units
}

/// A unit that reads what the unit `first` leaves and can run with it, and both as one.
fn partner(analysis: &Analysis<'_>, units: &[Unit], first: usize) -> Option<(Unit, usize)> {
    let before = stages_of(&units[first])?;
    let space = domain(analysis.graph, before[0][0]);
    if !before
        .iter()
        .flatten()
        .any(|id| is_row_reduction(analysis, *id))
    {
        return None;
    }
    let reads_it = |unit: &Unit| units[first].leaves.iter().any(|id| unit.reads.contains(id));
    for (second, unit) in units.iter().enumerate() {
        if second == first || !reads_it(unit) {
            continue;
        }
        let Some(after) = stages_of(unit) else {
            continue;
        };
        if domain(analysis.graph, after[0][0]) != space
            || before.len() + after.len() > MOST_STAGES
            || waits_for_another(units, first, second)
        {
            continue;
        }
        let stages = [before.as_slice(), &after].concat();
        let joined = joined(analysis, units, first, second, stages);
        if let Ok(Some(program)) = row_program(analysis, &joined)
            && program.kernel().is_ok()
        {
            return Some((joined, second));
        }
    }
    None
}

fn stages_of(unit: &Unit) -> Option<Vec<Vec<NodeId>>> {
    match &unit.work {
        Work::Fused(members) => Some(vec![members.clone()]),
        Work::Rows(stages) => Some(stages.clone()),
        _ => None,
    }
}

/// True if a reduction keeps the first axis, so that each row has a result.
fn is_row_reduction(analysis: &Analysis<'_>, id: NodeId) -> bool {
    match &analysis.graph.nodes[id].op {
        Op::Reduce { axes, .. } => !axes.contains(&0),
        _ => false,
    }
}

/// True if the second unit needs a third one that needs the first.
fn waits_for_another(units: &[Unit], first: usize, second: usize) -> bool {
    let needs = |unit: &Unit| -> Vec<usize> {
        let leaves = |other: &Unit| other.leaves.iter().any(|id| unit.reads.contains(id));
        (0..units.len()).filter(|k| leaves(&units[*k])).collect()
    };
    let mut seen = vec![false; units.len()];
    let mut stack: Vec<usize> = needs(&units[second]);
    stack.retain(|k| *k != first && *k != second);
    while let Some(next) = stack.pop() {
        if next == first {
            return true;
        }
        if !std::mem::replace(&mut seen[next], true) {
            stack.extend(needs(&units[next]));
        }
    }
    false
}

/// Both units as one. What only they read is no value of its own any more.
fn joined(
    analysis: &Analysis<'_>,
    units: &[Unit],
    first: usize,
    second: usize,
    stages: Vec<Vec<NodeId>>,
) -> Unit {
    let graph = analysis.graph;
    let ends = graph
        .outputs
        .iter()
        .chain(graph.updates.iter().map(|(_, id)| id));
    let wanted: BTreeSet<NodeId> = ends.map(|id| root(analysis, *id)).collect();
    let others = || {
        units
            .iter()
            .enumerate()
            .filter(|(k, _)| *k != first && *k != second)
    };
    let both = [&units[first], &units[second]];
    let is_needed =
        |id: &NodeId| wanted.contains(id) || others().any(|(_, unit)| unit.reads.contains(id));
    let own: BTreeSet<NodeId> = both.iter().flat_map(|unit| unit.leaves.clone()).collect();
    let inner = |id: &NodeId| stages.iter().flatten().any(|member| member == id);
    let reads = both.iter().flat_map(|unit| unit.reads.iter().copied());
    Unit {
        reads: reads.filter(|id| !own.contains(id) && !inner(id)).collect(),
        leaves: own.iter().copied().filter(is_needed).collect(),
        priority: both[0].priority.max(both[1].priority),
        work: Work::Rows(stages),
    }
}

/// The program of a unit of stages, or `None` if they cannot run row by row.
///
/// # Errors
/// As [`fused_kernel`].
pub(crate) fn row_program(analysis: &Analysis<'_>, unit: &Unit) -> Result<Option<RowProgram>> {
    let Work::Rows(stages) = &unit.work else {
        return Ok(None);
    };
    let kernels = stages
        .iter()
        .enumerate()
        .map(|(k, members)| {
            let leaves = leaves_of(analysis, stages, k, &unit.leaves);
            fused_kernel(analysis, members, &leaves)
        })
        .collect::<Result<Vec<FusedKernel>>>()?;
    let most = kernels[0].spec.extents.len();
    let split = (1..=most)
        .rev()
        .find(|axes| kernels.iter().all(|kernel| fits(kernel, *axes)));
    Ok(split.and_then(|axes| assemble(&kernels, &unit.leaves, axes)))
}

/// The members of a stage whose values other stages or other units read.
fn leaves_of(
    analysis: &Analysis<'_>,
    stages: &[Vec<NodeId>],
    stage: usize,
    outside: &[NodeId],
) -> Vec<NodeId> {
    let later: BTreeSet<NodeId> = stages[stage + 1..]
        .iter()
        .flat_map(|members| super::units::reads_of(analysis, members))
        .collect();
    let is_left = |id: &&NodeId| later.contains(id) || outside.contains(id);
    stages[stage].iter().filter(is_left).copied().collect()
}

/// True if the first `axes` axes are one axis to all that the kernel reads and writes.
fn fits(kernel: &FusedKernel, axes: usize) -> bool {
    let spec = &kernel.spec;
    let leading: Vec<usize> = (0..axes).collect();
    let reads = |operand: &Operand| collapse(&leading, &spec.extents, &operand.strides).is_some();
    let writes = |output: &Output| match &output.kind {
        OutputKind::Store => true,
        OutputKind::Reduce { axes: reduced, .. } => {
            let shared = leading.iter().filter(|axis| reduced.contains(axis)).count();
            shared == 0 || shared == axes
        }
    };
    let rows: usize = spec.extents[..axes].iter().product();
    let enough = rows >= LEAST_ROWS || spec.extents.iter().product::<usize>() <= FEW_POINTS;
    let steps = |step: &Step| !matches!(step, Step::Iota { axis, .. } if *axis < axes && axes > 1);
    enough
        && !spec.extents[axes..].contains(&0)
        && spec.inputs.iter().all(reads)
        && spec.outputs.iter().all(writes)
        && spec.steps.iter().all(steps)
}

/// The stages with their first `axes` axes as rows, or `None` if one reads of another what is not in its row.
fn assemble(kernels: &[FusedKernel], outside: &[NodeId], axes: usize) -> Option<RowProgram> {
    let extents = &kernels[0].spec.extents;
    let mut program = RowProgram {
        rows: extents[..axes].iter().product(),
        stages: Vec::new(),
        internal: Vec::new(),
        inputs: Vec::new(),
        outputs: outside.to_vec(),
    };
    let written: Vec<(NodeId, Output)> = kernels
        .iter()
        .flat_map(|kernel| {
            kernel
                .outputs
                .iter()
                .copied()
                .zip(kernel.spec.outputs.clone())
        })
        .collect();
    let is_input = |view: &View| !written.iter().any(|(id, _)| *id == view.value);
    for kernel in kernels {
        for (view, operand) in kernel.inputs.iter().zip(&kernel.spec.inputs) {
            if is_input(view) {
                program.inputs.push((view.clone(), operand.clone()));
            }
        }
    }
    let buffers = program.inputs.len() + outside.len();
    let mut inner: Vec<NodeId> = Vec::new();
    let mut next_input = 0;
    for kernel in kernels {
        let mut inputs = Vec::new();
        for (view, operand) in kernel.inputs.iter().zip(&kernel.spec.inputs) {
            let Some((id, output)) = written.iter().find(|(id, _)| *id == view.value) else {
                inputs.push(next_input);
                next_input += 1;
                continue;
            };
            if !in_row(view, operand, output, extents, axes) {
                return None;
            }
            inputs.push(place(*id, outside, &inner, program.inputs.len(), buffers)?);
        }
        let mut outputs = Vec::new();
        for (id, output) in kernel.outputs.iter().zip(&kernel.spec.outputs) {
            if !outside.contains(id) {
                inner.push(*id);
                program.internal.push(internal(kernel, output, axes)?);
            }
            outputs.push(place(*id, outside, &inner, program.inputs.len(), buffers)?);
        }
        let kernel = with_rows(&kernel.spec, axes);
        program.stages.push(RowStage {
            kernel,
            inputs,
            outputs,
        });
    }
    Some(program)
}

/// The buffer of a node that the program computes.
fn place(
    id: NodeId,
    outside: &[NodeId],
    inner: &[NodeId],
    inputs: usize,
    buffers: usize,
) -> Option<usize> {
    match outside.iter().position(|other| *other == id) {
        Some(k) => Some(inputs + k),
        None => Some(buffers + inner.iter().position(|other| *other == id)?),
    }
}

/// True if what is read of an output at each point lies in the row of the point.
fn in_row(view: &View, operand: &Operand, output: &Output, extents: &[usize], axes: usize) -> bool {
    let reduced = match &output.kind {
        OutputKind::Store => &[][..],
        OutputKind::Reduce { axes, .. } => axes,
    };
    let kept: Vec<usize> = (0..extents.len())
        .filter(|axis| !reduced.contains(axis))
        .collect();
    let sizes: Vec<usize> = kept.iter().map(|axis| extents[*axis]).collect();
    let along_kept: Vec<isize> = kept.iter().map(|axis| operand.strides[*axis]).collect();
    view.offset == 0
        && kept.starts_with(&(0..axes).collect::<Vec<usize>>())
        && is_dense(&along_kept, &sizes)
        && reduced
            .iter()
            .all(|axis| operand.strides[*axis] == 0 || extents[*axis] == 1)
}

/// The buffer of an output that no other unit reads.
fn internal(kernel: &FusedKernel, output: &Output, axes: usize) -> Option<Internal> {
    let reduced = match &output.kind {
        OutputKind::Store => &[][..],
        OutputKind::Reduce { axes, .. } => axes,
    };
    let spec = &kernel.spec;
    let kept = (axes..spec.extents.len()).filter(|axis| !reduced.contains(axis));
    let row_len = kept.map(|axis| spec.extents[axis]).product();
    Some(Internal {
        dtype: register_type(spec, output.register)?,
        row_len,
    })
}

/// The element type of a register.
fn register_type(spec: &KernelSpec, register: usize) -> Option<DType> {
    match spec.steps[register] {
        Step::Input(k) => Some(spec.inputs[k].dtype),
        Step::Constant(scalar) => Some(scalar.dtype()),
        Step::Iota { dtype, .. } | Step::Convert(dtype, _) => Some(dtype),
        Step::Unary(Unary::IsFinite, _) | Step::Compare(..) => Some(DType::Bool),
        Step::Unary(_, a) | Step::Binary(_, a, _) | Step::Select(_, a, _) => register_type(spec, a),
    }
}

/// The kernel with its first `axes` axes as one.
fn with_rows(spec: &KernelSpec, axes: usize) -> KernelSpec {
    let leading: Vec<usize> = (0..axes).collect();
    let rows: usize = spec.extents[..axes].iter().product();
    let merged = |operand: &Operand| {
        let step = collapse(&leading, &spec.extents, &operand.strides).map_or(0, |(_, step)| step);
        let strides = [&[step], &operand.strides[axes..]].concat();
        Operand {
            strides,
            ..operand.clone()
        }
    };
    let shifted = |axis: usize| (axis + 1).saturating_sub(axes);
    let output = |output: &Output| match &output.kind {
        OutputKind::Store => output.clone(),
        OutputKind::Reduce {
            kind,
            axes: reduced,
        } => {
            let mut reduced: Vec<usize> = reduced.iter().map(|axis| shifted(*axis)).collect();
            reduced.dedup();
            Output {
                kind: OutputKind::Reduce {
                    kind: *kind,
                    axes: reduced,
                },
                ..output.clone()
            }
        }
    };
    let step = |step: &Step| match *step {
        Step::Iota { axis, dtype } => Step::Iota {
            axis: shifted(axis),
            dtype,
        },
        other => other,
    };
    KernelSpec {
        extents: [&[rows], &spec.extents[axes..]].concat(),
        inputs: spec.inputs.iter().map(merged).collect(),
        steps: spec.steps.iter().map(step).collect(),
        outputs: spec.outputs.iter().map(output).collect(),
    }
}

#[cfg(test)]
mod tests {
    use hornblende_core::{DType, Result, Shape, Spec, Tensor, function, passes};

    use super::*;
    use crate::lower::units::schedule;

    fn work(shape: &[usize], f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Vec<Work> {
        let spec = Spec {
            shape: Shape::from(shape),
            dtype: DType::F32,
        };
        let (graph, _) = function::trace(&[spec], f).unwrap();
        let graph = passes::optimize(&graph);
        let analysis = Analysis::new(&graph);
        schedule(&analysis)
            .units
            .into_iter()
            .map(|unit| unit.work)
            .collect()
    }

    fn softmax(x: &Tensor) -> Tensor {
        let exponentials = (x - x.max_keepdims(-1).stop_gradient()).exp();
        &exponentials / exponentials.sum_keepdims(-1)
    }

    #[test]
    fn a_softmax_is_one_pass_over_its_rows() {
        let work = work(&[4, 16, 100], |x| Ok(vec![softmax(&x[0])]));
        let [Work::Rows(stages)] = work.as_slice() else {
            panic!("{work:?}");
        };
        assert_eq!(stages.len(), 3);
    }

    #[test]
    fn a_result_over_all_rows_that_is_read_again_ends_the_pass() {
        let work = work(&[64, 100], |x| {
            let shares = softmax(&x[0]);
            Ok(vec![&shares - shares.mean_keepdims(0)])
        });
        let [Work::Rows(_), rest @ ..] = work.as_slice() else {
            panic!("{work:?}");
        };
        assert!(!rest.is_empty() && rest.iter().all(|work| matches!(work, Work::Fused(_))));
    }

    #[test]
    fn few_long_rows_are_cut_elsewhere() {
        let work = work(&[2, 100_000], |x| Ok(vec![softmax(&x[0])]));
        assert!(
            work.iter().all(|work| matches!(work, Work::Fused(_))),
            "{work:?}"
        );
    }
}
