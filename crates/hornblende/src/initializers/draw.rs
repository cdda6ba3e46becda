// tidy: not an item
//! Drawing values of a shape from a stream of random numbers.

use hornblende_core::{DType, Result, Shape, Value};

use crate::random::Stream;

/// The share of the standard deviation that is left after a normal distribution is cut at two of them.
pub(super) const STDDEV_AFTER_TRUNCATION: f64 = 0.879_625_661_034_239_8;

/// The stream of this seed, or the next one of the global seed.
pub(super) fn stream(seed: Option<u64>) -> Stream {
    seed.map_or_else(Stream::next_global, |seed| Stream::new(seed, 0))
}

/// A value whose elements are drawn one after the other.
pub(super) fn fill(shape: &Shape, dtype: DType, mut next: impl FnMut() -> f64) -> Result<Value> {
    if dtype == DType::F32 {
        let elements = (0..shape.len()).map(|_| next() as f32).collect();
        return Value::from_vec(shape, elements);
    }
    let elements: Vec<f64> = (0..shape.len()).map(|_| next()).collect();
    Ok(Value::from_vec(shape, elements)?.convert(dtype))
}

/// A number of the standard normal distribution between -2 and 2.
pub(super) fn truncated_normal(stream: &mut Stream) -> f64 {
    loop {
        let x = stream.normal();
        if x.abs() < 2.0 {
            return x;
        }
    }
}
