//! From the registers of a chain to its links.

use super::chain::{Action, Link};
use super::registers::{Origin, Program, slot};
use super::schedule::Schedule;
use super::spec::KernelSpec;
use super::step::{Register, Step};
use hornblende_core::graph::op::{Binary, Comparison, Unary};

/// Appends the links of a chain to those of the program.
pub(super) fn add_links(
    program: &mut Program,
    spec: &KernelSpec,
    schedule: &Schedule,
    chain: &[Register],
) {
    let mut last = None;
    for (place, &register) in chain.iter().enumerate() {
        let (action, loaded, operands) = match schedule.choice(spec, register) {
            Some((op, _, [a, b], [yes, no])) => {
                let turned = last == Some(b);
                let (op, a, b) = if turned { (turn(op), b, a) } else { (op, a, b) };
                (choose(op), a, vec![b, yes, no])
            }
            None => arithmetic(&spec.steps[register], last),
        };
        if last.is_none() {
            add_link(program, Action::Load, &[loaded]);
        }
        add_link(program, action, &operands);
        if schedule.is_stored(chain, place) {
            add_link(program, Action::Store, &[register]);
        }
        last = Some(register);
    }
}

fn add_link(program: &mut Program, action: Action, registers: &[Register]) {
    let mut link = Link {
        action,
        operands: [0; 3],
        steps: [0; 3],
    };
    for (k, &register) in registers.iter().enumerate() {
        (link.operands[k], link.steps[k]) = if program.origins[register] == Origin::Uniform {
            (program.line_of(register), 0)
        } else {
            (slot(register), 1)
        };
    }
    program.links.push(link);
}

/// What a step does with the accumulator, which holds the register `last` or else the one that is given
/// second, and the operands besides.
fn arithmetic(step: &Step, last: Option<Register>) -> (Action, Register, Vec<Register>) {
    match *step {
        Step::Binary(Binary::Multiply, a, b) if a == b => (Action::Square, a, Vec::new()),
        Step::Binary(op, a, b) => {
            let is_turned = last == Some(b);
            let action = match (op, is_turned) {
                (Binary::Add, _) => Action::Add,
                (Binary::Subtract, false) => Action::Subtract,
                (Binary::Subtract, true) => Action::SubtractFrom,
                (Binary::Multiply, _) => Action::Multiply,
                (Binary::Divide, false) => Action::Divide,
                (Binary::Divide, true) => Action::DivideInto,
                (Binary::Maximum, _) => Action::Maximum,
                // The schedule puts nothing else into chains.
                _ => Action::Minimum,
            };
            if is_turned {
                (action, b, vec![a])
            } else {
                (action, a, vec![b])
            }
        }
        Step::Unary(op, a) => {
            let action = match op {
                Unary::Abs => Action::Absolute,
                Unary::Negate => Action::Negate,
                Unary::Sqrt => Action::SquareRoot,
                // The schedule puts nothing else into chains.
                _ => Action::ReciprocalSquareRoot,
            };
            (action, a, Vec::new())
        }
        // Nor these, but as choices.
        _ => (Action::Load, 0, vec![0]),
    }
}

fn choose(op: Comparison) -> Action {
    match op {
        Comparison::Eq => Action::ChooseEqual,
        Comparison::Ne => Action::ChooseNotEqual,
        Comparison::Lt => Action::ChooseLess,
        Comparison::Le => Action::ChooseLessOrEqual,
        Comparison::Gt => Action::ChooseGreater,
        Comparison::Ge => Action::ChooseGreaterOrEqual,
    }
}

/// The same comparison with the operands the other way round.
fn turn(op: Comparison) -> Comparison {
    match op {
        Comparison::Eq | Comparison::Ne => op,
        Comparison::Lt => Comparison::Gt,
        Comparison::Le => Comparison::Ge,
        Comparison::Gt => Comparison::Lt,
        Comparison::Ge => Comparison::Le,
    }
}
