//! Units of their own: products, convolutions, movement, and whatever is interpreted.

use hornblende_core::graph::op::{DotDims, Op};
use hornblende_core::graph::{Graph, Node, NodeId};
use hornblende_core::{DType, Result, Shape, Spec};

use super::assembly::Assembly;
use super::contract::{
    Matrices, OperandAxes, dense_order, matrices, operand_axes, outer_axes, product,
};
use super::epilogue::Contraction;
use super::kernels::supported;
use super::view::{View, dense_strides};
use crate::kernels::convolution::{
    ConvolutionShape, FilterGradient, ForwardConvolution, InputGradient,
};
use crate::kernels::matmul::Float;
use crate::steps::{ContractionStep, CopyStep, InterpretedStep, Kernel, Place};

impl Assembly<'_> {
    /// Appends the steps of a unit that is no fused kernel.
    pub(crate) fn single(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        if let Some((product, epilogue)) = self.analysis.contractions.get(&id).copied() {
            supported(node.dtype)?;
            let product = &self.analysis.graph.nodes[product];
            return match &product.op {
                Op::DotGeneral(dims) if product.dtype.is_float() => {
                    self.dot_general(product, dims, epilogue)
                }
                Op::Convolution(_) => match convolution_shape(self.analysis.graph, product) {
                    Some(shape) => self.convolution(product, &shape, epilogue),
                    None => self.interpreted_contraction(id),
                },
                _ => self.interpreted_contraction(id),
            };
        }
        match &node.op {
            Op::Reshape(_) => self.copy_of(id),
            Op::Concatenate(axis) => self.concatenate(id, *axis),
            Op::ConvolutionInputGradient { .. } | Op::ConvolutionFilterGradient(_) => {
                match convolution_shape(self.analysis.graph, node) {
                    Some(shape) => {
                        let alone = Contraction {
                            result: id,
                            bias: None,
                            relu: false,
                        };
                        self.convolution(node, &shape, alone)
                    }
                    None => self.interpreted(id),
                }
            }
            _ => self.native(id),
        }
    }

    fn convolution(
        &mut self,
        node: &Node,
        shape: &ConvolutionShape,
        epilogue: Contraction,
    ) -> Result<()> {
        let operands = [self.dense(node.inputs[0])?, self.dense(node.inputs[1])?];
        match node.dtype {
            DType::F64 => {
                let kernel = convolution_kernel::<f64>(&node.op, shape);
                self.contraction(kernel, operands, epilogue)
            }
            _ => {
                let kernel = convolution_kernel::<f32>(&node.op, shape);
                self.contraction(kernel, operands, epilogue)
            }
        }
    }

    fn dot_general(
        &mut self,
        product_node: &Node,
        dims: &DotDims,
        epilogue: Contraction,
    ) -> Result<()> {
        let graph = self.analysis.graph;
        let inputs = [product_node.inputs[0], product_node.inputs[1]];
        let ranks = inputs.map(|i| graph.nodes[i].shape.rank());
        let axes = operand_axes(dims, ranks);
        let views = [self.view(inputs[0])?, self.view(inputs[1])?];
        let dims_of = |k: usize| graph.nodes[inputs[k]].shape.dims();
        let operand = |k: usize| (&views[k], dims_of(k), &axes[k]);
        let outer = outer_axes([operand(0), operand(1)]);
        let (a_place, a) = self.matrices(inputs[0], &axes[0], outer)?;
        let (b_place, b) = self.matrices(inputs[1], &axes[1], outer)?;
        let kernel = product(&a, &b);
        let places = [a_place, b_place];
        match product_node.dtype {
            DType::F64 => self.contraction::<f64>(Box::new(kernel), places, epilogue),
            _ => self.contraction::<f32>(Box::new(kernel), places, epilogue),
        }
    }

    /// An operand as batches of matrices: in place if its axes step as one, else as a dense copy.
    fn matrices(
        &mut self,
        id: NodeId,
        axes: &OperandAxes,
        outer: usize,
    ) -> Result<(Place, Matrices)> {
        let node = &self.analysis.graph.nodes[id];
        let dims = node.shape.dims();
        let view = self.view(id)?;
        if let Some(found) = matrices(&view, dims, axes, outer) {
            return Ok((self.place(&view, node.dtype)?, found));
        }
        let order = dense_order(axes);
        let place = self.dense_in_order(id, &order)?;
        let count = |axes: &[usize]| axes.iter().map(|a| dims[*a]).product::<usize>();
        let (free, contract) = (count(&axes.free), count(&axes.contract));
        let (groups, batch) = (count(&axes.batch[..outer]), count(&axes.batch[outer..]));
        let matrix = free * contract;
        let found = Matrices {
            batch: [
                (groups, (batch * matrix) as isize),
                (batch, matrix as isize),
            ],
            free: (free, contract as isize),
            contract: (contract, 1),
        };
        Ok((place, found))
    }

    /// Appends a product or convolution with its epilogue.
    pub(crate) fn contraction<T: Float>(
        &mut self,
        kernel: Box<dyn Kernel<T>>,
        operands: [Place; 2],
        epilogue: Contraction,
    ) -> Result<()> {
        let result = Place {
            value: self.value(epilogue.result)?,
            bytes: 0,
        };
        let bias = epilogue.bias.map(|bias| self.dense(bias)).transpose()?;
        let relu = epilogue.relu;
        let threads = self.threads;
        let mut touches = vec![operands[0], operands[1], result];
        touches.extend(bias);
        self.step(
            ContractionStep {
                kernel,
                operands,
                result,
                bias,
                relu,
                threads,
            },
            &touches,
        );
        Ok(())
    }

    /// A node's elements in order: for views that cannot be expressed by steps.
    fn copy_of(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let from = node.inputs[0];
        let dims = self.analysis.graph.nodes[from].shape.dims();
        let view = self.view(from)?;
        let from = self.place(&view, node.dtype)?;
        let to = Place {
            value: self.value(id)?,
            bytes: 0,
        };
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

    fn concatenate(&mut self, id: NodeId, axis: usize) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let size = node.dtype.size();
        let strides = dense_strides(node.shape.dims());
        let value = self.value(id)?;
        let mut start = 0;
        for input in &node.inputs {
            let shape = &self.analysis.graph.nodes[*input].shape;
            let view: View = self.view(*input)?;
            let from = self.place(&view, node.dtype)?;
            let to = Place {
                value,
                bytes: start * strides[axis] * size as isize,
            };
            let step = CopyStep::new(shape.dims(), size, (from, &view.strides), (to, &strides));
            self.step(step, &[from, to]);
            start += shape[axis] as isize;
        }
        Ok(())
    }

    /// One operation by the reference interpreter.
    pub(crate) fn interpreted(&mut self, id: NodeId) -> Result<()> {
        let node = &self.analysis.graph.nodes[id];
        let mut graph = Graph::default();
        let places = self.parameters_of(&mut graph, &node.inputs)?;
        let inputs = (0..node.inputs.len()).collect();
        let operation = graph.push(Node {
            inputs,
            ..node.clone()
        });
        graph.outputs.push(operation);
        let result = Place {
            value: self.value(id)?,
            bytes: 0,
        };
        self.interpret(graph, places, vec![result]);
        Ok(())
    }

    /// A product with its epilogue in an element type that the kernels do not have.
    fn interpreted_contraction(&mut self, id: NodeId) -> Result<()> {
        let mut graph = Graph::default();
        let operands = self.analysis.unit_operands(id);
        let places = self.parameters_of(&mut graph, &operands)?;
        let mut known: Vec<(NodeId, NodeId)> = operands
            .iter()
            .copied()
            .enumerate()
            .map(|(k, o)| (o, k))
            .collect();
        let output = self.copy_expression(&mut graph, &mut known, id);
        graph.outputs.push(output);
        let result = Place {
            value: self.value(id)?,
            bytes: 0,
        };
        self.interpret(graph, places, vec![result]);
        Ok(())
    }

    /// Copies a node and what it needs, down to the nodes that are known, into another graph.
    fn copy_expression(
        &self,
        graph: &mut Graph,
        known: &mut Vec<(NodeId, NodeId)>,
        id: NodeId,
    ) -> NodeId {
        if let Some((_, place)) = known.iter().find(|(n, _)| *n == id) {
            return *place;
        }
        let node = &self.analysis.graph.nodes[id];
        let inputs = node
            .inputs
            .iter()
            .map(|i| self.copy_expression(graph, known, *i))
            .collect();
        let place = graph.push(Node {
            inputs,
            ..node.clone()
        });
        known.push((id, place));
        place
    }

    /// Gives the graph a parameter for each of these nodes, whose elements are then dense in memory.
    fn parameters_of(&mut self, graph: &mut Graph, nodes: &[NodeId]) -> Result<Vec<Place>> {
        let mut places = Vec::with_capacity(nodes.len());
        for (k, id) in nodes.iter().enumerate() {
            let node = &self.analysis.graph.nodes[*id];
            let (shape, dtype): (Shape, DType) = (node.shape.clone(), node.dtype);
            graph.parameters.push(Spec { shape, dtype });
            graph.push(Node {
                op: Op::Parameter(k),
                inputs: Vec::new(),
                ..node.clone()
            });
            places.push(self.dense(*id)?);
        }
        Ok(places)
    }

    fn interpret(&mut self, graph: Graph, inputs: Vec<Place>, outputs: Vec<Place>) {
        let touches: Vec<Place> = inputs.iter().chain(&outputs).copied().collect();
        self.step(InterpretedStep::new(graph, inputs, outputs), &touches);
    }
}

