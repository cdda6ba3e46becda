//! The one tensor type: a cheap handle on a node of a lazy graph.

mod arithmetic;
mod contraction;
mod elementwise;
mod indexing;
mod literal;
mod node;
mod reduction;
mod shaping;
mod symbolic;
mod windows;

use std::fmt;
use std::panic::Location;
use std::sync::Arc;

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::Spec;
use crate::graph::infer::{infer, tuple_specs};
use crate::graph::op::Op;
use crate::scope;
use crate::shape::Shape;
use crate::value::{Element, Value};
use crate::variable::Variable;

pub use arithmetic::Operand;
pub(crate) use node::{Kind, Operands, TensorNode};
pub use shaping::Axes;
pub use symbolic::{CallRecord, Origin, SymbolicCall};

/// A tensor: a cheap, cloneable handle on a value or on a computation that has not run yet.
///
/// Arithmetic builds a graph and never panics: an operation that cannot be gives a tensor that
/// carries the first error with its line, and whatever evaluates or compiles it returns that error.
/// Values are computed when asked for ([`Tensor::eval`], [`Tensor::to_vec`], [`Tensor::item`],
/// `Display`), by the engine, as one program.
///
/// # Example
/// ```
/// use hornblende_core::Tensor;
/// let y_true = Tensor::from([0.0f32, 1.0, 1.0]);
/// let y_pred = Tensor::from([0.5f32, 0.5, 1.0]);
/// let loss = (&y_true - &y_pred).square().mean(..);
/// assert!((loss.item::<f32>()? - 0.5 / 3.0).abs() < 1e-7);
/// # Ok::<(), hornblende_core::Error>(())
/// ```
#[derive(Clone)]
pub struct Tensor(pub(crate) Arc<TensorNode>);

impl Tensor {
    /// A tensor of these elements in row-major order.
    ///
    /// A number of elements that does not fit the shape gives a tensor that carries the error.
    #[track_caller]
    #[must_use]
    pub fn from_vec<T: Element>(shape: impl Into<Shape>, elements: Vec<T>) -> Self {
        match Value::from_vec(shape, elements) {
            Ok(value) => value.into(),
            Err(error) => Self::invalid(error.at(scope::location(Location::caller()))),
        }
    }

    /// A scalar that is part of the program: a change of it means another program.
    ///
    /// Literals in arithmetic (`&x * 2.0`) are made by this.
    #[must_use]
    pub fn literal(x: f64, dtype: DType) -> Self {
        literal::literal(x, dtype)
    }

    /// A value that is part of the program; see [`Tensor::literal`].
    #[must_use]
    pub fn new_constant(value: Value) -> Self {
        let spec = Spec {
            shape: value.shape().clone(),
            dtype: value.dtype(),
        };
        Self::from_kind(Kind::Constant(value), spec, None)
    }

    /// An input of a program that is being traced.
    #[must_use]
    pub fn placeholder(spec: Spec) -> Self {
        Self::from_kind(Kind::Placeholder, spec, None)
    }

    /// A tensor that carries an error, to be returned by whatever evaluates it.
    #[must_use]
    pub fn invalid(error: Error) -> Self {
        let spec = Spec {
            shape: Shape::scalar(),
            dtype: DType::F32,
        };
        Self::from_kind(Kind::Invalid(Arc::new(error)), spec, None)
    }

    pub(crate) fn read(variable: Variable, snapshot: Option<Value>) -> Self {
        let spec = Spec {
            shape: variable.shape().clone(),
            dtype: variable.dtype(),
        };
        let tensor = Self::from_kind(Kind::Read(variable), spec, None);
        if let Some(value) = snapshot {
            tensor.0.remember(value);
        }
        tensor
    }

    #[inline]
    fn from_kind(kind: Kind, spec: Spec, location: Option<&'static Location<'static>>) -> Self {
        Self::of_node(TensorNode::new(kind, spec, location))
    }

    /// All zeros.
    #[must_use]
    pub fn zeros(shape: impl Into<Shape>, dtype: DType) -> Self {
        Self::full(shape, 0.0, dtype)
    }

    /// All ones.
    #[must_use]
    pub fn ones(shape: impl Into<Shape>, dtype: DType) -> Self {
        Self::full(shape, 1.0, dtype)
    }

    /// All the same number.
    #[track_caller]
    #[must_use]
    pub fn full(shape: impl Into<Shape>, x: f64, dtype: DType) -> Self {
        Self::literal(x, dtype).broadcast_to(shape)
    }

