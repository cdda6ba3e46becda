//! Sources, movement, gather and scatter.

use super::*;

fn slice(start: &[usize], limit: &[usize], strides: &[usize]) -> Op {
    Op::Slice {
        start: start.to_vec(),
        limit: limit.to_vec(),
        strides: strides.to_vec(),
    }
}

fn pad(x: &[f32], low: isize, high: isize, interior: usize) -> Value {
    let op = Op::Pad {
        low: vec![low],
        high: vec![high],
        interior: vec![interior],
    };
    one(op, &[v(x), Value::scalar(9.0f32)])
}

fn starts(places: &[i64]) -> impl Iterator<Item = Value> {
    places.iter().map(|place| Value::scalar(*place))
}

#[test]
fn a_constant_is_its_value() {
    let value = v([1i64 << 60, -1]);
    assert_eq!(one(Op::Constant(value.clone()), &[]), value);
}

#[test]
fn iota_counts_along_its_axis() {
    let iota = |dtype, axis| {
        let shape = [2, 3].into();
        one(Op::Iota { shape, dtype, axis }, &[])
    };
    assert_elements(&iota(DType::F32, 1), &[0.0, 1.0, 2.0, 0.0, 1.0, 2.0]);
    assert_elements(&iota(DType::I64, 0), &[0.0, 0.0, 0.0, 1.0, 1.0, 1.0]);
}

#[test]
fn random_bits_are_the_words_of_philox() {
    let key = [10, 20, 30, -1];
    let bits = one(
        Op::RandomBits {
            shape: [3, 2].into(),
        },
        &[v(key)],
    );
    let block = |k| crate::philox::philox4x32_10([k, 0, 30, u32::MAX], [10, 20]);
    let words: Vec<i32> = [block(0), block(1)]
        .concat()
        .iter()
        .map(|w| *w as i32)
        .collect();
    assert_eq!(bits.as_slice::<i32>(), Some(&words[..6]));
}

#[test]
fn broadcasting_repeats_along_new_axes_and_axes_of_size_one() {
    let broadcast = |x: Value, shape: &[usize], axes: &[usize]| {
        let (shape, axes) = (shape.into(), axes.to_vec());
        one(Op::BroadcastInDim { shape, axes }, &[x])
    };
    let row = broadcast(v([1.0f32, 2.0]), &[2, 2], &[1]);
    assert_elements(&row, &[1.0, 2.0, 1.0, 2.0]);
    let column = broadcast(v([1.0f32, 2.0]), &[2, 2], &[0]);
    assert_elements(&column, &[1.0, 1.0, 2.0, 2.0]);
    let stretched = broadcast(a(&[2, 1], &[1.0, 2.0]), &[2, 3], &[0, 1]);
    assert_elements(&stretched, &[1.0, 1.0, 1.0, 2.0, 2.0, 2.0]);
    assert_elements(&broadcast(Value::scalar(7.0f32), &[3], &[]), &[7.0; 3]);
    assert_elements(&broadcast(a(&[1], &[7.0]), &[0], &[0]), &[]);
}

