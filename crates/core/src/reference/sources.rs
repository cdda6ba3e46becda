//! Operations that make values of their own: counting and random bits.

use crate::dtype::DType;
use crate::error::Result;
use crate::philox::random_word;
use crate::reference::number::Number;
use crate::shape::Shape;
use crate::storage::Storage;
use crate::value::Value;

pub(super) fn iota(shape: &Shape, dtype: DType, axis: usize) -> Result<Value> {
    let mut storage = Storage::zeros(dtype, shape.len());
    let stride = shape.strides()[axis];
    for k in 0..shape.len() {
        storage.set_f64(k, (k / stride % shape[axis]) as f64);
    }
    Value::new(shape, storage)
}

pub(super) fn random_bits(key: &Value, shape: &Shape) -> Result<Value> {
    let words: Vec<u32> = i32::read(key)?
        .into_iter()
        .map(|word| word as u32)
        .collect();
    let key = [words[0], words[1], words[2], words[3]];
    let word = |k: usize| random_word(key, k as u64) as i32;
    Value::from_vec(shape, (0..shape.len()).map(word).collect::<Vec<_>>())
}
