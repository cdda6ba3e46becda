//! The closed set of primitives. Everything else is composed of these.
//!
//! Names and meanings are StableHLO's wherever it has the operation. Four exhaustive matches give a
//! primitive its meaning: shape inference ([`crate::graph::infer`]), the gradient (`autodiff::vjp`),
//! and the lowerings of the engines.

use std::sync::Arc;

use crate::dtype::DType;
use crate::graph::Graph;
use crate::shape::Shape;
use crate::value::Value;

/// Elementwise operations of one operand; the result has its shape and, but for `Not` and
/// `IsFinite`, its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the function of its name")]
pub enum Unary {
    Abs,
    Negate,
    /// -1, 0 or 1; NaN for NaN.
    Sign,
    Exponential,
    /// `exp(x) - 1`, exact near 0.
    ExponentialMinusOne,
    Log,
    /// `log(1 + x)`, exact near 0.
    LogPlusOne,
    Sqrt,
    Rsqrt,
    Cbrt,
    Sine,
    Cosine,
    Tan,
    Tanh,
    /// `1 / (1 + exp(-x))`.
    Logistic,
    Erf,
    Floor,
    Ceil,
    /// To the nearest integer, halves to the even one.
    RoundNearestEven,
    /// Logical negation of truth values, bitwise of integers.
    Not,
    /// True where the operand is neither infinite nor NaN.
    IsFinite,
}

/// Elementwise operations of two operands of one shape and type; the result has both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the function of its name")]
pub enum Binary {
    Add,
    Subtract,
    Multiply,
    /// Division; of integers, towards zero, and 0 where the divisor is 0.
    Divide,
    Power,
    /// NaN if either is NaN.
    Maximum,
    /// NaN if either is NaN.
    Minimum,
    /// The remainder with the sign of the dividend; 0 where an integer divisor is 0.
    Remainder,
    Atan2,
    And,
    Or,
    Xor,
    ShiftLeft,
    /// Shifts zeros in from the left: the operand counts as unsigned.
    ShiftRightLogical,
}

/// Elementwise comparisons of two operands of one shape and type; the result is of truth values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "each is the comparison of its name")]
pub enum Comparison {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

/// How [`Op::Reduce`] and [`Op::ReduceWindow`] combine elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reduction {
    /// The sum; 0 of nothing.
    Sum,
    /// The product; 1 of nothing.
    Product,
    /// The largest, NaN if any is NaN; the lowest value of the type of nothing.
    Max,
    /// The smallest, NaN if any is NaN; the highest value of the type of nothing.
    Min,
    /// True if all are.
    And,
    /// True if any is.
    Or,
}

/// The contracted and the batch axes of a matrix product.
///
/// The result's axes are the batch axes, then the free axes of the left operand, then those of the
/// right one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct DotDims {
    /// Axes of the left operand that run together with those of the right one.
    pub lhs_batch: Vec<usize>,
    /// Axes of the right operand, in the same order.
    pub rhs_batch: Vec<usize>,
    /// Axes of the left operand that are summed over.
    pub lhs_contract: Vec<usize>,
    /// Axes of the right operand, in the same order.
    pub rhs_contract: Vec<usize>,
}

/// How a window moves over the spatial axes: one entry an axis.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Window {
    /// The window's size (for a convolution: the kernel's).
    pub size: Vec<usize>,
    /// The step between windows.
    pub strides: Vec<usize>,
    /// Elements of padding before and after; negative cuts.
    pub padding: Vec<(isize, isize)>,
    /// The step between elements of one window.
    pub dilation: Vec<usize>,
}

/// The attributes shared by a convolution and its two gradients.
///
/// Channels last: input `[batch, spatial.., channels]`, kernel `[spatial.., channels / groups,
/// filters]`, output `[batch, spatial.., filters]`. The kernel is not flipped.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct ConvDims {
    /// The window over the spatial axes.
    pub window: Window,
    /// Channels and filters are cut in this many groups that do not see each other.
    pub groups: usize,
}

