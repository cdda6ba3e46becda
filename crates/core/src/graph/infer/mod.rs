//! Shape and type inference: what each primitive gives, and what it demands of its operands.

mod contraction;
mod movement;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::op::{Binary, Op, Reduction, Scan, Unary};
use crate::graph::{Node, NodeId, Spec};
use crate::shape::Shape;
use std::fmt::Display;

/// The shape and type of `op` on these operands.
///
/// A [`Op::Scan`] or [`Op::While`] has no value of its own and counts as a scalar; its results are
/// inferred by [`infer_node`], which sees the loop behind a [`Op::TupleElement`].
///
/// # Errors
/// [`Error::ShapeMismatch`], [`Error::DTypeMismatch`] or [`Error::InvalidArgument`] if the operands do
/// not fit the operation.
pub fn infer(op: &Op, inputs: &[&Spec]) -> Result<Spec> {
    let rule = Rule { op, inputs };
    rule.arity()?;
    let spec = |shape: Shape, dtype: DType| Ok(Spec { shape, dtype });
    match op {
        Op::Parameter(_) | Op::State(_) | Op::TupleElement(_) => Err(Error::invalid_argument(
            op.name(),
            "an operation whose result follows from its operands",
            "a leaf",
            "",
        )),
        Op::Constant(value) => spec(value.shape().clone(), value.dtype()),
        Op::Iota { shape, dtype, axis } => {
            rule.check(*axis < shape.rank(), "an axis of the result", axis)?;
            spec(shape.clone(), *dtype)
        }
        Op::RandomBits { shape } => {
            let key = inputs[0];
            let fits = key.dtype == DType::I32 && key.shape.dims() == [4];
            rule.check(fits, "a key of type int32 and shape (4,)", key)?;
            spec(shape.clone(), DType::I32)
        }
        Op::Unary(unary) => rule.unary(*unary),
        Op::Binary(binary) => rule.binary(*binary),
        Op::Compare(_) => spec(rule.same_operands()?.shape.clone(), DType::Bool),
        Op::Select => rule.select(),
        Op::Convert(dtype) => spec(inputs[0].shape.clone(), *dtype),
        Op::StopGradient => Ok(inputs[0].clone()),
        Op::BroadcastInDim { shape, axes } => rule.broadcast_in_dim(shape, axes),
        Op::Reshape(shape) => {
            let fits = shape.len() == inputs[0].shape.len();
            let from = &inputs[0].shape;
            rule.check_shape(
                fits,
                format_args!("a shape of {} elements", from.len()),
                format_args!("{from} to {shape}"),
            )?;
            spec(shape.clone(), inputs[0].dtype)
        }
        Op::Transpose(permutation) => rule.transpose(permutation),
        Op::Slice {
            start,
            limit,
            strides,
        } => rule.slice(start, limit, strides),
        Op::DynamicSlice { size } => rule.dynamic_slice(size),
        Op::DynamicUpdateSlice => rule.dynamic_update_slice(),
        Op::Pad {
            low,
            high,
            interior,
        } => rule.pad(low, high, interior),
        Op::Concatenate(axis) => rule.concatenate(*axis),
        Op::Reverse(axes) => {
            rule.axes(axes, inputs[0].shape.rank())?;
            Ok(inputs[0].clone())
        }
        Op::Gather { axis, batch } => rule.gather(*axis, *batch),
        Op::ScatterAdd { axis, batch } => rule.scatter_add(*axis, *batch),
        Op::DotGeneral(dims) => rule.dot_general(dims),
        Op::Convolution(conv) => rule.convolution(conv),
        Op::ConvolutionInputGradient { conv, input } => rule.input_gradient(conv, input),
        Op::ConvolutionFilterGradient(conv) => rule.filter_gradient(conv),
        Op::Reduce { kind, axes } => {
            rule.axes(axes, inputs[0].shape.rank())?;
            if matches!(kind, Reduction::And | Reduction::Or) {
                rule.expect_type(!inputs[0].dtype.is_float(), "an integer or truth type")?;
            }
            spec(inputs[0].shape.without(axes), inputs[0].dtype)
        }
        Op::ReduceWindow { window, .. } => {
            spec(rule.windowed(&inputs[0].shape, window)?, inputs[0].dtype)
        }
        Op::SelectAndScatter(window) => {
            let pooled = rule.windowed(&inputs[0].shape, window)?;
            rule.expect_spec(inputs[1], &pooled, inputs[0].dtype)?;
            Ok(inputs[0].clone())
        }
        Op::WindowSelect(window) => {
            rule.same_operands()?;
            spec(rule.windowed(&inputs[0].shape, window)?, inputs[0].dtype)
        }
        Op::ArgMax(axis) | Op::ArgMin(axis) => {
            rule.axes(&[*axis], inputs[0].shape.rank())?;
            rule.check_shape(
                inputs[0].shape[*axis] > 0,
                "at least one element along the axis",
                &inputs[0].shape,
            )?;
            spec(inputs[0].shape.without(&[*axis]), DType::I32)
        }
        Op::ArgSort { axis, .. } => {
            rule.axes(&[*axis], inputs[0].shape.rank())?;
            spec(inputs[0].shape.clone(), DType::I32)
        }
        Op::CumSum { axis, .. } => {
            rule.axes(&[*axis], inputs[0].shape.rank())?;
            Ok(inputs[0].clone())
        }
        Op::Scan(scan) => rule.scan(scan),
        Op::While(_) => spec(Shape::scalar(), DType::Bool),
    }
}

