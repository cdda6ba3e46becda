//! Jacobians: one loop over the elements of the target, whose body is the pull-back.

use hornblende_core::autodiff::vector_jacobian;
use hornblende_core::control_flow::ScanOptions;
use hornblende_core::{DType, Error, Result, Shape, Tensor, gradient, scan};

/// The Jacobian with regard to each source; `None` where the target does not depend on it.
pub(super) fn jacobian(target: &Tensor, sources: &[Tensor]) -> Vec<Option<Tensor>> {
    let rows = target.shape().len();
    let unit = unit_rows(rows, target.dtype());
    let cotangents = unit.reshape_to(joined(&[rows], target.shape().dims()));
    let found = pull_rows(target, &cotangents, sources);
    let shaped = |(found, source): (Option<Tensor>, &Tensor)| {
        let shape = joined(target.shape().dims(), source.shape().dims());
        found.map(|stacked| stacked.reshape_to(shape))
    };
    found.into_iter().zip(sources).map(shaped).collect()
}

/// The Jacobian of each row; `None` where the target does not depend on the source.
pub(super) fn batch_jacobian(target: &Tensor, source: &Tensor) -> Option<Tensor> {
    let (of_target, of_source) = (target.shape().dims(), source.shape().dims());
    let (Some((batch, inner)), Some((rows, features))) =
        (of_target.split_first(), of_source.split_first())
    else {
        return Some(refused(target, source));
    };
    if batch != rows {
        return Some(refused(target, source));
    }
    let count = inner.iter().product();
    let unit = unit_rows(count, target.dtype()).reshape_to(joined(&[count, 1], inner));
    let cotangents = unit.broadcast_to(joined(&[count, *batch], inner));
    let stacked = pull_rows(target, &cotangents, std::slice::from_ref(source)).pop()??;
    let flat = stacked.reshape_to([count, *batch, features.iter().product()]);
    Some(
        flat.transpose([1, 0, 2])
            .reshape_to(joined(of_target, features)),
    )
}

/// The gradients for each of the stacked cotangents, stacked.
fn pull_rows(target: &Tensor, cotangents: &Tensor, sources: &[Tensor]) -> Vec<Option<Tensor>> {
    let is_connected: Vec<bool> = (gradient(target, sources).iter())
        .map(Option::is_some)
        .collect();
    let options = ScanOptions {
        length: cotangents.shape()[0],
        reverse: false,
    };
    let body = |_: &[Tensor], cotangent: &[Tensor]| {
        let found = vector_jacobian(std::slice::from_ref(target), cotangent, sources);
        Ok((Vec::new(), found.into_iter().flatten().collect()))
    };
    let stacked: Result<_> = scan(&[], std::slice::from_ref(cotangents), options, body);
    match stacked {
        Ok((_, stacked)) => {
            let mut stacked = stacked.into_iter();
            let next = |is_connected: &bool| if *is_connected { stacked.next() } else { None };
            is_connected.iter().map(next).collect()
        }
        Err(error) => vec![Some(Tensor::invalid(error)); sources.len()],
    }
}

/// The rows of the identity matrix.
fn unit_rows(size: usize, dtype: DType) -> Tensor {
    Tensor::arange(size, DType::I32).one_hot(size, dtype)
}

fn joined(first: &[usize], second: &[usize]) -> Shape {
    [first, second].concat().into()
}

fn refused(target: &Tensor, source: &Tensor) -> Tensor {
    crate::ops::invalid(Error::shape_mismatch(
        "batch_jacobian",
        "a target and a source of as many rows",
        format!("{} and {}", target.shape(), source.shape()),
        "Use jacobian where the rows are not independent",
    ))
}
