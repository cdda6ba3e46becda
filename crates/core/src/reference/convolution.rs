//! Convolution and its two gradients: one loop over the same products, summed up in three ways.

use crate::error::Result;
use crate::graph::op::ConvDims;
use crate::reference::number::{Number, with_number};
use crate::reference::windows::taps;
use crate::shape::Shape;
use crate::value::Value;

pub(super) fn convolution(
    x: &Value,
    kernel: &Value,
    shape: &Shape,
    conv: &ConvDims,
) -> Result<Value> {
    let products = products(x.shape(), kernel.shape(), shape, conv);
    let triples = products.map(|p| (p.input, p.kernel, p.output));
    sums(x, kernel, shape, triples)
}

pub(super) fn input_gradient(
    gradient: &Value,
    kernel: &Value,
    input: &Shape,
    conv: &ConvDims,
) -> Result<Value> {
    let products = products(input, kernel.shape(), gradient.shape(), conv);
    let triples = products.map(|p| (p.output, p.kernel, p.input));
    sums(gradient, kernel, input, triples)
}

pub(super) fn filter_gradient(
    x: &Value,
    gradient: &Value,
    kernel: &Shape,
    conv: &ConvDims,
) -> Result<Value> {
    let products = products(x.shape(), kernel, gradient.shape(), conv);
    let triples = products.map(|p| (p.input, p.output, p.kernel));
    sums(x, gradient, kernel, triples)
}

/// The flat places of one product of the convolution: `output += input * kernel`.
struct Product {
    input: usize,
    kernel: usize,
    output: usize,
}

fn products<'a>(
    input: &'a Shape,
    kernel: &'a Shape,
    output: &'a Shape,
    conv: &'a ConvDims,
) -> impl Iterator<Item = Product> + 'a {
    let last = input.rank() - 1;
    let (channels, filters) = (input[last], output[last]);
    let (group_channels, group_filters) = (kernel[last - 1], filters / conv.groups);
    let spatial = |shape: &Shape| shape.dims()[1..last].to_vec();
    let (inputs, outputs) = (spatial(input), spatial(output));
    let taps = taps(&inputs, &outputs, &conv.window);
    let area = |sizes: &[usize]| sizes.iter().product::<usize>();
    let (input_area, output_area) = (area(&inputs), area(&outputs));
    (0..input[0])
        .flat_map(move |n| taps.clone().into_iter().map(move |tap| (n, tap)))
        .flat_map(move |(n, tap)| {
            let pixel = (n * input_area + tap.input) * channels;
            let place = (n * output_area + tap.output) * filters;
            (0..filters).flat_map(move |f| {
                let first = f / group_filters * group_channels;
                (0..group_channels).map(move |c| Product {
                    input: pixel + first + c,
                    kernel: (tap.window * group_channels + c) * filters + f,
                    output: place + f,
                })
            })
        })
}

/// Adds up `a[i] * b[j]` at `k` for all triples `(i, j, k)`.
fn sums(
    a: &Value,
    b: &Value,
    shape: &Shape,
    triples: impl Iterator<Item = (usize, usize, usize)>,
) -> Result<Value> {
    with_number!(a.dtype(), T => {
        let (a, b) = (T::read(a)?, T::read(b)?);
        let mut sums = vec![T::ZERO.widen(); shape.len()];
        for (i, j, k) in triples {
            let product = Number::multiply(a[i].widen(), b[j].widen());
            sums[k] = Number::add(sums[k], product);
        }
        T::write(shape, sums.into_iter().map(T::narrow).collect())
    })
}
