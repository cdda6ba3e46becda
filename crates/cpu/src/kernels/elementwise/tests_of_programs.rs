//! Random programs over random spaces, reductions, updates in place, tiles.
#![allow(unsafe_code)] // Kernels take raw pointers.

use super::testing::{Memory, assert_close, bytes, output_shapes, poison, reference, run};
use super::{CompiledKernel, KernelSpec, Operand, Output, OutputKind, Scalar, Step};
use crate::kernels::testing::Random;
use crate::{CpuLevel, Pool};
use hornblende_core::graph::op::{Binary, Comparison, Reduction, Unary};
use hornblende_core::{DType, Value};

/// An operand over a space: dense, broadcast along some axes, transposed, backwards, or with gaps.
fn random_operand(random: &mut Random, extents: &[usize], dtype: DType) -> (Operand, Memory) {
    let rank = extents.len();
    let mut order: Vec<usize> = (0..rank).collect();
    if random.below(3) == 0 {
        order.sort_by_key(|_| random.next());
    }
    let broadcasts = random.below(2) == 0;
    let gap = if random.below(4) == 0 { 2 } else { 1 };
    let (mut strides, mut step, mut first) = (vec![0; rank], gap, 0);
    for &axis in order.iter().rev() {
        if broadcasts && random.below(2) == 0 {
            continue;
        }
        let reach = step * extents[axis].max(1);
        if random.below(8) == 0 {
            strides[axis] = -(step as isize);
            first += reach - step;
        } else {
            strides[axis] = step as isize;
        }
        step = reach;
    }
    let mut value = Value::zeros([step], dtype);
    for k in 0..step {
        let x = match dtype {
            DType::Bool => random.below(2) as f64,
            DType::U8 => random.below(256) as f64,
            dtype if dtype.is_float() => random.below(2001) as f64 / 1000.0 - 1.0,
            _ => random.below(2001) as f64 - 1000.0,
        };
        value.make_mut().set_f64(k, x);
    }
    (Operand { dtype, strides }, Memory { value, first })
}

fn random_extents(random: &mut Random) -> Vec<usize> {
    let sizes = [1, 1, 2, 3, 5, 8, 10, 16, 33, 64, 100, 511, 513, 1100, 3000];
    loop {
        let rank = random.below(5);
        let extents: Vec<usize> = (0..rank)
            .map(|_| sizes[random.below(sizes.len())])
            .collect();
        if extents.iter().product::<usize>() <= 60_000 {
            return extents;
        }
    }
}

/// A program of operations that both engines compute to the same bits, with stores and reductions.
fn random_program(random: &mut Random) -> (KernelSpec, Vec<Memory>) {
    let extents = random_extents(random);
    let mut spec = KernelSpec {
        extents: extents.clone(),
        ..KernelSpec::default()
    };
    let (mut memory, mut dtypes) = (Vec::new(), Vec::new());
    for input in 0..1 + random.below(4) {
        let dtype = super::testing::DTYPES[random.below(6)];
        let (operand, values) = random_operand(random, &extents, dtype);
        spec.inputs.push(operand);
        memory.push(values);
        spec.steps.push(Step::Input(input));
        dtypes.push(dtype);
    }
    while spec.steps.len() < 4 + random.below(12) {
        let pick = |random: &mut Random| random.below(spec.steps.len());
        let (a, b, c) = (pick(random), pick(random), pick(random));
        let (step, dtype) = match random.below(9) {
            0 => (Step::Constant(Scalar::F32(0.5)), DType::F32),
            1 if !extents.is_empty() => {
                let axis = random.below(extents.len());
                (
                    Step::Iota {
                        axis,
                        dtype: DType::I32,
                    },
                    DType::I32,
                )
            }
            2 if dtypes[a] != DType::Bool => (Step::Unary(Unary::Abs, a), dtypes[a]),
            3 => (Step::Convert(DType::F32, a), DType::F32),
            4 if dtypes[a] == dtypes[b] => (Step::Compare(Comparison::Lt, a, b), DType::Bool),
            5 if dtypes[a] == DType::Bool && dtypes[b] == dtypes[c] => {
                (Step::Select(a, b, c), dtypes[b])
            }
            _ if dtypes[a] == dtypes[b] => {
                use Binary::{Add, Maximum, Minimum, Multiply, Subtract};
                let op = [Add, Maximum, Minimum, Multiply, Subtract][random.below(5)];
                let op = if dtypes[a] == DType::Bool && op == Subtract {
                    Add
                } else {
                    op
                };
                (Step::Binary(op, a, b), dtypes[a])
            }
            _ => continue,
        };
        spec.steps.push(step);
        dtypes.push(dtype);
    }
    for _ in 0..1 + random.below(3) {
        let register = spec.steps.len() - 1 - random.below(spec.steps.len().min(5));
        let axes: Vec<usize> = (0..extents.len())
            .filter(|_| random.below(2) == 0)
            .collect();
        let kind = [Reduction::Sum, Reduction::Max, Reduction::Min][random.below(3)];
        let kind = match random.below(2) {
            0 => OutputKind::Store,
            _ => OutputKind::Reduce { kind, axes },
        };
        spec.outputs.push(Output { register, kind });
    }
    (spec, memory)
}

