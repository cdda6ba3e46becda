//! Every primitive's gradient, and the gradient of its gradient, against central differences in `F64`.
//!
//! The examples go through the lists of primitives, and the test fails if a primitive occurs in none: a
//! new variant of `Op` does not compile here until it has a number, and does not pass until it has an
//! example.

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::graph::op::{Binary, ConvDims, Op, Reduction, Unary, Window};
use hornblende_core::testing::check_gradient;
use hornblende_core::{DType, Spec, Tensor, Value, function, gradient, scan, while_loop};

/// Central differences are good to about 1e-10 of the values, and second ones to their square root of
/// that over the step: 1e-6 leaves room for the larger constants of the examples.
const TOLERANCE: f64 = 1e-6;

type Call = Box<dyn Fn(&[Tensor]) -> Tensor>;

struct Example {
    name: String,
    inputs: Vec<Value>,
    call: Call,
}

fn example(
    name: impl Into<String>,
    inputs: &[Value],
    call: impl Fn(&[Tensor]) -> Tensor + 'static,
) -> Example {
    Example {
        name: name.into(),
        inputs: inputs.to_vec(),
        call: Box::new(call),
    }
}

/// Distinct numbers in `low..high` in scrambled order: no two are equal, so that extremes are unique.
fn spread(shape: &[usize], low: f64, high: f64) -> Value {
    let n: usize = shape.iter().product();
    let place = |k: usize| ((k * 7 + 3) % n.max(1)) as f64 + 0.5;
    // 7 and n must have no common factor, or places would repeat.
    assert!(!n.is_multiple_of(7));
    Value::from_vec(
        shape,
        (0..n)
            .map(|k| low + (high - low) * place(k) / n as f64)
            .collect(),
    )
    .expect("as many numbers as the shape has")
}

fn integers(shape: &[usize], numbers: &[i32]) -> Value {
    Value::from_vec(shape, numbers.to_vec()).expect("as many numbers as the shape has")
}

fn window(
    size: &[usize],
    strides: &[usize],
    padding: &[(isize, isize)],
    dilation: &[usize],
) -> Window {
    Window {
        size: size.to_vec(),
        strides: strides.to_vec(),
        padding: padding.to_vec(),
        dilation: dilation.to_vec(),
    }
}

fn conv(groups: usize) -> ConvDims {
    ConvDims {
        window: window(&[3, 2], &[2, 1], &[(1, 1), (0, 1)], &[1, 2]),
        groups,
    }
}

fn unary_examples() -> Vec<Example> {
    Unary::ALL
        .into_iter()
        .map(|op| {
            // The domain of each function, away from its kinks and poles.
            let x = match op {
                Unary::Log | Unary::Sqrt | Unary::Rsqrt | Unary::Cbrt => spread(&[5], 0.5, 3.0),
                Unary::Not => {
                    return example("not", &[spread(&[5], -1.0, 1.3)], |x| {
                        x[0].greater(0.0).logical_not().select(&x[0], x[0].square())
                    });
                }
                Unary::IsFinite => {
                    return example("is_finite", &[spread(&[5], -1.0, 1.3)], |x| {
                        x[0].is_finite().select(x[0].exp(), 0.0)
                    });
                }
                Unary::LogPlusOne => spread(&[5], -0.5, 3.0),
                Unary::Floor | Unary::Ceil | Unary::RoundNearestEven => spread(&[5], 0.1, 0.4),
                _ => spread(&[6], -1.3, 1.4),
            };
            example(op.name(), &[x], move |x| Tensor::apply(Op::Unary(op), x))
        })
        .collect()
}

fn binary_examples() -> Vec<Example> {
    Binary::ALL
        .into_iter()
        .map(|op| {
            let (a, b) = (spread(&[2, 5], 0.5, 2.0), spread(&[2, 5], 0.3, 2.9));
            let on_integers = matches!(
                op,
                Binary::And
                    | Binary::Or
                    | Binary::Xor
                    | Binary::ShiftLeft
                    | Binary::ShiftRightLogical
            );
            example(op.name(), &[a, b], move |x| {
                if on_integers {
                    // Operations on bits have no gradient; what passes beside them has.
                    let bits = |t: &Tensor| (t * 3.9).cast(DType::I32);
                    let found = Tensor::apply(Op::Binary(op), &[bits(&x[0]), bits(&x[1])]);
                    return &x[0] * found.cast(DType::F64).stop_gradient() * 1e-3;
                }
                Tensor::apply(Op::Binary(op), x)
            })
        })
        .collect()
}

