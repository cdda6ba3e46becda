//! What the command line asks for.

use std::str::FromStr;

use hornblende::prelude::*;

pub(crate) const HELP: &str = "\
Trains a small network on handwritten digits, evaluates it and predicts.

Options:
  --dataset digits|mnist  digits (default): 8 x 8 pixels, part of the crate;
                          mnist: 28 x 28 pixels, from $HORNBLENDE_DATASETS, from
                          Keras's cache, or downloaded (feature `download`)
  --epochs N              how often all samples are seen (40; mnist: 2)
  --batch-size N          samples a step (32; mnist: 64)
  --seed N                same seed, same numbers (1)
  -h, --help              this text
";

/// Where the digits come from.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Dataset {
    Digits,
    Mnist,
}

/// What the command line asks for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) dataset: Dataset,
    pub(crate) epochs: usize,
    pub(crate) batch_size: usize,
    pub(crate) seed: u64,
}

impl Options {
    /// Reads `--name value` and `--name=value`; `None` if help is asked for.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Option<Self>> {
        let (mut dataset, mut epochs, mut batch_size, mut seed) = (Dataset::Digits, None, None, 1);
        let mut words = words;
        while let Some(word) = words.next() {
            let (name, inline) = match word.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.as_str(), None),
            };
            let mut value = || inline.clone().or_else(|| words.next());
            match name {
                "-h" | "--help" => return Ok(None),
                "--dataset" => dataset = named(value())?,
                "--epochs" => epochs = Some(number(name, value())?),
                "--batch-size" => batch_size = Some(number(name, value())?),
                "--seed" => seed = number(name, value())?,
                _ => return Err(unknown(name)),
            }
        }
        let (usual_epochs, usual_batch_size) = match dataset {
            Dataset::Digits => (40, 32),
            Dataset::Mnist => (2, 64),
        };
        Ok(Some(Self {
            dataset,
            epochs: epochs.unwrap_or(usual_epochs),
            batch_size: batch_size.unwrap_or(usual_batch_size),
            seed,
        }))
    }
}

fn named(value: Option<String>) -> Result<Dataset> {
    match value.as_deref() {
        Some("digits") => Ok(Dataset::Digits),
        Some("mnist") => Ok(Dataset::Mnist),
        other => Err(Error::unknown(
            "dataset",
            other.unwrap_or_default(),
            &["digits", "mnist"],
        )),
    }
}

fn number<T: FromStr>(name: &str, value: Option<String>) -> Result<T> {
    let got = value.unwrap_or_else(|| "nothing".to_owned());
    got.parse()
        .map_err(|_| Error::invalid_argument(name, "a whole number, 0 or more", &*got, ""))
}

fn unknown(name: &str) -> Error {
    let known = ["--dataset", "--epochs", "--batch-size", "--seed", "--help"];
    Error::unknown("option", name, &known)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Option<Options>> {
        Options::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn each_dataset_has_defaults_that_can_be_overridden() {
        let digits = parse("").unwrap().unwrap();
        assert_eq!(digits.dataset, Dataset::Digits);
        let mnist = parse("--epochs=5 --dataset mnist").unwrap().unwrap();
        assert_eq!(
            (mnist.dataset, mnist.epochs, mnist.batch_size),
            (Dataset::Mnist, 5, 64)
        );
        let given = parse("--seed 7 --batch-size 9 --epochs 1")
            .unwrap()
            .unwrap();
        assert_eq!((given.seed, given.batch_size, given.epochs), (7, 9, 1));
        assert!(parse("--seed 7 --help").unwrap().is_none());
    }

    #[test]
    fn mistakes_are_explained() {
        let cases = [
            ("--epoch 3", "Did you mean \"--epochs\"?"),
            ("--dataset mnits", "Did you mean \"mnist\"?"),
            ("--dataset", "Known names: digits, mnist"),
            (
                "--epochs many",
                "--epochs: expected a whole number, 0 or more; got many.",
            ),
            (
                "--seed",
                "--seed: expected a whole number, 0 or more; got nothing.",
            ),
            ("--batch-size -1", "got -1."),
            ("5", "got \"5\""),
        ];
        for (line, message) in cases {
            let error = parse(line).unwrap_err().to_string();
            assert!(error.contains(message), "{line}: {error}");
        }
    }
}
