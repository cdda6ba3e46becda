//! Convolutions and their gradients against loops in `f64`, on every instruction set of the machine.
#![allow(unsafe_code)] // Kernels take pointers; each call passes arrays of the extents it names.

use super::{ConvolutionShape, FilterGradient, ForwardConvolution, InputGradient};
use crate::kernels::matmul::Epilogue;
use crate::kernels::testing::{Number, Random, close};
use crate::{CpuLevel, Pool};
use std::ops::Range;
use std::sync::Mutex;

/// A convolution with its tensors.
struct Case<T> {
    shape: ConvolutionShape,
    input: Vec<T>,
    kernel: Vec<T>,
    gradient: Vec<T>,
    bias: Vec<T>,
}

impl<T: Number> Case<T> {
    fn new(random: &mut Random, shape: ConvolutionShape) -> Self {
        let volume = |extents: [usize; 3]| extents.iter().product::<usize>();
        let kernel = volume(shape.kernel) * shape.in_channels / shape.groups * shape.out_channels;
        Self {
            shape,
            input: random.numbers(shape.batch * volume(shape.input) * shape.in_channels),
            kernel: random.numbers(kernel),
            gradient: random.numbers(shape.batch * volume(shape.output()) * shape.out_channels),
            bias: random.numbers(shape.out_channels),
        }
    }

    /// Calls `f(input, kernel, output)` with the places of every product of the definition.
    fn each_product(&self, mut f: impl FnMut(usize, usize, usize)) {
        let s = &self.shape;
        let (inputs, outputs) = (s.in_channels / s.groups, s.out_channels / s.groups);
        let [planes, lines, width] = s.output();
        for (at, tap) in
            grid([s.batch * planes, lines, width]).flat_map(|o| grid(s.kernel).map(move |t| (o, t)))
        {
            let position = [at[0] % planes, at[1], at[2]];
            let seen: [isize; 3] = std::array::from_fn(|d| {
                (position[d] * s.strides[d] + tap[d] * s.dilation[d]) as isize - s.padding[d].0
            });
            if (0..3).any(|d| seen[d] < 0 || seen[d] >= s.input[d] as isize) {
                continue;
            }
            let place =
                |extents: [usize; 3], x: [usize; 3]| (x[0] * extents[1] + x[1]) * extents[2] + x[2];
            let seen = place(s.input, seen.map(|x| x as usize));
            let seen = at[0] / planes * s.input.iter().product::<usize>() + seen;
            let output = place([0, lines, width], at);
            let tap = place(s.kernel, tap);
            for channel in 0..s.out_channels {
                for input in 0..inputs {
                    f(
                        seen * s.in_channels + channel / outputs * inputs + input,
                        (tap * inputs + input) * s.out_channels + channel,
                        output * s.out_channels + channel,
                    );
                }
            }
        }
    }

    fn forward(&self, level: CpuLevel, pool: &Pool, epilogue: &Epilogue<'_, T>) -> Vec<T> {
        let plan = ForwardConvolution::new(&self.shape);
        let mut output = vec![T::NAN; self.gradient.len()];
        let mut workspace = vec![T::NAN; plan.workspace_len_on::<T>(level, pool.threads())];
        let operands = (
            self.input.as_ptr(),
            self.kernel.as_ptr(),
            output.as_mut_ptr(),
        );
        // SAFETY: `new` has made the tensors as large as the shape says.
        unsafe { plan.run_on(level, pool, operands, workspace.as_mut_ptr(), epilogue) };
        output
    }

    fn input_gradient(
        &self,
        level: CpuLevel,
        pool: &Pool,
        on_tile: Option<&(dyn Fn(Range<usize>, Range<usize>) + Sync)>,
    ) -> Vec<T> {
        let plan = InputGradient::new(&self.shape);
        let mut result = vec![T::NAN; self.input.len()];
        let mut workspace = vec![T::NAN; plan.workspace_len_on::<T>(level, pool.threads())];
        let operands = (
            self.gradient.as_ptr(),
            self.kernel.as_ptr(),
            result.as_mut_ptr(),
        );
        // SAFETY: as above.
        unsafe { plan.run_on(level, pool, operands, workspace.as_mut_ptr(), on_tile) };
        result
    }

