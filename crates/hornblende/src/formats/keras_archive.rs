//! Keras's `.keras` format: a zip archive of a description in JSON and weights in HDF5.

use std::io::{Cursor, Read, Write};

use hornblende_core::{Error, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";
const WEIGHTS: &str = "model.weights.h5";

/// Deflate turns one byte into at most this many; whoever declares more lies.
const LARGEST_EXPANSION: u64 = 1032;

/// A description is text that people could have written; a larger one is none.
const LARGEST_TEXT: u64 = 1 << 28;

/// The members of a `.keras` file, read one by one.
pub(crate) struct KerasArchive<'a> {
    archive: ZipArchive<Cursor<&'a [u8]>>,
    len: u64,
}

impl<'a> KerasArchive<'a> {
    /// The archive in the bytes of a file.
    ///
    /// # Errors
    /// [`Error::Format`] if they are none.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self> {
        let archive = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        let len = bytes.len() as u64;
        Ok(Self { archive, len })
    }

    /// The description of the model.
    ///
    /// # Errors
    /// [`Error::Format`] if it is missing, damaged or no text.
    pub(crate) fn config(&mut self) -> Result<String> {
        let bytes = self.member(CONFIG, LARGEST_TEXT)?;
        String::from_utf8(bytes).map_err(damaged)
    }

    /// The weights, which may take `limit` bytes.
    ///
    /// # Errors
    /// [`Error::Format`] if they are missing, damaged or larger.
    pub(crate) fn weights(&mut self, limit: usize) -> Result<Vec<u8>> {
        self.member(WEIGHTS, limit as u64)
    }

    /// A member whole; its checksum is compared at its end.
    fn member(&mut self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let mut member = self.archive.by_name(name).map_err(|error| {
            let got = format!("no \"{name}\" ({error})");
            wrong("an archive that Keras wrote", &got)
        })?;
        let (size, packed) = (member.size(), member.compressed_size());
        let can_be = packed <= self.len && size <= packed.saturating_mul(LARGEST_EXPANSION);
        if size > limit || !can_be {
            let got = format!("{size} bytes");
            return Err(wrong(&format!("at most {limit} bytes in \"{name}\""), &got));
        }
        let mut bytes = Vec::with_capacity(size as usize);
        let mut bounded = (&mut member).take(size + 1);
        bounded.read_to_end(&mut bytes).map_err(damaged)?;
        match bytes.len() as u64 == size {
            true => Ok(bytes),
            false => Err(wrong(&format!("{size} bytes in \"{name}\""), "others")),
        }
    }
}

/// The bytes of a `.keras` file.
///
/// # Errors
/// None in practice: writing to memory does not fail.
pub(crate) fn to_bytes(config: &str, metadata: &str, weights: &[u8]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let members = [
        (METADATA, metadata.as_bytes()),
        (CONFIG, config.as_bytes()),
        (WEIGHTS, weights),
    ];
    for (name, bytes) in members {
        archive
            .start_file(name, options)
            .and_then(|()| Ok(archive.write_all(bytes)?))
            .map_err(damaged)?;
    }
    Ok(archive.finish().map_err(damaged)?.into_inner())
}

fn damaged(error: impl std::fmt::Display) -> Error {
    wrong("a zip archive that Keras wrote", &error.to_string())
}

fn wrong(expected: &str, got: &str) -> Error {
    let fix = "The file may be damaged, cut short or of another kind";
    Error::format("keras file", expected, got, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_come_back_and_larger_ones_than_allowed_do_not() {
        let bytes = to_bytes("{\"a\": 1}", "{}", &[7; 100]).unwrap();
        let mut archive = KerasArchive::open(&bytes).unwrap();
        assert_eq!(archive.config().unwrap(), "{\"a\": 1}");
        assert_eq!(archive.weights(100).unwrap(), [7; 100]);
        let message = archive.weights(99).unwrap_err().to_string();
        assert!(message.contains("got 100 bytes"), "{message}");
    }

    #[test]
    fn a_changed_byte_of_a_member_fails_the_checksum() {
        let bytes = to_bytes("{}", "{}", &[7; 100]).unwrap();
        let at = bytes.windows(9).position(|w| w == [7; 9]).unwrap();
        let mut changed = bytes.clone();
        changed[at] = 8;
        assert!(KerasArchive::open(&changed).unwrap().weights(100).is_err());
        assert!(KerasArchive::open(b"none at all").is_err());
    }
}