#[test]
fn random_programs_agree_with_the_reference() {
    let mut random = Random::new(1);
    for round in 0..600 {
        let (spec, memory) = random_program(&mut random);
        let wanted = reference(&spec, &memory);
        for &level in CpuLevel::available() {
            let got = run(&spec, &memory, level, 1);
            for (k, (got, wanted)) in got.iter().zip(&wanted).enumerate() {
                let what = format!("round {round}, output {k} on {}: {spec:?}", level.name());
                assert_sum_close(got, wanted, &what);
            }
        }
    }
}

/// Values are exact but for the order in which they are summed: at most 60,000 numbers of a size of at
/// most 60,000, in blocks of 512 whose lanes add 8 to 32 of them in single precision.
fn assert_sum_close(got: &Value, wanted: &Value, what: &str) {
    assert_eq!(got.shape(), wanted.shape());
    let largest = wanted
        .to_f64_vec()
        .into_iter()
        .fold(1.0, |a: f64, x| a.max(x.abs()));
    for k in 0..wanted.len() {
        let (a, b) = (got.get_f64(k), wanted.get_f64(k));
        let slack = if got.dtype().is_float() {
            1e-4 * largest
        } else {
            0.0
        };
        assert!(
            a == b || (a - b).abs() <= slack,
            "{what}: element {k} is {a}, not {b}"
        );
    }
}

#[test]
fn bits_do_not_depend_on_the_number_of_threads() {
    let mut random = Random::new(2);
    for round in 0..60 {
        let (mut spec, _) = random_program(&mut random);
        // Large enough to be cut into tasks.
        spec.extents = match round % 3 {
            0 => vec![700, 1000],
            1 => vec![3, 260_000],
            _ => vec![50_000, 3, 5],
        };
        spec.steps.iter_mut().for_each(|step| {
            if let Step::Iota { axis, .. } = step {
                *axis = 0;
            }
        });
        let mut memory = Vec::new();
        for input in &mut spec.inputs {
            let (operand, values) = random_operand(&mut random, &spec.extents, input.dtype);
            *input = operand;
            memory.push(values);
        }
        for output in &mut spec.outputs {
            if let OutputKind::Reduce { axes, .. } = &mut output.kind {
                *axes = (0..spec.extents.len())
                    .filter(|_| random.below(2) == 0)
                    .collect();
            }
        }
        let one = run(&spec, &memory, CpuLevel::current(), 1);
        for threads in [2, 3] {
            let more = run(&spec, &memory, CpuLevel::current(), threads);
            for (one, more) in one.iter().zip(&more) {
                assert_eq!(bytes(one), bytes(more), "round {round}: {spec:?}");
            }
        }
    }
}

