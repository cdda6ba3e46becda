//! TensorFlow's record files: a sequence of byte strings with checksums, as `.tfrecord` files and TensorBoard's
//! event files are.
//!
//! A record is its length (`u64`, little-endian), the masked CRC-32C of these eight bytes, its bytes, and
//! their masked CRC-32C.

use std::io::{ErrorKind, Read};

use hornblende_core::{Error, Result};

use super::crc32c::masked;

/// More bytes than a record has unless it is damaged or made to exhaust memory.
const LIMIT: u64 = 1 << 30;

/// The records of a file or another source of bytes, one after the other.
///
/// Both checksums of each record are verified, and memory is asked for as bytes come rather than as a length
/// promises. After an error there are no further records.
///
/// # Example
/// ```
/// use hornblende::formats::tfrecord::{Records, append};
/// let mut bytes = Vec::new();
/// append(&mut bytes, b"one");
/// append(&mut bytes, b"two");
/// let records = Records::new(&bytes[..]).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(records, [b"one", b"two"]);
/// assert!(Records::new(&bytes[..20]).nth(1).unwrap().is_err());
/// # Ok::<(), hornblende::Error>(())
/// ```
pub struct Records<'r> {
    reader: Box<dyn Read + Send + 'r>,
    name: String,
    limit: u64,
    /// How many records were read.
    count: u64,
    is_over: bool,
}

impl<'r> Records<'r> {
    /// The records of what a reader gives. Hand over a `BufReader` of a file.
    pub fn new(reader: impl Read + Send + 'r) -> Self {
        Self {
            reader: Box::new(reader),
            name: "tfrecord".to_owned(),
            limit: LIMIT,
            count: 0,
            is_over: false,
        }
    }

    /// What errors call the source, such as the path of its file. Default: `tfrecord`.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The most bytes that a record may have. Default: 1 GiB.
    #[must_use]
    pub fn limit(mut self, bytes: u64) -> Self {
        self.limit = bytes;
        self
    }

    /// The next record; `None` if the source ends before one begins.
    fn read_record(&mut self) -> Result<Option<Vec<u8>>> {
        let header = self.read_bytes(12)?;
        if header.is_empty() {
            return Ok(None);
        }
        let (length, sum) = self.whole(&header, 12)?.split_at(8);
        self.check(length, sum, "of its length")?;
        let length = length
            .iter()
            .rev()
            .fold(0, |n, byte| n << 8 | u64::from(*byte));
        if length > self.limit {
            let expected = format!("records of at most {} bytes", self.limit);
            let fix = "The file is no TFRecord file, or the limit is too low";
            return Err(self.damaged(expected, format!("one of {length}"), fix));
        }
        let mut bytes = self.read_bytes(length + 4)?;
        let (record, sum) = self.whole(&bytes, length + 4)?.split_at(length as usize);
        self.check(record, sum, "of its bytes")?;
        bytes.truncate(length as usize);
        Ok(Some(bytes))
    }

    /// So many bytes, or what is left of the source.
    fn read_bytes(&mut self, length: u64) -> Result<Vec<u8>> {
        let mut bytes = Vec::new();
        match self.reader.by_ref().take(length).read_to_end(&mut bytes) {
            Ok(_) => Ok(bytes),
            // A decoder of compressed bytes says so when they are damaged.
            Err(error) if error.kind() == ErrorKind::InvalidData => {
                Err(self.damaged("sound bytes".to_owned(), error.to_string(), ""))
            }
            Err(error) => {
                let expected = format!("record {} to be read", self.count);
                Err(Error::io(&self.name, expected, error.to_string(), ""))
            }
        }
    }

    fn whole<'b>(&self, bytes: &'b [u8], length: u64) -> Result<&'b [u8]> {
        if bytes.len() as u64 == length {
            return Ok(bytes);
        }
        let expected = format!("{length} more bytes in record {}", self.count);
        let got = format!("the end after {}", bytes.len());
        Err(self.damaged(expected, got, "The file was cut off"))
    }

    fn check(&self, bytes: &[u8], sum: &[u8], what: &str) -> Result<()> {
        if masked(bytes).to_le_bytes() == *sum {
            return Ok(());
        }
        let expected = format!("record {} to have the checksum {what}", self.count);
        let fix = "The file is damaged, compressed, or no TFRecord file";
        Err(self.damaged(expected, "another one".to_owned(), fix))
    }

    fn damaged(&self, expected: String, got: String, fix: &str) -> Error {
        Error::format(&self.name, expected, got, fix)
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<u8>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.read_record().transpose();
        self.count += 1;
        self.is_over = !matches!(record, Some(Ok(_)));
        record
    }
}

/// Appends a record to the bytes of a file.
pub fn append(bytes: &mut Vec<u8>, record: &[u8]) {
    let length = (record.len() as u64).to_le_bytes();
    bytes.extend(length);
    bytes.extend(masked(&length).to_le_bytes());
    bytes.extend(record);
    bytes.extend(masked(record).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_records() -> Vec<u8> {
        let mut bytes = Vec::new();
        append(&mut bytes, b"");
        append(&mut bytes, b"second");
        bytes
    }

    #[test]
    fn a_record_has_the_bytes_that_tensorflow_writes() {
        let mut bytes = Vec::new();
        append(&mut bytes, b"hello");
        // tf.io.TFRecordWriter, TensorFlow 2.21.
        let expected = [
            5, 0, 0, 0, 0, 0, 0, 0, 0xea, 0xb2, 0x04, 0x3e, b'h', b'e', b'l', b'l', b'o', 0xbb,
            0x1f, 0x1c, 0x19,
        ];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_an_error_and_the_last_item() {
        let bytes = two_records();
        for end in (0..bytes.len()).filter(|end| ![0, 16].contains(end)) {
            let records: Vec<_> = Records::new(&bytes[..end]).collect();
            assert!(records.last().unwrap().is_err(), "cut at {end}");
            assert!(records.len() <= 2);
        }
        for place in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[place] ^= 0x40;
            let records: Vec<_> = Records::new(&damaged[..]).collect();
            assert!(records.last().unwrap().is_err(), "changed at {place}");
        }
    }

    #[test]
    fn a_record_above_the_limit_is_refused_before_it_is_read() {
        let bytes = two_records();
        let mut records = Records::new(&bytes[..]).limit(5).name("some.tfrecord");
        assert!(records.next().unwrap().is_ok());
        let error = records.next().unwrap().unwrap_err().to_string();
        assert!(
            error.starts_with("some.tfrecord: expected records of at most 5 bytes"),
            "{error}"
        );
        assert!(records.next().is_none());
    }
}
