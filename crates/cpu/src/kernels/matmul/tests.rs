//! Products against a triple loop in `f64`, on every instruction set of the machine.
#![allow(unsafe_code)] // Kernels take pointers; each call passes arrays of the extents it names.

use super::{Epilogue, Matmul};
use crate::kernels::testing::{Number, Random, close};
use crate::{CpuLevel, Pool};
use std::sync::Mutex;

/// A product with its operands, laid out as the strides say.
struct Case<T> {
    product: Matmul,
    a: Vec<T>,
    b: Vec<T>,
    bias: Vec<T>,
}

impl<T: Number> Case<T> {
    fn new(random: &mut Random, product: Matmul) -> Self {
        let extent = |rows: usize, columns: usize, strides: [isize; 2], batch_stride: isize| {
            let last = |count: usize, stride: isize| count.saturating_sub(1) * stride as usize;
            last(rows, strides[0])
                + last(columns, strides[1])
                + last(product.batch, batch_stride)
                + 1
        };
        let a = extent(
            product.m,
            product.k,
            product.a_strides,
            product.batch_strides[0],
        );
        let b = extent(
            product.k,
            product.n,
            product.b_strides,
            product.batch_strides[1],
        );
        Self {
            product,
            a: random.numbers(a),
            b: random.numbers(b),
            bias: random.numbers(product.n),
        }
    }

    fn run(&self, level: CpuLevel, pool: &Pool, before: T, epilogue: &Epilogue<'_, T>) -> Vec<T> {
        let Matmul {
            m,
            batch,
            c_row_stride,
            batch_strides,
            ..
        } = self.product;
        let length =
            m * c_row_stride as usize + batch.saturating_sub(1) * batch_strides[2] as usize;
        let mut c = vec![before; length];
        let mut workspace = vec![T::NAN; self.product.workspace_len_on::<T>(level, pool.threads())];
        // SAFETY: `new` has made the operands as large as the strides reach.
        unsafe {
            let (a, b, c) = (self.a.as_ptr(), self.b.as_ptr(), c.as_mut_ptr());
            self.product
                .run_on(level, pool, a, b, c, workspace.as_mut_ptr(), epilogue);
        }
        c
    }

    fn expected(&self, before: f64, bias: bool, relu: bool) -> Vec<(usize, f64)> {
        let Matmul {
            m,
            k,
            n,
            batch,
            a_strides,
            b_strides,
            c_row_stride,
            batch_strides,
            accumulate,
            ..
        } = self.product;
        let mut all = Vec::new();
        for index in 0..batch * m * n {
            let (batch, row, column) = (index / (m * n), index / n % m, index % n);
            let at = |strides: [isize; 2], batch_stride: isize, i: usize, j: usize| {
                batch * batch_stride as usize + i * strides[0] as usize + j * strides[1] as usize
            };
            let mut sum = if accumulate { before } else { 0.0 };
            for p in 0..k {
                let a = self.a[at(a_strides, batch_strides[0], row, p)].wide();
                sum += a * self.b[at(b_strides, batch_strides[1], p, column)].wide();
            }
            sum += if bias { self.bias[column].wide() } else { 0.0 };
            let c = at([c_row_stride, 1], batch_strides[2], row, column);
            all.push((c, if relu { sum.max(0.0) } else { sum }));
        }
        all
    }

    fn check(&self, level: CpuLevel, pool: &Pool, bias: bool, relu: bool) {
        let before = if self.product.accumulate {
            T::of(0.5)
        } else {
            T::NAN
        };
        let covered = Mutex::new(Vec::new());
        let note = |rows: std::ops::Range<usize>, columns: std::ops::Range<usize>| {
            covered.lock().unwrap().push((rows, columns));
        };
        let epilogue = Epilogue {
            bias: bias.then_some(self.bias.as_ptr()),
            relu,
            on_tile: Some(&note),
        };
        let c = self.run(level, pool, before, &epilogue);
        let expected = self.expected(0.5, bias, relu);
        for &(at, expected) in &expected {
            let tolerance = T::EPSILON * (self.product.k as f64 + 2.0);
            assert!(
                close(c[at].wide(), expected, tolerance),
                "{:?} {level:?} at {at}",
                self.product
            );
        }
        let covered = covered.into_inner().unwrap();
        let area: usize = covered
            .iter()
            .map(|(rows, columns)| rows.len() * columns.len())
            .sum();
        assert_eq!(area, expected.len(), "on_tile covers the result once");
    }
}

fn random_product(random: &mut Random, most: usize) -> Matmul {
    let (m, k, n) = (
        random.below(most) + 1,
        random.below(most) + 1,
        random.below(most) + 1,
    );
    let mut product = Matmul::new(m, k, n);
    product.batch = random.below(3) + 1;
    if random.below(2) == 0 {
        product = product.transposed_a();
    }
    if random.below(2) == 0 {
        product = product.transposed_b();
    }
    // Strides wider than the matrix, and now and then with gaps between neighbours.
    let gap = [1, 1, 1, 2][random.below(4)];
    product.a_strides = product.a_strides.map(|stride| stride * gap);
    product.batch_strides[0] *= gap;
    product.c_row_stride += random.below(3) as isize;
    product.batch_strides[2] = product.c_row_stride * m as isize;
    if random.below(3) == 0 {
        product.batch_strides[1] = 0;
    }
    product.accumulate = random.below(3) == 0;
    product
}

