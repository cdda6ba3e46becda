//! Reductions, the places of extremes, and sorting.

use std::cmp::Ordering;

use crate::error::Result;
use crate::graph::op::{Binary, Reduction};
use crate::reference::index::{axes_offsets, lines, other_axes};
use crate::reference::number::{Number, undefined, with_number};
use crate::shape::Shape;
use crate::value::Value;

/// The reduction of nothing.
pub(super) fn neutral<T: Number>(kind: Reduction) -> T {
    match kind {
        Reduction::Sum | Reduction::Or => T::ZERO,
        Reduction::Product => T::ONE,
        Reduction::Max => T::LOWEST,
        Reduction::Min => T::HIGHEST,
        Reduction::And => T::ALL_ONES,
    }
}

/// The elements combined, starting with the first one (so that -0.0 alone stays -0.0); `None` if the
/// reduction is not defined for the type.
pub(super) fn total<T: Number>(kind: Reduction, elements: impl Iterator<Item = T>) -> Option<T> {
    let combine = |a: T::Wide, b: T::Wide| match kind {
        Reduction::Sum => Some(a.add(b)),
        Reduction::Product => Some(a.multiply(b)),
        Reduction::Max => Some(a.maximum(b)),
        Reduction::Min => Some(a.minimum(b)),
        Reduction::And => a.binary(Binary::And, b),
        Reduction::Or => a.binary(Binary::Or, b),
    };
    let mut elements = elements.map(Number::widen);
    match elements.next() {
        None => Some(neutral(kind)),
        Some(first) => elements.try_fold(first, combine).map(T::narrow),
    }
}

pub(super) fn reduce(x: &Value, shape: &Shape, kind: Reduction, axes: &[usize]) -> Result<Value> {
    let kept = axes_offsets(x.shape(), &other_axes(x.shape().rank(), axes));
    let along = axes_offsets(x.shape(), axes);
    with_number!(x.dtype(), T => {
        let elements = T::read(x)?;
        let reduced = |at: usize| total(kind, along.iter().map(|k| elements[at + k]));
        let results: Option<Vec<T>> = kept.into_iter().map(reduced).collect();
        T::write(shape, results.ok_or_else(|| undefined("reduce", x))?)
    })
}

/// Running sums along one axis.
pub(super) fn cumsum(x: &Value, axis: usize, reverse: bool) -> Result<Value> {
    let (lines, step) = lines(x.shape(), axis);
    with_number!(x.dtype(), T => {
        let mut elements = T::read(x)?;
        for line in lines {
            let mut sum = None;
            for k in 0..x.shape()[axis] {
                let place = if reverse { x.shape()[axis] - 1 - k } else { k };
                let at = line + place * step;
                let next = elements[at].widen();
                let next = sum.map_or(next, |sum| Number::add(sum, next));
                elements[at] = T::narrow(next);
                sum = Some(next);
            }
        }
        T::write(x.shape(), elements)
    })
}

pub(super) fn argmax(x: &Value, shape: &Shape, axis: usize) -> Result<Value> {
    first(x, shape, axis, Ordering::Greater)
}

pub(super) fn argmin(x: &Value, shape: &Shape, axis: usize) -> Result<Value> {
    first(x, shape, axis, Ordering::Less)
}

/// The place of the first NaN, or else of the first element that no other one beats.
fn first(x: &Value, shape: &Shape, axis: usize, beats: Ordering) -> Result<Value> {
    let (lines, step) = lines(x.shape(), axis);
    with_number!(x.dtype(), T => {
        let elements = T::read(x)?;
        let place = |line: usize| {
            (1..x.shape()[axis]).fold(0, |best, k| {
                let (a, b): (T, T) = (elements[line + best * step], elements[line + k * step]);
                let better = b.is_nan() || b.partial_cmp(&a) == Some(beats);
                if !a.is_nan() && better { k } else { best }
            }) as i32
        };
        Value::from_vec(shape, lines.into_iter().map(place).collect::<Vec<_>>())
    })
}

pub(super) fn argsort(x: &Value, axis: usize, descending: bool) -> Result<Value> {
    let (lines, step) = lines(x.shape(), axis);
    let mut results = vec![0i32; x.len()];
    with_number!(x.dtype(), T => {
        let elements = T::read(x)?;
        for line in lines {
            let mut places: Vec<usize> = (0..x.shape()[axis]).collect();
            places.sort_by(|a, b| {
                order(elements[line + a * step], elements[line + b * step], descending)
            });
            for (k, place) in places.into_iter().enumerate() {
                results[line + k * step] = place as i32;
            }
        }
    });
    Value::from_vec(x.shape(), results)
}

/// NaN comes last either way.
fn order<T: Number>(a: T, b: T, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) if descending => b.partial_cmp(&a).unwrap_or(Ordering::Equal),
        (false, false) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        (a_last, b_last) => a_last.cmp(&b_last),
    }
}
