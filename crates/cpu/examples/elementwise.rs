//! Measures fused kernels: `cargo run --release -p hornblende-cpu --example elementwise`.
#![allow(unsafe_code, clippy::print_stdout)] // Kernels take raw pointers; this prints a table.

use hornblende_core::graph::op::{Binary, Comparison, Reduction, Unary};
use hornblende_core::{DType, Result};
use hornblende_cpu::Pool;
use hornblende_cpu::kernels::elementwise::{
    CompiledKernel, Internal, KernelSpec, Operand, Output, OutputKind, RowKernel, RowStage, Scalar,
    Step,
};
use std::time::Instant;

/// The smallest time of a call in nanoseconds, over half a second.
fn time(mut call: impl FnMut()) -> f64 {
    let begin = Instant::now();
    let mut best = f64::INFINITY;
    let mut calls = 1;
    while begin.elapsed().as_millis() < 500 {
        let start = Instant::now();
        (0..calls).for_each(|_| call());
        let took = start.elapsed().as_nanos() as f64;
        best = best.min(took / f64::from(calls));
        if took < 20_000.0 {
            calls *= 2;
        }
    }
    best
}

fn operand(strides: &[isize]) -> Operand {
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

/// Numbers between 0.5 and 1.5.
fn numbers(len: usize) -> Vec<f32> {
    (0..len)
        .map(|k| 0.5 + (k * 2_654_435_761 % 65_536) as f32 / 65_536.0)
        .collect()
}

/// Runs a kernel on buffers of these lengths; nanoseconds a call.
fn measure(spec: &KernelSpec, lens: &[usize], pool: &Pool) -> Result<f64> {
    let kernel = CompiledKernel::new(spec)?;
    let mut memory: Vec<Vec<f32>> = lens.iter().map(|len| numbers(*len)).collect();
    let buffers: Vec<*mut u8> = memory.iter_mut().map(|m| m.as_mut_ptr().cast()).collect();
    let mut scratch = vec![0_u8; kernel.scratch_len(pool.threads())];
    // SAFETY: the lengths are those of the specification.
    Ok(time(|| unsafe {
        kernel.run(&buffers, pool, scratch.as_mut_ptr())
    }))
}

fn report(name: &str, nanoseconds: f64, points: usize, bytes: usize) {
    let per_point = nanoseconds / points as f64;
    let rate = bytes as f64 / nanoseconds;
    println!(
        "{name:<44} {:>9.2} us {per_point:>7.3} ns/point {rate:>7.1} GB/s",
        nanoseconds / 1e3
    );
}

/// Adam: gradient, two slots, weight; three numbers that change from step to step.
fn adam(len: usize) -> KernelSpec {
    let binary = Step::Binary;
    KernelSpec {
        extents: vec![len],
        inputs: [&[1], &[1], &[1], &[1], &[0], &[0], &[0]]
            .map(|s: &[isize; 1]| operand(s))
            .to_vec(),
        steps: vec![
            Step::Input(0),
            Step::Input(1),
            Step::Input(2),
            Step::Input(3),
            Step::Input(4),
            Step::Input(5),
            Step::Input(6),
            Step::Constant(Scalar::F32(1e-7)),
            // m += (g - m) * (1 - beta_1)
            binary(Binary::Subtract, 0, 1),
            binary(Binary::Multiply, 8, 4),
            binary(Binary::Add, 1, 9),
            // v += (g * g - v) * (1 - beta_2)
            binary(Binary::Multiply, 0, 0),
            binary(Binary::Subtract, 11, 2),
            binary(Binary::Multiply, 12, 5),
            binary(Binary::Add, 2, 13),
            // w -= m * alpha / (sqrt(v) + epsilon)
            binary(Binary::Multiply, 10, 6),
            Step::Unary(Unary::Sqrt, 14),
            binary(Binary::Add, 16, 7),
            binary(Binary::Divide, 15, 17),
            binary(Binary::Subtract, 3, 18),
        ],
        outputs: vec![store(10), store(14), store(19)],
    }
}

/// The same by hand.
#[inline(always)]
fn adam_loop(g: &[f32], m: &mut [f32], v: &mut [f32], w: &mut [f32], s: [f32; 3]) {
    for (((g, m), v), w) in g.iter().zip(m).zip(v).zip(w) {
        *m += (g - *m) * s[0];
        *v += (g * g - *v) * s[1];
        *w -= *m * s[2] / (v.sqrt() + 1e-7);
    }
}

/// # Safety
/// The machine has AVX-512.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
unsafe fn adam_avx512(g: &[f32], m: &mut [f32], v: &mut [f32], w: &mut [f32], s: [f32; 3]) {
    adam_loop(g, m, v, w, s);
}

fn measure_adam(pool: &Pool) -> Result<()> {
    for len in [640, 4096, 50_176, 1 << 20, 1 << 22] {
        let spec = adam(len);
        let kernel = CompiledKernel::new(&spec)?;
        let mut memory: Vec<Vec<f32>> = (0..4).map(|_| numbers(len)).collect();
        let mut scalars = [0.1_f32, 0.001, 1e-3];
        let mut buffers: Vec<*mut u8> = memory.iter_mut().map(|m| m.as_mut_ptr().cast()).collect();
        buffers.extend(
            scalars
                .iter_mut()
                .map(|s| std::ptr::from_mut(s).cast::<u8>()),
        );
        buffers.extend_from_within(1..4);
        let mut scratch = vec![0_u8; kernel.scratch_len(pool.threads())];
        // SAFETY: the lengths are those of the specification; the outputs are inputs in place.
        let ours = time(|| unsafe { kernel.run(&buffers, pool, scratch.as_mut_ptr()) });
        report(&format!("Adam [{len}]"), ours, len, 28 * len);
        #[cfg(target_arch = "x86_64")]
        if is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") {
            let [g, m, v, w] = &mut memory[..] else {
                unreachable!()
            };
            // SAFETY: the line above.
            let by_hand = time(|| unsafe { adam_avx512(g, m, v, w, scalars) });
            report("  the loop by hand, one thread", by_hand, len, 28 * len);
        }
    }
    Ok(())
}

