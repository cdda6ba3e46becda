//! Windows against loops over every element of every window, on every instruction set of the machine.
#![allow(unsafe_code)] // Kernels take pointers; each call passes arrays of the extents it names.

use super::{WindowReduction, Windows};
use crate::kernels::testing::{Number, Random, close};
use crate::{CpuLevel, Pool};

/// Size, stride, padding and dilation along an axis.
type Along = (usize, usize, (isize, isize), usize);

/// The definition: for each window the places of its elements, in row-major order.
fn places(input: &[usize], output: &[usize], window: &[Along]) -> Vec<Vec<usize>> {
    let mut all = vec![vec![0_usize]];
    for axis in 0..input.len() {
        let (size, stride, (low, _), dilation) = window[axis];
        let mut next = Vec::new();
        for places in &all {
            for o in 0..output[axis] {
                let mut moved = Vec::new();
                for &place in places {
                    for w in 0..size {
                        let at = (o * stride + w * dilation) as isize - low;
                        if (0..input[axis] as isize).contains(&at) {
                            moved.push(place * input[axis] + at as usize);
                        }
                    }
                }
                next.push(moved);
            }
        }
        all = next;
    }
    all
}

fn first_maximum<T: Number>(x: &[T], places: &[usize]) -> Option<usize> {
    let nan = places
        .iter()
        .copied()
        .find(|&place| x[place].wide().is_nan());
    nan.or_else(|| {
        places
            .iter()
            .copied()
            .reduce(|best, place| if x[place] > x[best] { place } else { best })
    })
}

fn check<T: Number>(random: &mut Random, input: &[usize], window: &[Along]) {
    let part = |f: fn(&Along) -> usize| window.iter().map(f).collect::<Vec<_>>();
    let padding: Vec<_> = window.iter().map(|axis| axis.2).collect();
    let (size, strides, dilation) = (
        part(|axis| axis.0),
        part(|axis| axis.1),
        part(|axis| axis.3),
    );
    let windows = Windows::new(input, &size, &strides, &padding, &dilation).unwrap();
    let places = places(input, windows.output(), window);
    let length = input.iter().product();
    // Few different values, so that windows have several maxima; now and then NaN and negative infinity.
    let x: Vec<T> = (0..length)
        .map(|_| match random.below(40) {
            0 => T::NAN,
            1 => T::NEGATIVE_INFINITY,
            other => T::of((other % 4) as f64 - 2.0),
        })
        .collect();
    let (values, source): (Vec<T>, Vec<T>) = (random.numbers(length), random.numbers(places.len()));
    let pool = Pool::new(2);
    for &level in CpuLevel::available() {
        let what = format!("{input:?} {window:?} {level:?}");
        let (mut max, mut sum, mut chosen) = (
            vec![T::NAN; places.len()],
            vec![T::NAN; places.len()],
            vec![T::NAN; places.len()],
        );
        let mut scattered = vec![T::NAN; length];
        // SAFETY: the arrays have the extents of the windows.
        unsafe {
            windows.reduce_on(
                level,
                &pool,
                WindowReduction::Max,
                x.as_ptr(),
                max.as_mut_ptr(),
            );
            windows.reduce_on(
                level,
                &pool,
                WindowReduction::Sum,
                values.as_ptr(),
                sum.as_mut_ptr(),
            );
            windows.select_on(
                level,
                &pool,
                x.as_ptr(),
                values.as_ptr(),
                chosen.as_mut_ptr(),
            );
            let (x, source) = (x.as_ptr(), source.as_ptr());
            windows.select_and_scatter_on(level, &pool, x, source, scattered.as_mut_ptr());
        }
        let mut expected = vec![0.0; length];
        for (index, places) in places.iter().enumerate() {
            let total: f64 = places.iter().map(|&place| values[place].wide()).sum();
            assert!(
                close(
                    sum[index].wide(),
                    total,
                    T::EPSILON * (places.len() as f64 + 2.0)
                ),
                "{what}"
            );
            let Some(best) = first_maximum(&x, places) else {
                assert_eq!(max[index], T::NEGATIVE_INFINITY, "{what}");
                assert_eq!(chosen[index], T::ZERO, "{what}");
                continue;
            };
            let same =
                max[index] == x[best] || (max[index].wide().is_nan() && x[best].wide().is_nan());
            assert!(same, "{what}: window {index}");
            assert_eq!(chosen[index], values[best], "{what}: window {index}");
            expected[best] += source[index].wide();
        }
        for (got, expected) in scattered.iter().zip(&expected) {
            assert!(
                close(got.wide(), *expected, T::EPSILON * 64.0),
                "{what}: {got:?} {expected}"
            );
        }
    }
}