/// A loop over the leading axis: `carry, y[t] = body(carry, x[t], constants)`.
///
/// Operands: the carries, the stacked `x` (leading axis `length`), the constants. The body graph has
/// a parameter for each carry, each slice of `x` and each constant, and an output for each carry and
/// each `y`. Results, picked with [`Op::TupleElement`]: the final carries, the stacked `y`, and the
/// stacked carries as they were before each turn (which the gradient needs, and which cost nothing
/// unless picked).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Scan {
    /// One turn of the loop.
    pub body: Arc<Graph>,
    /// The number of turns.
    pub length: usize,
    /// How many leading operands are carries.
    pub carries: usize,
    /// How many operands after them are sliced along their leading axis.
    pub slices: usize,
    /// Whether the turns run from the last slice to the first.
    pub reverse: bool,
}

/// A loop with a condition: `while condition(state) { state = body(state) }`.
///
/// Operands are the state; results, picked with [`Op::TupleElement`], the state at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct While {
    /// Gives one truth value.
    pub condition: Arc<Graph>,
    /// Gives the next state.
    pub body: Arc<Graph>,
}

/// A primitive operation with its attributes. Operands are in [`crate::graph::Node::inputs`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Op {
    /// An input of the graph: the entry of [`Graph::parameters`] with this number.
    Parameter(usize),
    /// The value of a state (a variable) when the run begins: the entry of [`Graph::states`].
    State(usize),
    /// A value known when the graph is built.
    Constant(Value),
    /// 0, 1, 2, ... along one axis.
    Iota {
        /// The shape of the result.
        shape: Shape,
        /// The type of the result.
        dtype: DType,
        /// The axis along which the numbers grow.
        axis: usize,
    },
    /// Philox4x32-10 bits as `I32`. Operand: a key, `I32[4]` = seed low, seed high, stream, step.
    RandomBits {
        /// The shape of the result; element `i` depends on the key and `i` alone.
        shape: Shape,
    },
    /// An elementwise operation of one operand.
    Unary(Unary),
    /// An elementwise operation of two operands.
    Binary(Binary),
    /// An elementwise comparison.
    Compare(Comparison),
    /// Operands `predicate`, `on_true`, `on_false` of one shape: picks elementwise.
    Select,
    /// Conversion of the elements. Floats to integers truncate and saturate, NaN gives 0; anything
    /// but 0 is true.
    Convert(DType),
    /// Passes its operand on and stops gradients.
    StopGradient,
    /// Repeats the operand: axis `k` of it becomes axis `axes[k]`, sizes 1 are stretched.
    BroadcastInDim {
        /// The shape of the result.
        shape: Shape,
        /// Where each axis of the operand goes, ascending.
        axes: Vec<usize>,
    },
    /// The same elements in row-major order under another shape.
    Reshape(Shape),
    /// Axis `k` of the result is axis `permutation[k]` of the operand.
    Transpose(Vec<usize>),
    /// Elements `start, start + stride, ..` below `limit` along each axis.
    Slice {
        /// First element along each axis.
        start: Vec<usize>,
        /// One past the last.
        limit: Vec<usize>,
        /// The step.
        strides: Vec<usize>,
    },
    /// Operands: array, scalar start for each axis (`I32`/`I64`, clamped so that the slice fits).
    DynamicSlice {
        /// The size along each axis.
        size: Vec<usize>,
    },
    /// Operands: array, update, scalar start for each axis: the array with the update written in.
    DynamicUpdateSlice,
    /// Operands: array, scalar. Adds the scalar before, after and between the elements; negative
    /// counts before and after cut.
    Pad {
        /// Elements before, along each axis.
        low: Vec<isize>,
        /// Elements after.
        high: Vec<isize>,
        /// Elements between neighbours.
        interior: Vec<usize>,
    },
    /// Joins the operands along one axis.
    Concatenate(usize),
    /// Turns the order of the elements around along the axes.
    Reverse(Vec<usize>),
    /// Operands: array, indices (`I32`/`I64`). The first `batch` axes of both run together; takes along
    /// `axis >= batch`: `[array[..axis], indices[batch..], array[axis + 1..]]`. An index out of range
    /// gives NaN for floats and 0 for others.
    Gather {
        /// The axis of the array that the indices count along.
        axis: usize,
        /// Leading axes that run together.
        batch: usize,
    },
    /// Operands: array, indices, updates of the shape that [`Op::Gather`] would give. Adds each update
    /// to the element that the gather would take; indices out of range are skipped.
    ScatterAdd {
        /// As in [`Op::Gather`].
        axis: usize,
        /// As in [`Op::Gather`].
        batch: usize,
    },
    /// A matrix product of two operands, contracting any axes.
    DotGeneral(DotDims),
    /// Operands: input, kernel.
    Convolution(ConvDims),
    /// Operands: gradient of the output, kernel. The gradient with regard to the input, whose shape is
    /// an attribute, since strides lose it.
    ConvolutionInputGradient {
        /// The convolution.
        conv: ConvDims,
        /// The shape of the convolution's input.
        input: Shape,
    },
    /// Operands: input, gradient of the output. The gradient with regard to the kernel.
    ConvolutionFilterGradient(ConvDims),
    /// Combines all elements along the axes, which vanish.
    Reduce {
        /// How elements are combined.
        kind: Reduction,
        /// The axes, ascending.
        axes: Vec<usize>,
    },
    /// Combines the elements of each window. The window has an entry for every axis.
    ReduceWindow {
        /// How elements are combined (`Sum`, `Max` or `Min`); padding counts as the neutral element.
        kind: Reduction,
        /// The window.
        window: Window,
    },
    /// Operands: array, source of the shape that a `Max` [`Op::ReduceWindow`] would give. Adds each source
    /// element to the place of its window's first maximum: the gradient of max pooling.
    SelectAndScatter(Window),
    /// Operands: array, values of its shape. For each window, the value at the place of the array's first
    /// maximum: the gradient of [`Op::SelectAndScatter`].
    WindowSelect(Window),
    /// The place (`I32`) of the first largest element along one axis; a NaN counts as the largest.
    ArgMax(usize),
    /// The place (`I32`) of the first smallest element along one axis; a NaN counts as the smallest.
    ArgMin(usize),
    /// The places (`I32`) that sort along one axis, stable; NaN sorts last.
    ArgSort {
        /// The axis.
        axis: usize,
        /// Largest first (NaN still last).
        descending: bool,
    },
    /// Running sums along one axis.
    CumSum {
        /// The axis.
        axis: usize,
        /// Sums from the end.
        reverse: bool,
    },
    /// A loop over slices; see [`Scan`].
    Scan(Scan),
    /// A loop with a condition; see [`While`].
    While(While),
    /// One result of a [`Scan`] or [`While`].
    TupleElement(usize),
}

