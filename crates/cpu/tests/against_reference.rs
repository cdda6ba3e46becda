//! The native engine gives what the reference interpreter gives, for whole graphs.

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::engine::Engine;
use hornblende_core::graph::infer::spec_of;
use hornblende_core::graph::op::DotDims;
use hornblende_core::reference::ReferenceEngine;
use hornblende_core::{
    DType, Result, Spec, Tensor, Value, Variable, function, gradient, passes, scan, while_loop,
};
use hornblende_cpu::CpuEngine;

/// Numbers in [-1, 1) that look random and are the same each time.
fn numbers(shape: &[usize], seed: u64) -> Value {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let n = shape.iter().product();
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) as f32 / (1u64 << 23) as f32 - 1.0
    };
    Value::from_vec(shape, std::iter::repeat_with(next).take(n).collect())
        .expect("as many numbers as the shape has")
}

/// Runs the traced code on both engines, twice in a row, and compares outputs and variables.
///
/// The tolerance is for sums of some hundred `F32` products in another order than the interpreter's, which
/// adds in `F64`: the error grows with the square root of their number, about 1e-6 of the largest terms.
fn compare(name: &str, inputs: &[Value], f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) {
    let spec = |v: &Value| Spec {
        shape: v.shape().clone(),
        dtype: v.dtype(),
    };
    let specs: Vec<Spec> = inputs.iter().map(spec).collect();
    let (graph, variables) = function::trace(&specs, f).expect("a legal graph");
    let graph = passes::optimize(&graph);
    let before: Vec<Value> = variables.iter().map(Variable::value).collect();
    let run = |engine: &dyn Engine| {
        let mut executable = engine.compile(&graph).expect("an engine that compiles it");
        let mut states = before.clone();
        let mut outputs: Vec<Value> = Vec::new();
        for _ in 0..2 {
            outputs = graph
                .outputs
                .iter()
                .map(|id| spec_of(&graph.nodes[*id]))
                .map(|s| Value::full(s.shape, s.dtype, f64::NAN))
                .collect();
            executable
                .run(inputs, &mut states, &mut outputs)
                .expect("a run");
        }
        outputs.extend(states);
        outputs
    };
    let (native, reference) = (run(&CpuEngine), run(&ReferenceEngine));
    for (k, (got, want)) in native.iter().zip(&reference).enumerate() {
        let scale = want.to_f64_vec().iter().fold(1.0f64, |m, x| m.max(x.abs()));
        for (index, (g, w)) in got.to_f64_vec().iter().zip(want.to_f64_vec()).enumerate() {
            let close = (g - w).abs() <= 2e-6 * scale || (g.is_nan() && w.is_nan()) || *g == w;
            assert!(
                close,
                "{name}: value {k}, element {index}: {g} for {w}\n{graph}"
            );
        }
    }
}

fn variable(name: &str, shape: &[usize], seed: u64) -> Variable {
    Variable::from_value(name, numbers(shape, seed))
}

fn relu(x: &Tensor) -> Tensor {
    x.less_equal(0).select(0, x)
}

#[test]
fn elementwise_chains_with_broadcasts_and_reductions() {
    compare(
        "chain",
        &[numbers(&[7, 10], 1), numbers(&[10], 2), numbers(&[7, 1], 3)],
        |x| {
            let a = (&x[0] + &x[1]).exp() * &x[2];
            let row = a.max_keepdims(-1);
            let shifted = (&a - &row).exp();
            let softmax = &shifted / shifted.sum_keepdims(-1);
            Ok(vec![
                softmax.sum(0),
                softmax.log().mean(..),
                a.transpose([1, 0]).sum(0),
                softmax,
            ])
        },
    );
}

#[test]
fn views_are_read_where_they_are() {
    compare("views", &[numbers(&[4, 6, 5], 1)], |x| {
        let t = x[0].transpose([2, 0, 1]);
        let r = t.reshape([5, 24]);
        let s = x[0].strided_slice(&[0, 1, 0], &[4, 6, 5], &[2, 2, 1]);
        let reversed = x[0].reverse([1]);
        let joined = Tensor::concatenate(&[t.clone(), t.reverse([0])], 1);
        let back = reversed.reshape([-1]) * 2.0;
        Ok(vec![
            r,
            s.tanh(),
            reversed,
            joined,
            back,
            x[0].clone(),
            x[0].transpose([1, 0, 2]),
        ])
    });
}

