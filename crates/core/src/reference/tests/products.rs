//! Matrix products and convolutions.

use super::*;
use crate::graph::op::{ConvDims, DotDims, Window};

fn dims(batch: [&[usize]; 2], contract: [&[usize]; 2]) -> Op {
    Op::DotGeneral(DotDims {
        lhs_batch: batch[0].to_vec(),
        rhs_batch: batch[1].to_vec(),
        lhs_contract: contract[0].to_vec(),
        rhs_contract: contract[1].to_vec(),
    })
}

/// One spatial axis.
fn conv(size: usize, stride: usize, padding: (isize, isize), dilation: usize) -> ConvDims {
    ConvDims {
        window: Window {
            size: vec![size],
            strides: vec![stride],
            padding: vec![padding],
            dilation: vec![dilation],
        },
        groups: 1,
    }
}

#[test]
fn a_matrix_product_contracts_the_named_axes() {
    let (x, y) = (counting(&[2, 3]), counting(&[3, 2]));
    let plain = one(dims([&[], &[]], [&[1], &[0]]), &[x.clone(), y.clone()]);
    assert_elements(&plain, &[10.0, 13.0, 28.0, 40.0]);
    let transposed = one(dims([&[], &[]], [&[0], &[1]]), &[x.clone(), y]);
    assert_elements(
        &transposed,
        &[3.0, 9.0, 15.0, 4.0, 14.0, 24.0, 5.0, 19.0, 33.0],
    );
    let all = one(
        dims([&[], &[]], [&[0, 1], &[0, 1]]),
        &[x.clone(), x.clone()],
    );
    assert_elements(&all, &[55.0]);
    let outer = one(
        dims([&[], &[]], [&[], &[]]),
        &[v([1.0f32, 2.0]), v([3.0f32, 4.0])],
    );
    assert_elements(&outer, &[3.0, 4.0, 6.0, 8.0]);
}

#[test]
fn batch_axes_of_a_matrix_product_run_together_and_come_first() {
    let (x, y) = (counting(&[2, 2]), counting(&[2, 2]));
    let rows = one(dims([&[0], &[1]], [&[1], &[0]]), &[x, y]);
    // Row k of x with column k of y.
    assert_elements(&rows, &[2.0, 2.0 + 9.0]);
    let batched = one(
        dims([&[2], &[0]], [&[0], &[1]]),
        &[counting(&[2, 1, 2]), counting(&[2, 2])],
    );
    assert_eq!(batched.shape().dims(), [2, 1]);
    assert_elements(&batched, &[2.0, 3.0 + 9.0 - 1.0]);
}

#[test]
fn a_product_over_nothing_is_zero_and_integers_wrap() {
    let empty = [
        Value::zeros([2, 0], DType::F32),
        Value::zeros([0, 1], DType::F32),
    ];
    assert_elements(&one(dims([&[], &[]], [&[1], &[0]]), &empty), &[0.0, 0.0]);
    let product = one(
        dims([&[], &[]], [&[0], &[0]]),
        &[v([i32::MAX, 1]), v([2, 1])],
    );
    assert_eq!(product, Value::scalar(-1));
}

#[test]
fn a_convolution_slides_the_kernel_without_flipping_it() {
    let x = a(&[1, 4, 1], &[1.0, 2.0, 3.0, 4.0]);
    let kernel = a(&[2, 1, 1], &[10.0, 1.0]);
    let run = |conv| one(Op::Convolution(conv), &[x.clone(), kernel.clone()]);
    assert_elements(&run(conv(2, 1, (0, 0), 1)), &[12.0, 23.0, 34.0]);
    assert_elements(&run(conv(2, 2, (0, 0), 1)), &[12.0, 34.0]);
    assert_elements(&run(conv(2, 1, (1, 1), 1)), &[1.0, 12.0, 23.0, 34.0, 40.0]);
    assert_elements(&run(conv(2, 1, (0, 0), 2)), &[13.0, 24.0]);
    assert_elements(&run(conv(2, 1, (-1, 0), 1)), &[23.0, 34.0]);
    assert_elements(&run(conv(2, 1, (0, -1), 1)), &[12.0, 23.0]);
}

