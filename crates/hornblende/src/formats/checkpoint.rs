//! A file of named values that notices when a single bit of it has changed.

use std::collections::BTreeMap;
use std::path::Path;

use hornblende_core::{DType, Error, Result, Value};
use serde_json::{Value as Json, json};
use sha2::{Digest, Sha256};

use super::{atomic_file, element_bytes};

/// How every checkpoint begins; the last byte but one is the version of the format.
const MAGIC: &[u8; 8] = b"HBCKPT\x01\n";
const SEAL: usize = 32;

/// Named values and a description in JSON, as one file with a SHA-256 over all of it.
///
/// The file is: eight bytes that name the format, the length of the head as a 64-bit number, the head in
/// JSON (`metadata`, and for each value its name, type and shape), the elements of the values in that order,
/// little-endian, and the SHA-256 of everything before it.
///
/// # Example
/// ```
/// use hornblende::Value;
/// use hornblende::formats::Checkpoint;
///
/// let mut checkpoint = Checkpoint::new();
/// checkpoint.set("weights", Value::from_vec([2], vec![1.0f32, 2.0])?);
/// checkpoint.metadata.insert("epoch".into(), 3.into());
/// let mut bytes = checkpoint.to_bytes();
/// assert_eq!(Checkpoint::from_bytes(&bytes)?, checkpoint);
///
/// bytes[40] ^= 1;
/// assert!(Checkpoint::from_bytes(&bytes).is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Checkpoint {
    /// What describes the values. Numbers that must come back bit for bit belong into values.
    pub metadata: serde_json::Map<String, Json>,
    values: BTreeMap<String, Value>,
}

impl Checkpoint {
    /// One without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the value of a name; its elements are shared, not copied.
    pub fn set(&mut self, name: impl Into<String>, value: Value) {
        self.values.insert(name.into(), value);
    }

    /// The value of a name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.values.get(name)
    }

    /// Names and values, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.values.iter().map(|(name, value)| (&**name, value))
    }

    /// The bytes of the file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let entry = |(name, value): (&String, &Value)| {
            let dims = value.shape().dims();
            json!({"name": name, "dtype": value.dtype().name(), "shape": dims})
        };
        let entries: Vec<Json> = self.values.iter().map(entry).collect();
        let head = json!({"metadata": self.metadata, "values": entries}).to_string();
        let size = |value: &Value| value.len() * value.dtype().size();
        let elements: usize = self.values.values().map(size).sum();
        let mut bytes = Vec::with_capacity(MAGIC.len() + 8 + head.len() + elements + SEAL);
        bytes.extend_from_slice(MAGIC);
        bytes.extend((head.len() as u64).to_le_bytes());
        bytes.extend_from_slice(head.as_bytes());
        for value in self.values.values() {
            element_bytes::append(&mut bytes, value);
        }
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal);
        bytes
    }

    /// What [`Checkpoint::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`Error::Format`] if a byte is missing or has changed, or if the bytes are no checkpoint. Sizes are
    /// compared with the bytes that are there before memory is asked for.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        if !bytes.starts_with(MAGIC) {
            let got = format!("\"{}\"", bytes[..bytes.len().min(8)].escape_ascii());
            return Err(damaged("a file that begins as checkpoints do", got));
        }
        let end = bytes.len().saturating_sub(SEAL);
        let (content, seal) = bytes.split_at(end);
        if content.len() < MAGIC.len() + 8 || Sha256::digest(content)[..] != *seal {
            let got = "bytes that are not those that were written";
            return Err(damaged("content that agrees with its SHA-256", got));
        }
        Self::of_content(&content[MAGIC.len()..])
    }

    /// Writes the file; see [`atomic_file::replace`] for what a failure leaves.
    pub(crate) fn write(&self, path: &Path, previous: &Path) -> Result<()> {
        atomic_file::replace_keeping(path, previous, &self.to_bytes())
    }

    /// Length and text of the head, then the elements.
    fn of_content(content: &[u8]) -> Result<Self> {
        let (len, rest) = content.split_first_chunk().ok_or_else(cut_short)?;
        let len = usize::try_from(u64::from_le_bytes(*len)).map_err(|_| cut_short())?;
        let (head, mut elements) = rest.split_at_checked(len).ok_or_else(cut_short)?;
        let head: Json = serde_json::from_slice(head)
            .map_err(|error| damaged("a head in JSON", error.to_string()))?;
        let mut checkpoint = Self::new();
        if let Some(metadata) = head["metadata"].as_object() {
            checkpoint.metadata = metadata.clone();
        }
        for entry in head["values"].as_array().into_iter().flatten() {
            let (name, dtype, shape) = described(entry)?;
            let len = element_bytes::byte_len(&shape, dtype).ok_or_else(cut_short)?;
            let (own, rest) = elements.split_at_checked(len).ok_or_else(cut_short)?;
            checkpoint.set(name, element_bytes::value(&shape, dtype, own)?);
            elements = rest;
        }
        match elements.len() {
            0 => Ok(checkpoint),
            n => Err(damaged("nothing behind the values", format!("{n} bytes"))),
        }
    }
}