    /// `0, 1, .., size - 1`.
    ///
    /// ```
    /// # use hornblende_core::{DType, Tensor};
    /// assert_eq!(Tensor::arange(3, DType::I32).to_vec::<i32>()?, [0, 1, 2]);
    /// # Ok::<(), hornblende_core::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn arange(size: usize, dtype: DType) -> Self {
        Self::iota([size], 0, dtype)
    }

    /// Numbers that count along one axis and are equal along the others.
    #[track_caller]
    #[must_use]
    pub fn iota(shape: impl Into<Shape>, axis: usize, dtype: DType) -> Self {
        Self::apply(
            Op::Iota {
                shape: shape.into(),
                dtype,
                axis,
            },
            &[],
        )
    }

    /// The shape. A symbolic tensor has [`Shape::UNKNOWN`] where the batch size will be.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.0.spec.shape
    }

    /// The element type.
    #[must_use]
    pub fn dtype(&self) -> DType {
        self.0.spec.dtype
    }

    /// Shape and element type.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.0.spec
    }

    /// The number of axes.
    #[must_use]
    pub fn rank(&self) -> usize {
        self.shape().rank()
    }

    /// The error that this tensor carries, if any.
    #[must_use]
    pub fn error(&self) -> Option<&Error> {
        match &self.0.kind {
            Kind::Invalid(error) => Some(error),
            _ => None,
        }
    }

    /// The tensor itself, or the error that it carries.
    ///
    /// # Errors
    /// The carried error.
    pub fn check(&self) -> Result<&Self> {
        self.error().map_or(Ok(self), |error| Err(error.clone()))
    }

    /// True if both are handles on the same node.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    pub(crate) fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// The tensor with a remark attached that later code can look up by `name`.
    ///
    /// A softmax remarks its `logits`, so that a crossentropy can use them; a layer remarks its `mask`.
    #[must_use]
    pub fn with_remark(&self, name: &'static str, about: &Self) -> Self {
        if self.is_symbolic() || about.is_symbolic() {
            return Self::lift(&[self, about], move |x| x[0].with_remark(name, &x[1]));
        }
        Self::of_node(self.remarked_base().0.with_remark(name, about))
    }

    /// A node to attach a remark to, through which gradients find their way to this one.
    fn remarked_base(&self) -> Self {
        match &self.0.kind {
            Kind::Placeholder | Kind::Value | Kind::Op { .. } => {
                let op = Op::Reshape(self.shape().clone());
                let inputs = [self.clone()].into_iter().collect();
                let node = TensorNode::new(Kind::Op { op, inputs }, self.spec().clone(), None);
                Self::of_node(node.standing_for(&self.0))
            }
            _ => self.clone(),
        }
    }

    /// What was attached under this name by [`Tensor::with_remark`].
    #[must_use]
    pub fn remark(&self, name: &str) -> Option<&Self> {
        self.0
            .remarks
            .iter()
            .find(|(n, _)| *n == name)
            .map(|(_, about)| about)
    }

    /// The result of a primitive on these operands: the door through which all arithmetic goes.
    #[track_caller]
    #[must_use]
    pub fn apply(op: Op, inputs: &[Self]) -> Self {
        let location = scope::location(Location::caller());
        if let Some(bad) = inputs.iter().find(|i| i.error().is_some()) {
            return bad.clone();
        }
        let known = inputs.iter().all(|i| i.shape().is_known());
        let result = if !known {
            Err(Error::invalid_argument(
                op.name(),
                "a tensor of known shape",
                "a symbolic tensor",
                "Use this operation inside a layer or a function",
            ))
        } else if let Op::TupleElement(index) = op {
            inputs[0].0.tuple_spec(index)
        } else {
            match inputs {
                [a] => infer(&op, &[a.spec()]),
                [a, b] => infer(&op, &[a.spec(), b.spec()]),
                _ => infer(&op, &inputs.iter().map(Self::spec).collect::<Vec<_>>()),
            }
        };
        match result {
            Ok(spec) => {
                let mut operands = Operands::new();
                inputs.iter().for_each(|input| operands.push(input.clone()));
                let inputs = operands;
                Self::from_kind(Kind::Op { op, inputs }, spec, Some(location))
            }
            Err(error) => Self::invalid(scope::blame(error, location)),
        }
    }

    /// The value, computed by the engine if it is not known yet, and kept.
    ///
    /// # Errors
    /// The error that the tensor carries, or what the engine reports; a symbolic tensor and an input of a
    /// trace have no value.
    #[track_caller]
    pub fn eval(&self) -> Result<Value> {
        if let Some(value) = self.0.value() {
            return Ok(value.clone());
        }
        let location = scope::location(Location::caller());
        let values = crate::eval::eval_all(std::slice::from_ref(self));
        Ok(values.map_err(|error| error.at(location))?.remove(0))
    }

    /// All elements in row-major order, converted to `T`.
    ///
    /// # Errors
    /// As [`Tensor::eval`].
    #[track_caller]
    pub fn to_vec<T: Element>(&self) -> Result<Vec<T>> {
        let value = self.eval()?.convert(T::DTYPE);
        match value.as_slice::<T>() {
            Some(elements) => Ok(elements.to_vec()),
            None => Ok(Vec::new()),
        }
    }

    /// The only element, converted to `T`.
    ///
    /// # Errors
    /// [`Error::ShapeMismatch`] if there is not exactly one; else as [`Tensor::eval`].
    #[track_caller]
    pub fn item<T: Element>(&self) -> Result<T> {
        let elements = self.to_vec::<T>()?;
        match elements.as_slice() {
            [x] => Ok(*x),
            _ => Err(Error::shape_mismatch(
                "item",
                "a tensor of one element",
                self.shape().to_string(),
                "Use to_vec, or reduce it first",
            )
            .at(scope::location(Location::caller()))),
        }
    }
}