#[test]
fn reshaping_keeps_the_order_and_transposing_the_indices() {
    let x = counting(&[2, 3]);
    let reshaped = one(Op::Reshape([3, 2].into()), std::slice::from_ref(&x));
    assert_elements(&reshaped, &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0]);
    assert_elements(
        &one(Op::Transpose(vec![1, 0]), &[x]),
        &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0],
    );
    let turned = one(Op::Transpose(vec![2, 0, 1]), &[counting(&[2, 1, 3])]);
    assert_eq!(turned.shape().dims(), [3, 2, 1]);
    assert_elements(&turned, &[0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
}

#[test]
fn slices_take_every_stride_th_element_below_the_limit() {
    let x = || [counting(&[3, 4])];
    assert_elements(
        &one(slice(&[1, 1], &[3, 3], &[1, 1]), &x()),
        &[5.0, 6.0, 9.0, 10.0],
    );
    assert_elements(
        &one(slice(&[0, 1], &[3, 4], &[2, 2]), &x()),
        &[1.0, 3.0, 9.0, 11.0],
    );
    assert_elements(&one(slice(&[2, 0], &[2, 4], &[1, 1]), &x()), &[]);
}

#[test]
fn dynamic_slices_are_moved_to_fit() {
    let take = |places: &[i64]| {
        let operands: Vec<Value> = std::iter::once(counting(&[3, 4]))
            .chain(starts(places))
            .collect();
        one(Op::DynamicSlice { size: vec![1, 2] }, &operands)
    };
    assert_elements(&take(&[1, 1]), &[5.0, 6.0]);
    assert_elements(&take(&[-5, i64::MAX]), &[2.0, 3.0]);
    assert_elements(&take(&[i64::MAX, i64::MIN]), &[8.0, 9.0]);
}

#[test]
fn dynamic_updates_are_written_where_they_fit() {
    let update = |places: &[i64]| {
        let operands = [counting(&[2, 3]), a(&[1, 2], &[8.0, 9.0])];
        let operands: Vec<Value> = operands.into_iter().chain(starts(places)).collect();
        one(Op::DynamicUpdateSlice, &operands)
    };
    assert_elements(&update(&[0, 1]), &[0.0, 8.0, 9.0, 3.0, 4.0, 5.0]);
    assert_elements(&update(&[7, 7]), &[0.0, 1.0, 2.0, 3.0, 8.0, 9.0]);
}

#[test]
fn padding_adds_cuts_and_spaces() {
    assert_elements(&pad(&[1.0, 2.0], 1, 2, 0), &[9.0, 1.0, 2.0, 9.0, 9.0]);
    assert_elements(&pad(&[1.0, 2.0, 3.0], -1, 1, 0), &[2.0, 3.0, 9.0]);
    assert_elements(&pad(&[1.0, 2.0, 3.0], 0, 0, 1), &[1.0, 9.0, 2.0, 9.0, 3.0]);
    assert_elements(
        &pad(&[1.0, 2.0, 3.0], -1, -1, 2),
        &[9.0, 9.0, 2.0, 9.0, 9.0],
    );
    assert_elements(&pad(&[], 1, 1, 3), &[9.0, 9.0]);
}

#[test]
fn concatenation_joins_along_one_axis() {
    let (x, y) = (a(&[2, 1], &[1.0, 2.0]), a(&[2, 2], &[3.0, 4.0, 5.0, 6.0]));
    let joined = one(
        Op::Concatenate(1),
        &[x, Value::zeros([2, 0], DType::F32), y],
    );
    assert_eq!(joined.shape().dims(), [2, 3]);
    assert_elements(&joined, &[1.0, 3.0, 4.0, 2.0, 5.0, 6.0]);
}

#[test]
fn reversal_turns_the_named_axes_only() {
    let x = || [counting(&[2, 3])];
    assert_elements(
        &one(Op::Reverse(vec![1]), &x()),
        &[2.0, 1.0, 0.0, 5.0, 4.0, 3.0],
    );
    assert_elements(
        &one(Op::Reverse(vec![0, 1]), &x()),
        &[5.0, 4.0, 3.0, 2.0, 1.0, 0.0],
    );
}

#[test]
fn gather_takes_along_an_axis() {
    let gather =
        |x: Value, indices: Value, axis, batch| one(Op::Gather { axis, batch }, &[x, indices]);
    let rows = gather(counting(&[3, 2]), v([2i32, 0]), 0, 0);
    assert_elements(&rows, &[4.0, 5.0, 0.0, 1.0]);
    let columns = gather(counting(&[2, 3]), v([2i64]), 1, 0);
    assert_elements(&columns, &[2.0, 5.0]);
    let each = Value::from_vec([2, 1], vec![1i32, 0]).unwrap();
    assert_elements(&gather(counting(&[2, 3]), each, 1, 1), &[1.0, 3.0]);
    let between = gather(counting(&[2, 2, 2]), Value::scalar(1i32), 1, 0);
    assert_elements(&between, &[2.0, 3.0, 6.0, 7.0]);
}

#[test]
fn gather_out_of_range_gives_nan_or_zero() {
    let indices = || v([-1i32, 1, 3]);
    let gather = |x: Value| one(Op::Gather { axis: 0, batch: 0 }, &[x, indices()]);
    for dtype in FLOATS {
        let got = gather(Value::full([3], dtype, 5.0));
        assert_elements(&got, &[f64::NAN, 5.0, f64::NAN]);
    }
    assert_eq!(gather(v([5i32, 6, 7])), v([0, 6, 0]));
    assert_eq!(gather(v([true; 3])), v([false, true, false]));
}

#[test]
fn scatter_adds_repeated_indices_and_skips_those_out_of_range() {
    let op = || Op::ScatterAdd { axis: 0, batch: 0 };
    let updates = a(&[4, 1], &[1.0, 2.0, 4.0, 8.0]);
    let got = one(
        op(),
        &[a(&[2, 1], &[10.0, 20.0]), v([1i32, 1, 2, -1]), updates],
    );
    assert_elements(&got, &[10.0, 23.0]);
    let got = one(op(), &[v([i32::MAX]), v([0i64, 0]), v([1, 1])]);
    assert_eq!(got, v([i32::MIN + 1]));
}

#[test]
fn scatter_in_batches_adds_to_its_own_row() {
    let indices = Value::from_vec([2, 2], vec![0i32, 2, 1, 1]).unwrap();
    let updates = a(&[2, 2], &[1.0, 2.0, 3.0, 4.0]);
    let op = Op::ScatterAdd { axis: 1, batch: 1 };
    let got = one(op, &[Value::zeros([2, 3], DType::F32), indices, updates]);
    assert_elements(&got, &[1.0, 0.0, 2.0, 0.0, 7.0, 0.0]);
}

#[test]
fn moving_keeps_the_payload_of_nan() {
    let odd = f32::from_bits(0x7fc0_1234);
    for op in [
        Op::Reverse(vec![0]),
        Op::Transpose(vec![0]),
        slice(&[0], &[1], &[1]),
    ] {
        let moved = one(op, &[v([odd])]);
        assert_eq!(moved.as_slice::<f32>().unwrap()[0].to_bits(), odd.to_bits());
    }
}