/// The shape and type of a node of a graph, which may be a result of a loop.
///
/// # Errors
/// As [`infer`].
pub fn infer_node(nodes: &[Node], op: &Op, inputs: &[NodeId]) -> Result<Spec> {
    let specs: Vec<Spec> = inputs.iter().map(|i| spec_of(&nodes[*i])).collect();
    let Op::TupleElement(index) = op else {
        return infer(op, &specs.iter().collect::<Vec<_>>());
    };
    let source = &nodes[inputs[0]];
    let operands: Vec<Spec> = source.inputs.iter().map(|i| spec_of(&nodes[*i])).collect();
    tuple_specs(&source.op, &operands)?
        .into_iter()
        .nth(*index)
        .ok_or_else(|| {
            Error::invalid_argument(
                "tuple_element",
                "the number of a result of the loop",
                index.to_string(),
                "",
            )
        })
}

/// The results of a loop on these operands.
///
/// # Errors
/// [`Error::InvalidArgument`] if `op` is no loop.
pub fn tuple_specs(op: &Op, operands: &[Spec]) -> Result<Vec<Spec>> {
    match op {
        Op::While(_) => Ok(operands.to_vec()),
        Op::Scan(scan) => {
            let stacked = |spec: &Spec| {
                let mut dims = vec![scan.length];
                dims.extend(spec.shape.dims());
                Spec {
                    shape: dims.into(),
                    dtype: spec.dtype,
                }
            };
            let body = &scan.body;
            let given: Vec<Spec> = body
                .outputs
                .iter()
                .map(|o| spec_of(&body.nodes[*o]))
                .collect();
            let mut specs: Vec<Spec> = operands[..scan.carries].to_vec();
            specs.extend(given[scan.carries..].iter().map(stacked));
            specs.extend(operands[..scan.carries].iter().map(stacked));
            Ok(specs)
        }
        _ => Err(Error::invalid_argument(
            "tuple_element",
            "the results of a loop",
            op.name(),
            "",
        )),
    }
}

/// The shape and type of a node's result.
#[must_use]
pub fn spec_of(node: &Node) -> Spec {
    Spec {
        shape: node.shape.clone(),
        dtype: node.dtype,
    }
}

/// One operation with its operands: what the rules below look at.
struct Rule<'a> {
    op: &'a Op,
    inputs: &'a [&'a Spec],
}

