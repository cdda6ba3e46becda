//! MNIST: 70,000 handwritten digits of 28 x 28 pixels.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use hornblende_core::{DType, Error, Result, Tensor, Value};

use super::cache::Cache;
use super::remote_file::RemoteFile;
use crate::formats::npz;

const URL: &str = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/mnist.npz";
const SHA256: &str = "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1";
const LEN: u64 = 11_490_434;

/// The file of Keras takes 11 MB, and 55 MB were it not compressed.
const LARGEST_FILE: u64 = 64 << 20;

const ARRAYS: [(&str, &[usize]); 4] = [
    ("x_train", &[60_000, 28, 28]),
    ("y_train", &[60_000]),
    ("x_test", &[10_000, 28, 28]),
    ("y_test", &[10_000]),
];

/// MNIST as `((x_train, y_train), (x_test, y_test))`.
///
/// `x` has shape `[60000, 28, 28]` (test: `[10000, 28, 28]`) and holds grey levels from 0 (paper)
/// to 255; `y` has shape `[60000]` (`[10000]`) and holds the digits 0 to 9. Both are
/// [`DType::U8`], as in Keras.
///
/// The file `mnist.npz` is looked for in `$HORNBLENDE_DATASETS`, then where Keras keeps it:
/// `$KERAS_HOME/datasets`, or `~/.keras/datasets`. A file found there is accepted by its contents.
/// If there is none and the crate is built with the feature `download`, Keras's file is downloaded
/// into that last folder, compared with its SHA-256, and only then given its name.
///
/// # Errors
/// [`Error::Io`] if there is no such file and it cannot be downloaded: the message says in one line
/// where to put it. [`Error::Format`] or [`Error::Data`] if a file is there, but is not MNIST.
///
/// # Example
/// ```no_run
/// use hornblende::prelude::*;
///
/// let ((x_train, y_train), (x_test, y_test)) = datasets::mnist::load_data()?;
/// let x_train = x_train.reshape([-1, 784]).cast(DType::F32) / 255.0;
/// # let _ = (x_train, y_train, x_test, y_test);
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn load_data() -> Result<((Tensor, Tensor), (Tensor, Tensor))> {
    let file = RemoteFile {
        name: "mnist.npz",
        url: URL.to_owned(),
        len: LEN,
        sha256: SHA256,
    };
    read(&file.obtain(&Cache::from_environment())?)
}

fn read(path: &Path) -> Result<((Tensor, Tensor), (Tensor, Tensor))> {
    let cannot = |error: std::io::Error| {
        let got = format!("{}: {error}", path.display());
        Error::io("mnist", "a file that can be read", got, "")
    };
    let advice = format!("Remove {}, or put {URL} there", path.display());
    let len = fs::metadata(path).map_err(cannot)?.len();
    if len > LARGEST_FILE {
        let got = format!("{len} bytes");
        return Err(Error::data(
            "mnist",
            format!("a file of about {LEN} bytes"),
            got,
            advice,
        ));
    }
    let bytes = fs::read(path).map_err(cannot)?;
    arrays(&bytes).map_err(|error| error.hint(&advice))
}

fn arrays(bytes: &[u8]) -> Result<((Tensor, Tensor), (Tensor, Tensor))> {
    let mut values = npz::from_bytes(bytes, LARGEST_FILE as usize)?;
    let [x_train, y_train, x_test, y_test] =
        ARRAYS.map(|(name, shape)| array(&mut values, name, shape));
    Ok(((x_train?, y_train?), (x_test?, y_test?)))
}

fn array(values: &mut BTreeMap<String, Value>, name: &str, shape: &[usize]) -> Result<Tensor> {
    let expected = || format!("{} bytes of shape {:?} named {name}", DType::U8, shape);
    let Some(value) = values.remove(name) else {
        let names: Vec<&str> = values.keys().map(String::as_str).collect();
        return Err(Error::data(
            "mnist",
            expected(),
            format!("only {}", names.join(", ")),
            "",
        ));
    };
    if value.dtype() != DType::U8 || value.shape().dims() != shape {
        let got = format!("{} of shape {}", value.dtype(), value.shape());
        return Err(Error::data("mnist", expected(), got, ""));
    }
    let is_label = |label: &u8| *label <= 9;
    if shape.len() == 1
        && !value
            .as_slice()
            .is_some_and(|labels| labels.iter().all(is_label))
    {
        return Err(Error::data(
            "mnist",
            format!("digits from 0 to 9 in {name}"),
            "others",
            "",
        ));
    }
    Ok(value.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(change: impl Fn(&mut Vec<(&'static str, Value)>)) -> Vec<u8> {
        let mut arrays: Vec<_> = ARRAYS
            .iter()
            .map(|(name, shape)| (*name, Value::zeros(*shape, DType::U8)))
            .collect();
        change(&mut arrays);
        let arrays: Vec<_> = arrays.iter().map(|(name, value)| (*name, value)).collect();
        npz::to_bytes(&arrays).unwrap()
    }

    #[test]
    fn a_file_with_the_right_arrays_is_accepted_whatever_its_hash() {
        let ((x_train, _), (_, y_test)) = arrays(&file(|_| {})).unwrap();
        assert_eq!(x_train.shape().dims(), [60_000, 28, 28]);
        assert_eq!(y_test.shape().dims(), [10_000]);
    }

    #[test]
    fn a_file_with_other_arrays_is_refused_with_what_is_in_it() {
        let message = |change: fn(&mut Vec<(&'static str, Value)>)| {
            arrays(&file(change)).unwrap_err().to_string()
        };
        assert!(message(|a| drop(a.remove(1))).contains("named y_train; got only x_test, y_test"));
        let float = message(|a| a[0].1 = Value::zeros([60_000, 28], DType::F32));
        assert!(
            float.contains("got float32 of shape (60000, 28)"),
            "{float}"
        );
        let labels = message(|a| a[3].1 = Value::full([10_000], DType::U8, 10.0));
        assert!(labels.contains("digits from 0 to 9 in y_test"), "{labels}");
    }

    #[test]
    fn a_file_that_is_no_archive_is_named_in_the_advice() {
        let path = std::env::temp_dir().join(format!("hornblende-mnist-{}", std::process::id()));
        fs::write(&path, "<html>not found</html>").unwrap();
        let error = read(&path).unwrap_err().to_string();
        fs::remove_file(&path).unwrap();
        assert!(
            error.contains(&format!("Remove {}", path.display())),
            "{error}"
        );
        assert!(!error.contains('\n'), "{error}");
    }

    #[test]
    fn the_real_file_holds_the_digits_that_everybody_knows() {
        let Some(path) = Cache::from_environment().find("mnist.npz") else {
            eprintln!("skipped: there is no mnist.npz on this machine");
            return;
        };
        let ((x_train, y_train), (_, y_test)) = read(&path).unwrap();
        assert_eq!(
            &y_train.to_vec::<u8>().unwrap()[..8],
            [5, 0, 4, 1, 9, 2, 1, 3]
        );
        assert_eq!(
            &y_test.to_vec::<u8>().unwrap()[..8],
            [7, 2, 1, 0, 4, 1, 4, 9]
        );
        let pixels = x_train.to_vec::<u8>().unwrap();
        let mean = pixels.iter().map(|&x| f64::from(x)).sum::<f64>() / pixels.len() as f64;
        // The mean that is used everywhere to normalise MNIST, 0.1307, has four digits.
        assert!((mean / 255.0 - 0.1307).abs() < 5e-5, "{mean}");
    }
}