fn measure_functions(pool: &Pool) -> Result<()> {
    let len = 4096;
    for op in Unary::ALL
        .into_iter()
        .filter(|op| *op != Unary::Not && *op != Unary::IsFinite)
    {
        let spec = KernelSpec {
            extents: vec![len],
            inputs: vec![operand(&[1])],
            steps: vec![Step::Input(0), Step::Unary(op, 0)],
            outputs: vec![store(1)],
        };
        let took = measure(&spec, &[len, len], pool)?;
        report(&format!("{} [{len}]", op.name()), took, len, 8 * len);
    }
    for op in [
        Binary::Add,
        Binary::Divide,
        Binary::Maximum,
        Binary::Power,
        Binary::Atan2,
    ] {
        let spec = KernelSpec {
            extents: vec![len],
            inputs: vec![operand(&[1]), operand(&[1])],
            steps: vec![Step::Input(0), Step::Input(1), Step::Binary(op, 0, 1)],
            outputs: vec![store(2)],
        };
        report(
            &format!("{} [{len}]", op.name()),
            measure(&spec, &[len; 3], pool)?,
            len,
            12 * len,
        );
    }
    Ok(())
}

fn measure_reductions(pool: &Pool) -> Result<()> {
    for (rows, columns) in [
        (64, 10),
        (64, 64),
        (64, 784),
        (256, 4096),
        (100_000, 10),
        (1 << 20, 1),
    ] {
        let strides = operand(&[columns as isize, 1]);
        let points = rows * columns;
        for axes in [&[0][..], &[1], &[0, 1]] {
            let spec = KernelSpec {
                extents: vec![rows, columns],
                inputs: vec![strides.clone()],
                steps: vec![Step::Input(0)],
                outputs: vec![reduce(0, Reduction::Sum, axes)],
            };
            let took = measure(&spec, &[points, rows.max(columns)], pool)?;
            report(
                &format!("sum of [{rows}, {columns}] over {axes:?}"),
                took,
                points,
                4 * points,
            );
        }
    }
    Ok(())
}