#[test]
fn products_of_any_axes() {
    let inputs = [
        numbers(&[3, 4, 5], 1),
        numbers(&[3, 5, 6], 2),
        numbers(&[4, 5], 3),
        numbers(&[6, 5], 4),
    ];
    compare("products", &inputs, |x| {
        let batched = x[0].matmul(&x[1]);
        let left = x[0].matmul(&x[2].transpose([1, 0]));
        let right = x[3].matmul(&x[2].transpose([1, 0]));
        let odd = x[0]
            .transpose([2, 1, 0])
            .reshape([5, 12])
            .transpose([1, 0])
            .matmul(&x[1].reshape([5, 18]));
        Ok(vec![batched, left, right, odd])
    });
}

#[test]
fn a_training_step_with_momentum_updates_its_variables_in_place() {
    let (w1, b1) = (variable("w1", &[20, 16], 1), variable("b1", &[16], 2));
    let (w2, b2) = (variable("w2", &[16, 5], 3), variable("b2", &[5], 4));
    let slots: Vec<Variable> = [&w1, &b1, &w2, &b2]
        .iter()
        .enumerate()
        .map(|(k, w)| variable("slot", w.shape().dims(), 10 + k as u64))
        .collect();
    let labels = Value::from_vec([8], vec![0.0f32, 4.0, 2.0, 1.0, 3.0, 3.0, 0.0, 2.0]).unwrap();
    compare("step", &[numbers(&[8, 20], 5), labels], |x| {
        let h = relu(&(x[0].matmul(&w1.read()) + b1.read()));
        let logits = h.matmul(&w2.read()) + b2.read();
        let shifted = &logits - logits.max_keepdims(-1).stop_gradient();
        let log_softmax = &shifted - shifted.exp().sum_keepdims(-1).log();
        let one_hot = x[1].one_hot(5, DType::F32);
        let losses = -(&log_softmax * one_hot).sum(-1);
        let loss = losses.mean(..);
        let weights = [&w1, &b1, &w2, &b2];
        let sources: Vec<Tensor> = weights.iter().map(|w| w.read()).collect();
        let gradients = gradient(&loss, &sources);
        for ((w, v), g) in weights.iter().zip(&slots).zip(gradients) {
            let velocity = v.read() * 0.9 - g.unwrap() * 0.1;
            v.assign(&velocity)?;
            w.assign(&(w.read() + velocity))?;
        }
        let hits = logits
            .argmax(-1)
            .cast(DType::F32)
            .equal(&x[1])
            .cast(DType::F32);
        Ok(vec![loss, hits.mean(..), losses])
    });
}

#[test]
fn states_that_are_exchanged_shifted_or_kept() {
    let (a, b) = (variable("a", &[6], 1), variable("b", &[6], 2));
    let (c, d) = (variable("c", &[], 3), variable("d", &[], 4));
    compare("exchange", &[], |_| {
        let (old_a, old_b) = (a.read(), b.read());
        a.assign(&old_b)?;
        b.assign(&old_a)?;
        let (old_c, old_d) = (c.read(), d.read());
        c.assign(&old_d)?;
        d.assign(&old_c)?;
        Ok(vec![&old_a + &old_b, old_a, old_c])
    });
    let s = variable("s", &[4, 4], 5);
    compare("transposed in place", &[], |_| {
        s.assign(&(s.read().transpose([1, 0]) + s.read()))?;
        Ok(vec![])
    });
}

#[test]
fn loops_run_inside_a_program() {
    let w = variable("w", &[3, 3], 1);
    compare("scan", &[numbers(&[5, 2, 3], 2)], |x| {
        let start = Tensor::zeros([2, 3], DType::F32);
        let options = ScanOptions {
            length: 5,
            reverse: false,
        };
        let (last, all) = scan(&[start], &[x[0].clone()], options, |h, x| {
            let next = (h[0].matmul(&w.read()) + &x[0]).tanh();
            Ok((vec![next.clone()], vec![next]))
        })?;
        let g = gradient(
            &(last[0].sum(..) + all[0].square().sum(..)),
            &[w.read(), x[0].clone()],
        );
        Ok(vec![
            last[0].clone(),
            all[0].clone(),
            g[0].clone().unwrap(),
            g[1].clone().unwrap(),
        ])
    });
    compare("while", &[numbers(&[], 3)], |x| {
        while_loop(
            &[x[0].abs() + 1.0],
            |s| Ok(s[0].less(50.0)),
            |s| Ok(vec![&s[0] * 1.5]),
        )
    });
}

