//! Readers of files, against files that Python wrote (`scripts/record_datasets.py`) and damaged ones.
#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use std::path::PathBuf;

use hornblende::data::{Csv, Dataset, Element};
use hornblende::{DType, Result};

fn recorded(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests/golden/data", name]
        .iter()
        .collect()
}

/// A file of these bytes that is gone with the returned folder.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder =
            std::env::temp_dir().join(format!("hornblende-readers-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let path = folder.join(name);
        std::fs::write(&path, bytes).unwrap();
        Self(path)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn elements(dataset: &Dataset) -> Vec<Element> {
    dataset.iter().collect::<Result<_>>().unwrap()
}

fn first_error(dataset: &Dataset) -> String {
    dataset.iter().find_map(Result::err).unwrap().to_string()
}

#[test]
fn the_arrays_of_numpy_are_rows_in_the_order_of_the_names() {
    let dataset = Dataset::npz(recorded("arrays.npz.bin"), ["x", "y"], 1 << 20);
    let rows = elements(&dataset);
    assert_eq!(rows.len(), 4);
    assert_eq!(rows[3].to_string(), "(float32 (3,), int64 ())");
    assert_eq!(rows[3][0].value().unwrap().to_f64_vec(), [9.0, 10.0, 11.0]);
    let error = first_error(&Dataset::npz(recorded("arrays.npz.bin"), ["z"], 1 << 20));
    assert!(error.contains("Known names: x, y"), "{error}");
    let error = first_error(&Dataset::npz(recorded("nowhere.npz"), ["x"], 1 << 20));
    assert!(error.contains("nowhere.npz: expected a file"), "{error}");
}

#[test]
fn a_csv_file_of_python_is_read_with_quotes_categories_and_missing_values() {
    let table = || {
        Csv::new(recorded("table.csv"))
            .columns(["height", "width"])
            .label("species")
            .categories("species", ["rose", "daisy"])
    };
    let dataset = Dataset::csv(table().missing_value(f64::NAN));
    let rows = elements(&dataset);
    let numbers = |row: usize| rows[row][0].value().unwrap().to_f64_vec();
    assert_eq!(numbers(0), [2.0, 1.5]);
    assert_eq!(numbers(1), [f64::from(1e-3f32), -3.0]);
    assert!(numbers(2)[1].is_nan());
    let labels: Vec<f64> = rows
        .iter()
        .map(|r| r[1].value().unwrap().get_f64(0))
        .collect();
    assert_eq!(labels, [1.0, 0.0, 1.0]);
    assert_eq!(rows[0].to_string(), "(float32 (2,), int64 ())");

    let error = first_error(&Dataset::csv(table()));
    // The second row stands on two lines.
    assert!(
        error.contains("a number in column \"width\" of line 5; got \"\""),
        "{error}"
    );
    let error = first_error(&Dataset::csv(table().columns(["depth"])));
    assert!(error.contains("column: expected"), "{error}");
}

#[test]
fn damaged_csv_files_are_errors_that_name_the_line() {
    let file = Scratch::new("damaged.csv", b"1;2\n3;4\n5\n");
    let csv = || {
        Csv::new(&file.0)
            .header(false)
            .separator(';')
            .label("1")
            .label_dtype(DType::I32)
    };
    let dataset = Dataset::csv(csv());
    assert_eq!(
        dataset.iter().next().unwrap().unwrap().to_string(),
        "(float32 (1,), int32 ())"
    );
    let error = first_error(&dataset);
    assert!(error.contains("2 fields in line 3; got 1"), "{error}");
    let error = first_error(&Dataset::csv(Csv::new(&file.0).header(false)));
    assert!(
        error.contains("a number in column \"0\" of line 1; got \"1;2\""),
        "{error}"
    );
    let empty = Scratch::new("empty.csv", b"");
    assert!(first_error(&Dataset::csv(&empty.0)).contains("an empty file"));
    assert!(first_error(&Dataset::csv("/nowhere.csv")).contains("a file"));
}

#[test]
fn compressed_images_and_lines_of_text_are_read() {
    let images = Dataset::idx(recorded("images.idx.gz"), 1 << 20);
    assert_eq!(
        elements(&images)[2].value().unwrap().to_f64_vec(),
        [8.0, 9.0, 10.0, 11.0]
    );

    let file = Scratch::new("lines.txt", "one\r\n\nthr\u{e9}e".as_bytes());
    let lines = Dataset::text_lines(&file.0);
    let lengths = lines.map(|line: String| Ok(line.chars().count() as i64));
    let lengths: Vec<f64> = elements(&lengths)
        .iter()
        .map(|e| e.value().unwrap().get_f64(0))
        .collect();
    assert_eq!(lengths, [3.0, 0.0, 5.0]);
    assert!(first_error(&Dataset::text_lines("/nowhere.txt")).contains("/nowhere.txt"));
}

#[test]
fn records_and_examples_of_tensorflow_are_read() {
    let examples = elements(&Dataset::tf_examples(recorded("examples.tfrecord")));
    assert_eq!(examples.len(), 3);
    let part = |name: &str| examples[2].get(name).unwrap().value().unwrap().clone();
    assert_eq!(part("label").as_slice::<i64>().unwrap(), [1]);
    assert_eq!(part("pixels").as_slice::<f32>().unwrap(), [2.0, 2.5]);
    assert_eq!(part("name").as_slice::<u8>().unwrap(), b"row 2");
    let labels = Dataset::tf_examples(recorded("examples.tfrecord")).map(|example: Element| {
        let label = example.get("label").cloned();
        label.ok_or_else(|| hornblende::Error::data("label", "one", "none", ""))
    });
    let batch = elements(&labels.batch(3)).remove(0);
    assert_eq!(batch.value().unwrap().to_f64_vec(), [-1.0, 0.0, 1.0]);

    let compressed = elements(&Dataset::tf_records(recorded("compressed.tfrecord.gz")));
    assert_eq!(
        compressed[0].value().unwrap().as_slice::<u8>().unwrap(),
        b"one"
    );
    assert_eq!(compressed[1].value().unwrap().len(), 0);
}

#[test]
fn every_damaged_record_file_is_an_error() {
    let whole = std::fs::read(recorded("examples.tfrecord")).unwrap();
    for place in (0..whole.len()).step_by(7) {
        let mut damaged = whole.clone();
        damaged[place] ^= 1;
        let file = Scratch::new("damaged.tfrecord", &damaged);
        assert!(
            Dataset::tf_examples(&file.0).iter().any(|e| e.is_err()),
            "changed at {place}"
        );
        let file = Scratch::new("cut.tfrecord", &whole[..whole.len() - 1 - place]);
        // Where a record ends, a cut cannot be told.
        let whole_records = [0, 86, 163];
        let is_cut = !whole_records.contains(&(whole.len() - 1 - place));
        assert_eq!(
            Dataset::tf_records(&file.0).iter().any(|e| e.is_err()),
            is_cut
        );
    }
    assert!(first_error(&Dataset::tf_records("/nowhere.tfrecord")).contains("/nowhere"));
}