/// Name, type and shape of a value.
fn described(entry: &Json) -> Result<(&str, DType, Vec<usize>)> {
    let size = |size: &Json| size.as_u64().and_then(|n| usize::try_from(n).ok());
    let parts = || {
        let dtype = DType::from_name(entry["dtype"].as_str()?)?;
        let shape: Option<Vec<usize>> = entry["shape"].as_array()?.iter().map(size).collect();
        Some((entry["name"].as_str()?, dtype, shape?))
    };
    parts().ok_or_else(|| damaged("a name, a type and a shape", entry.to_string()))
}

fn cut_short() -> Error {
    damaged("the bytes that the head describes", "fewer")
}

fn damaged(expected: &str, got: impl Into<String>) -> Error {
    let fix = "The file is damaged, cut short or no checkpoint";
    Error::format("checkpoint", expected, got, fix)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Checkpoint {
        let mut checkpoint = Checkpoint::new();
        checkpoint.metadata.insert("epoch".to_owned(), 7.into());
        checkpoint.set(
            "a",
            Value::from_vec([2, 1], vec![1.5f32, f32::NAN]).unwrap(),
        );
        checkpoint.set("b/0", Value::scalar(-7i64));
        checkpoint.set("empty", Value::zeros([0, 3], DType::F64));
        checkpoint
    }

    #[test]
    fn any_flipped_bit_of_any_byte_is_noticed() {
        let bytes = small().to_bytes();
        assert_eq!(Checkpoint::from_bytes(&bytes).unwrap(), small());
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut changed = bytes.clone();
                changed[at] ^= 1 << bit;
                assert!(
                    Checkpoint::from_bytes(&changed).is_err(),
                    "byte {at} bit {bit}"
                );
            }
        }
    }

    #[test]
    fn any_missing_or_additional_end_is_noticed() {
        let bytes = small().to_bytes();
        for len in 0..bytes.len() {
            assert!(
                Checkpoint::from_bytes(&bytes[..len]).is_err(),
                "{len} bytes"
            );
        }
        let longer = [&bytes[..], b"\0"].concat();
        assert!(Checkpoint::from_bytes(&longer).is_err());
    }

    /// A file whose seal is right and whose head is anything.
    fn sealed(head: &str) -> Vec<u8> {
        let mut bytes = MAGIC.to_vec();
        bytes.extend((head.len() as u64).to_le_bytes());
        bytes.extend_from_slice(head.as_bytes());
        let seal = Sha256::digest(&bytes);
        bytes.extend_from_slice(&seal);
        bytes
    }

    #[test]
    fn a_head_that_promises_what_is_not_there_is_refused_before_memory_is_asked_for() {
        let huge =
            r#"{"values": [{"name": "x", "dtype": "float32", "shape": [4611686018427387904]}]}"#;
        let many = r#"{"values": [{"name": "x", "dtype": "uint8", "shape": [1099511627776]}]}"#;
        let negative = r#"{"values": [{"name": "x", "dtype": "uint8", "shape": [-1]}]}"#;
        let unknown = r#"{"values": [{"name": "x", "dtype": "object", "shape": [1]}]}"#;
        for head in [huge, many, negative, unknown, "[", ""] {
            let error = Checkpoint::from_bytes(&sealed(head)).unwrap_err();
            assert!(matches!(error, Error::Format(_)), "{head}: {error}");
        }
        assert_eq!(
            Checkpoint::from_bytes(&sealed("{}")).unwrap(),
            Checkpoint::new()
        );
    }
}