fn movement_examples() -> Vec<Example> {
    let x = spread(&[3, 4], -1.0, 1.0);
    let places = integers(&[4], &[2, 0, 2, 5]);
    let start = integers(&[], &[1]);
    vec![
        example("compare and select", std::slice::from_ref(&x), |x| {
            x[0].greater(0.1).select(x[0].square(), -&x[0])
        }),
        example("convert", std::slice::from_ref(&x), |x| {
            x[0].square() * x[0].cast(DType::I64).cast(DType::F64) + &x[0]
        }),
        example("constant and iota", std::slice::from_ref(&x), |x| {
            &x[0] * Tensor::iota([3, 4], 1, DType::F64) + 2.5
        }),
        example("broadcast", &[spread(&[3, 1], -1.0, 1.0)], |x| {
            x[0].broadcast_to([2, 3, 4]).square()
        }),
        example("reshape", std::slice::from_ref(&x), |x| {
            x[0].reshape([2, 6]).square()
        }),
        example("transpose", std::slice::from_ref(&x), |x| {
            x[0].transpose([1, 0]).exp()
        }),
        example("slice", std::slice::from_ref(&x), |x| {
            x[0].strided_slice(&[0, 1], &[3, 4], &[2, 2]).square()
        }),
        example("pad", &[x.clone(), spread(&[], 0.4, 0.6)], |x| {
            x[0].pad(&[1, -1], &[-1, 2], &[1, 2], &x[1]).square()
        }),
        example(
            "concatenate",
            &[x.clone(), spread(&[3, 2], 0.0, 1.0)],
            |x| Tensor::concatenate(&[x[0].square(), x[1].clone()], 1),
        ),
        example("reverse", std::slice::from_ref(&x), |x| {
            x[0].reverse([0, 1]).square()
        }),
        example(
            "gather",
            &[spread(&[2, 6, 3], 0.0, 1.0), integers(&[4], &[2, 0, 2, 5])],
            |x| x[0].take(&x[1], 1).square(),
        ),
        example(
            "gather, batched",
            &[
                spread(&[3, 5], 0.0, 1.0),
                integers(&[3, 2], &[4, 0, 1, 1, 2, 3]),
            ],
            |x| Tensor::apply(Op::Gather { axis: 1, batch: 1 }, x).square(),
        ),
        example(
            "scatter_add",
            &[spread(&[4, 2], 0.0, 1.0), places, spread(&[4, 2], 1.0, 2.0)],
            |x| x[0].square().scatter_add(&x[1], &x[2].square(), 0, 0),
        ),
        example("dynamic_slice", &[x.clone(), start.clone()], |x| {
            x[0].dynamic_slice(&[x[1].clone(), x[1].clone()], &[2, 2])
                .square()
        }),
        example(
            "dynamic_update_slice",
            &[x, spread(&[2, 2], 0.0, 1.0), start],
            |x| {
                let at = [x[2].clone(), x[2].clone()];
                x[0].square().dynamic_update_slice(&x[1].square(), &at)
            },
        ),
        example(
            "random_bits",
            &[spread(&[5], 0.0, 1.0), integers(&[4], &[1, 2, 3, 4])],
            |x| &x[0] * Tensor::random_uniform(&x[1], [5]).cast(DType::F64),
        ),
    ]
}

