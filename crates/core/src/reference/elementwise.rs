//! Elementwise operations.

use crate::error::Result;
use crate::graph::op::{Binary, Comparison, Unary};
use crate::reference::number::{Number, undefined, with_number};
use crate::storage::Storage;
use crate::value::Value;

pub(super) fn unary(op: Unary, x: &Value) -> Result<Value> {
    if op == Unary::IsFinite {
        let finite = x.to_f64_vec().into_iter().map(f64::is_finite).collect();
        return Value::from_vec(x.shape(), finite);
    }
    with_number!(x.dtype(), T => {
        let results: Option<Vec<T>> = T::read(x)?.into_iter().map(|a| a.unary(op)).collect();
        T::write(x.shape(), results.ok_or_else(|| undefined(op.name(), x))?)
    })
}

pub(super) fn binary(op: Binary, x: &Value, y: &Value) -> Result<Value> {
    with_number!(x.dtype(), T => {
        let pairs = T::read(x)?.into_iter().zip(T::read(y)?);
        let results: Option<Vec<T>> = pairs.map(|(a, b)| Number::binary(a, op, b)).collect();
        T::write(x.shape(), results.ok_or_else(|| undefined(op.name(), x))?)
    })
}

// Truth values are numbers here: false is below true.
#[allow(clippy::bool_comparison)]
pub(super) fn compare(comparison: Comparison, x: &Value, y: &Value) -> Result<Value> {
    with_number!(x.dtype(), T => {
        let holds = |(a, b): (T, T)| match comparison {
            Comparison::Eq => a == b,
            Comparison::Ne => a != b,
            Comparison::Lt => a < b,
            Comparison::Le => a <= b,
            Comparison::Gt => a > b,
            Comparison::Ge => a >= b,
        };
        let pairs = T::read(x)?.into_iter().zip(T::read(y)?);
        Value::from_vec(x.shape(), pairs.map(holds).collect::<Vec<bool>>())
    })
}

/// Picks bits: a NaN keeps its payload.
pub(super) fn select(predicate: &Value, on_true: &Value, on_false: &Value) -> Result<Value> {
    let mut result = Storage::zeros(on_true.dtype(), on_true.len());
    for (k, is_true) in bool::read(predicate)?.into_iter().enumerate() {
        let source = if is_true { on_true } else { on_false };
        result.copy_from(k, source.elements(), k, 1);
    }
    Value::new(on_true.shape(), result)
}
