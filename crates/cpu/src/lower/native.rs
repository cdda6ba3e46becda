//! Units that have a kernel of their own and are no products: indexing, searching, padding, chance.

use std::marker::PhantomData;

use hornblende_core::graph::op::{Op, Reduction, Window};
use hornblende_core::graph::{Node, NodeId};
use hornblende_core::{DType, Result, Shape};

use super::assembly::Assembly;
use super::view::dense_strides;
use crate::kernels::window::{WindowReduction, Windows};
use crate::steps::element::with_element;
use crate::steps::{
    Along, AlongAxisStep, CopyStep, DynamicStep, GatherShape, GatherStep, PadStep, Place,
    RandomBitsStep, ScatterAddStep, Start, WindowStep, WindowWork,
};

impl<'a> Assembly<'a> {
    /// Appends the steps of an operation that has a kernel; others are interpreted.
    pub(crate) fn native(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        match &node.op {
            Op::Scan(scan) => self.scan(id, scan),
            Op::While(op) => self.while_loop(id, op),
            Op::Gather { axis, batch } => self.gather(id, *axis, *batch),
            Op::ScatterAdd { axis, batch } => self.scatter_add(id, *axis, *batch),
            Op::ArgMax(axis) => self.along(id, Along::ArgMax, *axis),
            Op::ArgMin(axis) => self.along(id, Along::ArgMin, *axis),
            Op::ArgSort { axis, descending } => self.along(
                id,
                Along::ArgSort {
                    descending: *descending,
                },
                *axis,
            ),
            Op::CumSum { axis, reverse } => {
                self.along(id, Along::CumSum { reverse: *reverse }, *axis)
            }
            Op::RandomBits { shape } => {
                let (key, result) = (self.dense(node.inputs[0])?, self.result(id)?);
                let len = shape.len();
                self.step(RandomBitsStep { key, result, len }, &[key, result]);
                Ok(())
            }
            Op::ReduceWindow { kind, window } => {
                let kind = match kind {
                    Reduction::Sum => WindowReduction::Sum,
                    Reduction::Max => WindowReduction::Max,
                    _ => return self.interpreted(id),
                };
                let x = self.dense(node.inputs[0])?;
                self.window(id, window, WindowWork::Reduce(kind, x), &[x])
            }
            Op::SelectAndScatter(window) => {
                let (x, source) = (self.dense(node.inputs[0])?, self.dense(node.inputs[1])?);
                self.window(
                    id,
                    window,
                    WindowWork::SelectAndScatter(x, source),
                    &[x, source],
                )
            }
            Op::WindowSelect(window) => {
                let (x, values) = (self.dense(node.inputs[0])?, self.dense(node.inputs[1])?);
                self.window(id, window, WindowWork::Select(x, values), &[x, values])
            }
            Op::Pad { low, interior, .. } => self.pad(id, low, interior),
            Op::DynamicSlice { .. } => self.dynamic_slice(id),
            Op::DynamicUpdateSlice => self.dynamic_update_slice(id),
            _ => self.interpreted(id),
        }
    }