    fn filter_gradient(&self, level: CpuLevel, pool: &Pool) -> Vec<T> {
        let plan = FilterGradient::new(&self.shape);
        let mut result = vec![T::NAN; self.kernel.len()];
        let mut workspace = vec![T::NAN; plan.workspace_len_on::<T>(level, pool.threads())];
        let operands = (
            self.input.as_ptr(),
            self.gradient.as_ptr(),
            result.as_mut_ptr(),
        );
        // SAFETY: as above.
        unsafe { plan.run_on(level, pool, operands, workspace.as_mut_ptr()) };
        result
    }

    fn check(&self, level: CpuLevel, pool: &Pool) {
        let mut forward = vec![0.0; self.gradient.len()];
        let mut input_gradient = vec![0.0; self.input.len()];
        let mut filter_gradient = vec![0.0; self.kernel.len()];
        self.each_product(|x, w, y| {
            forward[y] += self.input[x].wide() * self.kernel[w].wide();
            input_gradient[x] += self.gradient[y].wide() * self.kernel[w].wide();
            filter_gradient[w] += self.input[x].wide() * self.gradient[y].wide();
        });
        for (index, sum) in forward.iter_mut().enumerate() {
            *sum = (*sum + self.bias[index % self.shape.out_channels].wide()).max(0.0);
        }
        let area = Mutex::new(0);
        let note = |rows: Range<usize>, columns: Range<usize>| {
            *area.lock().unwrap() += rows.len() * columns.len();
        };
        let epilogue = Epilogue {
            bias: Some(self.bias.as_ptr()),
            relu: true,
            on_tile: Some(&note),
        };
        let taps = self.shape.kernel.iter().product::<usize>();
        let terms = taps * self.shape.in_channels.max(self.shape.out_channels);
        self.compare(
            "forward",
            level,
            &self.forward(level, pool, &epilogue),
            &forward,
            terms,
        );
        assert_eq!(std::mem::take(&mut *area.lock().unwrap()), forward.len());
        let gradient = self.input_gradient(level, pool, Some(&note));
        self.compare("input gradient", level, &gradient, &input_gradient, terms);
        assert_eq!(
            std::mem::take(&mut *area.lock().unwrap()),
            input_gradient.len()
        );
        let terms = self.gradient.len() / self.shape.out_channels.max(1);
        let gradient = self.filter_gradient(level, pool);
        self.compare("filter gradient", level, &gradient, &filter_gradient, terms);
    }

    fn compare(&self, what: &str, level: CpuLevel, got: &[T], expected: &[f64], terms: usize) {
        let tolerance = T::EPSILON * (terms as f64 + 2.0);
        for (at, (got, expected)) in got.iter().zip(expected).enumerate() {
            let agrees = close(got.wide(), *expected, tolerance);
            assert!(
                agrees,
                "{what} {level:?} {:?} at {at}: {got:?} {expected}",
                self.shape
            );
        }
    }
}

fn grid(extents: [usize; 3]) -> impl Iterator<Item = [usize; 3]> {
    let [_, lines, width] = extents;
    (0..extents.iter().product())
        .map(move |at| [at / width / lines, at / width % lines, at % width])
}

fn random_shape(random: &mut Random) -> ConvolutionShape {
    let spatial = random.below(3) + 1;
    let mut extents = |most: usize, least: usize| -> [usize; 3] {
        std::array::from_fn(|at| {
            if at < 3 - spatial {
                1
            } else {
                random.below(most) + least
            }
        })
    };
    let (input, kernel) = (extents(9, 1), extents(4, 1));
    let (strides, dilation) = (extents(3, 1), extents(2, 1));
    let groups = [1, 1, 1, 2, 3][random.below(5)];
    let channels = |random: &mut Random| {
        let most = [3, 20, 40][random.below(3)];
        groups * (random.below(most) + 1)
    };
    let (in_channels, out_channels) = (channels(random), channels(random));
    let padding = std::array::from_fn(|at| {
        if at < 3 - spatial {
            (0, 0)
        } else {
            (random.below(5) as isize - 1, random.below(5) as isize - 1)
        }
    });
    let batch = random.below(4) + 1;
    ConvolutionShape {
        batch,
        input,
        in_channels,
        kernel,
        out_channels,
        strides,
        padding,
        dilation,
        groups,
    }
}

#[test]
fn random_convolutions_agree_with_the_definition() {
    let mut random = Random::new(21);
    let pool = Pool::new(2);
    for _ in 0..120 {
        let shape = random_shape(&mut random);
        let case = Case::<f32>::new(&mut random, shape);
        for &level in CpuLevel::available() {
            case.check(level, &pool);
        }
    }
    for _ in 0..40 {
        let shape = random_shape(&mut random);
        Case::<f64>::new(&mut random, shape).check(CpuLevel::available()[0], &pool);
    }
}