#[test]
fn channels_mix_into_filters_within_their_group_only() {
    let x = a(&[1, 1, 2], &[1.0, 10.0]);
    let full = a(&[1, 2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let got = one(Op::Convolution(conv(1, 1, (0, 0), 1)), &[x.clone(), full]);
    assert_elements(&got, &[31.0, 42.0]);
    let grouped = ConvDims {
        groups: 2,
        ..conv(1, 1, (0, 0), 1)
    };
    let kernel = a(&[1, 1, 4], &[1.0, 2.0, 3.0, 4.0]);
    let got = one(Op::Convolution(grouped), &[x, kernel]);
    assert_elements(&got, &[1.0, 2.0, 30.0, 40.0]);
}

#[test]
fn a_convolution_in_two_dimensions() {
    let conv = ConvDims {
        window: Window {
            size: vec![2, 2],
            strides: vec![1, 1],
            padding: vec![(0, 0), (0, 0)],
            dilation: vec![1, 1],
        },
        groups: 1,
    };
    let kernel = a(&[2, 2, 1, 1], &[1000.0, 100.0, 10.0, 1.0]);
    let got = one(Op::Convolution(conv), &[counting(&[1, 2, 3, 1]), kernel]);
    assert_elements(&got, &[134.0, 1245.0]);
}

/// The convolution is linear in the input and in the kernel, and both gradients are its transposes:
/// `<g, conv(x, k)> = <input_gradient(g, k), x> = <filter_gradient(x, g), k>`. With small whole numbers
/// all three are exact.
#[test]
fn the_gradients_of_a_convolution_are_its_transposes() {
    let window = |strides: usize, padding, dilation| Window {
        size: vec![2, 3],
        strides: vec![strides; 2],
        padding: vec![padding; 2],
        dilation: vec![dilation; 2],
    };
    let small = |shape: &[usize], step: usize| {
        let len = shape.iter().product::<usize>();
        let numbers: Vec<f32> = (0..len)
            .map(|k| (k * (k + step) % 11) as f32 - 5.0)
            .collect();
        a(shape, &numbers)
    };
    let inner = |x: &Value, y: &Value| -> f64 {
        assert_eq!(x.shape(), y.shape());
        x.to_f64_vec()
            .iter()
            .zip(y.to_f64_vec())
            .map(|(p, q)| p * q)
            .sum()
    };
    for window in [
        window(1, (0, 0), 1),
        window(2, (1, 2), 1),
        window(1, (2, -1), 2),
    ] {
        for groups in [1, 2] {
            let window = window.clone();
            let conv = ConvDims { window, groups };
            let x = small(&[2, 5, 6, 4], 5);
            let kernel = small(&[2, 3, 4 / groups, 6], 3);
            let y = one(Op::Convolution(conv.clone()), &[x.clone(), kernel.clone()]);
            let g = small(y.shape().dims(), 4);
            let op = Op::ConvolutionInputGradient {
                conv: conv.clone(),
                input: x.shape().clone(),
            };
            let to_input = one(op, &[g.clone(), kernel.clone()]);
            let op = Op::ConvolutionFilterGradient(conv);
            let to_kernel = one(op, &[x.clone(), g.clone()]);
            let wanted = inner(&g, &y);
            assert_ne!(wanted, 0.0);
            assert_eq!(
                (inner(&to_input, &x), inner(&to_kernel, &kernel)),
                (wanted, wanted)
            );
        }
    }
}

#[test]
fn gradients_of_a_convolution_by_hand() {
    let (x, kernel) = (a(&[1, 3, 1], &[1.0, 2.0, 3.0]), a(&[2, 1, 1], &[10.0, 1.0]));
    let g = a(&[1, 2, 1], &[1.0, 5.0]);
    let op = Op::ConvolutionInputGradient {
        conv: conv(2, 1, (0, 0), 1),
        input: [1, 3, 1].into(),
    };
    assert_elements(&one(op, &[g.clone(), kernel]), &[10.0, 51.0, 5.0]);
    let op = Op::ConvolutionFilterGradient(conv(2, 1, (0, 0), 1));
    assert_elements(&one(op, &[x, g]), &[11.0, 17.0]);
}
