//! Each operation on each type, in each form of its loop, on each CPU level.

use super::testing::{DTYPES, Memory, assert_close, reference, run};
use super::{KernelSpec, Operand, Output, OutputKind, Scalar, Step};
use crate::CpuLevel;
use hornblende_core::graph::op::{Binary, Comparison, Unary};
use hornblende_core::{DType, Value};

/// Numbers with which an operation can go wrong. Subnormal ones are left out: workers flush them.
fn specials(dtype: DType) -> Vec<f64> {
    let small = [
        0.0, 1.0, 2.0, 3.0, 5.0, 7.0, 31.0, 32.0, 63.0, 64.0, 100.0, 127.0,
    ];
    let mut numbers: Vec<f64> = small.to_vec();
    match dtype {
        DType::Bool => return vec![0.0, 1.0],
        DType::U8 => numbers.extend([8.0, 128.0, 200.0, 255.0]),
        DType::I32 => numbers.extend([f64::from(i32::MIN), f64::from(i32::MAX), 65_537.0]),
        DType::I64 => numbers.extend([i64::MIN as f64, 4_294_967_297.0, 1e15]),
        _ => {
            numbers.extend([
                0.1, 0.5, 0.6250, 0.7, 0.9374, 0.94, 1.5, 2.5, 3.5, 9.5, 1e-3, 1e-7,
            ]);
            numbers.extend([
                1e-30,
                1e30,
                88.0,
                89.5,
                104.5,
                2e6,
                1e9,
                f64::INFINITY,
                f64::NAN,
            ]);
        }
    }
    let negative: Vec<f64> = numbers.iter().map(|x| -x).collect();
    if dtype != DType::U8 {
        numbers.extend(negative);
    }
    numbers
}

fn values(dtype: DType, numbers: &[f64]) -> Value {
    let mut value = Value::zeros([numbers.len()], dtype);
    for (k, x) in numbers.iter().enumerate() {
        value.make_mut().set_f64(k, *x);
    }
    value
}

/// All pairs of special numbers, as two operands.
fn pairs(dtype: DType) -> (Value, Value) {
    let numbers = specials(dtype);
    let n = numbers.len();
    let left: Vec<f64> = (0..n * n).map(|k| numbers[k / n]).collect();
    let right: Vec<f64> = (0..n * n).map(|k| numbers[k % n]).collect();
    (values(dtype, &left), values(dtype, &right))
}

fn dense(dtype: DType) -> Operand {
    Operand {
        dtype,
        strides: vec![1],
    }
}

fn fixed(dtype: DType) -> Operand {
    Operand {
        dtype,
        strides: vec![0],
    }
}

fn spec(n: usize, inputs: Vec<Operand>, step: Step) -> KernelSpec {
    let mut steps: Vec<Step> = (0..inputs.len()).map(Step::Input).collect();
    steps.push(step);
    let output = Output {
        register: inputs.len(),
        kind: OutputKind::Store,
    };
    KernelSpec {
        extents: vec![n],
        inputs,
        steps,
        outputs: vec![output],
    }
}

/// Runs one step on every level and compares with the reference; does nothing where inference refuses
/// the operation too.
fn check(spec: &KernelSpec, inputs: &[Value], tolerance: f64) {
    let memory: Vec<Memory> = inputs.iter().cloned().map(Memory::of).collect();
    let wanted = &reference(spec, &memory)[0];
    for &level in CpuLevel::available() {
        let got = &run(spec, &memory, level, 1)[0];
        let step = spec.steps.last().unwrap();
        let dtype = spec.inputs[0].dtype;
        assert_close(
            got,
            wanted,
            tolerance,
            &format!("{step:?} of {dtype} on {}", level.name()),
        );
    }
}

fn accepts(op: Unary, dtype: DType) -> bool {
    match op {
        Unary::Abs | Unary::Negate | Unary::Sign => dtype != DType::Bool,
        Unary::Not => !dtype.is_float(),
        _ => dtype.is_float(),
    }
}

#[test]
fn every_function_of_one_number_agrees_with_the_reference() {
    for op in Unary::ALL {
        for dtype in DTYPES.into_iter().filter(|dtype| accepts(op, *dtype)) {
            let mut numbers = specials(dtype);
            if dtype.is_float() {
                // Enough for whole vectors, and for what is left of them.
                numbers.extend((0..997).map(|k| (f64::from(k) - 498.0) / 37.0));
            }
            let x = values(dtype, &numbers);
            // Two units in the last place of single precision; the standard library's of double.
            let tolerance = if dtype == DType::F64 { 1e-15 } else { 2.4e-7 };
            check(
                &spec(x.len(), vec![dense(dtype)], Step::Unary(op, 0)),
                &[x],
                tolerance,
            );
        }
    }
}

