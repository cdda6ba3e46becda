//! Gather and its transpose.

use crate::elements::Elements;
use crate::error::Result;
use crate::reference::movement::take;
use crate::reference::number::{Number, with_number};
use crate::shape::Shape;
use crate::storage::Storage;
use crate::value::Value;

pub(super) fn gather(
    x: &Value,
    indices: &Value,
    shape: &Shape,
    axis: usize,
    batch: usize,
) -> Result<Value> {
    let mut missing = Storage::zeros(x.dtype(), 1);
    if x.dtype().is_float() {
        missing.set_f64(0, f64::NAN);
    }
    take(
        x,
        shape,
        &places(x.shape(), indices, axis, batch),
        missing.elements(),
    )
}

pub(super) fn scatter_add(
    x: &Value,
    indices: &Value,
    updates: &Value,
    axis: usize,
    batch: usize,
) -> Result<Value> {
    let places = places(x.shape(), indices, axis, batch);
    with_number!(x.dtype(), T => {
        let mut sums: Vec<_> = T::read(x)?.into_iter().map(Number::widen).collect();
        for (place, update) in places.into_iter().zip(T::read(updates)?) {
            if let Some(at) = place {
                sums[at] = Number::add(sums[at], update.widen());
            }
        }
        T::write(x.shape(), sums.into_iter().map(T::narrow).collect())
    })
}

/// For each element of the gathered array, its flat place in an array of this shape.
fn places(shape: &Shape, indices: &Value, axis: usize, batch: usize) -> Vec<Option<usize>> {
    let product = |dims: &[usize]| dims.iter().product::<usize>();
    let batches = product(&shape.dims()[..batch]);
    let before = product(&shape.dims()[batch..axis]);
    let size = shape[axis];
    let after = product(&shape.dims()[axis + 1..]);
    let each = product(&indices.shape().dims()[batch..]);
    let index = |k: usize| match indices.elements() {
        Elements::I64(v) => usize::try_from(v[k]).ok(),
        other => usize::try_from(other.get_f64(k) as i64).ok(),
    };
    let mut places = Vec::new();
    for b in 0..batches {
        for p in 0..before {
            for k in 0..each {
                let taken = index(b * each + k).filter(|i| *i < size);
                let at = taken.map(|i| ((b * before + p) * size + i) * after);
                places.extend((0..after).map(|q| Some(at? + q)));
            }
        }
    }
    places
}
