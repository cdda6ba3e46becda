//! What a program tells about itself.

use hornblende_core::control_flow::ScanOptions;
use hornblende_core::engine::{Engine, Report};
use hornblende_core::reference::ReferenceEngine;
use hornblende_core::{DType, Result, Spec, Tensor, Value, Variable, function, passes, scan};
use hornblende_cpu::CpuEngine;

/// The bytes of the parameter.
const MATRIX: usize = 64 * 64 * 4;

fn report(engine: &dyn Engine, f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Report {
    let spec = Spec {
        shape: [64, 64].into(),
        dtype: DType::F32,
    };
    let (graph, _) = function::trace(&[spec], f).expect("a legal graph");
    let executable = engine.compile(&passes::optimize(&graph));
    executable.expect("a program").report()
}

#[test]
fn a_chain_of_elementwise_operations_is_one_step() {
    let chain = report(&CpuEngine, |x| Ok(vec![(x[0].exp() * 2.0).tanh() + &x[0]]));
    assert_eq!(chain.steps, 1);
    assert_eq!(chain.interpreted, Vec::<&str>::new());
}

#[test]
fn a_value_between_two_products_is_counted() {
    let one = report(&CpuEngine, |x| Ok(vec![x[0].matmul(&x[0])]));
    let two = report(&CpuEngine, |x| Ok(vec![x[0].matmul(&x[0]).matmul(&x[0])]));
    assert_eq!((one.steps, two.steps), (1, 2));
    assert!(one.arena < MATRIX && two.arena >= MATRIX, "{one:?} {two:?}");
}

#[test]
fn the_decay_of_a_weight_is_part_of_the_kernel_that_updates_it() {
    let step = |decay: bool| {
        let w = Variable::from_value("w", Value::zeros([64, 64], DType::F32));
        let rate = Variable::from_value("rate", Value::scalar(0.5f32));
        report(&CpuEngine, |x| {
            let decayed = match decay {
                true => w.read() - w.read() * (rate.read() * 0.01),
                false => w.read(),
            };
            w.assign(&(decayed - x[0].matmul(&x[0]) * rate.read()))?;
            Ok(Vec::new())
        })
    };
    let (plain, decayed) = (step(false), step(true));
    // The rate of the decay is a scalar, which is made in front.
    assert_eq!((plain.steps, decayed.steps), (2, 3));
    assert!(decayed.arena < 2 * MATRIX, "{decayed:?}");
}

#[test]
fn a_value_that_would_keep_two_others_is_a_kernel_of_its_own() {
    let report = report(&CpuEngine, |x| {
        let (a, b) = (x[0].matmul(&x[0]), (&x[0] + 1.0).matmul(&x[0]));
        let early = a.tanh() * &b;
        let late = (0..3).fold(a.matmul(&b), |y: Tensor, _| y.matmul(&x[0]));
        Ok(vec![early + late])
    });
    // Six products, the operand of the second, `early` and the sum: as a part of the sum, `early` would keep both
    // `a` and `b` in memory until then.
    assert_eq!(report.steps, 9);
}

#[test]
fn what_is_interpreted_is_named_inside_loops_too() {
    // There is no kernel for products of whole numbers that are bytes.
    let product = |x: &Tensor| {
        let bytes = x.cast(DType::U8);
        bytes.matmul(&bytes).cast(DType::F32)
    };
    let outside = report(&CpuEngine, |x| Ok(vec![product(&x[0])]));
    assert_eq!(outside.interpreted, ["dot_general"]);
    let inside = report(&CpuEngine, |x| {
        let turn = |carry: &[Tensor], _: &[Tensor]| Ok((vec![product(&carry[0])], Vec::new()));
        let options = ScanOptions {
            length: 64,
            reverse: false,
        };
        let (last, _) = scan(&x[..1], &x[..1], options, turn)?;
        Ok(last)
    });
    assert_eq!(inside.interpreted, ["dot_general"]);
}

#[test]
fn the_interpreter_tells_nothing() {
    assert_eq!(
        report(&ReferenceEngine, |x| Ok(vec![x[0].exp()])),
        Report::default()
    );
}