#[test]
fn whole_numbers_truth_values_and_doubles() {
    let whole = Value::from_vec([2, 3], vec![5i32, -7, 2, 0, 9, 4]).unwrap();
    let wide = Value::from_vec([2, 3], vec![5i64, -7, 2, 0, 1 << 40, 4]).unwrap();
    compare("whole", &[whole, wide, numbers(&[2, 3], 1)], |x| {
        let even = x[0].remainder(2).equal(0);
        let doubles = x[2].cast(DType::F64);
        Ok(vec![
            even.logical_or(x[1].greater(3)).any(0),
            x[0].matmul(&x[0].transpose([1, 0])),
            &x[1] + &x[0],
            doubles.matmul(&doubles.transpose([1, 0])) + 1.0,
            x[0].cumsum(1),
            x[2].sort(1, false),
        ])
    });
}

#[test]
fn empty_axes_are_no_trouble() {
    compare("empty", &[numbers(&[0, 3], 1), numbers(&[3, 2], 2)], |x| {
        let y = x[0].matmul(&x[1]);
        Ok(vec![
            y.clone(),
            y.sum(..),
            (&y + 1.0).exp().sum(0),
            x[0].transpose([1, 0]).matmul(&y),
        ])
    });
}

#[test]
fn convolutions_pooling_and_their_gradients() {
    use hornblende_core::graph::op::{ConvDims, Reduction, Window};
    let window = |size: &[usize], strides: &[usize], padding: &[(isize, isize)]| Window {
        size: size.to_vec(),
        strides: strides.to_vec(),
        padding: padding.to_vec(),
        dilation: vec![1; size.len()],
    };
    let (k1, b1) = (variable("k1", &[3, 3, 2, 8], 1), variable("b1", &[8], 2));
    let k2 = variable("k2", &[2, 2, 4, 6], 3);
    compare("convnet", &[numbers(&[3, 9, 8, 2], 4)], |x| {
        let same = ConvDims {
            window: window(&[3, 3], &[1, 1], &[(1, 1), (1, 1)]),
            groups: 1,
        };
        let h = relu(&(x[0].convolution(&k1.read(), same) + b1.read()));
        let pool = window(&[1, 2, 2, 1], &[1, 2, 2, 1], &[(0, 0); 4]);
        let p = h.reduce_window(Reduction::Max, pool);
        let grouped = ConvDims {
            window: window(&[2, 2], &[2, 1], &[(0, 1), (0, 0)]),
            groups: 2,
        };
        let y = p.convolution(&k2.read(), grouped).tanh();
        let overlapping = window(
            &[1, 3, 2, 1],
            &[1, 1, 1, 1],
            &[(0, 0), (1, 1), (0, 0), (0, 0)],
        );
        let s = y
            .reduce_window(Reduction::Sum, overlapping)
            .square()
            .mean(..);
        let g = gradient(&s, &[x[0].clone(), k1.read(), b1.read(), k2.read()]);
        let mut results: Vec<Tensor> = g.into_iter().map(Option::unwrap).collect();
        results.extend([s, y, p]);
        Ok(results)
    });
}

/// The sum of the squares of a convolution, its gradients, and those of the sums of their squares.
fn compare_convolution(
    name: &str,
    (input, kernel): (&[usize], &[usize]),
    (strides, padding, dilation): (&[usize], (isize, isize), &[usize]),
    groups: usize,
) {
    use hornblende_core::graph::op::{ConvDims, Window};
    let spatial = strides.len();
    let conv = ConvDims {
        window: Window {
            size: kernel[..spatial].to_vec(),
            strides: strides.to_vec(),
            padding: vec![padding; spatial],
            dilation: dilation.to_vec(),
        },
        groups,
    };
    compare(name, &[numbers(input, 1), numbers(kernel, 2)], |x| {
        let y = x[0].convolution(&x[1], conv.clone());
        let loss = y.square().mean(..);
        let first = gradient(&loss, x);
        let known = |found: &Option<Tensor>| found.clone().expect("a gradient");
        let (dx, dw) = (known(&first[0]), known(&first[1]));
        let slope = (&dx * 10.0).square().sum(..) + (&dw * 0.1).square().sum(..);
        let second = gradient(&slope, x);
        let mut results = vec![y, dx, dw];
        results.extend(second.iter().map(known));
        Ok(results)
    });
}

