//! Operations that move elements and compute nothing: bits, NaN payloads included, stay as they are.

use crate::elements::Elements;
use crate::error::{Error, Result};
use crate::reference::index::{offsets, places};
use crate::shape::Shape;
use crate::storage::Storage;
use crate::value::Value;

/// The elements at `places`; `fill`'s one element where there is none.
pub(super) fn take(
    x: &Value,
    shape: &Shape,
    places: &[Option<usize>],
    fill: Elements<'_>,
) -> Result<Value> {
    macro_rules! typed {
        ($($kind:ident),*) => {
            match (x.elements(), fill) {
                $((Elements::$kind(v), Elements::$kind(fill)) => {
                    Storage::$kind(places.iter().map(|p| p.map_or(fill[0], |at| v[at])).collect())
                })*
                (_, fill) => {
                    let got = format!("{} and {}", x.dtype(), fill.dtype());
                    return Err(Error::engine("reference", "elements of one type", got, ""));
                }
            }
        };
    }
    let storage = typed!(F16, BF16, F32, F64, I32, I64, U8, Bool);
    Value::new(shape, storage)
}

fn take_all(x: &Value, shape: &Shape, places: Vec<usize>) -> Result<Value> {
    let places: Vec<Option<usize>> = places.into_iter().map(Some).collect();
    take(x, shape, &places, Storage::zeros(x.dtype(), 1).elements())
}

pub(super) fn broadcast_in_dim(x: &Value, shape: &Shape, axes: &[usize]) -> Result<Value> {
    let strides = x.shape().strides();
    let mut steps = vec![0; shape.rank()];
    for (k, axis) in axes.iter().enumerate() {
        // A size of 1 is stretched by standing still.
        steps[*axis] = if x.shape()[k] == 1 { 0 } else { strides[k] };
    }
    take_all(x, shape, offsets(shape.dims(), &steps))
}

pub(super) fn transpose(x: &Value, shape: &Shape, permutation: &[usize]) -> Result<Value> {
    let strides = x.shape().strides();
    let steps: Vec<usize> = permutation.iter().map(|a| strides[*a]).collect();
    take_all(x, shape, offsets(shape.dims(), &steps))
}

/// A result of the operand's rank, whose coordinate `c` along axis `k` is `source(k, c)` of the
/// operand, or the filling where that is out of range.
fn take_along(
    x: &Value,
    shape: &Shape,
    fill: Elements<'_>,
    source: impl Fn(usize, usize) -> Option<usize>,
) -> Result<Value> {
    let strides = x.shape().strides();
    let axes: Vec<Vec<Option<usize>>> = (0..shape.rank())
        .map(|k| {
            let inside = |c: &usize| *c < x.shape()[k];
            let step = |c| source(k, c).filter(inside).map(|at| at * strides[k]);
            (0..shape[k]).map(step).collect()
        })
        .collect();
    take(x, shape, &places(&axes), fill)
}

pub(super) fn slice(x: &Value, shape: &Shape, start: &[usize], strides: &[usize]) -> Result<Value> {
    let unused = Storage::zeros(x.dtype(), 1);
    take_along(x, shape, unused.elements(), |k, c| {
        Some(start[k] + c * strides[k])
    })
}

pub(super) fn reverse(x: &Value, axes: &[usize]) -> Result<Value> {
    let unused = Storage::zeros(x.dtype(), 1);
    take_along(x, x.shape(), unused.elements(), |k, c| {
        let turned = axes.contains(&k);
        Some(if turned { x.shape()[k] - 1 - c } else { c })
    })
}

pub(super) fn pad(
    x: &Value,
    with: &Value,
    shape: &Shape,
    low: &[isize],
    interior: &[usize],
) -> Result<Value> {
    take_along(x, shape, with.elements(), |k, c| {
        let from_first = usize::try_from(c as isize - low[k]).ok()?;
        let step = interior[k] + 1;
        from_first.is_multiple_of(step).then_some(from_first / step)
    })
}

/// Start places, moved so that a slice of these sizes lies within the array.
fn clamped(starts: &[&Value], array: &Shape, sizes: &[usize]) -> Vec<usize> {
    let clamp = |(k, start): (usize, &&Value)| {
        let last = array[k] - sizes[k];
        let start = match start.elements() {
            Elements::I64(v) => v[0],
            other => other.get_f64(0) as i64,
        };
        usize::try_from(start).map_or(if start < 0 { 0 } else { last }, |s| s.min(last))
    };
    starts.iter().enumerate().map(clamp).collect()
}

pub(super) fn dynamic_slice(x: &Value, starts: &[&Value], shape: &Shape) -> Result<Value> {
    let start = clamped(starts, x.shape(), shape.dims());
    slice(x, shape, &start, &vec![1; shape.rank()])
}

pub(super) fn dynamic_update_slice(x: &Value, update: &Value, starts: &[&Value]) -> Result<Value> {
    let start = clamped(starts, x.shape(), update.shape().dims());
    let mut result = x.clone();
    let to: usize = start
        .iter()
        .zip(x.shape().strides())
        .map(|(s, d)| s * d)
        .sum();
    let storage = result.make_mut();
    for (from, at) in offsets(update.shape().dims(), &x.shape().strides())
        .into_iter()
        .enumerate()
    {
        storage.copy_from(to + at, update.elements(), from, 1);
    }
    Ok(result)
}

pub(super) fn concatenate(operands: &[&Value], shape: &Shape, axis: usize) -> Result<Value> {
    let dtype = operands[0].dtype();
    let mut storage = Storage::zeros(dtype, shape.len());
    let outer: usize = shape.dims()[..axis].iter().product();
    let inner: usize = shape.dims()[axis + 1..].iter().product();
    let mut to = 0;
    for block in 0..outer {
        for operand in operands {
            let len = operand.shape()[axis] * inner;
            storage.copy_from(to, operand.elements(), block * len, len);
            to += len;
        }
    }
    Value::new(shape, storage)
}
