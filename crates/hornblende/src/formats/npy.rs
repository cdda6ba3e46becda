//! NumPy's `.npy` format: one array behind a short header.
//!
//! Read are versions 1 to 3, both byte orders and both orders of axes, of the element types that
//! Hornblende has. Arrays of Python objects are refused: nothing in a file is ever run.

use std::io::Read;

use hornblende_core::{DType, Elements, Error, Result, Shape, Storage, Value};

use super::npy_header::Header;

/// Bytes that are converted at a time: a multiple of every element's size that fits in the cache.
const BLOCK: usize = 32 * 1024;

/// The array in the bytes of a `.npy` file.
///
/// # Errors
/// [`Error::Format`] if the bytes are no such file, are too few or too many, or hold elements of a
/// type that Hornblende does not have.
///
/// # Example
/// ```
/// use hornblende::Value;
/// use hornblende::formats::npy;
///
/// let value = Value::from_vec([2, 2], vec![1.0f32, 2.0, 3.0, 4.0])?;
/// let bytes = npy::to_bytes(&value)?;
/// assert_eq!(npy::from_bytes(&bytes)?, value);
/// assert!(npy::from_bytes(&bytes[1..]).is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8]) -> Result<Value> {
    read(&mut &*bytes, bytes.len())
}

/// The bytes of a `.npy` file that holds `value`, as NumPy would write them.
///
/// # Errors
/// [`Error::Format`] for bfloat16, which NumPy does not have.
pub fn to_bytes(value: &Value) -> Result<Vec<u8>> {
    let header = Header {
        dtype: value.dtype(),
        is_big_endian: false,
        is_column_major: false,
        shape: value.shape().dims().to_vec(),
    };
    match value.elements() {
        Elements::F16(v) => Ok(joined(header.to_bytes("<f2"), v, |x| x.to_le_bytes())),
        Elements::F32(v) => Ok(joined(header.to_bytes("<f4"), v, |x| x.to_le_bytes())),
        Elements::F64(v) => Ok(joined(header.to_bytes("<f8"), v, |x| x.to_le_bytes())),
        Elements::I32(v) => Ok(joined(header.to_bytes("<i4"), v, |x| x.to_le_bytes())),
        Elements::I64(v) => Ok(joined(header.to_bytes("<i8"), v, |x| x.to_le_bytes())),
        Elements::U8(v) => Ok(joined(header.to_bytes("|u1"), v, |x| [*x])),
        Elements::Bool(v) => Ok(joined(header.to_bytes("|b1"), v, |x| [*x])),
        other => Err(Error::format(
            "npy",
            "elements of a type that NumPy has",
            other.dtype().to_string(),
            "Cast the tensor to F32 first",
        )),
    }
}

/// Reads an array that takes exactly `len` bytes, header included.
///
/// The header is checked against `len` before memory for the elements is asked for.
pub(super) fn read(reader: &mut dyn Read, len: usize) -> Result<Value> {
    let (header, header_len) = read_header(reader)?;
    let size = header.dtype.size();
    let left = len.saturating_sub(header_len);
    if header.byte_len() != Some(left) {
        let shape = Shape::from(&*header.shape);
        return Err(Error::format(
            "npy",
            format!(
                "as many bytes as {} elements of shape {shape} take",
                header.dtype
            ),
            format!("{left} bytes"),
            "The file may be damaged or cut short",
        ));
    }
    let storage = read_elements(reader, &header, left / size)?;
    if header.is_column_major && header.shape.len() > 1 {
        return Value::new(
            header.shape.clone(),
            row_major(&header.shape, storage.elements()),
        );
    }
    Value::new(header.shape, storage)
}

/// The header and the number of bytes it took.
fn read_header(reader: &mut dyn Read) -> Result<(Header, usize)> {
    let mut start = [0; 12];
    fill(reader, &mut start[..8])?;
    let version = start[6];
    if !start.starts_with(Header::MAGIC) || !(1..=3).contains(&version) {
        return Err(Error::format(
            "npy",
            "a file that begins with \"\\x93NUMPY\" and a version from 1 to 3",
            format!("\"{}\"", start[..8].escape_ascii()),
            "Save it with `numpy.save`",
        ));
    }
    let end = if version == 1 { 10 } else { 12 };
    fill(reader, &mut start[8..end])?;
    let mut text = vec![0; Header::text_len(version, &start[8..end])?];
    fill(reader, &mut text)?;
    Ok((Header::parse(&text)?, end + text.len()))
}

