//! Measures the kernels against the `gemm` crate, side by side in one run: `cargo run --release --example kernels`.
#![allow(unsafe_code)] // Kernels take pointers.
#![allow(clippy::print_stdout)] // A table is what the program is for.

use gemm::Parallelism;
use hornblende_cpu::Pool;
use hornblende_cpu::kernels::matmul::{Epilogue, Matmul};
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

/// The median seconds of each, taken in turns so that a slow moment of the machine falls on all.
fn interleaved(work: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let calls: Vec<usize> = work
        .iter_mut()
        .map(|work| {
            work();
            let start = Instant::now();
            work();
            (2e-3 / start.elapsed().as_secs_f64().max(1e-7)).clamp(1.0, 1e4) as usize
        })
        .collect();
    let mut times = vec![Vec::new(); work.len()];
    for _ in 0..31 {
        for (which, work) in work.iter_mut().enumerate() {
            let start = Instant::now();
            (0..calls[which]).for_each(|_| work());
            times[which].push(start.elapsed().as_secs_f64() / calls[which] as f64);
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            times[times.len() / 2]
        })
        .collect()
}