fn reduction_examples() -> Vec<Example> {
    let x = spread(&[3, 2, 4], 0.4, 1.6);
    let reduce = |kind| {
        example(
            format!("reduce {kind:?}"),
            std::slice::from_ref(&x),
            move |x| {
                Tensor::apply(
                    Op::Reduce {
                        kind,
                        axes: vec![0, 2],
                    },
                    x,
                )
            },
        )
    };
    let moving = window(&[2, 2], &[2, 1], &[(1, 0), (0, 1)], &[1, 2]);
    let image = spread(&[5, 4], 0.4, 1.6);
    let over = |kind, moving: Window| {
        example(
            format!("reduce_window {kind:?}"),
            std::slice::from_ref(&image),
            move |x| {
                let op = Op::ReduceWindow {
                    kind,
                    window: moving.clone(),
                };
                Tensor::apply(op, &[x[0].square()])
            },
        )
    };
    let pooled = spread(&[3, 3], 0.0, 1.0);
    let (scatter, select) = (moving.clone(), moving.clone());
    let pair = [image.clone(), spread(&[5, 4], 0.0, 1.0)];
    vec![
        reduce(Reduction::Sum),
        reduce(Reduction::Product),
        reduce(Reduction::Max),
        reduce(Reduction::Min),
        over(Reduction::Sum, moving.clone()),
        over(Reduction::Max, moving.clone()),
        over(Reduction::Min, moving),
        example("select_and_scatter", &[image.clone(), pooled], move |x| {
            Tensor::apply(
                Op::SelectAndScatter(scatter.clone()),
                &[x[0].clone(), x[1].square()],
            )
        }),
        example("window_select", &pair, move |x| {
            Tensor::apply(
                Op::WindowSelect(select.clone()),
                &[x[0].clone(), x[1].square()],
            )
        }),
        example("argmax and argmin", std::slice::from_ref(&image), |x| {
            let weight = (x[0].argmax(1) + x[0].argmin(1)).cast(DType::F64);
            x[0].sum(1) * weight
        }),
        example("argsort", std::slice::from_ref(&image), |x| {
            x[0].sort(0, true).square()
        }),
        example("cumsum", std::slice::from_ref(&image), |x| {
            x[0].cumsum(0).square()
        }),
        example("cumsum, reversed", &[image], |x| {
            x[0].cumsum_reverse(1).square()
        }),
    ]
}

fn contraction_examples() -> Vec<Example> {
    let input = spread(&[2, 5, 4, 4], -1.0, 1.0);
    let kernel = spread(&[3, 2, 2, 6], -1.0, 1.0);
    let gradient_of_output = spread(&[2, 3, 3, 6], -1.0, 1.0);
    vec![
        example(
            "dot_general",
            &[spread(&[2, 3, 4], -1.0, 1.0), spread(&[4, 2, 5], -1.0, 1.0)],
            |x| {
                let dims = hornblende_core::graph::op::DotDims {
                    lhs_batch: vec![0],
                    rhs_batch: vec![1],
                    lhs_contract: vec![2],
                    rhs_contract: vec![0],
                };
                x[0].dot_general(&x[1], dims)
            },
        ),
        example(
            "dot_general, two axes",
            &[spread(&[3, 2, 4], -1.0, 1.0), spread(&[4, 5, 3], -1.0, 1.0)],
            |x| {
                let dims = hornblende_core::graph::op::DotDims {
                    lhs_contract: vec![0, 2],
                    rhs_contract: vec![2, 0],
                    ..Default::default()
                };
                x[0].dot_general(&x[1], dims)
            },
        ),
        example("convolution", &[input.clone(), kernel.clone()], |x| {
            x[0].convolution(&x[1], conv(2))
        }),
        example(
            "convolution_input_gradient",
            &[gradient_of_output.clone(), kernel],
            |x| {
                let op = Op::ConvolutionInputGradient {
                    conv: conv(2),
                    input: [2, 5, 4, 4].into(),
                };
                Tensor::apply(op, x)
            },
        ),
        example(
            "convolution_filter_gradient",
            &[input, gradient_of_output],
            |x| Tensor::apply(Op::ConvolutionFilterGradient(conv(2)), x),
        ),
    ]
}

fn loop_examples() -> Vec<Example> {
    let run = |reverse: bool| {
        let inputs = [
            spread(&[4, 2], -1.0, 1.0),
            spread(&[2, 2], -1.0, 1.0),
            spread(&[2], 0.0, 1.0),
        ];
        example(format!("scan, reverse {reverse}"), &inputs, move |x| {
            let options = ScanOptions { length: 4, reverse };
            let (w, start) = (x[1].clone(), x[2].clone());
            let body = move |h: &[Tensor], x: &[Tensor]| {
                let next = (h[0].matmul(&w) + &x[0]).tanh();
                Ok((vec![next.clone()], vec![next.square() * 0.5]))
            };
            match scan(&[start], &x[..1], options, body) {
                Ok((last, all)) => {
                    Tensor::concatenate(&[last[0].expand_dims(0), all[0].clone()], 0)
                }
                Err(error) => Tensor::invalid(error),
            }
        })
    };
    let turns = [spread(&[3], 0.0, 1.0), integers(&[], &[1])];
    let held = example("while, beside the gradient", &turns, |x| {
        let start = [x[1].cast(DType::F64)];
        match while_loop(&start, |s| Ok(s[0].less(5.0)), |s| Ok(vec![&s[0] * 2.0])) {
            Ok(end) => x[0].square() * end[0].stop_gradient(),
            Err(error) => Tensor::invalid(error),
        }
    });
    let logical = example("reduce And, Or", &[spread(&[2, 3], -1.0, 1.0)], |x| {
        let signs = x[0].greater(0.0);
        let weight = signs.all(1).cast(DType::F64) + signs.any(1).cast(DType::F64) * 2.0;
        x[0].square().sum(1) * weight
    });
    vec![run(false), run(true), held, logical]
}