fn reduction_of(kind: Reduction, extents: &[usize], axes: &[usize], dtype: DType) -> KernelSpec {
    let strides = super::space::dense_strides(extents, |_| true);
    KernelSpec {
        extents: extents.to_vec(),
        inputs: vec![Operand { dtype, strides }],
        steps: vec![Step::Input(0)],
        outputs: vec![Output {
            register: 0,
            kind: OutputKind::Reduce {
                kind,
                axes: axes.to_vec(),
            },
        }],
    }
}

#[test]
fn every_reduction_of_every_type_over_any_axes_agrees_with_the_reference() {
    use Reduction::{And, Max, Min, Or, Product, Sum};
    let mut random = Random::new(3);
    let spaces: [&[usize]; 7] = [
        &[7],
        &[2000],
        &[5, 9],
        &[40, 10],
        &[3, 1100],
        &[4, 6, 33],
        &[3, 5, 2, 7],
    ];
    for extents in spaces {
        for mask in 0..1 << extents.len() {
            let axes: Vec<usize> = (0..extents.len())
                .filter(|axis| mask >> axis & 1 == 1)
                .collect();
            for kind in [Sum, Product, Max, Min, And, Or] {
                for dtype in super::testing::DTYPES {
                    if dtype.is_float() && matches!(kind, And | Or) {
                        continue;
                    }
                    let spec = reduction_of(kind, extents, &axes, dtype);
                    let len = extents.iter().product();
                    let mut memory = Memory::of(Value::zeros([len], dtype));
                    for k in 0..len {
                        // Near 1, so that products neither vanish nor overflow.
                        let x = match dtype.is_float() {
                            true => 0.999 + random.below(2001) as f64 * 1e-6,
                            false => random.below(250) as f64,
                        };
                        let x = if dtype == DType::Bool {
                            f64::from(x > 120.0)
                        } else {
                            x
                        };
                        memory.value.make_mut().set_f64(k, x);
                    }
                    let what = format!("{kind:?} of {dtype} {extents:?} over {axes:?}");
                    let got = run(&spec, std::slice::from_ref(&memory), CpuLevel::current(), 1);
                    let wanted = reference(&spec, &[memory]);
                    // A product rounds once for each of up to 2,000 factors; a sum, with all terms positive, about
                    // once for each of a lane's.
                    let tolerance = match (kind, dtype) {
                        (Product, DType::F32) => 2000.0 * 6e-8,
                        (_, DType::F32) => 12.0 * 6e-8,
                        _ => 1e-12,
                    };
                    assert_close(&got[0], &wanted[0], tolerance, &what);
                }
            }
        }
    }
}

#[test]
fn long_sums_are_as_exact_as_one_rounding() {
    // A million positive numbers: adding them one by one in single precision loses three digits.
    let len = 1 << 20;
    let mut random = Random::new(4);
    let x: Vec<f32> = (0..len)
        .map(|_| random.below(1 << 20) as f32 / 1e6)
        .collect();
    let exact: f64 = x.iter().map(|x| f64::from(*x)).sum();
    for (extents, axes) in [(vec![len], vec![0]), (vec![len / 16, 16], vec![0, 1])] {
        let spec = reduction_of(Reduction::Sum, &extents, &axes, DType::F32);
        let memory = Memory::of(Value::from_vec([len], x.clone()).unwrap());
        let got = run(&spec, &[memory], CpuLevel::current(), 2)[0].get_f64(0);
        assert!((got / exact - 1.0).abs() < 1.2e-7, "{got} is not {exact}");
    }
    let columns = reduction_of(Reduction::Sum, &[len / 16, 16], &[0], DType::F32);
    let memory = Memory::of(Value::from_vec([len], x.clone()).unwrap());
    let got = &run(&columns, &[memory], CpuLevel::current(), 2)[0];
    for column in 0..16 {
        let exact: f64 = x
            .iter()
            .skip(column)
            .step_by(16)
            .map(|x| f64::from(*x))
            .sum();
        assert!(
            (got.get_f64(column) / exact - 1.0).abs() < 1.2e-7,
            "column {column}"
        );
    }
}