impl TensorNode {
    fn tuple_spec(&self, index: usize) -> Result<Spec> {
        let Kind::Op { op, inputs } = &self.kind else {
            return Err(Error::engine(
                "tuple_element",
                "the results of a loop",
                "a value",
                "",
            ));
        };
        let operands: Vec<Spec> = inputs.iter().map(|i| i.spec().clone()).collect();
        tuple_specs(op, &operands)?
            .into_iter()
            .nth(index)
            .ok_or_else(|| {
                Error::engine(
                    "tuple_element",
                    "the number of a result",
                    index.to_string(),
                    "",
                )
            })
    }
}

impl From<Value> for Tensor {
    fn from(value: Value) -> Self {
        let spec = Spec {
            shape: value.shape().clone(),
            dtype: value.dtype(),
        };
        let tensor = Self::from_kind(Kind::Value, spec, None);
        tensor.0.remember(value);
        tensor
    }
}

impl From<&Tensor> for Tensor {
    fn from(tensor: &Tensor) -> Self {
        tensor.clone()
    }
}

impl<T: Element> From<T> for Tensor {
    fn from(x: T) -> Self {
        Value::scalar(x).into()
    }
}

impl<T: Element> From<Vec<T>> for Tensor {
    fn from(elements: Vec<T>) -> Self {
        Self::from_vec([elements.len()], elements)
    }
}

impl<T: Element> From<&[T]> for Tensor {
    fn from(elements: &[T]) -> Self {
        elements.to_vec().into()
    }
}

impl<T: Element, const N: usize> From<[T; N]> for Tensor {
    fn from(elements: [T; N]) -> Self {
        elements.to_vec().into()
    }
}

impl<T: Element, const N: usize, const M: usize> From<[[T; N]; M]> for Tensor {
    fn from(rows: [[T; N]; M]) -> Self {
        Self::from_vec([M, N], rows.into_iter().flatten().collect())
    }
}

impl<T: Element, const N: usize, const M: usize, const L: usize> From<[[[T; N]; M]; L]> for Tensor {
    fn from(blocks: [[[T; N]; M]; L]) -> Self {
        Self::from_vec([L, M, N], blocks.into_iter().flatten().flatten().collect())
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.error() {
            Some(error) => write!(f, "Tensor(error: {error})"),
            None => write!(
                f,
                "Tensor({} {} {})",
                self.0.kind.name(),
                self.dtype(),
                self.shape()
            ),
        }
    }
}

/// The value as NumPy prints it, or the error; long axes show their first and last three entries.
impl fmt::Display for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.shape().is_known() {
            return write!(f, "{self:?}");
        }
        match self.eval() {
            Ok(value) => crate::display::write_value(f, &value),
            Err(error) => write!(f, "error: {error}"),
        }
    }
}
