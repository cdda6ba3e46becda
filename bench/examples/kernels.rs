//! Measures the kernels against the `gemm` crate, side by side in one run: `cargo run --release -p hornblende-bench --features gemm --example kernels`.
#![allow(unsafe_code)] // Kernels take pointers.
#![allow(clippy::print_stdout)] // A table is what the program is for.

use gemm::Parallelism;
use hornblende_cpu::Pool;
use hornblende_cpu::kernels::convolution::{
    ConvolutionShape, FilterGradient, ForwardConvolution, InputGradient,
};
use hornblende_cpu::kernels::matmul::{Epilogue, Matmul};
use hornblende_cpu::kernels::window::{WindowReduction, Windows};
use std::time::Instant;

fn main() {
    let filter = std::env::args().nth(1).unwrap_or_default();
    let pools = [Pool::new(1), Pool::new(2)];
    println!("| product | ours, 1 thread | gemm | ratio | ours, 2 threads | gemm | ratio |");
    println!("|-|-|-|-|-|-|-|");
    for (name, product) in products() {
        if name.contains(&filter) {
            let [one, two] = pools.each_ref().map(|pool| compare(&product, pool));
            println!("| {name} | {one} | {two} |");
        }
    }
    println!();
    println!("| convolution | threads | forward | input gradient | filter gradient |");
    println!("|-|-|-|-|-|");
    for (name, shape) in convolutions() {
        if name.contains(&filter) {
            for pool in &pools {
                println!(
                    "| {name} | {} | {} |",
                    pool.threads(),
                    convolve(&shape, pool)
                );
            }
        }
    }
    println!();
    println!("| 2x2 max pooling | threads | forward, GB/s | gradient, GB/s |");
    println!("|-|-|-|-|");
    for (name, input) in poolings() {
        if name.contains(&filter) {
            for pool in &pools {
                println!(
                    "| {name} | {} | {} |",
                    pool.threads(),
                    pool_2x2(input, pool)
                );
            }
        }
    }
}

fn poolings() -> Vec<(&'static str, [usize; 4])> {
    vec![
        ("pool 64x32x32x32", [64, 32, 32, 32]),
        ("pool 64x16x16x64", [64, 16, 16, 64]),
        ("pool 32x28x28x3", [32, 28, 28, 3]),
    ]
}

fn convolutions() -> Vec<(&'static str, ConvolutionShape)> {
    let same = |batch, extent, inputs, outputs| ConvolutionShape {
        padding: [(0, 0), (1, 1), (1, 1)],
        ..ConvolutionShape::new_2d(batch, [extent; 2], inputs, [3, 3], outputs)
    };
    vec![
        (
            "conv 32x28x28x1 -> 32",
            ConvolutionShape::new_2d(32, [28, 28], 1, [3, 3], 32),
        ),
        ("conv 64x32x32x3 -> 32 same", same(64, 32, 3, 32)),
        ("conv 64x16x16x32 -> 64 same", same(64, 16, 32, 64)),
        ("conv 64x8x8x64 -> 128 same", same(64, 8, 64, 128)),
        ("conv 8x56x56x64 -> 64 same", same(8, 56, 64, 64)),
        ("conv 8x14x14x256 -> 256 same", same(8, 14, 256, 256)),
        (
            "conv 8x56x56x64 -> 128 stride 2",
            ConvolutionShape {
                strides: [1, 2, 2],
                ..same(8, 56, 64, 128)
            },
        ),
        (
            "conv 8x28x28x128 -> 512 1x1",
            ConvolutionShape::new_2d(8, [28, 28], 128, [1, 1], 512),
        ),
        ("conv 8x128x128 -> 128, 1D of 3", {
            let mut shape = ConvolutionShape::new_2d(8, [1, 128], 128, [1, 3], 128);
            shape.padding[2] = (1, 1);
            shape
        }),
        ("conv 1x16x16x16x16 -> 32, 3D of 3", {
            let mut shape = ConvolutionShape::new_2d(1, [16, 16], 16, [3, 3], 32);
            (shape.input[0], shape.kernel[0]) = (16, 3);
            shape.padding = [(1, 1); 3];
            shape
        }),
        (
            "conv 8x28x28x128 depthwise stride 2",
            ConvolutionShape {
                groups: 128,
                strides: [1, 2, 2],
                ..same(8, 28, 128, 128)
            },
        ),
        (
            "conv 8x14x14x256 -> 256 in 8 groups",
            ConvolutionShape {
                groups: 8,
                ..same(8, 14, 256, 256)
            },
        ),
        (
            "conv 8x28x28x64 -> 128 depthwise twice",
            ConvolutionShape {
                groups: 64,
                ..same(8, 28, 64, 128)
            },
        ),
        ("conv 32x256x64 depthwise, 1D of 5", {
            let mut shape = ConvolutionShape::new_2d(32, [1, 256], 64, [1, 5], 64);
            (shape.groups, shape.padding[2]) = (64, (2, 2));
            shape
        }),
        (
            "conv 8x56x56x96 depthwise",
            ConvolutionShape {
                groups: 96,
                ..same(8, 56, 96, 96)
            },
        ),
    ]
}

