//! Stages over the same rows.
#![allow(unsafe_code)] // Kernels take raw pointers.

use super::testing::{bytes, poison, poisoned};
use super::{Internal, KernelSpec, Operand, Output, OutputKind, RowKernel, RowStage, Step};
use crate::kernels::testing::Random;
use crate::{CpuLevel, Pool};
use hornblende_core::graph::op::{Binary, Reduction, Unary};
use hornblende_core::{DType, Value};

fn operand(strides: [isize; 2]) -> Operand {
    Operand {
        dtype: DType::F32,
        strides: strides.to_vec(),
    }
}

fn store(register: usize) -> Output {
    Output {
        register,
        kind: OutputKind::Store,
    }
}

fn reduce(register: usize, kind: Reduction, axes: &[usize]) -> Output {
    Output {
        register,
        kind: OutputKind::Reduce {
            kind,
            axes: axes.to_vec(),
        },
    }
}

/// Softmax of buffer 0 into buffer 1, the sum of each column of it into buffer 2.
fn softmax(rows: usize, columns: usize) -> (Vec<Internal>, Vec<RowStage>) {
    let extents = vec![rows, columns];
    let whole = operand([columns as isize, 1]);
    let each = operand([1, 0]);
    let (largest, exponentials, sums) = (3, 4, 5);
    let one = Internal {
        dtype: DType::F32,
        row_len: 1,
    };
    let all = Internal {
        dtype: DType::F32,
        row_len: columns,
    };
    let stages = vec![
        RowStage {
            kernel: KernelSpec {
                extents: extents.clone(),
                inputs: vec![whole.clone()],
                steps: vec![Step::Input(0)],
                outputs: vec![reduce(0, Reduction::Max, &[1])],
            },
            inputs: vec![0],
            outputs: vec![largest],
        },
        RowStage {
            kernel: KernelSpec {
                extents: extents.clone(),
                inputs: vec![whole.clone(), each.clone()],
                steps: vec![
                    Step::Input(0),
                    Step::Input(1),
                    Step::Binary(Binary::Subtract, 0, 1),
                    Step::Unary(Unary::Exponential, 2),
                ],
                outputs: vec![store(3), reduce(3, Reduction::Sum, &[1])],
            },
            inputs: vec![0, largest],
            outputs: vec![exponentials, sums],
        },
        RowStage {
            kernel: KernelSpec {
                extents,
                inputs: vec![whole, each],
                steps: vec![
                    Step::Input(0),
                    Step::Input(1),
                    Step::Binary(Binary::Divide, 0, 1),
                ],
                outputs: vec![store(2), reduce(2, Reduction::Sum, &[0])],
            },
            inputs: vec![exponentials, sums],
            outputs: vec![1, 2],
        },
    ];
    (vec![one.clone(), all, one], stages)
}

fn run(rows: usize, columns: usize, x: &mut Value, threads: usize, level: CpuLevel) -> [Value; 2] {
    let (internal, stages) = softmax(rows, columns);
    let kernel = RowKernel::for_level(rows, 3, &internal, &stages, level).unwrap();
    let mut y = poisoned([rows, columns].into(), DType::F32);
    let mut sums = poisoned([columns].into(), DType::F32);
    let mut scratch = poison(kernel.scratch_len(threads));
    let buffers = [&mut *x, &mut y, &mut sums].map(|value| value.make_mut().as_mut_ptr());
    // SAFETY: the values have the sizes of the stages.
    unsafe { kernel.run(&buffers, &Pool::new(threads), scratch.as_mut_ptr()) }
    [y, sums]
}

fn logits(rows: usize, columns: usize) -> Value {
    let x = Random::new(8).numbers::<f32>(rows * columns);
    Value::from_vec([rows, columns], x.into_iter().map(|x| 40.0 * x).collect()).unwrap()
}

#[test]
fn softmax_in_stages_is_softmax() {
    for (rows, columns) in [
        (1, 10),
        (1, 2000),
        (64, 10),
        (7, 1),
        (500, 10),
        (33, 1000),
        (3, 5000),
    ] {
        let mut x = logits(rows, columns);
        for &level in CpuLevel::available() {
            let [y, sums] = run(rows, columns, &mut x, 1, level);
            let mut wanted_sums = vec![0.0; columns];
            for row in 0..rows {
                let x: Vec<f64> = (0..columns).map(|k| x.get_f64(row * columns + k)).collect();
                let largest = x.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
                let total: f64 = x.iter().map(|x| (x - largest).exp()).sum();
                for (column, x) in x.iter().enumerate() {
                    let wanted = (x - largest).exp() / total;
                    wanted_sums[column] += wanted;
                    let got = y.get_f64(row * columns + column);
                    // The difference of the logits, up to 80, is rounded before the exponential.
                    let slack = 1e-5 * wanted + 1e-37;
                    assert!(
                        (got - wanted).abs() < slack,
                        "{rows} x {columns}: {got}, not {wanted}"
                    );
                }
            }
            for (column, wanted) in wanted_sums.iter().enumerate() {
                let got = sums.get_f64(column);
                assert!(
                    (got - wanted).abs() < 1e-5 * wanted + 1e-37,
                    "{got}, not {wanted}"
                );
            }
        }
    }
}

#[test]
fn rows_have_the_same_bits_on_any_number_of_threads_and_in_any_batch() {
    for (rows, columns) in [(5000, 10), (300, 1000), (64, 5000)] {
        let mut x = logits(rows, columns);
        let one = run(rows, columns, &mut x, 1, CpuLevel::current());
        for threads in [2, 3] {
            let more = run(rows, columns, &mut x, threads, CpuLevel::current());
            assert_eq!(bytes(&one[0]), bytes(&more[0]));
            assert_eq!(bytes(&one[1]), bytes(&more[1]));
        }
        let mut first = x.rows(0, 1).unwrap();
        let [alone, _] = run(1, columns, &mut first, 1, CpuLevel::current());
        assert_eq!(bytes(&alone), &bytes(&one[0])[..4 * columns]);
    }
}

#[test]
fn without_rows_results_over_rows_are_neutral() {
    let mut x = Value::zeros([0, 10], DType::F32);
    let [y, sums] = run(0, 10, &mut x, 1, CpuLevel::current());
    assert!(y.is_empty());
    assert_eq!(sums.to_f64_vec(), vec![0.0; 10]);
}

#[test]
fn stages_that_do_not_fit_together_are_errors() {
    let (internal, stages) = softmax(4, 6);
    let new = |internal: &[Internal], stages: &[RowStage]| RowKernel::new(4, 3, internal, stages);
    assert!(new(&internal, &stages).is_ok());
    // A buffer read before it is written.
    assert!(new(&internal, &stages[1..]).is_err());
    // A buffer that is not there.
    assert!(new(&internal[..2], &stages).is_err());
    // Another number of rows, another row length, another type.
    assert!(RowKernel::new(5, 3, &internal, &stages).is_err());
    let mut other = internal.clone();
    other[1].row_len = 5;
    assert!(new(&other, &stages).is_err());
    other = internal.clone();
    other[0].dtype = DType::F64;
    assert!(new(&other, &stages).is_err());
    // A result over rows that a later stage wants to read.
    let mut over = stages.clone();
    over.push(over[0].clone());
    over[3].inputs = vec![2];
    assert!(new(&internal, &over).is_err());
}