#[test]
fn every_function_of_two_numbers_agrees_with_the_reference_in_all_forms() {
    for op in Binary::ALL {
        for dtype in DTYPES {
            let step = Step::Binary(op, 0, 1);
            let (a, b) = pairs(dtype);
            let n = a.len();
            let whole = spec(n, vec![dense(dtype), dense(dtype)], step);
            if super::CompiledKernel::new(&whole).is_err() {
                let is_defined = match op {
                    Binary::Atan2 => dtype.is_float(),
                    Binary::And | Binary::Or | Binary::Xor => !dtype.is_float(),
                    Binary::ShiftLeft | Binary::ShiftRightLogical => dtype.is_integer(),
                    Binary::Add | Binary::Multiply | Binary::Maximum | Binary::Minimum => true,
                    _ => dtype != DType::Bool,
                };
                assert!(!is_defined, "{op:?} of {dtype} is missing");
                continue;
            }
            check(&whole, &[a.clone(), b], 2.4e-7);
            for x in specials(dtype) {
                let x = values(dtype, &[x]);
                let second = spec(n, vec![dense(dtype), fixed(dtype)], step);
                check(&second, &[a.clone(), x.clone()], 2.4e-7);
                let first = spec(n, vec![fixed(dtype), dense(dtype)], step);
                check(&first, &[x, a.clone()], 2.4e-7);
            }
        }
    }
}

#[test]
fn every_comparison_agrees_with_the_reference_in_all_forms() {
    use Comparison::{Eq, Ge, Gt, Le, Lt, Ne};
    for op in [Eq, Ne, Lt, Le, Gt, Ge] {
        for dtype in DTYPES {
            let step = Step::Compare(op, 0, 1);
            let (a, b) = pairs(dtype);
            let n = a.len();
            check(
                &spec(n, vec![dense(dtype), dense(dtype)], step),
                &[a.clone(), b],
                0.0,
            );
            let x = values(dtype, &[1.0]);
            check(
                &spec(n, vec![dense(dtype), fixed(dtype)], step),
                &[a.clone(), x.clone()],
                0.0,
            );
            check(
                &spec(n, vec![fixed(dtype), dense(dtype)], step),
                &[x, a],
                0.0,
            );
        }
    }
}

#[test]
fn selection_agrees_with_the_reference_in_all_forms() {
    let n = 100;
    let predicate: Vec<f64> = (0..n).map(|k| f64::from(k % 3 == 0)).collect();
    let predicate = values(DType::Bool, &predicate);
    for dtype in DTYPES {
        let a: Vec<f64> = (0..n).map(|k| f64::from(k % 2)).collect();
        let b: Vec<f64> = (0..n).map(|k| f64::from(1 - k % 2)).collect();
        let (a, b) = (values(dtype, &a), values(dtype, &b));
        for form in 0..4 {
            let operand = |bit: i32| {
                if form & bit == 0 {
                    dense(dtype)
                } else {
                    fixed(dtype)
                }
            };
            let inputs = vec![dense(DType::Bool), operand(1), operand(2)];
            let select = spec(n as usize, inputs, Step::Select(0, 1, 2));
            check(&select, &[predicate.clone(), a.clone(), b.clone()], 0.0);
        }
        let always = vec![fixed(DType::Bool), dense(dtype), dense(dtype)];
        let select = spec(n as usize, always, Step::Select(0, 1, 2));
        check(&select, &[predicate.clone(), a, b], 0.0);
    }
}

#[test]
fn every_conversion_agrees_with_the_reference() {
    for from in DTYPES {
        for to in DTYPES {
            let x = values(from, &specials(from));
            check(
                &spec(x.len(), vec![dense(from)], Step::Convert(to, 0)),
                &[x],
                0.0,
            );
        }
    }
}

#[test]
fn counts_along_each_axis_agree_with_the_reference() {
    for extents in [
        vec![3, 5],
        vec![2, 1, 700],
        vec![4, 3, 2],
        vec![1, 1],
        vec![1300],
    ] {
        for axis in 0..extents.len() {
            for dtype in [DType::F32, DType::F64, DType::I32, DType::I64, DType::U8] {
                let spec = KernelSpec {
                    extents: extents.clone(),
                    inputs: Vec::new(),
                    steps: vec![Step::Iota { axis, dtype }],
                    outputs: vec![Output {
                        register: 0,
                        kind: OutputKind::Store,
                    }],
                };
                let level = CpuLevel::current();
                assert_close(
                    &run(&spec, &[], level, 1)[0],
                    &reference(&spec, &[])[0],
                    0.0,
                    "iota",
                );
            }
        }
    }
}

#[test]
fn what_is_not_defined_is_an_error() {
    let float = vec![dense(DType::F32), dense(DType::F32)];
    for step in [
        Step::Unary(Unary::Not, 0),
        Step::Binary(Binary::And, 0, 1),
        Step::Binary(Binary::Add, 0, 2),
        Step::Select(0, 0, 1),
        Step::Convert(DType::BF16, 0),
        Step::Input(7),
        Step::Iota {
            axis: 1,
            dtype: DType::I32,
        },
    ] {
        let spec = spec(4, float.clone(), step);
        assert!(super::CompiledKernel::new(&spec).is_err(), "{step:?}");
    }
    let mixed = spec(
        4,
        vec![dense(DType::F32), dense(DType::I32)],
        Step::Binary(Binary::Add, 0, 1),
    );
    assert!(super::CompiledKernel::new(&mixed).is_err());
    let mut rank = spec(4, vec![dense(DType::F32)], Step::Unary(Unary::Abs, 0));
    rank.inputs[0].strides = vec![4, 1];
    assert!(super::CompiledKernel::new(&rank).is_err());
    let constant = spec(4, Vec::new(), Step::Constant(Scalar::F32(1.0)));
    assert!(super::CompiledKernel::new(&constant).is_ok());
}
