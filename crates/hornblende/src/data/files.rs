//! Datasets of files: NumPy arrays, lines of text.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use hornblende_core::{Error, Result, Value};

use super::{Dataset, Element};
use crate::formats::{idx, npy, npz};

/// More bytes than a line has unless the file is none of text.
const LONGEST_LINE: u64 = 1 << 24;

impl Dataset {
    /// The rows of the array in an `.npy` file.
    #[track_caller]
    #[must_use]
    pub fn npy(path: impl AsRef<Path>) -> Self {
        let array = read(path.as_ref()).and_then(|bytes| npy::from_bytes(&bytes));
        Self::checked(array.map(Self::from_tensor_slices))
    }

    /// The rows of arrays in an `.npz` file, as a tuple in the order of the names: `npz(path, ["x", "y"])`; the
    /// arrays may take `limit` bytes together.
    #[track_caller]
    #[must_use]
    pub fn npz<'n>(
        path: impl AsRef<Path>,
        names: impl IntoIterator<Item = &'n str>,
        limit: usize,
    ) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        Self::checked(arrays(path.as_ref(), &names, limit).map(Self::from_tensor_slices))
    }

    /// The rows of an IDX file, as the original MNIST files are, compressed with gzip or not; the array may take
    /// `limit` bytes. For images and labels, [`Dataset::zip`] two of them.
    #[track_caller]
    #[must_use]
    pub fn idx(path: impl AsRef<Path>, limit: usize) -> Self {
        let array = read(path.as_ref()).and_then(|bytes| idx::from_bytes(&bytes, limit));
        Self::checked(array.map(Self::from_tensor_slices))
    }

    /// The lines of a text file, without their ends. An element is a vector of the bytes of a line, which a
    /// function of `map` can take as a `String`.
    ///
    /// The file is read anew, line by line, in each pass.
    #[must_use]
    pub fn text_lines(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        Self::from_boxed(move || {
            let name = path.display().to_string();
            let file = fs::File::open(&path).map_err(|error| unreadable(&path, &error))?;
            let mut reader = BufReader::new(file);
            Ok(Box::new(std::iter::from_fn(move || {
                line(&mut reader, &name).transpose()
            })))
        })
    }
}

fn line(reader: &mut impl BufRead, name: &str) -> Result<Option<Element>> {
    let mut bytes = Vec::new();
    let read = reader
        .by_ref()
        .take(LONGEST_LINE)
        .read_until(b'\n', &mut bytes);
    let count = read.map_err(|error| Error::io(name, "a line", error.to_string(), ""))?;
    if count as u64 == LONGEST_LINE {
        return Err(Error::format(
            name,
            "lines of text",
            "16 MiB without an end",
            "",
        ));
    }
    for end in [b'\n', b'\r'] {
        bytes.pop_if(|last| *last == end);
    }
    match count {
        0 => Ok(None),
        _ => Ok(Some(Element::Tensor(Value::from_vec(
            [bytes.len()],
            bytes,
        )?))),
    }
}

fn arrays(path: &Path, names: &[&str], limit: usize) -> Result<Element> {
    let mut found = npz::from_bytes(&read(path)?, limit)?;
    let mut array = |name: &&str| {
        found.remove(*name).map(Element::Tensor).ok_or_else(|| {
            let known: Vec<&str> = found.keys().map(String::as_str).collect();
            Error::unknown("array", name, &known)
        })
    };
    Ok(Element::Tuple(
        names.iter().map(&mut array).collect::<Result<_>>()?,
    ))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| unreadable(path, &error))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::io(
        path.display().to_string(),
        "a file to read",
        error.to_string(),
        "",
    )
}