/// GB/s of max pooling and its gradient, counting what must be read and written once.
fn pool_2x2(input: [usize; 4], pool: &Pool) -> String {
    let [_, _, _, channels] = input;
    let (size, still) = ([1, 2, 2, 1], [(0, 0); 4]);
    let Some(windows) = Windows::new(&input, &size, &size, &still, &[1; 4]) else {
        return String::new();
    };
    let (from, to) = (input.iter().product(), windows.output().iter().product());
    let x: Vec<f32> = (0..from)
        .map(|i: usize| (i / channels * 37 % 101) as f32)
        .collect();
    let (mut y, mut dx) = (vec![0.0_f32; to], vec![0.0_f32; from]);
    // SAFETY: the vectors have the extents of the windows.
    let times = unsafe {
        let (x, to, dx) = (x.as_ptr(), y.as_mut_ptr(), dx.as_mut_ptr());
        let mut reduce = || windows.reduce(pool, WindowReduction::Max, x, to);
        let mut scatter = || windows.select_and_scatter(pool, x, to, dx);
        interleaved(&mut [&mut reduce, &mut scatter])
    };
    let rate = |elements: usize, seconds: f64| 4.0 * elements as f64 / seconds / 1e9;
    let (forward, backward) = (rate(from + to, times[0]), rate(2 * from + to, times[1]));
    format!(
        "{forward:.1} ({:.2} ms) | {backward:.1} ({:.2} ms)",
        times[0] * 1e3,
        times[1] * 1e3
    )
}

/// GFLOP/s of the convolution and its gradients.
fn convolve(shape: &ConvolutionShape, pool: &Pool) -> String {
    let volume = |extents: [usize; 3]| extents.iter().product::<usize>();
    let outputs = shape.batch * volume(shape.output()) * shape.out_channels;
    let weights = volume(shape.kernel) * shape.in_channels / shape.groups * shape.out_channels;
    let numbers = |count: usize| -> Vec<f32> {
        (0..count)
            .map(|i| (i * 37 % 101) as f32 / 101.0 - 0.5)
            .collect()
    };
    let input = numbers(shape.batch * volume(shape.input) * shape.in_channels);
    let (kernel, gradient) = (numbers(weights), numbers(outputs));
    let (mut output, mut d_input, mut d_kernel) = (gradient.clone(), input.clone(), kernel.clone());
    let forward = ForwardConvolution::new(shape);
    let input_gradient = InputGradient::new(shape);
    let filter_gradient = FilterGradient::new(shape);
    let threads = pool.threads();
    let mut workspaces = [
        forward.workspace_len::<f32>(threads),
        input_gradient.workspace_len::<f32>(threads),
        filter_gradient.workspace_len::<f32>(threads),
    ]
    .map(|length| vec![0.0_f32; length]);
    let [first, second, third] = workspaces
        .each_mut()
        .map(|workspace| workspace.as_mut_ptr());
    // SAFETY: the vectors have the extents of the shape.
    let times = unsafe {
        let (x, w, y) = (input.as_ptr(), kernel.as_ptr(), gradient.as_ptr());
        let to = output.as_mut_ptr();
        let mut forward = || forward.run(pool, x, w, to, first, &Epilogue::NONE);
        let to = d_input.as_mut_ptr();
        let mut input_gradient = || input_gradient.run(pool, y, w, to, second, None);
        let to = d_kernel.as_mut_ptr();
        let mut filter_gradient = || filter_gradient.run(pool, x, y, to, third);
        interleaved(&mut [&mut forward, &mut input_gradient, &mut filter_gradient])
    };
    let work = 2.0 * (outputs * weights) as f64 / shape.out_channels as f64;
    let cells: Vec<String> = times
        .iter()
        .map(|seconds| format!("{:.0} ({:.2} ms)", work / seconds / 1e9, seconds * 1e3))
        .collect();
    cells.join(" | ")
}

