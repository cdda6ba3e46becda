//! What a program tells about itself.

use hornblende_core::engine::{Engine, Report};
use hornblende_core::reference::ReferenceEngine;
use hornblende_core::{DType, Result, Spec, Tensor, function, passes, scan};
use hornblende_cpu::CpuEngine;

fn report(engine: &dyn Engine, f: impl FnOnce(&[Tensor]) -> Result<Vec<Tensor>>) -> Report {
    let spec = Spec {
        shape: [8, 8].into(),
        dtype: DType::F32,
    };
    let (graph, _) = function::trace(&[spec], f).expect("a legal graph");
    let executable = engine.compile(&passes::optimize(&graph));
    executable.expect("a program").report()
}

#[test]
fn a_chain_of_elementwise_operations_is_one_step_and_needs_no_value_between() {
    let alone = report(&CpuEngine, |x| Ok(vec![x[0].exp()]));
    let chain = report(&CpuEngine, |x| Ok(vec![(x[0].exp() * 2.0).tanh() + &x[0]]));
    assert_eq!((alone.steps, chain.steps), (1, 1));
    assert_eq!(alone.interpreted, Vec::<&str>::new());
    assert_eq!(alone.memory, chain.memory);
}

#[test]
fn a_value_between_two_products_is_counted() {
    let one = report(&CpuEngine, |x| Ok(vec![x[0].matmul(&x[0])]));
    let two = report(&CpuEngine, |x| {
        Ok(vec![x[0].matmul(&x[0]).matmul(&x[0])])
    });
    assert_eq!((one.steps, two.steps), (1, 2));
    assert!(two.memory >= one.memory + 8 * 8 * 4, "{one:?} {two:?}");
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
        let rows = scan(&[x[0].clone()], &[x[0].clone()], |carry, row| {
            Ok((vec![product(&carry[0])], vec![row[0].clone()]))
        })?;
        Ok(rows.0)
    });
    assert_eq!(inside.interpreted, ["dot_general"]);
}

#[test]
fn the_interpreter_tells_nothing() {
    assert_eq!(report(&ReferenceEngine, |x| Ok(vec![x[0].exp()])), Report::default());
}