#[test]
fn convolutions_of_any_number_of_axes_and_their_first_and_second_gradients() {
    let none: &[usize] = &[1, 1, 1];
    compare_convolution(
        "line",
        (&[2, 9, 3], &[3, 3, 4]),
        (&[2], (1, 1), &none[..1]),
        1,
    );
    compare_convolution(
        "dilated line",
        (&[2, 11, 4], &[3, 2, 6]),
        (&[1], (4, 0), &[2]),
        2,
    );
    compare_convolution(
        "volume",
        (&[2, 4, 5, 4, 2], &[2, 3, 2, 2, 3]),
        (&[1, 2, 1], (0, 1), none),
        1,
    );
    compare_convolution(
        "dilated volume",
        (&[1, 5, 4, 5, 2], &[2, 2, 2, 2, 3]),
        (none, (1, 1), &[2, 1, 2]),
        1,
    );
}

#[test]
fn depthwise_convolutions_with_one_and_several_kernels_a_channel() {
    for (channels, times) in [(3, 1), (41, 1), (40, 1), (2, 2), (13, 3)] {
        let (input, kernel) = ([2, 7, 6, channels], [3, 2, 1, channels * times]);
        let name = format!("{channels} channels, {times} kernels");
        for (strides, dilation) in [([1, 1], [1, 1]), ([2, 1], [1, 1]), ([1, 1], [2, 2])] {
            let moves = (&strides[..], (1, 1), &dilation[..]);
            compare_convolution(&name, (&input, &kernel), moves, channels);
        }
    }
}

#[test]
fn indexing_padding_and_chance() {
    let places = Value::from_vec([4], vec![2i32, 0, 7, 2]).unwrap();
    let key = Value::from_vec([4], vec![1i32, 2, 3, 4]).unwrap();
    compare("indexing", &[numbers(&[5, 3, 2], 1), places, key], |x| {
        let taken = x[0].take(&x[1], 0);
        let zeros = Tensor::zeros([5, 3, 2], DType::F32);
        let added = zeros.scatter_add(&x[1], &x[0].slice(0..4), 0, 0);
        let padded = x[0].pad(&[1, -1, 0], &[-2, 2, 1], &[0, 1, 2], 0.5);
        let start = [
            x[1].slice(0..1).reshape([]),
            Tensor::literal(5.0, DType::I32),
        ];
        let flat = x[0].reshape([5, 6]);
        let part = flat.dynamic_slice(&start, &[3, 2]);
        let written = flat.dynamic_update_slice(&(&part * 2.0), &start);
        let (top, top_places) = flat.top_k(3);
        Ok(vec![
            taken,
            added,
            padded,
            part,
            written,
            top,
            top_places,
            x[0].argmax(1),
            x[0].argmin(-1),
            x[0].cumsum_reverse(0),
            Tensor::random_bits(&x[2], [37]),
            Tensor::random_uniform(&x[2], [3, 5]),
        ])
    });
}

fn softmax(x: &Tensor) -> Tensor {
    let exponentials = (x - x.max_keepdims(-1).stop_gradient()).exp();
    &exponentials / exponentials.sum_keepdims(-1)
}

/// Values, and the gradients of some function of them with regard to all inputs.
fn with_gradients(y: &Tensor, inputs: &[Tensor]) -> Vec<Tensor> {
    let mut results = vec![y.clone()];
    results.extend((y * y.cos()).sum(..).gradients(inputs));
    results
}

