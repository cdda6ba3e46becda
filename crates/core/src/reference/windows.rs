//! Windows that move over an array: pooling and its gradients.

use crate::error::Result;
use crate::graph::op::{Reduction, Window};
use crate::reference::number::{Number, undefined, with_number};
use crate::reference::reduction::{neutral, total};
use crate::shape::Shape;
use crate::value::Value;

/// One element of one window: the flat places of the window in the result, of the element in the
/// window, and of the element in the operand.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tap {
    pub(super) output: usize,
    pub(super) window: usize,
    pub(super) input: usize,
}

/// All elements of all windows that lie within the operand and not in the padding, by window and then
/// in row-major order.
pub(super) fn taps(input: &[usize], output: &[usize], window: &Window) -> Vec<Tap> {
    let mut all = vec![Tap {
        output: 0,
        window: 0,
        input: 0,
    }];
    for axis in 0..input.len() {
        let mut along = Vec::new();
        for tap in &all {
            for o in 0..output[axis] {
                for w in 0..window.size[axis] {
                    let padded = o * window.strides[axis] + w * window.dilation[axis];
                    let Ok(i) = usize::try_from(padded as isize - window.padding[axis].0) else {
                        continue;
                    };
                    if i < input[axis] {
                        along.push(Tap {
                            output: tap.output * output[axis] + o,
                            window: tap.window * window.size[axis] + w,
                            input: tap.input * input[axis] + i,
                        });
                    }
                }
            }
        }
        all = along;
    }
    all.sort_by_key(|tap| (tap.output, tap.window));
    all
}

pub(super) fn reduce_window(
    x: &Value,
    shape: &Shape,
    kind: Reduction,
    window: &Window,
) -> Result<Value> {
    with_number!(x.dtype(), T => {
        let elements = T::read(x)?;
        let mut results = vec![neutral::<T>(kind); shape.len()];
        let taps = taps(x.shape().dims(), shape.dims(), window);
        for taps in taps.chunk_by(|a, b| a.output == b.output) {
            results[taps[0].output] = total(kind, taps.iter().map(|tap| elements[tap.input]))
                .ok_or_else(|| undefined("reduce_window", x))?;
        }
        T::write(shape, results)
    })
}

pub(super) fn select_and_scatter(x: &Value, source: &Value, window: &Window) -> Result<Value> {
    let maxima = maxima(x, source.shape(), window)?;
    with_number!(x.dtype(), T => {
        let source = T::read(source)?;
        let mut sums = vec![T::ZERO.widen(); x.len()];
        for tap in maxima {
            sums[tap.input] = Number::add(sums[tap.input], source[tap.output].widen());
        }
        T::write(x.shape(), sums.into_iter().map(T::narrow).collect())
    })
}

/// A window that lies in the padding altogether has no maximum and gives 0.
pub(super) fn window_select(
    x: &Value,
    values: &Value,
    shape: &Shape,
    window: &Window,
) -> Result<Value> {
    let mut result = Value::zeros(shape, values.dtype());
    let storage = result.make_mut();
    for tap in maxima(x, shape, window)? {
        storage.copy_from(tap.output, values.elements(), tap.input, 1);
    }
    Ok(result)
}

/// The first largest element of each window; a NaN counts as the largest.
// Truth values are numbers here: false is below true.
#[allow(clippy::bool_comparison)]
fn maxima(x: &Value, output: &Shape, window: &Window) -> Result<Vec<Tap>> {
    let taps = taps(x.shape().dims(), output.dims(), window);
    with_number!(x.dtype(), T => {
        let elements = T::read(x)?;
        let larger = |best: Tap, tap: Tap| {
            let (a, b) = (elements[best.input], elements[tap.input]);
            if !a.is_nan() && (b.is_nan() || b > a) { tap } else { best }
        };
        let windows = taps.chunk_by(|a, b| a.output == b.output);
        Ok(windows.filter_map(|taps| taps.iter().copied().reduce(larger)).collect())
    })
}