#[test]
fn a_maximum_is_nan_wherever_the_nan_is() {
    for at in [0, 1, 15, 16, 17, 63, 64, 255, 511, 512, 999] {
        let mut x = vec![1.0_f32; 1000];
        x[at] = f32::NAN;
        for kind in [Reduction::Max, Reduction::Min, Reduction::Sum] {
            for extents in [vec![1000, 1], vec![1, 1000], vec![100, 10]] {
                let spec = reduction_of(kind, &extents, &[0, 1], DType::F32);
                let memory = Memory::of(Value::from_vec([1000], x.clone()).unwrap());
                for &level in CpuLevel::available() {
                    let got = run(&spec, std::slice::from_ref(&memory), level, 1)[0].get_f64(0);
                    assert!(got.is_nan(), "{kind:?} with NaN at {at}");
                }
            }
        }
    }
}

#[test]
fn reductions_of_nothing_are_neutral() {
    for (extents, axes, len) in [(vec![0, 3], vec![0], 3), (vec![4, 0], vec![1], 4)] {
        for (kind, neutral) in [
            (Reduction::Sum, 0.0),
            (Reduction::Product, 1.0),
            (Reduction::Max, f64::NEG_INFINITY),
            (Reduction::Min, f64::INFINITY),
        ] {
            let spec = reduction_of(kind, &extents, &axes, DType::F32);
            let memory = Memory::of(Value::zeros([0], DType::F32));
            let got = &run(&spec, &[memory], CpuLevel::current(), 2)[0];
            assert_eq!(got.to_f64_vec(), vec![neutral; len]);
        }
    }
    let kept = reduction_of(Reduction::Sum, &[0, 3], &[1], DType::I32);
    let memory = Memory::of(Value::zeros([0], DType::I32));
    assert!(run(&kept, &[memory], CpuLevel::current(), 1)[0].is_empty());
}

/// A weighted running mean and a weight that moves against it: reads after writes if anything is wrong.
fn update(len: usize) -> KernelSpec {
    let dense = Operand {
        dtype: DType::F32,
        strides: vec![1],
    };
    let fixed = Operand {
        dtype: DType::F32,
        strides: vec![0],
    };
    KernelSpec {
        extents: vec![len],
        inputs: vec![dense.clone(), dense.clone(), dense, fixed],
        steps: vec![
            Step::Input(0),
            Step::Input(1),
            Step::Input(2),
            Step::Input(3),
            Step::Binary(Binary::Subtract, 0, 1),
            Step::Binary(Binary::Multiply, 4, 3),
            Step::Binary(Binary::Add, 1, 5),
            Step::Binary(Binary::Multiply, 6, 1),
            Step::Binary(Binary::Subtract, 2, 7),
        ],
        outputs: [6, 8]
            .map(|register| Output {
                register,
                kind: OutputKind::Store,
            })
            .to_vec(),
    }
}