impl Op {
    /// The StableHLO-style name that messages and dumps use.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::Parameter(_) => "parameter",
            Self::State(_) => "state",
            Self::Constant(_) => "constant",
            Self::Iota { .. } => "iota",
            Self::RandomBits { .. } => "random_bits",
            Self::Unary(op) => op.name(),
            Self::Binary(op) => op.name(),
            Self::Compare(_) => "compare",
            Self::Select => "select",
            Self::Convert(_) => "convert",
            Self::StopGradient => "stop_gradient",
            Self::BroadcastInDim { .. } => "broadcast_in_dim",
            Self::Reshape(_) => "reshape",
            Self::Transpose(_) => "transpose",
            Self::Slice { .. } => "slice",
            Self::DynamicSlice { .. } => "dynamic_slice",
            Self::DynamicUpdateSlice => "dynamic_update_slice",
            Self::Pad { .. } => "pad",
            Self::Concatenate(_) => "concatenate",
            Self::Reverse(_) => "reverse",
            Self::Gather { .. } => "gather",
            Self::ScatterAdd { .. } => "scatter_add",
            Self::DotGeneral(_) => "dot_general",
            Self::Convolution(_) => "convolution",
            Self::ConvolutionInputGradient { .. } => "convolution_input_gradient",
            Self::ConvolutionFilterGradient(_) => "convolution_filter_gradient",
            Self::Reduce { .. } => "reduce",
            Self::ReduceWindow { .. } => "reduce_window",
            Self::SelectAndScatter(_) => "select_and_scatter",
            Self::WindowSelect(_) => "window_select",
            Self::ArgMax(_) => "argmax",
            Self::ArgMin(_) => "argmin",
            Self::ArgSort { .. } => "argsort",
            Self::CumSum { .. } => "cumsum",
            Self::Scan(_) => "scan",
            Self::While(_) => "while",
            Self::TupleElement(_) => "tuple_element",
        }
    }

    /// True for the elementwise primitives, which an engine may fuse.
    #[must_use]
    pub fn is_elementwise(&self) -> bool {
        matches!(
            self,
            Self::Unary(_)
                | Self::Binary(_)
                | Self::Compare(_)
                | Self::Select
                | Self::Convert(_)
                | Self::StopGradient
        )
    }
}