fn check_random<T: Number>(cases: usize, most: usize, seed: u64) {
    let mut random = Random::new(seed);
    let pool = Pool::new(2);
    for _ in 0..cases {
        let product = random_product(&mut random, most);
        let case = Case::<T>::new(&mut random, product);
        let (bias, relu) = (random.below(2) == 0, random.below(2) == 0);
        for &level in CpuLevel::available() {
            case.check(level, &pool, bias, relu);
        }
    }
}

#[test]
fn small_products_agree_with_a_triple_loop() {
    check_random::<f32>(300, 40, 1);
    check_random::<f64>(150, 40, 2);
}

#[test]
fn products_of_several_blocks_agree_with_a_triple_loop() {
    check_random::<f32>(6, 500, 3);
    check_random::<f64>(3, 500, 4);
}

#[test]
fn products_cut_into_many_tasks_agree_with_a_triple_loop() {
    let mut random = Random::new(5);
    let pool = Pool::new(2);
    for product in [
        Matmul::new(300, 500, 90),
        Matmul::new(20, 800, 1000),
        Matmul::new(260, 390, 800),
    ] {
        for product in [product, product.transposed_a(), product.transposed_b()] {
            let case = Case::<f32>::new(&mut random, product);
            case.check(CpuLevel::available()[0], &pool, true, true);
        }
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let mut random = Random::new(6);
    let pools = [Pool::new(1), Pool::new(2), Pool::new(3)];
    for product in [
        Matmul::new(64, 784, 64),
        Matmul::new(2000, 700, 1),
        Matmul::new(1, 700, 3000),
        Matmul::new(300, 500, 700),
        Matmul::new(29, 2000, 100),
    ] {
        for product in [product, product.transposed_a(), product.transposed_b()] {
            let case = Case::<f32>::new(&mut random, product);
            for &level in CpuLevel::available() {
                let [one, two, three] = pools.each_ref().map(|pool| {
                    let c = case.run(level, pool, f32::NAN, &Epilogue::NONE);
                    c.into_iter().map(f32::to_bits).collect::<Vec<_>>()
                });
                assert!(one == two && two == three);
            }
        }
    }
}

#[test]
fn the_bits_of_a_row_do_not_depend_on_how_many_rows_there_are() {
    let mut random = Random::new(7);
    let pool = Pool::new(2);
    for (k, n) in [
        (64, 10),
        (784, 64),
        (1000, 300),
        (900, 33),
        (600, 1),
        (300, 700),
    ] {
        for transposed in [false, true] {
            let product = |m: usize| {
                let product = Matmul::new(m, k, n);
                if transposed {
                    product.transposed_b()
                } else {
                    product
                }
            };
            let mut case = Case::<f32>::new(&mut random, product(300));
            for &level in CpuLevel::available() {
                case.product = product(300);
                let all = case.run(level, &pool, f32::NAN, &Epilogue::NONE);
                for m in [1, 2, 5, 14, 15, 29, 64, 128] {
                    case.product = product(m);
                    let some = case.run(level, &pool, f32::NAN, &Epilogue::NONE);
                    assert!(
                        some.iter()
                            .zip(&all)
                            .all(|(x, y)| x.to_bits() == y.to_bits()),
                        "{m} {k} {n}"
                    );
                }
            }
        }
    }
}

#[test]
fn nothing_to_sum_gives_zero_and_the_bias() {
    let pool = Pool::new(2);
    let mut random = Random::new(8);
    for &level in CpuLevel::available() {
        let case = Case::<f32>::new(&mut random, Matmul::new(5, 0, 37));
        assert!(
            case.run(level, &pool, f32::NAN, &Epilogue::NONE)
                .iter()
                .all(|&c| c == 0.0)
        );
        let epilogue = Epilogue {
            bias: Some(case.bias.as_ptr()),
            ..Epilogue::NONE
        };
        let c = case.run(level, &pool, f32::NAN, &epilogue);
        assert!(c.chunks(37).all(|row| row == case.bias));
    }
}

#[test]
fn empty_results_are_left_alone() {
    let pool = Pool::new(2);
    let called = |_, _| panic!("there is no block to be done");
    for (m, k, n, batch) in [(0, 3, 4, 1), (3, 4, 0, 1), (3, 4, 5, 0), (0, 0, 0, 0)] {
        let product = Matmul {
            batch,
            ..Matmul::new(m, k, n)
        };
        let case = Case::<f64>::new(&mut Random::new(9), product);
        let epilogue = Epilogue {
            on_tile: Some(&called),
            ..Epilogue::NONE
        };
        case.run(CpuLevel::current(), &pool, 1.0, &epilogue);
    }
}

#[test]
fn not_a_number_and_infinity_propagate_through_relu() {
    let pool = Pool::new(1);
    for &level in CpuLevel::available() {
        let mut case = Case::<f32>::new(&mut Random::new(10), Matmul::new(20, 30, 40));
        case.a[3 * 30 + 7] = f32::NAN;
        case.a[4 * 30 + 7] = f32::INFINITY;
        let epilogue = Epilogue {
            relu: true,
            ..Epilogue::NONE
        };
        let c = case.run(level, &pool, 0.0, &epilogue);
        assert!(c[3 * 40..4 * 40].iter().all(|c| c.is_nan()));
        assert!(
            c[4 * 40..5 * 40]
                .iter()
                .all(|&c| c == f32::INFINITY || c == 0.0)
        );
        assert!(c[..3 * 40].iter().all(|c| c.is_finite()));
    }
}

#[test]
fn what_lies_beside_the_operands_is_not_read() {
    // A row of NaN behind B, and columns of NaN beside it, must not reach the result.
    let pool = Pool::new(2);
    let mut product = Matmul::new(17, 21, 19);
    product.b_strides = [40, 1];
    for &level in CpuLevel::available() {
        let mut case = Case::<f32>::new(&mut Random::new(11), product);
        case.b.resize(21 * 40, 0.0);
        for (index, b) in case.b.iter_mut().enumerate() {
            if index % 40 >= 19 {
                *b = f32::NAN;
            }
        }
        let c = case.run(level, &pool, f32::NAN, &Epilogue::NONE);
        assert!(c.iter().all(|c| c.is_finite()), "{level:?}");
    }
}

#[test]
fn workspace_is_asked_for_in_elements_that_suffice_for_each_thread() {
    let large = Matmul::new(1000, 1000, 1000);
    let one = large.workspace_len::<f32>(1);
    assert!(one > 0);
    assert_eq!(large.workspace_len::<f32>(4), 4 * one);
    let small = Matmul::new(8, 8, 8).workspace_len::<f32>(4);
    assert_eq!(small, Matmul::new(8, 8, 8).workspace_len::<f32>(1));
}

#[test]
fn products_with_one_column_or_one_row_agree_with_a_triple_loop() {
    let mut random = Random::new(12);
    let pool = Pool::new(2);
    for _ in 0..60 {
        let (long, k) = (random.below(700) + 1, random.below(500) + 1);
        let one_column = Matmul::new(long, k, 1);
        let one_row = Matmul::new(1, k, long);
        for product in [
            one_column,
            one_column.transposed_a(),
            one_row,
            one_row.transposed_b(),
        ] {
            let product = Matmul {
                batch: random.below(3) + 1,
                accumulate: random.below(2) == 0,
                ..product
            };
            let case = Case::<f32>::new(&mut random, product);
            let (bias, relu) = (random.below(2) == 0, random.below(2) == 0);
            for &level in CpuLevel::available() {
                case.check(level, &pool, bias, relu);
            }
        }
    }
    for product in [
        Matmul::new(3000, 600, 1),
        Matmul::new(1, 900, 2500),
        Matmul::new(20, 9000, 128),
    ] {
        let case = Case::<f32>::new(&mut random, product);
        case.check(CpuLevel::available()[0], &pool, true, false);
    }
}

#[test]
fn groups_of_products_begin_where_their_strides_say() {
    let pool = Pool::new(2);
    // Two samples of 40 rows, three heads of 8 columns side by side; and a single column of each.
    for (m, k, n) in [(40, 8, 40), (40, 24, 1), (1, 24, 40)] {
        let (samples, heads) = (2, 3);
        let product = Matmul {
            a_strides: [(heads * k) as isize, 1],
            b_strides: [1, (heads * k) as isize],
            batch: samples * heads,
            batch_strides: [k as isize, k as isize, (m * n) as isize],
            group: heads,
            group_strides: [m * heads * k, n * heads * k, heads * m * n].map(|s| s as isize),
            ..Matmul::new(m, k, n)
        };
        let mut random = Random::new(5);
        let a: Vec<f32> = random.numbers(samples * m * heads * k);
        let b: Vec<f32> = random.numbers(samples * n * heads * k);
        let compute = |product: &Matmul, a: &[f32], b: &[f32], c: &mut [f32]| {
            let mut workspace = vec![f32::NAN; product.workspace_len::<f32>(2)];
            let (a, b, c) = (a.as_ptr(), b.as_ptr(), c.as_mut_ptr());
            // SAFETY: the operands are as large as the strides reach.
            unsafe { product.run(&pool, a, b, c, workspace.as_mut_ptr(), &Epilogue::NONE) };
        };
        let mut together = vec![f32::NAN; samples * heads * m * n];
        compute(&product, &a, &b, &mut together);
        let alone = Matmul {
            batch: 1,
            group: usize::MAX,
            ..product
        };
        for (number, part) in together.chunks(m * n).enumerate() {
            let (sample, head) = (number / heads, number % heads);
            let mut c = vec![f32::NAN; m * n];
            let starts = [m, n].map(|rows| sample * rows * heads * k + head * k);
            compute(&alone, &a[starts[0]..], &b[starts[1]..], &mut c);
            assert_eq!(part, c, "product {number} of {m}x{k}x{n}");
        }
    }
}