fn measure_layers(pool: &Pool) -> Result<()> {
    for (rows, columns) in [(64, 10), (64, 64), (256, 4096)] {
        let points = rows * columns;
        let whole = operand(&[columns as isize, 1]);
        let bias = KernelSpec {
            extents: vec![rows, columns],
            inputs: vec![whole.clone(), operand(&[0, 1])],
            steps: vec![
                Step::Input(0),
                Step::Input(1),
                Step::Constant(Scalar::F32(0.0)),
                Step::Binary(Binary::Add, 0, 1),
                Step::Binary(Binary::Maximum, 3, 2),
            ],
            outputs: vec![store(4)],
        };
        let took = measure(&bias, &[points, columns, points], pool)?;
        report(
            &format!("bias and relu [{rows}, {columns}]"),
            took,
            points,
            8 * points,
        );
        let gradient = KernelSpec {
            extents: vec![rows, columns],
            inputs: vec![whole.clone(), whole],
            steps: vec![
                Step::Input(0),
                Step::Input(1),
                Step::Constant(Scalar::F32(0.0)),
                Step::Compare(Comparison::Gt, 0, 2),
                Step::Select(3, 1, 2),
            ],
            outputs: vec![store(4), reduce(4, Reduction::Sum, &[0])],
        };
        let took = measure(&gradient, &[points, points, points, columns], pool)?;
        report(
            &format!("relu' and bias' [{rows}, {columns}]"),
            took,
            points,
            12 * points,
        );
    }
    Ok(())
}

fn measure_softmax(pool: &Pool) -> Result<()> {
    for (rows, columns) in [(64, 10), (128, 10), (1, 10), (64, 1000), (512, 4096)] {
        let extents = vec![rows, columns];
        let whole = operand(&[columns as isize, 1]);
        let each = operand(&[1, 0]);
        let stage = |steps: Vec<Step>, outputs: Vec<Output>, ids: [&[usize]; 2]| RowStage {
            kernel: KernelSpec {
                extents: extents.clone(),
                inputs: vec![whole.clone(), each.clone()][..ids[0].len()].to_vec(),
                steps,
                outputs,
            },
            inputs: ids[0].to_vec(),
            outputs: ids[1].to_vec(),
        };
        let stages = [
            stage(
                vec![Step::Input(0)],
                vec![reduce(0, Reduction::Max, &[1])],
                [&[0], &[2]],
            ),
            stage(
                vec![
                    Step::Input(0),
                    Step::Input(1),
                    Step::Binary(Binary::Subtract, 0, 1),
                    Step::Unary(Unary::Exponential, 2),
                ],
                vec![store(3), reduce(3, Reduction::Sum, &[1])],
                [&[0, 2], &[3, 4]],
            ),
            stage(
                vec![
                    Step::Input(0),
                    Step::Input(1),
                    Step::Binary(Binary::Divide, 0, 1),
                ],
                vec![store(2)],
                [&[3, 4], &[1]],
            ),
        ];
        let internal = [1, columns, 1].map(|row_len| Internal {
            dtype: DType::F32,
            row_len,
        });
        let kernel = RowKernel::new(rows, 2, &internal, &stages)?;
        let mut memory = [numbers(rows * columns), numbers(rows * columns)];
        let buffers = memory.each_mut().map(|m| m.as_mut_ptr().cast::<u8>());
        let mut scratch = vec![0_u8; kernel.scratch_len(pool.threads())];
        // SAFETY: the lengths are those of the stages.
        let took = time(|| unsafe { kernel.run(&buffers, pool, scratch.as_mut_ptr()) });
        let points = rows * columns;
        report(
            &format!("softmax [{rows}, {columns}]"),
            took,
            points,
            8 * points,
        );
    }
    Ok(())
}

fn main() -> Result<()> {
    let threads = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .unwrap_or(1);
    let pool = Pool::new(threads);
    println!("{threads} threads");
    let wanted = std::env::args().nth(2).unwrap_or_default();
    type Part = fn(&Pool) -> Result<()>;
    let parts: [(&str, Part); 5] = [
        ("adam", measure_adam),
        ("layers", measure_layers),
        ("softmax", measure_softmax),
        ("reductions", measure_reductions),
        ("functions", measure_functions),
    ];
    for (_, measure) in parts
        .into_iter()
        .filter(|(name, _)| name.starts_with(&wanted))
    {
        measure(&pool)?;
    }
    Ok(())
}