#[test]
fn depthwise_convolutions_agree_with_the_definition() {
    let mut random = Random::new(22);
    let pool = Pool::new(2);
    for _ in 0..40 {
        let channels = [2, 7, 32, 50, 96][random.below(5)];
        let shape = ConvolutionShape {
            in_channels: channels,
            out_channels: channels,
            groups: channels,
            ..random_shape(&mut random)
        };
        let case = Case::<f32>::new(&mut random, shape);
        for &level in CpuLevel::available() {
            case.check(level, &pool);
        }
    }
}

fn same_2d(batch: usize, extent: usize, inputs: usize, outputs: usize) -> ConvolutionShape {
    let padding = [(0, 0), (1, 1), (1, 1)];
    ConvolutionShape {
        padding,
        ..ConvolutionShape::new_2d(batch, [extent; 2], inputs, [3, 3], outputs)
    }
}

/// Shapes that are cut into many parts, along images and along lines, with and without packing.
fn larger_shapes() -> Vec<ConvolutionShape> {
    vec![
        ConvolutionShape::new_2d(9, [28, 28], 1, [3, 3], 32),
        same_2d(6, 16, 32, 64),
        ConvolutionShape {
            strides: [1, 2, 2],
            ..same_2d(2, 33, 16, 40)
        },
        same_2d(1, 12, 130, 200),
        same_2d(1, 64, 40, 24),
        ConvolutionShape::new_2d(2, [9, 9], 256, [1, 1], 144),
    ]
}

#[test]
fn convolutions_of_many_parts_agree_with_the_definition() {
    let mut random = Random::new(23);
    let pool = Pool::new(3);
    for shape in larger_shapes() {
        Case::<f32>::new(&mut random, shape).check(CpuLevel::available()[0], &pool);
    }
}

#[test]
fn bits_do_not_depend_on_threads() {
    let mut random = Random::new(24);
    let pools = [Pool::new(1), Pool::new(2), Pool::new(3)];
    for shape in larger_shapes() {
        let case = Case::<f32>::new(&mut random, shape);
        let level = CpuLevel::available()[0];
        let [one, two, three] = pools.each_ref().map(|pool| {
            let mut all = case.forward(level, pool, &Epilogue::NONE);
            all.extend(case.input_gradient(level, pool, None));
            all.extend(case.filter_gradient(level, pool));
            all.into_iter().map(f32::to_bits).collect::<Vec<_>>()
        });
        assert!(one == two && two == three, "{shape:?}");
    }
}

#[test]
fn the_bits_of_an_image_do_not_depend_on_how_many_images_there_are() {
    let mut random = Random::new(25);
    let pool = Pool::new(2);
    let all = Case::<f32>::new(&mut random, same_2d(7, 13, 5, 37));
    for &level in CpuLevel::available() {
        let expected = all.forward(level, &pool, &Epilogue::NONE);
        for batch in 1..7 {
            let some = Case {
                shape: same_2d(batch, 13, 5, 37),
                gradient: all.gradient[..batch * 13 * 13 * 37].to_vec(),
                input: all.input.clone(),
                kernel: all.kernel.clone(),
                bias: all.bias.clone(),
            };
            let got = some.forward(level, &pool, &Epilogue::NONE);
            assert!(
                got.iter()
                    .zip(&expected)
                    .all(|(x, y)| x.to_bits() == y.to_bits())
            );
        }
    }
}

#[test]
fn empty_convolutions_give_zeros_and_the_bias() {
    let mut random = Random::new(26);
    let pool = Pool::new(2);
    let base = same_2d(2, 5, 3, 4);
    for shape in [
        ConvolutionShape { batch: 0, ..base },
        ConvolutionShape {
            in_channels: 0,
            ..base
        },
        ConvolutionShape {
            out_channels: 0,
            ..base
        },
        ConvolutionShape {
            input: [1, 1, 0],
            padding: [(0, 0); 3],
            ..base
        },
        ConvolutionShape {
            input: [1, 0, 4],
            padding: [(0, 0), (2, 2), (1, 1)],
            ..base
        },
    ] {
        let case = Case::<f32>::new(&mut random, shape);
        for &level in CpuLevel::available() {
            case.check(level, &pool);
        }
    }
}
