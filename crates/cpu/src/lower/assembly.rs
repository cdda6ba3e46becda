//! From ordered units to steps with places in memory.

use std::collections::HashMap;

use hornblende_core::graph::NodeId;
use hornblende_core::graph::op::Op;
use hornblende_core::{DType, Error, Result, Shape};

use super::analysis::Analysis;
use super::kernels::{FusedKernel, fused_kernel, supported};
use super::rows::row_program;
use super::units::{Schedule, Target, Unit, Work};
use super::view::{View, dense_strides, is_dense};
use crate::Pool;
use crate::kernels::elementwise::CompiledKernel;
use crate::memory::AlignedBytes;
use crate::plan::{Lifetime, plan};
use crate::program::{Addresses, Code, Home};
use crate::steps::{CopyStep, FusedStep, Place, Step};

/// A program in the making.
pub(crate) struct Assembly<'a> {
    pub(crate) analysis: &'a Analysis<'a>,
    pub(crate) threads: usize,
    pub(crate) pool: &'static Pool,
    steps: Vec<Box<dyn Step>>,
    homes: Vec<Home>,
    /// For values in the arena: how long they are and which steps touch them.
    lifetimes: Vec<Option<Lifetime>>,
    /// The number of the value that a node leaves.
    values: HashMap<NodeId, usize>,
    /// Outputs of a step that may take the place of an input whose last step it is.
    may_replace: Vec<(usize, usize, usize)>,
    /// Dense copies that were made of strided views, to make each once.
    copies: Vec<(View, Shape, usize)>,
}

/// Turns the schedule into code.
///
/// # Errors
/// [`Error::Engine`] for what the engine cannot compute.
pub(crate) fn assemble(
    analysis: &Analysis<'_>,
    schedule: &Schedule,
    pool: &'static Pool,
) -> Result<Code> {
    let mut assembly = Assembly {
        analysis,
        threads: pool.threads(),
        pool,
        steps: Vec::new(),
        homes: Vec::new(),
        lifetimes: Vec::new(),
        values: HashMap::new(),
        may_replace: Vec::new(),
        copies: Vec::new(),
    };
    for unit in &schedule.units {
        for leaf in &unit.leaves {
            assembly.declare(*leaf, schedule.targets.get(leaf).copied());
        }
        match &unit.work {
            Work::Fused(members) => {
                let kernel = fused_kernel(analysis, members, &unit.leaves)?;
                assembly.fused(kernel)?;
            }
            Work::Rows(_) => assembly.rows(unit)?,
            Work::Single(id) => assembly.single(*id)?,
            Work::Copy(id, target) => assembly.copy_out(*id, *target)?,
        }
    }
    assembly.finish()
}

