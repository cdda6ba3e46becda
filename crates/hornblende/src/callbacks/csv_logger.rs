//! Writes the logs of each epoch to a file.

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::PathBuf;

use hornblende_core::{Error, Result};

use super::entry::Entry;
use super::python_number::repr;
use crate::config::Config;
use crate::training::{Callback, CallbackState, Flow, Logs, Run};

pub(super) const ENTRY: Entry = Entry {
    class_name: "CSVLogger",
    from_config: |config| {
        config.only("CSVLogger", &["filename", "separator", "append"])?;
        let logger = CSVLogger::new(config.text("filename")?.unwrap_or_default())
            .separator(&config.text("separator")?.unwrap_or_else(|| ",".to_owned()))
            .append(config.flag("append")?.unwrap_or(false));
        Ok(Box::new(logger))
    },
};

/// Writes the logs of each epoch as a line of a CSV file: `epoch`, then the logged names in sorted order.
///
/// The names are those of the first epoch; if none of them is a validation's, columns for them follow all the
/// same, because the validation may come later. What is not logged is `NA`. Lines end in `\r\n`, numbers are
/// as Python writes them. Each line reaches the file at once.
///
/// # Errors
/// In `fit`: [`Error::Io`] if the file cannot be opened or written.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
/// let mut model = Sequential::new().add(Dense::new(1).input_shape([1]));
/// model.compile(Compile::new().loss("mse"))?;
/// let (x, y) = (Tensor::from([[0.0f32]]), Tensor::from([[0.0f32]]));
/// let path = std::env::temp_dir().join(format!("hornblende-csv-logger-{}.csv", std::process::id()));
/// model.fit((&x, &y), Fit::new().epochs(2).verbose(0).callbacks(CSVLogger::new(&path)))?;
/// let text = std::fs::read_to_string(&path).expect("the file was written");
/// assert_eq!(text, "epoch,loss,val_loss\r\n0,0.0,NA\r\n1,0.0,NA\r\n");
/// # std::fs::remove_file(&path).ok();
/// # Ok::<(), Error>(())
/// ```
///
/// # Source
/// `keras.callbacks.CSVLogger`.
#[derive(Debug)]
pub struct CSVLogger {
    filename: PathBuf,
    separator: String,
    append: bool,
    file: Option<File>,
    names: Option<Vec<String>>,
    /// The length of the file before this run, and what the run has written behind it.
    begin: u64,
    written: String,
}

impl CSVLogger {
    /// A logger that writes a new file, over an old one.
    #[must_use]
    pub fn new(filename: impl Into<PathBuf>) -> Self {
        Self {
            filename: filename.into(),
            separator: ",".to_owned(),
            append: false,
            file: None,
            names: None,
            begin: 0,
            written: String::new(),
        }
    }

    /// What stands between the numbers. Default: `","`.
    #[must_use]
    pub fn separator(mut self, separator: &str) -> Self {
        separator.clone_into(&mut self.separator);
        self
    }

    /// Whether to go on behind what the file has already. Default: no.
    #[must_use]
    pub fn append(mut self, append: bool) -> Self {
        self.append = append;
        self
    }

    fn failed(&self, error: &std::io::Error) -> Error {
        Error::io(
            format!("CSVLogger: {}", self.filename.display()),
            "a file that can be written",
            error.to_string(),
            "",
        )
    }

    fn write(&mut self, text: &str) -> Result<()> {
        let written = match &mut self.file {
            Some(file) => file.write_all(text.as_bytes()).and_then(|()| file.flush()),
            None => Ok(()),
        };
        written.map_err(|error| self.failed(&error))?;
        self.written.push_str(text);
        Ok(())
    }

    /// Makes the file what it was when an interrupted run had written this.
    fn go_on(&mut self, begin: u64, written: &str) -> Result<()> {
        if let Some(file) = &mut self.file {
            let cut = file.set_len(begin);
            let at_end = cut.and_then(|()| file.seek(SeekFrom::End(0)));
            at_end.map_err(|error| self.failed(&error))?;
        }
        self.begin = begin;
        self.written.clear();
        self.write(written)
    }

    fn line(&self, cells: &[String]) -> String {
        let quoted = |cell: &String| {
            let special = cell.contains(['"', '\r', '\n']) || cell.contains(&self.separator);
            match special {
                true => format!("\"{}\"", cell.replace('"', "\"\"")),
                false => cell.clone(),
            }
        };
        let cells: Vec<String> = cells.iter().map(quoted).collect();
        cells.join(&self.separator) + "\r\n"
    }

    /// Settles the columns by the logs of the first epoch, and writes their names unless the file has some.
    fn begin(&mut self, logs: &Logs) -> Result<Vec<String>> {
        let mut names: Vec<String> = logs.names().map(str::to_owned).collect();
        names.sort();
        if !names.iter().any(|name| name.starts_with("val_")) {
            let of_validation: Vec<String> = names.iter().map(|n| format!("val_{n}")).collect();
            names.extend(of_validation);
        }
        let metadata = self.file.as_ref().map(File::metadata).transpose();
        let length = metadata.map_err(|error| self.failed(&error))?;
        if length.is_none_or(|metadata| metadata.len() == 0) {
            let cells: Vec<String> = ["epoch".to_owned()]
                .into_iter()
                .chain(names.clone())
                .collect();
            self.write(&self.line(&cells))?;
        }
        self.names = Some(names.clone());
        Ok(names)
    }
}

impl Callback for CSVLogger {
    fn class_name(&self) -> &'static str {
        ENTRY.class_name
    }

    fn get_state(&self) -> CallbackState {
        match &self.names {
            Some(names) => Config::new()
                .with("names", names.as_slice())
                .with("begin", self.begin)
                .with("written", self.written.as_str())
                .into(),
            None => CallbackState::default(),
        }
    }

    fn set_state(&mut self, state: &CallbackState) -> Result<()> {
        if let Some(names) = state.config.get("names").and_then(|names| names.as_array()) {
            let text = |name: &crate::config::Json| name.as_str().map(str::to_owned);
            self.names = names.iter().map(text).collect();
            let begin = state.config.size("begin")?.unwrap_or(0) as u64;
            self.go_on(begin, &state.config.text("written")?.unwrap_or_default())?;
        }
        Ok(())
    }

    fn on_train_begin(&mut self, _run: &mut Run<'_>) -> Result<Flow> {
        let mut options = OpenOptions::new();
        options.create(true).append(self.append);
        if !self.append {
            options.write(true).truncate(true);
        }
        let opened = options.open(&self.filename);
        let opened = opened.and_then(|file| Ok((file.metadata()?.len(), file)));
        let (begin, file) = opened.map_err(|error| self.failed(&error))?;
        self.file = Some(file);
        self.names = None;
        self.begin = begin;
        self.written.clear();
        Ok(Flow::Continue)
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, _run: &mut Run<'_>) -> Result<Flow> {
        let names = match self.names.clone() {
            Some(names) => names,
            None => self.begin(logs)?,
        };
        let cell = |name: &String| logs.get(name).map_or_else(|| "NA".to_owned(), repr);
        let cells: Vec<String> = [epoch.to_string()]
            .into_iter()
            .chain(names.iter().map(cell))
            .collect();
        self.write(&self.line(&cells))?;
        Ok(Flow::Continue)
    }

    fn on_train_end(&mut self, _logs: &Logs, _run: &mut Run<'_>) -> Result<Flow> {
        self.file = None;
        Ok(Flow::Continue)
    }
}
