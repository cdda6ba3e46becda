//! Pooling and its gradients.

use super::*;
use crate::graph::op::{Reduction, Window};

fn window(size: usize, stride: usize, padding: (isize, isize), dilation: usize) -> Window {
    Window {
        size: vec![size],
        strides: vec![stride],
        padding: vec![padding],
        dilation: vec![dilation],
    }
}

fn pool(kind: Reduction, window: Window, x: &[f32]) -> Value {
    one(Op::ReduceWindow { kind, window }, &[v(x)])
}

#[test]
fn each_window_is_reduced_and_padding_counts_as_nothing() {
    let x = [1.0, -3.0, 2.0, -4.0];
    let pairs = window(2, 2, (0, 0), 1);
    assert_elements(&pool(Reduction::Max, pairs.clone(), &x), &[1.0, 2.0]);
    assert_elements(&pool(Reduction::Min, pairs.clone(), &x), &[-3.0, -4.0]);
    assert_elements(&pool(Reduction::Sum, pairs, &x), &[-2.0, -2.0]);
    let padded = window(2, 1, (1, 1), 1);
    assert_elements(
        &pool(Reduction::Max, padded.clone(), &x),
        &[1.0, 1.0, 2.0, 2.0, -4.0],
    );
    assert_elements(
        &pool(Reduction::Sum, padded, &x),
        &[1.0, -2.0, -1.0, -2.0, -4.0],
    );
    let spread = window(2, 1, (0, 0), 2);
    assert_elements(&pool(Reduction::Sum, spread, &x), &[3.0, -7.0]);
    let nothing = window(1, 1, (1, 0), 1);
    assert_elements(
        &pool(Reduction::Max, nothing, &[5.0]),
        &[f64::NEG_INFINITY, 5.0],
    );
}

#[test]
fn a_window_with_nan_has_nan_as_its_maximum() {
    let got = pool(
        Reduction::Max,
        window(2, 1, (0, 0), 1),
        &[1.0, f32::NAN, 2.0, 3.0],
    );
    assert_elements(&got, &[f64::NAN, f64::NAN, 3.0]);
}

#[test]
fn windows_cover_several_axes() {
    let window = Window {
        size: vec![2, 2],
        strides: vec![1, 2],
        padding: vec![(0, 0), (0, 0)],
        dilation: vec![1, 1],
    };
    let kind = Reduction::Sum;
    let got = one(Op::ReduceWindow { kind, window }, &[counting(&[3, 4])]);
    assert_eq!(got.shape().dims(), [2, 2]);
    assert_elements(&got, &[10.0, 18.0, 26.0, 34.0]);
}

#[test]
fn sources_are_added_to_the_first_maximum_of_their_window() {
    let scatter =
        |x: &[f32], source: &[f32], window| one(Op::SelectAndScatter(window), &[v(x), v(source)]);
    let overlapping = || window(2, 1, (0, 0), 1);
    let got = scatter(&[1.0, 3.0, 3.0, 2.0], &[1.0, 10.0, 100.0], overlapping());
    assert_elements(&got, &[0.0, 11.0, 100.0, 0.0]);
    let nan = scatter(&[5.0, f32::NAN, 9.0], &[1.0, 10.0], overlapping());
    assert_elements(&nan, &[0.0, 11.0, 0.0]);
    let low = f32::NEG_INFINITY;
    let padded = scatter(&[low, low], &[1.0, 10.0, 100.0], window(2, 1, (1, 1), 1));
    assert_elements(&padded, &[11.0, 100.0]);
    let beside = scatter(&[1.0], &[7.0, 8.0], window(1, 1, (1, 0), 1));
    assert_elements(&beside, &[8.0]);
}

#[test]
fn window_select_reads_where_select_and_scatter_writes() {
    let select =
        |x: &[f32], values: &[f32], window| one(Op::WindowSelect(window), &[v(x), v(values)]);
    let values = [10.0, 20.0, 30.0, 40.0];
    let got = select(&[1.0, 3.0, 3.0, 2.0], &values, window(2, 1, (0, 0), 1));
    assert_elements(&got, &[20.0, 20.0, 30.0]);
    let beside = select(&[1.0], &[7.0], window(1, 1, (1, 0), 1));
    assert_elements(&beside, &[0.0, 7.0]);
}
