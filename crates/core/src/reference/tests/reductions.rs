//! Reductions, places of extremes, sorting, running sums.

use super::*;
use crate::graph::op::Reduction;

const NAN: f64 = f64::NAN;

fn reduce(kind: Reduction, axes: &[usize], x: Value) -> Value {
    let axes = axes.to_vec();
    one(Op::Reduce { kind, axes }, &[x])
}

#[test]
fn reductions_combine_along_their_axes() {
    let x = || counting(&[2, 3]);
    assert_elements(&reduce(Reduction::Sum, &[0], x()), &[3.0, 5.0, 7.0]);
    assert_elements(&reduce(Reduction::Sum, &[1], x()), &[3.0, 12.0]);
    assert_elements(&reduce(Reduction::Sum, &[0, 1], x()), &[15.0]);
    assert_elements(&reduce(Reduction::Product, &[1], x()), &[0.0, 60.0]);
    assert_elements(&reduce(Reduction::Max, &[0], x()), &[3.0, 4.0, 5.0]);
    assert_elements(&reduce(Reduction::Min, &[1], x()), &[0.0, 3.0]);
    let middle = reduce(Reduction::Sum, &[0, 2], counting(&[2, 2, 2]));
    assert_elements(&middle, &[0.0 + 1.0 + 4.0 + 5.0, 2.0 + 3.0 + 6.0 + 7.0]);
}

#[test]
fn truth_values_are_reduced_with_and_and_or() {
    let x = || Value::from_vec([2, 2], vec![true, true, false, true]).unwrap();
    assert_eq!(reduce(Reduction::And, &[1], x()), v([true, false]));
    assert_eq!(reduce(Reduction::Or, &[1], x()), v([true, true]));
    assert_eq!(
        reduce(Reduction::And, &[0], v([12i32, 10])),
        Value::scalar(8)
    );
    let op = Op::Reduce {
        kind: Reduction::And,
        axes: vec![0],
    };
    assert!(try_one(op, &[v([1.0f32, 2.0])]).is_err());
}

#[test]
fn the_reduction_of_nothing_is_the_neutral_element() {
    let of = |kind, dtype| reduce(kind, &[0], Value::zeros([0], dtype)).get_f64(0);
    let cases = [
        (Reduction::Sum, 0.0, 0.0),
        (Reduction::Product, 1.0, 1.0),
        (Reduction::Max, f64::NEG_INFINITY, f64::from(i32::MIN)),
        (Reduction::Min, f64::INFINITY, f64::from(i32::MAX)),
    ];
    for (kind, float, integer) in cases {
        assert_eq!(
            (of(kind, DType::F32), of(kind, DType::I32)),
            (float, integer),
            "{kind:?}"
        );
    }
    assert_eq!(of(Reduction::And, DType::Bool), 1.0);
    assert_eq!(of(Reduction::Or, DType::Bool), 0.0);
}

#[test]
fn nan_wins_every_maximum_and_minimum() {
    for kind in [Reduction::Max, Reduction::Min] {
        for at in 0..3 {
            let mut x = [1.0f32, 2.0, 3.0];
            x[at] = f32::NAN;
            assert_elements(&reduce(kind, &[0], v(x)), &[NAN]);
        }
    }
}

#[test]
fn sums_are_accumulated_in_double_precision_and_rounded_once() {
    let mut x = vec![1.0f32 / (1 << 25) as f32; 1 << 10];
    x[0] = 1.0;
    // Added to 1 one by one in f32, each of the small numbers would vanish.
    let exact = 1.0 + 1023.0 / f64::from(1 << 25);
    assert_elements(
        &reduce(Reduction::Sum, &[0], v(x)),
        &[f64::from(exact as f32)],
    );
    assert_elements(&reduce(Reduction::Sum, &[0], v([-0.0f32])), &[-0.0]);
}

#[test]
fn the_place_of_the_extreme_is_the_first_one_and_nan_comes_first_of_all() {
    let max = |x: &[f32]| one(Op::ArgMax(0), &[v(x)]).get_f64(0);
    let min = |x: &[f32]| one(Op::ArgMin(0), &[v(x)]).get_f64(0);
    assert_eq!((max(&[1.0, 3.0, 3.0]), min(&[2.0, 1.0, 1.0])), (1.0, 1.0));
    let nan = [5.0, f32::NAN, 9.0, f32::NAN, -9.0];
    assert_eq!((max(&nan), min(&nan)), (1.0, 1.0));
    assert_eq!(max(&[-0.0, 0.0]), 0.0);
    let x = Value::from_vec([2, 2], vec![1i64, 2, 4, 3]).unwrap();
    assert_eq!(one(Op::ArgMax(1), std::slice::from_ref(&x)), v([1, 0]));
    assert_eq!(one(Op::ArgMax(0), &[x]), v([1, 1]));
}

#[test]
fn sorting_is_stable_and_puts_nan_last_either_way() {
    let sort = |x: Value, axis, descending| one(Op::ArgSort { axis, descending }, &[x]);
    let x = || v([2.0f32, f32::NAN, 1.0, 2.0, f32::NEG_INFINITY]);
    assert_eq!(sort(x(), 0, false), v([4, 2, 0, 3, 1]));
    assert_eq!(sort(x(), 0, true), v([0, 3, 2, 4, 1]));
    let columns = sort(a(&[3, 2], &[3.0, 1.0, 2.0, 2.0, 1.0, 3.0]), 0, false);
    assert_elements(&columns, &[2.0, 0.0, 1.0, 1.0, 0.0, 2.0]);
}

#[test]
fn running_sums_go_either_way_along_any_axis() {
    let cumsum = |x: Value, axis, reverse| one(Op::CumSum { axis, reverse }, &[x]);
    let x = || counting(&[2, 3]);
    assert_elements(&cumsum(x(), 1, false), &[0.0, 1.0, 3.0, 3.0, 7.0, 12.0]);
    assert_elements(&cumsum(x(), 1, true), &[3.0, 3.0, 2.0, 12.0, 9.0, 5.0]);
    assert_elements(&cumsum(x(), 0, false), &[0.0, 1.0, 2.0, 3.0, 5.0, 7.0]);
    assert_eq!(cumsum(v([i32::MAX, 1]), 0, false), v([i32::MAX, i32::MIN]));
}
