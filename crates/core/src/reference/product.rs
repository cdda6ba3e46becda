//! Matrix products.

use crate::error::Result;
use crate::graph::op::DotDims;
use crate::reference::index::{axes_offsets, other_axes};
use crate::reference::number::{Number, with_number};
use crate::shape::Shape;
use crate::value::Value;

pub(super) fn dot_general(x: &Value, y: &Value, shape: &Shape, dims: &DotDims) -> Result<Value> {
    let free = |value: &Value, batch: &[usize], contract: &[usize]| {
        let bound = [batch, contract].concat();
        axes_offsets(value.shape(), &other_axes(value.shape().rank(), &bound))
    };
    let rows = free(x, &dims.lhs_batch, &dims.lhs_contract);
    let columns = free(y, &dims.rhs_batch, &dims.rhs_contract);
    let pairs = |lhs: &[usize], rhs: &[usize]| {
        let left = axes_offsets(x.shape(), lhs);
        left.into_iter()
            .zip(axes_offsets(y.shape(), rhs))
            .collect::<Vec<_>>()
    };
    let batches = pairs(&dims.lhs_batch, &dims.rhs_batch);
    let terms = pairs(&dims.lhs_contract, &dims.rhs_contract);
    with_number!(x.dtype(), T => {
        let (a, b) = (T::read(x)?, T::read(y)?);
        let mut results = Vec::with_capacity(shape.len());
        for (left, right) in &batches {
            for row in &rows {
                for column in &columns {
                    let products = terms.iter().map(|(l, r)| {
                        let factor = a[left + row + l].widen();
                        Number::multiply(factor, b[right + column + r].widen())
                    });
                    let sum = products.reduce(Number::add);
                    results.push(sum.map_or(T::ZERO, T::narrow));
                }
            }
        }
        T::write(shape, results)
    })
}
