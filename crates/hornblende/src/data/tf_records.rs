//! Datasets of TensorFlow's record files.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use flate2::read::MultiGzDecoder;
use hornblende_core::{Error, Result, Value};

use super::{Dataset, Element};
use crate::formats::example::{self, Feature};
use crate::formats::tfrecord::Records;

impl Dataset {
    /// The records of a TFRecord file, as vectors of bytes; a file whose name ends in `.gz` is decompressed.
    ///
    /// The file is read anew, record by record, in each pass; checksums are verified.
    #[must_use]
    pub fn tf_records(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        Self::from_boxed(move || {
            let bytes =
                |record: Vec<u8>| Ok(Element::Tensor(Value::from_vec([record.len()], record)?));
            Ok(Box::new(records(&path)?.map(move |record| bytes(record?))))
        })
    }

    /// The records of a TFRecord file of `tf.train.Example`, as named parts in alphabetical order: vectors of
    /// `F32` or `I64`, or the bytes of a feature that is one string.
    ///
    /// The examples must have the same features; [`Dataset::map`] makes batches `(x, y)` of them.
    #[must_use]
    pub fn tf_examples(path: impl AsRef<Path>) -> Self {
        let path = path.as_ref().to_path_buf();
        Self::from_boxed(move || Ok(Box::new(records(&path)?.map(|record| element(&record?)))))
    }
}

fn records(path: &PathBuf) -> Result<Records<'static>> {
    let name = path.display().to_string();
    let file = File::open(path)
        .map_err(|error| Error::io(&name, "a file to read", error.to_string(), ""))?;
    let reader = BufReader::new(file);
    let records = match path.extension().is_some_and(|extension| extension == "gz") {
        true => Records::new(MultiGzDecoder::new(reader)),
        false => Records::new(reader),
    };
    Ok(records.name(name))
}

fn element(record: &[u8]) -> Result<Element> {
    let mut parts = Vec::new();
    for (name, feature) in example::from_bytes(record)? {
        let value = match feature {
            Feature::Floats(numbers) => Value::from_vec([numbers.len()], numbers)?,
            Feature::Ints(numbers) => Value::from_vec([numbers.len()], numbers)?,
            Feature::Bytes(mut strings) => match (strings.pop(), strings.len()) {
                (Some(only), 0) => Value::from_vec([only.len()], only)?,
                (last, count) => {
                    let count = count + usize::from(last.is_some());
                    return Err(Error::data(
                        "Dataset::tf_examples",
                        format!("one string in feature \"{name}\""),
                        count.to_string(),
                        "Take the records, and read them with formats::example",
                    ));
                }
            },
        };
        parts.push((name, Element::Tensor(value)));
    }
    Ok(Element::Named(parts))
}