fn examples() -> Vec<Example> {
    let all = [
        unary_examples(),
        binary_examples(),
        movement_examples(),
        reduction_examples(),
        contraction_examples(),
        loop_examples(),
    ];
    all.into_iter().flatten().collect()
}

/// A number for each primitive, without gaps: adding a variant to `Op` stops this from compiling.
fn number(op: &Op) -> usize {
    match op {
        Op::Parameter(_) => 0,
        Op::State(_) => 1,
        Op::Constant(_) => 2,
        Op::Iota { .. } => 3,
        Op::RandomBits { .. } => 4,
        Op::Unary(_) => 5,
        Op::Binary(_) => 6,
        Op::Compare(_) => 7,
        Op::Select => 8,
        Op::Convert(_) => 9,
        Op::StopGradient => 10,
        Op::BroadcastInDim { .. } => 11,
        Op::Reshape(_) => 12,
        Op::Transpose(_) => 13,
        Op::Slice { .. } => 14,
        Op::DynamicSlice { .. } => 15,
        Op::DynamicUpdateSlice => 16,
        Op::Pad { .. } => 17,
        Op::Concatenate(_) => 18,
        Op::Reverse(_) => 19,
        Op::Gather { .. } => 20,
        Op::ScatterAdd { .. } => 21,
        Op::DotGeneral(_) => 22,
        Op::Convolution(_) => 23,
        Op::ConvolutionInputGradient { .. } => 24,
        Op::ConvolutionFilterGradient(_) => 25,
        Op::Reduce { .. } => 26,
        Op::ReduceWindow { .. } => 27,
        Op::SelectAndScatter(_) => 28,
        Op::WindowSelect(_) => 29,
        Op::ArgMax(_) => 30,
        Op::ArgMin(_) => 31,
        Op::ArgSort { .. } => 32,
        Op::CumSum { .. } => 33,
        Op::Scan(_) => 34,
        Op::While(_) => 35,
        Op::TupleElement(_) => 36,
    }
}

#[test]
fn every_primitive_has_an_example() {
    let mut seen = [false; 37];
    // A state is a leaf that only a traced variable makes; it has no gradient rule of its own.
    seen[number(&Op::State(0))] = true;
    for example in examples() {
        let spec = |v: &Value| Spec {
            shape: v.shape().clone(),
            dtype: v.dtype(),
        };
        let specs: Vec<Spec> = example.inputs.iter().map(spec).collect();
        let (graph, _) = function::trace(&specs, |x| Ok(vec![(example.call)(x)])).unwrap();
        graph
            .nodes
            .iter()
            .for_each(|node| seen[number(&node.op)] = true);
    }
    let missing: Vec<usize> = (0..seen.len()).filter(|k| !seen[*k]).collect();
    assert!(
        missing.is_empty(),
        "primitives without an example: {missing:?}"
    );
}

#[test]
fn every_gradient_agrees_with_central_differences() {
    for Example { name, inputs, call } in examples() {
        check_gradient(&name, &inputs, TOLERANCE, call)
            .unwrap_or_else(|message| panic!("{message}"));
    }
}

#[test]
fn every_gradient_of_a_gradient_agrees_with_central_differences() {
    for Example { name, inputs, call } in examples() {
        // A maximum and the like have corners in the gradient where operands meet: the examples avoid them.
        check_gradient(&format!("second {name}"), &inputs, TOLERANCE, |x| {
            let floats: Vec<Tensor> = x
                .iter()
                .filter(|t| t.dtype() == DType::F64)
                .cloned()
                .collect();
            let found = gradient(&call(x).square(), &floats);
            let flat: Vec<Tensor> = found
                .into_iter()
                .flatten()
                .map(|g| g.reshape([-1]))
                .collect();
            if flat.is_empty() {
                Tensor::zeros([1], DType::F64)
            } else {
                Tensor::concatenate(&flat, 0)
            }
        })
        .unwrap_or_else(|message| panic!("{message}"));
    }
}