impl Assembly<'_> {
    /// Makes room for a node's value.
    fn declare(&mut self, id: NodeId, target: Option<Target>) {
        let node = &self.analysis.graph.nodes[id];
        let number = match target {
            Some(Target::Output(k)) => self.push_value(Home::Output(k), None),
            Some(Target::State(k)) => self.push_value(Home::State(k), None),
            None => self.temporary(node.shape.len() * node.dtype.size()),
        };
        self.values.insert(id, number);
    }

    fn push_value(&mut self, home: Home, lifetime: Option<Lifetime>) -> usize {
        self.homes.push(home);
        self.lifetimes.push(lifetime);
        self.homes.len() - 1
    }

    /// A new value in the arena.
    pub(crate) fn temporary(&mut self, bytes: usize) -> usize {
        let first = self.steps.len();
        self.push_value(
            Home::Arena(0),
            Some(Lifetime {
                bytes,
                first,
                last: first,
            }),
        )
    }

    /// The number of the value that a node leaves, or that is there before the run.
    pub(crate) fn value(&mut self, id: NodeId) -> Result<usize> {
        if let Some(known) = self.values.get(&id) {
            return Ok(*known);
        }
        let home = match &self.analysis.graph.nodes[id].op {
            Op::Parameter(k) => Home::Parameter(*k),
            Op::State(k) => Home::State(*k),
            Op::Constant(value) => Home::Constant(value.clone()),
            op => {
                return Err(Error::engine(
                    "cpu",
                    "a value that was computed",
                    op.name(),
                    "",
                ));
            }
        };
        let number = self.push_value(home, None);
        self.values.insert(id, number);
        Ok(number)
    }

    /// The view of a node's elements.
    pub(crate) fn view(&self, id: NodeId) -> Result<View> {
        self.analysis.views[id].clone().ok_or_else(|| {
            let name = self.analysis.graph.nodes[id].op.name();
            Error::engine("cpu", "a value in memory", name, "")
        })
    }

    /// The place where a view begins, for elements of this type.
    pub(crate) fn place(&mut self, view: &View, dtype: DType) -> Result<Place> {
        let value = self.value(view.value)?;
        Ok(Place {
            value,
            bytes: view.offset * dtype.size() as isize,
        })
    }

    /// The place of a node's elements in dense row-major order, copied if they are not.
    pub(crate) fn dense(&mut self, id: NodeId) -> Result<Place> {
        let dims: Vec<usize> = self.analysis.graph.nodes[id].shape.dims().to_vec();
        let order: Vec<usize> = (0..dims.len()).collect();
        self.dense_in_order(id, &order)
    }

    /// As [`Assembly::dense`], with the axes in this order.
    pub(crate) fn dense_in_order(&mut self, id: NodeId, order: &[usize]) -> Result<Place> {
        let node = &self.analysis.graph.nodes[id];
        let (dtype, shape) = (node.dtype, &node.shape);
        let mut view = self.view(id)?;
        view.strides = order.iter().map(|a| view.strides[*a]).collect();
        let dims: Vec<usize> = order.iter().map(|a| shape[*a]).collect();
        let from = self.place(&view, dtype)?;
        if is_dense(&view.strides, &dims) {
            return Ok(from);
        }
        let shape = Shape::from(dims);
        let known = self
            .copies
            .iter()
            .find(|(v, s, _)| *v == view && *s == shape);
        if let Some((_, _, value)) = known {
            return Ok(Place {
                value: *value,
                bytes: 0,
            });
        }
        let value = self.temporary(shape.len() * dtype.size());
        let to = Place { value, bytes: 0 };
        let strides = dense_strides(shape.dims());
        let step = CopyStep::new(
            shape.dims(),
            dtype.size(),
            (from, &view.strides),
            (to, &strides),
        );
        self.step(step, &[from, to]);
        self.copies.push((view, shape, value));
        Ok(to)
    }

    /// Appends a step that touches these places.
    pub(crate) fn step(&mut self, step: impl Step + 'static, touches: &[Place]) {
        let number = self.steps.len();
        for place in touches {
            if let Some(lifetime) = &mut self.lifetimes[place.value] {
                lifetime.first = lifetime.first.min(number);
                lifetime.last = lifetime.last.max(number);
            }
        }
        self.steps.push(Box::new(step));
    }

    fn fused(&mut self, kernel: FusedKernel) -> Result<()> {
        let FusedKernel {
            spec,
            inputs,
            outputs,
        } = kernel;
        let mut places = Vec::with_capacity(inputs.len() + outputs.len());
        for (view, operand) in inputs.iter().zip(&spec.inputs) {
            places.push(self.place(view, operand.dtype)?);
        }
        for id in &outputs {
            supported(self.analysis.graph.nodes[*id].dtype)?;
            places.push(Place {
                value: self.value(*id)?,
                bytes: 0,
            });
        }
        let number = self.steps.len();
        for (k, id) in outputs.iter().enumerate() {
            let node = &self.analysis.graph.nodes[*id];
            if matches!(node.op, Op::Reduce { .. }) {
                continue;
            }
            let output = places[inputs.len() + k].value;
            // An input may give its place to the output if the kernel looks at it in this one way only.
            let plain = |j: usize| {
                spec.inputs[j].dtype == node.dtype
                    && inputs[j].offset == 0
                    && is_dense(&inputs[j].strides, &spec.extents)
            };
            for j in 0..inputs.len() {
                let input = places[j].value;
                let whole_value = self.lifetimes[input]
                    .is_some_and(|l| l.bytes == node.shape.len() * node.dtype.size());
                let always_plain = (0..inputs.len()).all(|i| places[i].value != input || plain(i));
                if whole_value && always_plain {
                    self.may_replace.push((number, output, input));
                }
            }
        }
        let kernel = CompiledKernel::new(&spec)?;
        let step = FusedStep::new(kernel, places.clone(), self.threads);
        self.step(step, &places);
        Ok(())
    }

    fn rows(&mut self, unit: &Unit) -> Result<()> {
        let program = row_program(self.analysis, unit)?
            .ok_or_else(|| Error::engine("cpu", "stages over the same rows", "others", ""))?;
        let mut places = Vec::with_capacity(program.inputs.len() + program.outputs.len());
        for (view, operand) in &program.inputs {
            places.push(self.place(view, operand.dtype)?);
        }
        for id in &program.outputs {
            let value = self.value(*id)?;
            places.push(Place { value, bytes: 0 });
        }
        let step = FusedStep::new(program.kernel()?, places.clone(), self.threads);
        self.step(step, &places);
        Ok(())
    }

    fn copy_out(&mut self, id: NodeId, target: Target) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let home = match target {
            Target::Output(k) => Home::Output(k),
            Target::State(k) => Home::State(k),
        };
        let view = self.view(id)?;
        let from = self.place(&view, node.dtype)?;
        let to = Place {
            value: self.push_value(home, None),
            bytes: 0,
        };
        let dims = node.shape.dims();
        let strides = dense_strides(dims);
        let step = CopyStep::new(
            dims,
            node.dtype.size(),
            (from, &view.strides),
            (to, &strides),
        );
        self.step(step, &[from, to]);
        Ok(())
    }

    /// Plans the memory and makes the code.
    fn finish(mut self) -> Result<Code> {
        let stands_in = self.replacements();
        let arena: Vec<usize> = (0..self.homes.len())
            .filter(|k| self.lifetimes[*k].is_some() && stands_in[*k] == *k)
            .collect();
        let lifetimes: Vec<Lifetime> = arena.iter().filter_map(|k| self.lifetimes[*k]).collect();
        let plan = plan(&lifetimes);
        let offsets: HashMap<usize, usize> = arena.into_iter().zip(plan.offsets).collect();
        for (k, home) in self.homes.iter_mut().enumerate() {
            if let Home::Arena(offset) = home {
                *offset = offsets[&stands_in[k]];
            }
        }
        let workspace = self.steps.iter().map(|s| s.workspace()).max().unwrap_or(0);
        let room = |bytes: usize| {
            AlignedBytes::zeroed(bytes).ok_or_else(|| {
                let got = format!("{bytes} bytes");
                Error::engine("cpu", "a program that fits into memory", got, "")
            })
        };
        let (mut arena, mut workspace) = (room(plan.size)?, room(workspace)?);
        if cfg!(debug_assertions) {
            // Every float is a NaN until somebody writes it, so that reading too early shows.
            arena.fill(0xff);
            workspace.fill(0xff);
        }
        Ok(Code {
            addresses: Addresses::room(self.homes.len()),
            steps: self.steps,
            homes: self.homes,
            arena,
            workspace,
            pool: self.pool,
        })
    }

    /// For each value the one whose memory it has: its own, or that of an input which dies where it is born.
    fn replacements(&mut self) -> Vec<usize> {
        let mut stands_in: Vec<usize> = (0..self.homes.len()).collect();
        let mut given: Vec<bool> = vec![false; self.homes.len()];
        for (step, output, input) in &self.may_replace {
            let (Some(born), Some(dies)) = (self.lifetimes[*output], self.lifetimes[*input]) else {
                continue;
            };
            let free = stands_in[*output] == *output && !given[*input];
            if free && born.first == *step && dies.last == *step {
                let owner = stands_in[*input];
                stands_in[*output] = owner;
                given[*input] = true;
                if let Some(lifetime) = &mut self.lifetimes[owner] {
                    lifetime.last = lifetime.last.max(born.last);
                }
            }
        }
        stands_in
    }
}