fn read_elements(reader: &mut dyn Read, header: &Header, count: usize) -> Result<Storage> {
    // Each line says how four, eight, .. bytes in memory order become one element.
    let swap = header.is_big_endian;
    match header.dtype {
        DType::F16 => elements(reader, count, swap, u16::from_le_bytes).map(Storage::F16),
        DType::F32 => elements(reader, count, swap, f32::from_le_bytes).map(Storage::F32),
        DType::F64 => elements(reader, count, swap, f64::from_le_bytes).map(Storage::F64),
        DType::I32 => elements(reader, count, swap, i32::from_le_bytes).map(Storage::I32),
        DType::I64 => elements(reader, count, swap, i64::from_le_bytes).map(Storage::I64),
        DType::U8 => bytes(reader, count).map(Storage::U8),
        DType::Bool => {
            let mut truths = bytes(reader, count)?;
            truths
                .iter_mut()
                .for_each(|truth| *truth = u8::from(*truth != 0));
            Ok(Storage::Bool(truths))
        }
        // No header names another type.
        other => Err(Error::format(
            "npy",
            "a type that NumPy has",
            other.name(),
            "",
        )),
    }
}

fn bytes(reader: &mut dyn Read, count: usize) -> Result<Vec<u8>> {
    let mut bytes = vec![0; count];
    fill(reader, &mut bytes)?;
    Ok(bytes)
}

fn elements<const SIZE: usize, T>(
    reader: &mut dyn Read,
    count: usize,
    swap: bool,
    element: fn([u8; SIZE]) -> T,
) -> Result<Vec<T>> {
    let mut all = Vec::with_capacity(count);
    let mut block = vec![0; BLOCK.min(count * SIZE)];
    while all.len() < count {
        let len = block.len().min((count - all.len()) * SIZE);
        fill(reader, &mut block[..len])?;
        let (pieces, _) = block[..len].as_chunks::<SIZE>();
        all.extend(pieces.iter().map(|piece| {
            let mut piece = *piece;
            if swap {
                piece.reverse();
            }
            element(piece)
        }));
    }
    Ok(all)
}

/// Fills `buffer`; what ends too early or cannot be read is a matter of the format, for the bytes
/// come from memory.
fn fill(reader: &mut dyn Read, buffer: &mut [u8]) -> Result<()> {
    reader.read_exact(buffer).map_err(|error| {
        let expected = format!("{} more bytes", buffer.len());
        Error::format(
            "npy",
            expected,
            error.to_string(),
            "The file may be damaged or cut short",
        )
    })
}

/// Column-major elements of this shape in row-major order.
fn row_major(shape: &[usize], elements: Elements<'_>) -> Storage {
    let mut result = Storage::zeros(elements.dtype(), elements.len());
    let mut index = vec![0; shape.len()];
    for at in 0..elements.len() {
        let from = index
            .iter()
            .zip(shape)
            .rev()
            .fold(0, |from, (i, size)| from * size + i);
        result.copy_from(at, elements, from, 1);
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            if index[axis] < shape[axis] {
                break;
            }
            index[axis] = 0;
        }
    }
    result
}