#[test]
fn random_windows_agree_with_the_definition() {
    let mut random = Random::new(31);
    for _ in 0..300 {
        let rank = random.below(4) + 1;
        let input: Vec<usize> = (0..rank).map(|_| random.below(8) + 1).collect();
        let mut padding = || random.below(4) as isize - 1;
        let padding: Vec<_> = (0..rank).map(|_| (padding(), padding())).collect();
        let mut draw = |most: usize| random.below(most) + 1;
        let window: Vec<_> = padding
            .into_iter()
            .map(|padding| (draw(4), draw(3), padding, draw(2)))
            .collect();
        check::<f32>(&mut random, &input, &window);
        check::<f64>(&mut random, &input, &window);
    }
}

const STILL: Along = (1, 1, (0, 0), 1);

#[test]
fn pooling_over_images_agrees_with_the_definition() {
    let mut random = Random::new(32);
    for channels in [1, 3, 32, 45, 64] {
        for axis in [
            (2, 2, (0, 0), 1),
            (3, 2, (1, 1), 1),
            (2, 1, (0, 1), 1),
            (3, 3, (0, 0), 1),
            (2, 2, (0, 0), 2),
        ] {
            for extents in [[8, 12], [9, 7]] {
                let input = [3, extents[0], extents[1], channels];
                check::<f32>(&mut random, &input, &[STILL, axis, axis, STILL]);
            }
        }
    }
}

#[test]
fn large_arrays_are_cut_into_tasks_that_cover_them() {
    let mut random = Random::new(33);
    let axis = (2, 2, (0, 0), 1);
    check::<f32>(&mut random, &[2, 40, 40, 33], &[STILL, axis, axis, STILL]);
    check::<f32>(
        &mut random,
        &[50, 6, 6, 5],
        &[STILL, (6, 1, (0, 0), 1), (6, 1, (0, 0), 1), STILL],
    );
    check::<f32>(&mut random, &[200, 9], &[(50, 1, (49, 0), 1), STILL]);
}

#[test]
fn empty_arrays_and_windows_that_do_not_move_are_fine() {
    let mut random = Random::new(34);
    let axis = (2, 2, (0, 0), 1);
    check::<f32>(&mut random, &[0, 4, 4, 3], &[STILL, axis, axis, STILL]);
    check::<f32>(&mut random, &[2, 4, 4, 0], &[STILL, axis, axis, STILL]);
    check::<f32>(&mut random, &[2, 1, 4, 3], &[STILL, axis, axis, STILL]);
    check::<f32>(&mut random, &[2, 3], &[STILL, STILL]);
    check::<f32>(&mut random, &[], &[]);
    check::<f32>(&mut random, &[3], &[(1, 1, (4, 4), 1)]);
}

#[test]
fn more_axes_than_there_is_room_for_are_refused() {
    let ones = [2; 9];
    let plan = |rank: usize| {
        Windows::new(
            &ones[..rank],
            &ones[..rank],
            &ones[..rank],
            &[(0, 0); 9][..rank],
            &[1; 9][..rank],
        )
    };
    assert!(plan(8).is_some());
    assert!(plan(9).is_none());
}