#[test]
fn updates_in_place_are_those_of_separate_outputs() {
    for len in [1, 15, 512, 513, 5000, 400_000] {
        let spec = update(len);
        let mut random = Random::new(5);
        let mut memory: Vec<Memory> = (0..3)
            .map(|_| Memory::of(Value::from_vec([len], random.numbers::<f32>(len)).unwrap()))
            .collect();
        memory.push(Memory::of(Value::from_vec([1], vec![0.25_f32]).unwrap()));
        let wanted = run(&spec, &memory, CpuLevel::current(), 2);
        let kernel = CompiledKernel::new(&spec).unwrap();
        let mut scratch = poison(kernel.scratch_len(2));
        let mut buffers: Vec<*mut u8> = memory
            .iter_mut()
            .map(|m| m.value.make_mut().as_mut_ptr())
            .collect();
        buffers.extend([buffers[1], buffers[2]]);
        // SAFETY: the values have the sizes of the specification; outputs are inputs of the same kind.
        unsafe { kernel.run(&buffers, &Pool::new(2), scratch.as_mut_ptr()) }
        for (in_place, wanted) in memory[1..3].iter().zip(&wanted) {
            assert_eq!(bytes(&in_place.value), bytes(wanted), "of {len}");
        }
    }
}

#[test]
fn tiles_together_are_the_whole() {
    let mut random = Random::new(6);
    for (rows, columns) in [(5, 7), (64, 64), (130, 1000), (1, 3000), (300, 1)] {
        let extents = [rows, columns];
        let steps = vec![
            Step::Input(0),
            Step::Input(1),
            Step::Input(2),
            Step::Binary(Binary::Add, 0, 1),
            Step::Binary(Binary::Multiply, 3, 2),
            Step::Unary(Unary::Tanh, 4),
        ];
        let strides = [vec![columns as isize, 1], vec![0, 1], vec![1, 0]];
        let inputs = strides
            .map(|strides| Operand {
                dtype: DType::F32,
                strides,
            })
            .to_vec();
        let outputs = [4, 5]
            .map(|register| Output {
                register,
                kind: OutputKind::Store,
            })
            .to_vec();
        let spec = KernelSpec {
            extents: extents.to_vec(),
            inputs,
            steps,
            outputs,
        };
        let memory: Vec<Memory> = [rows * columns, columns, rows]
            .map(|len| Memory::of(Value::from_vec([len], random.numbers::<f32>(len)).unwrap()))
            .to_vec();
        let wanted = run(&spec, &memory, CpuLevel::current(), 1);
        let kernel = CompiledKernel::for_tiles(&spec).unwrap();
        let mut scratch = poison(kernel.scratch_len(1));
        let mut outputs: Vec<Value> = output_shapes(&spec)
            .into_iter()
            .map(|shape| super::testing::poisoned(shape, DType::F32))
            .collect();
        let mut buffers: Vec<*mut u8> = memory
            .iter()
            .map(|m| m.value.elements().as_ptr().cast_mut())
            .collect();
        buffers.extend(
            outputs
                .iter_mut()
                .map(|value| value.make_mut().as_mut_ptr()),
        );
        let (tall, wide) = (37, 48);
        for row in (0..rows).step_by(tall) {
            for column in (0..columns).step_by(wide) {
                let (bottom, right) = ((row + tall).min(rows), (column + wide).min(columns));
                // SAFETY: the values have the sizes of the specification, and the tile is part of it.
                unsafe {
                    kernel.run_tile(&buffers, row..bottom, column..right, scratch.as_mut_ptr());
                }
            }
        }
        for (got, wanted) in outputs.iter().zip(&wanted) {
            assert_eq!(bytes(got), bytes(wanted), "{extents:?}");
        }
    }
}

#[test]
fn a_row_has_the_same_bits_in_a_batch_of_any_size() {
    let mut random = Random::new(7);
    for columns in [1, 3, 10, 64, 700] {
        let all: Vec<f32> = random.numbers(64 * columns);
        let sums = |rows: usize| {
            let spec = reduction_of(Reduction::Sum, &[rows, columns], &[1], DType::F32);
            let part = Value::from_vec([rows * columns], all[..rows * columns].to_vec()).unwrap();
            run(&spec, &[Memory::of(part)], CpuLevel::current(), 2)[0].to_f64_vec()
        };
        let whole = sums(64);
        for rows in [1, 2, 31] {
            assert_eq!(sums(rows), whole[..rows], "{rows} rows of {columns}");
        }
    }
}