fn joined<const SIZE: usize, T>(
    mut header: Vec<u8>,
    elements: &[T],
    bytes: fn(&T) -> [u8; SIZE],
) -> Vec<u8> {
    header.reserve_exact(elements.len() * SIZE);
    header.extend(elements.iter().flat_map(bytes));
    header
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, order: &str, shape: &str, elements: &[u8]) -> Vec<u8> {
        let text =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = Header::MAGIC.to_vec();
        bytes.extend([2, 0]);
        bytes.extend((text.len() as u32).to_le_bytes());
        bytes.extend(text.bytes());
        bytes.extend(elements);
        bytes
    }

    #[test]
    fn every_type_comes_back_as_it_was_written() {
        let storages = [
            Storage::F16(vec![0, 0x3c00, 0x7e00, 0x8000, 1, 2]),
            Storage::F32(vec![0.0, -0.0, f32::NAN, 1e-40, f32::MAX, -1.5]),
            Storage::F64(vec![0.0, -0.0, f64::NAN, 1e-310, f64::MAX, -1.5]),
            Storage::I32(vec![0, 1, -1, i32::MAX, i32::MIN, 42]),
            Storage::I64(vec![0, 1, -1, i64::MAX, i64::MIN, (1 << 53) + 1]),
            Storage::U8(vec![0, 1, 2, 127, 128, 255]),
            Storage::Bool(vec![0, 1, 1, 0, 0, 1]),
        ];
        for storage in storages {
            for shape in [&[6][..], &[2, 3], &[1, 6, 1]] {
                let value = Value::new(shape, storage.clone()).unwrap();
                assert_eq!(from_bytes(&to_bytes(&value).unwrap()), Ok(value));
            }
        }
    }

    #[test]
    fn scalars_and_empty_arrays_come_back_too() {
        for value in [Value::scalar(2.5f32), Value::zeros([3, 0], DType::I64)] {
            assert_eq!(from_bytes(&to_bytes(&value).unwrap()), Ok(value));
        }
    }

    #[test]
    fn arrays_longer_than_one_block_are_whole() {
        let value = Value::from_vec([20_001], (0..20_001).collect::<Vec<i32>>()).unwrap();
        assert_eq!(from_bytes(&to_bytes(&value).unwrap()), Ok(value));
    }

    #[test]
    fn swapped_bytes_are_swapped_back() {
        let bytes = file(">i4", "False", "(2,)", &[0, 0, 1, 2, 255, 255, 255, 255]);
        let expected = Value::from_vec([2], vec![258, -1]).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(expected));
    }

    #[test]
    fn column_major_arrays_are_turned_row_major() {
        // numpy.asfortranarray(numpy.arange(24).reshape(2, 3, 4)) in memory order.
        let stored = [
            0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23,
        ];
        let bytes = file("|u1", "True", "(2, 3, 4)", &stored);
        let expected = Value::from_vec([2, 3, 4], (0..24).collect::<Vec<u8>>()).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(expected));
    }

    #[test]
    fn truth_values_are_zero_or_one_whatever_the_bytes_were() {
        let bytes = file("|b1", "False", "(3,)", &[0, 7, 255]);
        let expected = Value::new([3], Storage::Bool(vec![0, 1, 1])).unwrap();
        assert_eq!(from_bytes(&bytes), Ok(expected));
    }

    #[test]
    fn wrong_lengths_and_other_files_are_errors() {
        let good = file("<f4", "False", "(2,)", &[0; 8]);
        assert!(from_bytes(&good).is_ok());
        let cases = [
            (good[..good.len() - 1].to_vec(), "got 7 bytes"),
            ([&good[..], &[0]].concat(), "got 9 bytes"),
            (
                b"PK\x03\x04 a zip file".to_vec(),
                "begins with \"\\x93NUMPY\"",
            ),
            (
                file("<f4", "False", "(1099511627776, 1099511627776)", &[0; 8]),
                "got 8 bytes",
            ),
            (
                file("<f4", "False", "(9223372036854775807, 0)", &[]),
                "got 0 bytes",
            ),
            (vec![], "8 more bytes"),
        ];
        for (bytes, message) in cases {
            let error = from_bytes(&bytes).unwrap_err();
            assert!(matches!(error, Error::Format(_)), "{error}");
            assert!(error.to_string().contains(message), "{error}");
        }
    }

    #[test]
    fn bfloat16_is_refused_when_writing() {
        let error = to_bytes(&Value::zeros([1], DType::BF16)).unwrap_err();
        assert!(
            error.to_string().contains("Cast the tensor to F32"),
            "{error}"
        );
    }
}