    fn window(
        &mut self,
        id: NodeId,
        window: &Window,
        work: WindowWork,
        operands: &[Place],
    ) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let Window {
            size,
            strides,
            padding,
            dilation,
        } = window;
        let input = self.operand(node, 0).shape.dims();
        let Some(windows) = Windows::new(input, size, strides, padding, dilation) else {
            return self.interpreted(id);
        };
        let result = self.result(id)?;
        let touches: Vec<Place> = operands.iter().copied().chain([result]).collect();
        match node.dtype {
            DType::F32 => {
                let element = PhantomData::<f32>;
                self.step(
                    WindowStep {
                        windows,
                        work,
                        result,
                        element,
                    },
                    &touches,
                );
            }
            DType::F64 => {
                let element = PhantomData::<f64>;
                self.step(
                    WindowStep {
                        windows,
                        work,
                        result,
                        element,
                    },
                    &touches,
                );
            }
            _ => return self.interpreted(id),
        }
        Ok(())
    }

    fn result(&mut self, id: NodeId) -> Result<Place> {
        Ok(Place {
            value: self.value(id)?,
            bytes: 0,
        })
    }

    fn operand(&self, node: &Node, k: usize) -> &'a Node {
        &self.analysis.graph.nodes[node.inputs[k]]
    }

    fn gather(&mut self, id: NodeId, axis: usize, batch: usize) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let (x, i) = (self.operand(node, 0), self.operand(node, 1));
        let shape = GatherShape::new(&x.shape, &i.shape, i.dtype, axis, batch);
        let (array, indices) = (self.dense(node.inputs[0])?, self.dense(node.inputs[1])?);
        let result = self.result(id)?;
        let touches = [array, indices, result];
        let made = with_element!(node.dtype, T => {
            let element = PhantomData::<T>;
            self.step(GatherStep { shape, array, indices, result, element }, &touches);
        });
        made.map_or_else(|| self.interpreted(id), Ok)
    }

    fn scatter_add(&mut self, id: NodeId, axis: usize, batch: usize) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let (x, i) = (self.operand(node, 0), self.operand(node, 1));
        let shape = GatherShape::new(&x.shape, &i.shape, i.dtype, axis, batch);
        let array = self.dense(node.inputs[0])?;
        let (indices, updates) = (self.dense(node.inputs[1])?, self.dense(node.inputs[2])?);
        let result = self.result(id)?;
        let touches = [array, indices, updates, result];
        let made = with_element!(node.dtype, T => {
            let element = PhantomData::<T>;
            let step = ScatterAddStep { shape, array, indices, updates, result, element };
            self.step(step, &touches);
        });
        made.map_or_else(|| self.interpreted(id), Ok)
    }

    fn along(&mut self, id: NodeId, along: Along, axis: usize) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let x = self.operand(node, 0);
        let (from, to) = (self.dense(node.inputs[0])?, self.result(id)?);
        let made = with_element!(x.dtype, T => {
            let step = AlongAxisStep::<T>::new(along, &x.shape, axis, from, to);
            self.step(step, &[from, to]);
        });
        made.map_or_else(|| self.interpreted(id), Ok)
    }

    fn pad(&mut self, id: NodeId, low: &[isize], interior: &[usize]) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let x = self.operand(node, 0);
        let size = node.dtype.size();
        if !matches!(size, 1 | 4 | 8) {
            return self.interpreted(id);
        }
        let mut from = self.view(node.inputs[0])?;
        let strides = dense_strides(node.shape.dims());
        let (mut extents, mut steps, mut start) = (Vec::new(), Vec::new(), 0);
        for k in 0..node.shape.rank() {
            // Element `i` lands at `low + i * step`; those that land outside are cut.
            let step = interior[k] as isize + 1;
            let first = if low[k] < 0 {
                (-low[k] + step - 1) / step
            } else {
                0
            };
            let room = node.shape[k] as isize - low[k];
            let past = if room <= 0 { 0 } else { (room - 1) / step + 1 };
            let past = past.min(x.shape[k] as isize);
            extents.push((past - first).max(0) as usize);
            steps.push(strides[k] * step);
            start += (low[k] + first * step) * strides[k];
            from.offset += first * from.strides[k];
        }
        let source = self.place(&from, node.dtype)?;
        let (with, result) = (self.dense(node.inputs[1])?, self.result(id)?);
        let target = Place {
            value: result.value,
            bytes: start * size as isize,
        };
        let copy = CopyStep::new(&extents, size, (source, &from.strides), (target, &steps));
        let len = node.shape.len();
        self.step(
            PadStep {
                with,
                result,
                len,
                size,
                copy,
            },
            &[with, result, source],
        );
        Ok(())
    }

    /// Where a part begins in the whole: the operands from `first` on, one for each axis.
    fn starts(
        &mut self,
        node: &Node,
        first: usize,
        whole: &Shape,
        part: &Shape,
    ) -> Result<Vec<Start>> {
        let strides = whole.strides();
        let mut starts = Vec::with_capacity(strides.len());
        for (axis, id) in node.inputs[first..].iter().enumerate() {
            starts.push(Start {
                place: self.dense(*id)?,
                dtype: self.analysis.graph.nodes[*id].dtype,
                last: whole[axis] - part[axis],
                stride: strides[axis],
            });
        }
        Ok(starts)
    }

    fn dynamic_slice(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let whole = self.operand(node, 0).shape.clone();
        let part = node.shape.clone();
        let size = node.dtype.size();
        let (from, to) = (self.dense(node.inputs[0])?, self.result(id)?);
        let starts = self.starts(node, 1, &whole, &part)?;
        let strides = [dense_strides(whole.dims()), dense_strides(part.dims())];
        let copy = CopyStep::new(part.dims(), size, (from, &strides[0]), (to, &strides[1]));
        let touches: Vec<Place> = starts.iter().map(|s| s.place).chain([from, to]).collect();
        let step = DynamicStep {
            starts,
            size,
            first: None,
            copy,
            into: false,
        };
        self.step(step, &touches);
        Ok(())
    }

    fn dynamic_update_slice(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let whole = node.shape.clone();
        let part = self.operand(node, 1).shape.clone();
        let size = node.dtype.size();
        let (array, update) = (self.dense(node.inputs[0])?, self.dense(node.inputs[1])?);
        let to = self.result(id)?;
        let starts = self.starts(node, 2, &whole, &part)?;
        let strides = [dense_strides(whole.dims()), dense_strides(part.dims())];
        let first = CopyStep::new(whole.dims(), size, (array, &strides[0]), (to, &strides[0]));
        let copy = CopyStep::new(part.dims(), size, (update, &strides[1]), (to, &strides[0]));
        let touches: Vec<Place> = starts
            .iter()
            .map(|s| s.place)
            .chain([array, update, to])
            .collect();
        let step = DynamicStep {
            starts,
            size,
            first: Some(first),
            copy,
            into: true,
        };
        self.step(step, &touches);
        Ok(())
    }
}
