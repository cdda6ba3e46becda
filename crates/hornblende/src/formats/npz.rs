//! NumPy's `.npz` format: a zip archive of `.npy` files.

use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};

use hornblende_core::{Error, Result, Value};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use super::npy;

/// The end of the name of every member that holds an array.
const SUFFIX: &str = ".npy";

/// Deflate turns one byte into at most this many; whoever declares more lies.
const LARGEST_EXPANSION: u64 = 1032;

/// The arrays in the bytes of a `.npz` file, by name; members that are no arrays are left out.
///
/// All arrays together may take at most `limit` bytes. Before memory for an array is asked for, its
/// declared size is compared with that limit, with its shape, and with what its compressed bytes
/// can hold. Checksums are verified.
///
/// # Errors
/// [`Error::Format`] if the bytes are no such file, are damaged, or hold too much.
///
/// # Example
/// ```
/// use hornblende::Value;
/// use hornblende::formats::npz;
///
/// let x = Value::from_vec([2], vec![1.0f32, 2.0])?;
/// let bytes = npz::to_bytes(&[("x", &x)])?;
/// assert_eq!(npz::from_bytes(&bytes, 1 << 20)?["x"], x);
/// assert!(npz::from_bytes(&bytes, 100).is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn from_bytes(bytes: &[u8], limit: usize) -> Result<BTreeMap<String, Value>> {
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(|error| damaged("npz", error))?;
    let mut values = BTreeMap::new();
    let mut left = limit as u64;
    for index in 0..archive.len() {
        let mut member = archive
            .by_index(index)
            .map_err(|error| damaged("npz", error))?;
        let name = member
            .name()
            .map_err(|error| damaged("npz", error))?
            .into_owned();
        let Some(key) = name.strip_suffix(SUFFIX) else {
            continue;
        };
        let (size, packed) = (member.size(), member.compressed_size());
        if size > left {
            let expected = format!("arrays of at most {limit} bytes together");
            let got = format!("\"{name}\" of {size} bytes, with {left} left");
            return Err(Error::format("npz", expected, got, ""));
        }
        if packed > bytes.len() as u64 || size > packed.saturating_mul(LARGEST_EXPANSION) {
            let got = format!("\"{name}\" of {size} bytes in {packed} compressed ones");
            let fix = "The file is damaged or made to exhaust memory";
            return Err(Error::format("npz", "sizes that can be", got, fix));
        }
        left -= size;
        values.insert(
            key.to_owned(),
            read_member(&mut member, &name, size as usize)?,
        );
    }
    Ok(values)
}

/// The bytes of a `.npz` file with these arrays, not compressed, as `numpy.savez` writes it.
///
/// # Errors
/// [`Error::Format`] if two arrays have the same name, or one has a type that NumPy does not have.
pub fn to_bytes(values: &[(&str, &Value)]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    for (name, value) in values {
        let bytes = npy::to_bytes(value)?;
        archive
            .start_file(format!("{name}{SUFFIX}"), options)
            .and_then(|()| Ok(archive.write_all(&bytes)?))
            .map_err(|error| {
                Error::format("npz", "arrays of different names", error.to_string(), "")
            })?;
    }
    let file = archive
        .finish()
        .map_err(|error| Error::format("npz", "an archive", error.to_string(), ""))?;
    Ok(file.into_inner())
}

fn read_member(member: &mut dyn Read, name: &str, size: usize) -> Result<Value> {
    let value = npy::read(member, size).map_err(|error| error.hint(&format!("(in \"{name}\")")))?;
    // The checksum is compared when the end is reached, and there must be nothing before it.
    match member.read(&mut [0]) {
        Ok(0) => Ok(value),
        Ok(_) => {
            let got = "more".to_owned();
            let expected = format!("{size} bytes in \"{name}\", as declared");
            Err(Error::format("npz", expected, got, "The file is damaged"))
        }
        Err(error) => Err(damaged(&format!("npz \"{name}\""), error)),
    }
}