fn convolution_kernel<T: Float>(op: &Op, shape: &ConvolutionShape) -> Box<dyn Kernel<T>> {
    match op {
        Op::ConvolutionInputGradient { .. } => Box::new(InputGradient::new(shape)),
        Op::ConvolutionFilterGradient(_) => Box::new(FilterGradient::new(shape)),
        _ => Box::new(ForwardConvolution::new(shape)),
    }
}

/// The shape of a convolution or of one of its gradients, as the kernels want it: three spatial axes.
/// `None` for more axes than that or a type that they do not have.
fn convolution_shape(graph: &Graph, node: &Node) -> Option<ConvolutionShape> {
    let shape = |id: NodeId| graph.nodes[id].shape.dims();
    let (conv, input, filters) = match &node.op {
        Op::Convolution(conv) => (conv, shape(node.inputs[0]), node.shape.dims()),
        Op::ConvolutionInputGradient { conv, input } => (conv, input.dims(), shape(node.inputs[0])),
        Op::ConvolutionFilterGradient(conv) => (conv, shape(node.inputs[0]), shape(node.inputs[1])),
        _ => return None,
    };
    let spatial = conv.window.size.len();
    if spatial > 3 || !node.dtype.is_float() {
        return None;
    }
    // Missing axes come first, with one element.
    fn three<V: Copy>(list: impl ExactSizeIterator<Item = V>, filler: V) -> [V; 3] {
        let mut all = [filler; 3];
        let first = 3 - list.len();
        list.enumerate().for_each(|(k, x)| all[first + k] = x);
        all
    }
    let window = &conv.window;
    Some(ConvolutionShape {
        batch: input[0],
        input: three(input[1..=spatial].iter().copied(), 1),
        in_channels: input[spatial + 1],
        kernel: three(window.size.iter().copied(), 1),
        out_channels: filters[spatial + 1],
        strides: three(window.strides.iter().copied(), 1),
        padding: three(window.padding.iter().copied(), (0, 0)),
        dilation: three(window.dilation.iter().copied(), 1),
        groups: conv.groups,
    })
}
