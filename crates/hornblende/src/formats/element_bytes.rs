//! The elements of a value as little-endian bytes, and back.

use hornblende_core::{DType, Elements, Error, Result, Shape, Storage, Value};

/// Appends the elements in row-major order, each with its lowest byte first.
pub(crate) fn append(bytes: &mut Vec<u8>, value: &Value) {
    match value.elements() {
        Elements::F16(v) | Elements::BF16(v) => {
            v.iter().for_each(|x| bytes.extend(x.to_le_bytes()))
        }
        Elements::F32(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::F64(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::I32(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::I64(v) => v.iter().for_each(|x| bytes.extend(x.to_le_bytes())),
        Elements::U8(v) | Elements::Bool(v) => bytes.extend_from_slice(v),
        // The list of types may grow in core; a type without bytes has none to append, and the reader says
        // which length it expected.
        _ => {}
    }
}

/// The number of bytes that so many elements take; `None` beyond what memory can hold.
pub(crate) fn byte_len(shape: &[usize], dtype: DType) -> Option<usize> {
    // A zero must not hide sizes whose product overflows where a library multiplies them in another order.
    let filled = shape.iter().filter(|size| **size > 0);
    let count = filled.copied().try_fold(1, usize::checked_mul)?;
    let len = count.checked_mul(dtype.size())?;
    let empty = shape.contains(&0);
    isize::try_from(len)
        .ok()
        .map(|_| if empty { 0 } else { len })
}

/// The value of this shape and type whose elements [`append`] wrote.
///
/// # Errors
/// [`Error::Format`] if there are not as many bytes as the shape needs; nothing is allocated then.
pub(crate) fn value(shape: &[usize], dtype: DType, bytes: &[u8]) -> Result<Value> {
    if byte_len(shape, dtype) != Some(bytes.len()) {
        let shape = Shape::from(shape);
        return Err(Error::format(
            "elements of a value",
            format!("as many bytes as {dtype} elements of shape {shape} take"),
            format!("{} bytes", bytes.len()),
            "The file may be damaged or cut short",
        ));
    }
    let storage = match dtype {
        DType::F16 => Storage::F16(elements(bytes, u16::from_le_bytes)),
        DType::BF16 => Storage::BF16(elements(bytes, u16::from_le_bytes)),
        DType::F32 => Storage::F32(elements(bytes, f32::from_le_bytes)),
        DType::F64 => Storage::F64(elements(bytes, f64::from_le_bytes)),
        DType::I32 => Storage::I32(elements(bytes, i32::from_le_bytes)),
        DType::I64 => Storage::I64(elements(bytes, i64::from_le_bytes)),
        DType::U8 => Storage::U8(bytes.to_vec()),
        DType::Bool => Storage::Bool(bytes.iter().map(|byte| u8::from(*byte != 0)).collect()),
        other => {
            return Err(Error::format(
                "elements of a value",
                "a type that files hold",
                other.name(),
                "",
            ));
        }
    };
    Value::new(shape, storage)
}

fn elements<const SIZE: usize, T>(bytes: &[u8], element: fn([u8; SIZE]) -> T) -> Vec<T> {
    let (pieces, _) = bytes.as_chunks::<SIZE>();
    pieces.iter().map(|piece| element(*piece)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_comes_back_bit_for_bit() {
        for dtype in DType::ALL {
            let mut original = Value::full([2, 3], dtype, -1.5);
            original.make_mut().set_f64(4, f64::NAN);
            let mut bytes = Vec::new();
            append(&mut bytes, &original);
            assert_eq!(bytes.len(), byte_len(&[2, 3], dtype).unwrap());
            assert_eq!(value(&[2, 3], dtype, &bytes).unwrap(), original);
        }
    }

    #[test]
    fn another_number_of_bytes_is_an_error_even_for_sizes_beyond_memory() {
        assert!(value(&[2], DType::F32, &[0; 7]).is_err());
        assert!(value(&[1 << 40, 1 << 40], DType::F32, &[]).is_err());
        assert!(value(&[1 << 40, 1 << 40, 0], DType::F32, &[]).is_err());
        assert_eq!(value(&[0, 3], DType::F32, &[]).unwrap().len(), 0);
    }
}
