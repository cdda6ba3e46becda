//! The IDX format of the original MNIST files: one array behind a short header.

use std::io::Read;

use hornblende_core::{Error, Result, Storage, Value};

/// The array in the bytes of an IDX file, compressed with gzip or not.
///
/// The array may take at most `limit` bytes.
///
/// # Errors
/// [`Error::Format`] if the bytes are no such file, or hold too much.
///
/// # Example
/// ```
/// use hornblende::formats::idx;
/// // Two axes, of two and three bytes.
/// let bytes = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6];
/// let value = idx::from_bytes(&bytes, 1 << 20)?;
/// assert_eq!(value.shape().dims(), [2, 3]);
/// assert!(idx::from_bytes(&bytes[..17], 1 << 20).is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8], limit: usize) -> Result<Value> {
    if !bytes.starts_with(&[0x1f, 0x8b]) {
        return parse(bytes);
    }
    // A header has four bytes and four for each of at most 255 axes.
    let most = limit as u64 + 4 * 256;
    let mut whole = Vec::new();
    let decoded = flate2::read::GzDecoder::new(bytes)
        .take(most)
        .read_to_end(&mut whole);
    match decoded {
        Ok(length) if length as u64 == most => {
            Err(refused(format!("at most {limit} bytes"), "more".to_owned()))
        }
        Ok(_) => parse(&whole),
        Err(error) => Err(refused("a gzip file".to_owned(), error.to_string())),
    }
}

fn parse(bytes: &[u8]) -> Result<Value> {
    let short = || {
        refused(
            "a header of IDX".to_owned(),
            "the end of the file".to_owned(),
        )
    };
    let Some((&[0, 0, kind, rank], mut rest)) = bytes.split_first_chunk::<4>() else {
        let start = bytes[..bytes.len().min(4)].escape_ascii().to_string();
        return Err(refused(
            "two zeros, a type and a number of axes".to_owned(),
            start,
        ));
    };
    let mut dims = Vec::with_capacity(usize::from(rank));
    for _ in 0..rank {
        let (size, after) = rest.split_first_chunk::<4>().ok_or_else(short)?;
        dims.push(u32::from_be_bytes(*size) as usize);
        rest = after;
    }
    let width = match kind {
        0x08 | 0x09 => 1,
        0x0b => 2,
        0x0c | 0x0d => 4,
        0x0e => 8,
        other => return Err(refused("a type of IDX".to_owned(), format!("{other:#04x}"))),
    };
    let bytes_needed = dims
        .iter()
        .try_fold(width, |n: usize, size| n.checked_mul(*size));
    if bytes_needed != Some(rest.len()) {
        let expected = format!("as many bytes as the axes {dims:?} take");
        return Err(refused(expected, format!("{} bytes", rest.len())));
    }
    let storage = match kind {
        0x08 => Storage::U8(rest.to_vec()),
        // Hornblende has no signed bytes and no short integers; wider ones hold the same numbers.
        0x09 => Storage::I32(
            rest.iter()
                .map(|byte| i32::from(byte.cast_signed()))
                .collect(),
        ),
        0x0b => Storage::I32(elements(rest, |b| i32::from(i16::from_be_bytes(b)))),
        0x0c => Storage::I32(elements(rest, i32::from_be_bytes)),
        0x0d => Storage::F32(elements(rest, f32::from_be_bytes)),
        _ => Storage::F64(elements(rest, f64::from_be_bytes)),
    };
    Value::new(dims, storage)
}

fn elements<const SIZE: usize, T>(bytes: &[u8], element: fn([u8; SIZE]) -> T) -> Vec<T> {
    bytes
        .as_chunks::<SIZE>()
        .0
        .iter()
        .map(|chunk| element(*chunk))
        .collect()
}

fn refused(expected: String, got: String) -> Error {
    Error::format("idx", expected, got, "The file may be damaged or cut short")
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn every_type_is_read_big_endian() {
        let cases: [(u8, &[u8], f64); 6] = [
            (0x08, &[200], 200.0),
            (0x09, &[200], -56.0),
            (0x0b, &[0xff, 0xfe], -2.0),
            (0x0c, &[0, 0, 1, 0], 256.0),
            (0x0d, &[0x3f, 0xc0, 0, 0], 1.5),
            (0x0e, &[0xbf, 0xf8, 0, 0, 0, 0, 0, 0], -1.5),
        ];
        for (kind, element, expected) in cases {
            let bytes = [&[0, 0, kind, 1, 0, 0, 0, 1], element].concat();
            assert_eq!(from_bytes(&bytes, 100).unwrap().to_f64_vec(), [expected]);
        }
    }

    #[test]
    fn what_is_cut_or_promises_too_much_is_an_error() {
        let good = [0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 1, 7, 8];
        assert!(from_bytes(&good, 100).is_ok());
        for end in 0..good.len() {
            assert!(from_bytes(&good[..end], 100).is_err(), "cut at {end}");
        }
        let huge = [
            0, 0, 0x0e, 3, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
        ];
        assert!(from_bytes(&huge, 100).is_err());
        assert!(from_bytes(&[0, 0, 7, 0], 100).is_err());
    }

    #[test]
    fn compressed_files_are_read_up_to_the_limit() {
        let compressed = |bytes: &[u8]| {
            let mut encoder =
                flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        };
        let good = compressed(&[0, 0, 8, 1, 0, 0, 0, 2, 7, 8]);
        assert_eq!(from_bytes(&good, 100).unwrap().to_f64_vec(), [7.0, 8.0]);
        let error = from_bytes(&compressed(&[0; 9000]), 100)
            .unwrap_err()
            .to_string();
        assert!(error.contains("at most 100 bytes"), "{error}");
        assert!(from_bytes(&good[..good.len() - 9], 100).is_err());
    }
}