#[test]
fn passes_over_rows() {
    for shape in [
        [20, 3, 7],
        [1, 1, 5],
        [2, 40, 33],
        [3, 1, 1],
        [0, 4, 5],
        [17, 2, 300],
    ] {
        compare("softmax", &[numbers(&shape, 1)], |x| {
            Ok(with_gradients(&softmax(&x[0]), x))
        });
        compare("log softmax", &[numbers(&shape, 2)], |x| {
            let shifted = &x[0] - x[0].max_keepdims(-1).stop_gradient();
            let y = &shifted - shifted.exp().sum_keepdims(-1).log();
            Ok(with_gradients(&y, x))
        });
        let weights = [numbers(&shape[2..], 3), numbers(&shape[2..], 4)];
        let inputs = [numbers(&shape, 5), weights[0].clone(), weights[1].clone()];
        compare("layer normalization", &inputs, |x| {
            let mean = x[0].mean_keepdims(-1);
            let variance = (&x[0] - &mean).square().mean_keepdims(-1);
            let y = (&x[0] - mean) * (variance + 0.1).rsqrt() * &x[1] + &x[2];
            Ok(with_gradients(&y, x))
        });
        let inputs = [numbers(&shape, 6), numbers(&[shape[0], 1, shape[2]], 7)];
        compare("masked softmax", &inputs, |x| {
            let kept = x[1].greater(0.0).broadcast_to(x[0].shape());
            let y = kept.select(softmax(&kept.select(&x[0], -1e9)), 0.0);
            Ok(with_gradients(&y, &x[..1]))
        });
    }
}

#[test]
fn rows_and_the_axes_before_them_together() {
    compare("over several axes", &[numbers(&[20, 3, 7], 1)], |x| {
        let sum = x[0].square().sum_keepdims([1, 2]);
        let y = &x[0] / (sum + 1.0).sqrt();
        let columns = y.sum(0);
        Ok(vec![y, columns])
    });
    let state = variable("state", &[32, 8], 2);
    compare("a state", &[numbers(&[32, 8], 3)], |x| {
        let next = softmax(&(state.read() + &x[0]));
        state.assign(&next)?;
        Ok(vec![next.sum(-1)])
    });
}

#[test]
fn heads_of_attention_without_copies_of_their_operands() {
    let inputs = [
        numbers(&[2, 5, 3, 4], 1),
        numbers(&[2, 6, 3, 4], 2),
        numbers(&[3, 4], 3),
    ];
    compare("attention", &inputs, |x| {
        let scores = DotDims {
            lhs_batch: vec![0, 2],
            rhs_batch: vec![0, 2],
            lhs_contract: vec![3],
            rhs_contract: vec![3],
        };
        let values = DotDims {
            lhs_batch: vec![0, 1],
            rhs_batch: vec![0, 2],
            lhs_contract: vec![3],
            rhs_contract: vec![1],
        };
        let shares = softmax(&x[0].dot_general(&(&x[1] + &x[2]), scores));
        let heads = shares.dot_general(&x[1], values).transpose([0, 2, 1, 3]);
        Ok(with_gradients(&heads, x))
    });
    let inputs = [
        numbers(&[2, 5, 6], 1),
        numbers(&[6, 3, 4], 2),
        numbers(&[3, 4], 3),
    ];
    compare("a bias of two axes", &inputs, |x| {
        let dims = DotDims {
            lhs_contract: vec![2],
            rhs_contract: vec![0],
            ..DotDims::default()
        };
        let y = x[0].dot_general(&x[1], dims.clone()) + &x[2];
        let z = x[0].dot_general(&x[1], dims) + x[2].slice(0..1);
        let last = relu(&(z + x[2].sum(0)));
        Ok(vec![relu(&y), last])
    });
}

#[test]
fn attention_by_sums_in_both_precisions() {
    for dtype in [DType::F32, DType::F64] {
        let shapes = [[2, 3, 4], [2, 5, 4], [2, 5, 4]];
        let inputs: Vec<Value> = shapes
            .iter()
            .zip(1..)
            .map(|(shape, seed)| numbers(shape, seed).convert(dtype))
            .collect();
        compare("attention by sums", &inputs, |x| {
            let sums = (x[0].expand_dims(-2) + x[2].expand_dims(-3)).tanh();
            let y = softmax(&sums.sum(-1)).matmul(&x[1]);
            Ok(with_gradients(&y, x))
        });
        compare("its gradients alone", &inputs, |x| {
            let sums = (x[0].expand_dims(-2) + x[2].expand_dims(-3)).tanh();
            let y = softmax(&sums.sum(-1)).matmul(&x[1]);
            Ok((&y * y.stop_gradient().sin()).sum(..).gradients(x))
        });
    }
}
