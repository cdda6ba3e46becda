//! The engine: arguments, states, outputs.

use super::*;
use crate::graph::op::Binary;
use crate::reference::run;

/// `output = x + s`, and the state becomes `x * s`.
fn graph() -> Graph {
    let (mut graph, x) = (Graph::default(), v([0.0f32; 2]));
    let x = parameter(&mut graph, &x);
    graph.states = graph.parameters.clone();
    let node = Node {
        op: Op::State(0),
        ..graph.nodes[x].clone()
    };
    let s = graph.push(node);
    let sum = graph.apply(Op::Binary(Binary::Add), &[x, s]).unwrap();
    let product = graph.apply(Op::Binary(Binary::Multiply), &[x, s]).unwrap();
    graph.outputs.push(sum);
    graph.updates.push((0, product));
    graph
}

#[test]
fn states_are_read_before_they_are_updated() {
    let mut states = [v([3.0f32, 4.0])];
    let x = [v([10.0f32, 20.0])];
    assert_elements(&run(&graph(), &x, &mut states).unwrap()[0], &[13.0, 24.0]);
    assert_elements(&states[0], &[30.0, 80.0]);
    assert_elements(&run(&graph(), &x, &mut states).unwrap()[0], &[40.0, 100.0]);
}

#[test]
fn arguments_that_do_not_fit_are_refused_and_named() {
    let mut executable = ReferenceEngine.compile(&graph()).unwrap();
    let fits = || v([1.0f32, 1.0]);
    let mut run = |parameters: &[Value], states: &mut [Value], outputs: &mut [Value]| {
        executable
            .run(parameters, states, outputs)
            .unwrap_err()
            .to_string()
    };
    let error = run(&[], &mut [fits()], &mut [fits()]);
    assert_eq!(error, "reference: expected 1 parameters; got 0.");
    let error = run(&[fits()], &mut [v([1i32, 1])], &mut [fits()]);
    assert_eq!(
        error,
        "reference: expected float32 (2,) as number 0 of the states; got int32 (2,)."
    );
    let error = run(&[fits()], &mut [fits()], &mut [v([1.0f32])]);
    assert!(error.contains("of the outputs"), "{error}");
}

#[test]
fn a_value_that_is_used_again_later_is_still_there() {
    let x = v([2.0f32]);
    let mut graph = Graph::default();
    let id = parameter(&mut graph, &x);
    let square = graph
        .apply(Op::Binary(Binary::Multiply), &[id, id])
        .unwrap();
    let sum = graph.apply(Op::Binary(Binary::Add), &[square, id]).unwrap();
    graph.outputs = vec![sum, square, sum];
    let outputs = run(&graph, &[x], &mut []).unwrap();
    let numbers: Vec<f64> = outputs.iter().map(|value| value.get_f64(0)).collect();
    assert_eq!(numbers, [6.0, 4.0, 6.0]);
}

#[test]
fn illegal_graphs_do_not_compile() {
    let mut graph = graph();
    graph.outputs = vec![99];
    assert!(ReferenceEngine.compile(&graph).is_err());
}