impl Unary {
    /// All of them: the tests of the engines and of the gradients go through this list.
    pub const ALL: [Self; 21] = [
        Self::Abs,
        Self::Negate,
        Self::Sign,
        Self::Exponential,
        Self::ExponentialMinusOne,
        Self::Log,
        Self::LogPlusOne,
        Self::Sqrt,
        Self::Rsqrt,
        Self::Cbrt,
        Self::Sine,
        Self::Cosine,
        Self::Tan,
        Self::Tanh,
        Self::Logistic,
        Self::Erf,
        Self::Floor,
        Self::Ceil,
        Self::RoundNearestEven,
        Self::Not,
        Self::IsFinite,
    ];

    /// The StableHLO-style name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Abs => "abs",
            Self::Negate => "negate",
            Self::Sign => "sign",
            Self::Exponential => "exponential",
            Self::ExponentialMinusOne => "exponential_minus_one",
            Self::Log => "log",
            Self::LogPlusOne => "log_plus_one",
            Self::Sqrt => "sqrt",
            Self::Rsqrt => "rsqrt",
            Self::Cbrt => "cbrt",
            Self::Sine => "sine",
            Self::Cosine => "cosine",
            Self::Tan => "tan",
            Self::Tanh => "tanh",
            Self::Logistic => "logistic",
            Self::Erf => "erf",
            Self::Floor => "floor",
            Self::Ceil => "ceil",
            Self::RoundNearestEven => "round_nearest_even",
            Self::Not => "not",
            Self::IsFinite => "is_finite",
        }
    }
}

impl Binary {
    /// All of them: the tests of the engines and of the gradients go through this list.
    pub const ALL: [Self; 14] = [
        Self::Add,
        Self::Subtract,
        Self::Multiply,
        Self::Divide,
        Self::Power,
        Self::Maximum,
        Self::Minimum,
        Self::Remainder,
        Self::Atan2,
        Self::And,
        Self::Or,
        Self::Xor,
        Self::ShiftLeft,
        Self::ShiftRightLogical,
    ];

    /// The StableHLO-style name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Add => "add",
            Self::Subtract => "subtract",
            Self::Multiply => "multiply",
            Self::Divide => "divide",
            Self::Power => "power",
            Self::Maximum => "maximum",
            Self::Minimum => "minimum",
            Self::Remainder => "remainder",
            Self::Atan2 => "atan2",
            Self::And => "and",
            Self::Or => "or",
            Self::Xor => "xor",
            Self::ShiftLeft => "shift_left",
            Self::ShiftRightLogical => "shift_right_logical",
        }
    }
}