fn damaged(subject: &str, error: impl std::fmt::Display) -> Error {
    let expected = "a zip archive of .npy files, as numpy.savez writes it";
    Error::format(
        subject,
        expected,
        error.to_string(),
        "The file may be damaged or cut short",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMIT: usize = 1 << 20;

    fn archive(members: &[(&str, &[u8])], method: CompressionMethod) -> Vec<u8> {
        let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in members {
            let options = SimpleFileOptions::default().compression_method(method);
            archive.start_file(*name, options).unwrap();
            archive.write_all(bytes).unwrap();
        }
        archive.finish().unwrap().into_inner()
    }

    #[test]
    fn arrays_come_back_by_name_stored_or_compressed() {
        let x = Value::from_vec([2, 3], vec![0.0f32, -1.0, 2.5, 3.0, 1e-40, f32::MAX]).unwrap();
        let y = Value::from_vec([2], vec![7i64, -7]).unwrap();
        let stored = to_bytes(&[("x", &x), ("layer/y", &y)]).unwrap();
        let members: [(&str, &[u8]); 3] = [
            ("x.npy", &npy::to_bytes(&x).unwrap()),
            ("layer/y.npy", &npy::to_bytes(&y).unwrap()),
            ("readme.txt", b"not an array"),
        ];
        for bytes in [stored, archive(&members, CompressionMethod::Deflated)] {
            let values = from_bytes(&bytes, LIMIT).unwrap();
            assert_eq!(values.keys().collect::<Vec<_>>(), ["layer/y", "x"]);
            assert_eq!((&values["x"], &values["layer/y"]), (&x, &y));
        }
    }

    #[test]
    fn more_than_the_limit_is_refused_even_if_each_array_is_below_it() {
        let half = Value::zeros([500], hornblende_core::DType::U8);
        let bytes = to_bytes(&[("a", &half), ("b", &half)]).unwrap();
        assert!(from_bytes(&bytes, 2000).is_ok());
        let error = from_bytes(&bytes, 1200).unwrap_err().to_string();
        assert!(
            error.contains("at most 1200 bytes together; got \"b.npy\" of 628"),
            "{error}"
        );
    }

    #[test]
    fn a_changed_element_fails_the_checksum() {
        let x = Value::from_vec([4], vec![1u8, 2, 3, 4]).unwrap();
        let mut bytes = to_bytes(&[("x", &x)]).unwrap();
        let at = bytes.windows(4).position(|w| w == [1, 2, 3, 4]).unwrap();
        bytes[at] = 9;
        let error = from_bytes(&bytes, LIMIT).unwrap_err().to_string();
        assert!(error.to_lowercase().contains("checksum"), "{error}");
    }

    #[test]
    fn a_declared_size_that_deflate_cannot_reach_is_refused() {
        let x = Value::zeros([1000], hornblende_core::DType::U8);
        let file = npy::to_bytes(&x).unwrap();
        let mut bytes = archive(&[("x.npy", &file)], CompressionMethod::Deflated);
        // The size stands twice, in the member's header and in the directory.
        let size = (file.len() as u32).to_le_bytes();
        while let Some(at) = bytes.windows(4).position(|w| w == size) {
            bytes[at..at + 4].copy_from_slice(&0x7fff_ffff_u32.to_le_bytes());
        }
        let error = from_bytes(&bytes, usize::MAX).unwrap_err().to_string();
        assert!(error.contains("made to exhaust memory"), "{error}");
    }

    #[test]
    fn an_error_in_a_member_names_it() {
        let bytes = archive(&[("x.npy", b"no array at all")], CompressionMethod::Stored);
        let error = from_bytes(&bytes, LIMIT).unwrap_err().to_string();
        assert!(error.contains("(in \"x.npy\")"), "{error}");
        assert!(from_bytes(b"no archive at all", LIMIT).is_err());
    }

    #[test]
    fn two_arrays_of_one_name_cannot_be_written() {
        let x = Value::scalar(1.0f32);
        assert!(to_bytes(&[("x", &x), ("x", &x)]).is_err());
    }
}