fn products() -> Vec<(&'static str, Matmul)> {
    vec![
        ("64x784x64", Matmul::new(64, 784, 64)),
        ("64x64x64", Matmul::new(64, 64, 64)),
        ("64x64x10", Matmul::new(64, 64, 10)),
        ("dW 64x64x10", Matmul::new(64, 64, 10).transposed_a()),
        ("dW 784x64x64", Matmul::new(784, 64, 64).transposed_a()),
        ("dX 64x64x784", Matmul::new(64, 64, 784).transposed_b()),
        ("dX 64x10x64", Matmul::new(64, 10, 64).transposed_b()),
        ("128x784x64", Matmul::new(128, 784, 64)),
        ("32x21632x128", Matmul::new(32, 21632, 128)),
        (
            "dW 21632x32x128",
            Matmul::new(21632, 32, 128).transposed_a(),
        ),
        (
            "dX 32x128x21632",
            Matmul::new(32, 128, 21632).transposed_b(),
        ),
        ("256x1024x4096", Matmul::new(256, 1024, 4096)),
        ("256x4096x4096", Matmul::new(256, 4096, 4096)),
        (
            "dW 4096x256x1024",
            Matmul::new(4096, 256, 1024).transposed_a(),
        ),
        (
            "dX 256x4096x1024",
            Matmul::new(256, 4096, 1024).transposed_b(),
        ),
        ("1024x1024x1024", Matmul::new(1024, 1024, 1024)),
        ("1x784x64", Matmul::new(1, 784, 64)),
        ("1x4096x4096", Matmul::new(1, 4096, 4096)),
        ("4096x64x1", Matmul::new(4096, 64, 1)),
        ("dW 64x4096x1", Matmul::new(64, 4096, 1).transposed_a()),
        ("8x4096x4096", Matmul::new(8, 4096, 4096)),
    ]
}

/// GFLOP/s of both, and how many times as fast as `gemm` ours is.
fn compare(product: &Matmul, pool: &Pool) -> String {
    let &Matmul {
        m,
        k,
        n,
        a_strides,
        b_strides,
        c_row_stride,
        ..
    } = product;
    let numbers = |count: usize| -> Vec<f32> {
        (0..count)
            .map(|i| (i * 37 % 101) as f32 / 101.0 - 0.5)
            .collect()
    };
    let (a, b, mut c) = (numbers(m * k), numbers(k * n), vec![0.0_f32; m * n]);
    let mut other = c.clone();
    let mut workspace = vec![0.0_f32; product.workspace_len::<f32>(pool.threads())];
    let parallelism = match pool.threads() {
        1 => Parallelism::None,
        threads => Parallelism::Rayon(threads),
    };
    let mut ours = || {
        // SAFETY: the vectors have the extents of the product.
        unsafe {
            let (c, workspace) = (c.as_mut_ptr(), workspace.as_mut_ptr());
            product.run(pool, a.as_ptr(), b.as_ptr(), c, workspace, &Epilogue::NONE);
        }
    };
    let mut theirs = || {
        let (ap, bp, cp) = (a.as_ptr(), b.as_ptr(), other.as_mut_ptr());
        // SAFETY: as above.
        unsafe {
            gemm::gemm(
                m,
                n,
                k,
                cp,
                1,
                c_row_stride,
                false,
                ap,
                a_strides[1],
                a_strides[0],
                bp,
                b_strides[1],
                b_strides[0],
                0.0,
                1.0,
                false,
                false,
                false,
                parallelism,
            );
        }
    };
    let times = interleaved(&mut [&mut ours, &mut theirs]);
    let rate = |seconds: f64| 2.0 * (m * k * n) as f64 / seconds / 1e9;
    for (x, y) in c.iter().zip(&other) {
        assert!((x - y).abs() <= 1e-3 * (1.0 + y.abs()), "{x} {y}");
    }
    format!(
        "{:.0} | {:.0} | {:.2}",
        rate(times[0]),
        rate(times[1]),
        times[1] / times[0]
    )
}

/// The least seconds of each, taken in turns: what disturbs a busy machine only ever adds.
fn interleaved(work: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let calls: Vec<usize> = work
        .iter_mut()
        .map(|work| {
            work();
            let start = Instant::now();
            work();
            (1e-3 / start.elapsed().as_secs_f64().max(1e-7)).clamp(1.0, 1e4) as usize
        })
        .collect();
    let mut times = vec![f64::INFINITY; work.len()];
    for _ in 0..41 {
        for (which, work) in work.iter_mut().enumerate() {
            let start = Instant::now();
            (0..calls[which]).for_each(|_| work());
            times[which] = times[which].min(start.elapsed().as_secs_f64() / calls[which] as f64);
        }
    }
    times
}