impl Rule<'_> {
    fn arity(&self) -> Result<()> {
        let wanted = match self.op {
            Op::Parameter(_) | Op::State(_) | Op::Constant(_) | Op::Iota { .. } => 0..=0,
            Op::Binary(_)
            | Op::Compare(_)
            | Op::Pad { .. }
            | Op::Gather { .. }
            | Op::DotGeneral(_)
            | Op::Convolution(_)
            | Op::ConvolutionInputGradient { .. }
            | Op::ConvolutionFilterGradient(_)
            | Op::SelectAndScatter(_)
            | Op::WindowSelect(_) => 2..=2,
            Op::Select | Op::ScatterAdd { .. } => 3..=3,
            Op::Concatenate(_) | Op::While(_) => 1..=usize::MAX,
            Op::Scan(_) => 0..=usize::MAX,
            Op::DynamicSlice { .. } => 1..=usize::MAX,
            Op::DynamicUpdateSlice => 2..=usize::MAX,
            _ => 1..=1,
        };
        let got = self.inputs.len();
        self.check(
            wanted.contains(&got),
            format_args!("{} operands", wanted.start()),
            got,
        )
    }

    /// What was expected and what came is put into words only if the check fails: inference runs for every node of
    /// every graph.
    fn check(&self, holds: bool, expected: impl Display, got: impl Display) -> Result<()> {
        if holds {
            return Ok(());
        }
        let (expected, got) = (expected.to_string(), got.to_string());
        Err(Error::invalid_argument(self.op.name(), expected, got, ""))
    }

    fn check_shape(&self, holds: bool, expected: impl Display, got: impl Display) -> Result<()> {
        if holds {
            return Ok(());
        }
        let (expected, got) = (expected.to_string(), got.to_string());
        Err(Error::shape_mismatch(self.op.name(), expected, got, ""))
    }

    fn axes(&self, axes: &[usize], rank: usize) -> Result<()> {
        let fits = axes.iter().all(|a| *a < rank) && axes.windows(2).all(|w| w[0] < w[1]);
        self.check(
            fits,
            format_args!("ascending axes below {rank}"),
            format_args!("{axes:?}"),
        )
    }

    fn expect_spec(&self, got: &Spec, shape: &Shape, dtype: DType) -> Result<()> {
        let fits = got.shape == *shape && got.dtype == dtype;
        self.check_shape(fits, format_args!("an operand of {dtype} {shape}"), got)
    }

    fn same_operands(&self) -> Result<&Spec> {
        let (a, b) = (self.inputs[0], self.inputs[1]);
        if a.dtype != b.dtype {
            return Err(Error::dtype_mismatch(
                self.op.name(),
                "operands of one type",
                format!("{} and {}", a.dtype, b.dtype),
                "Convert one of them with cast",
            ));
        }
        self.check_shape(
            a.shape == b.shape,
            "operands of one shape",
            format_args!("{} and {}", a.shape, b.shape),
        )?;
        Ok(a)
    }

    fn unary(&self, unary: Unary) -> Result<Spec> {
        let x = self.inputs[0];
        let (fits, wanted) = match unary {
            Unary::Abs | Unary::Negate | Unary::Sign => (x.dtype != DType::Bool, "a number type"),
            Unary::Not => (!x.dtype.is_float(), "an integer or truth type"),
            _ => (x.dtype.is_float(), "a floating-point type"),
        };
        self.expect_type(fits, wanted)?;
        let dtype = if unary == Unary::IsFinite {
            DType::Bool
        } else {
            x.dtype
        };
        Ok(Spec {
            shape: x.shape.clone(),
            dtype,
        })
    }

    fn binary(&self, binary: Binary) -> Result<Spec> {
        let spec = self.same_operands()?;
        let (fits, wanted) = match binary {
            Binary::Add | Binary::Multiply | Binary::Maximum | Binary::Minimum => (true, ""),
            Binary::And | Binary::Or | Binary::Xor => {
                (!spec.dtype.is_float(), "an integer or truth type")
            }
            Binary::ShiftLeft | Binary::ShiftRightLogical => {
                (spec.dtype.is_integer(), "an integer type")
            }
            Binary::Atan2 => (spec.dtype.is_float(), "a floating-point type"),
            _ => (spec.dtype != DType::Bool, "a number type"),
        };
        self.expect_type(fits, wanted)?;
        Ok(spec.clone())
    }

    fn expect_type(&self, fits: bool, wanted: &str) -> Result<()> {
        if fits {
            return Ok(());
        }
        let got = self.inputs[0].dtype.name();
        let fix = "Convert it with cast";
        Err(Error::dtype_mismatch(self.op.name(), wanted, got, fix))
    }

    fn select(&self) -> Result<Spec> {
        let (predicate, a, b) = (self.inputs[0], self.inputs[1], self.inputs[2]);
        self.expect_spec(predicate, &a.shape, DType::Bool)?;
        self.expect_spec(b, &a.shape, a.dtype)?;
        Ok(a.clone())
    }

    fn scan(&self, scan: &Scan) -> Result<Spec> {
        let body = &scan.body;
        let fits = body.parameters.len() == self.inputs.len()
            && scan.carries + scan.slices <= self.inputs.len()
            && body.outputs.len() >= scan.carries
            && body.updates.is_empty();
        self.check(
            fits,
            "a body with a parameter an operand and an output a carry",
            format_args!(
                "{} parameters, {} operands",
                body.parameters.len(),
                self.inputs.len()
            ),
        )?;
        for (k, (wanted, got)) in body.parameters.iter().zip(self.inputs).enumerate() {
            let sliced = (scan.carries..scan.carries + scan.slices).contains(&k);
            let mut dims = if sliced {
                vec![scan.length]
            } else {
                Vec::new()
            };
            dims.extend(wanted.shape.dims());
            self.expect_spec(got, &dims.into(), wanted.dtype)?;
        }
        for (k, output) in body.outputs.iter().take(scan.carries).enumerate() {
            let next = spec_of(&body.nodes[*output]);
            self.expect_spec(&next, &self.inputs[k].shape, self.inputs[k].dtype)?;
        }
        Ok(Spec {
            shape: Shape::scalar(),
            dtype: DType::Bool,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::op::{ConvDims, DotDims, Window};

    fn spec(dims: &[usize]) -> Spec {
        Spec {
            shape: dims.into(),
            dtype: DType::F32,
        }
    }

    #[test]
    fn dot_general_puts_batch_then_left_then_right_axes() {
        let dims = DotDims {
            lhs_batch: vec![0],
            rhs_batch: vec![0],
            lhs_contract: vec![2],
            rhs_contract: vec![1],
        };
        let got = infer(
            &Op::DotGeneral(dims),
            &[&spec(&[5, 2, 3]), &spec(&[5, 3, 4])],
        )
        .unwrap();
        assert_eq!(got.shape.dims(), [5, 2, 4]);
    }

    #[test]
    fn a_convolution_counts_the_windows_that_fit() {
        let conv = ConvDims {
            window: Window {
                size: vec![3, 3],
                strides: vec![2, 1],
                padding: vec![(1, 1), (0, 0)],
                dilation: vec![1, 2],
            },
            groups: 1,
        };
        let kernel = spec(&[3, 3, 4, 6]);
        let got = infer(&Op::Convolution(conv), &[&spec(&[2, 7, 9, 4]), &kernel]).unwrap();
        assert_eq!(got.shape.dims(), [2, 4, 5, 6]);
    }

    #[test]
    fn operands_of_two_shapes_are_refused_and_named() {
        let error = infer(&Op::Binary(Binary::Add), &[&spec(&[2]), &spec(&[3])]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "add: expected operands of one shape; got (2,) and (3,)."
        );
    }

    #[test]
    fn reduced_axes_vanish() {
        let op = Op::Reduce {
            kind: Reduction::Sum,
            axes: vec![0, 2],
        };
        assert_eq!(infer(&op, &[&spec(&[2, 3, 4])]).unwrap().shape.dims(), [3]);
        let op = Op::Reduce {
            kind: Reduction::Sum,
            axes: vec![3],
        };
        assert!(infer(&op, &[&spec(&[2])]).is_err());
    }
}
