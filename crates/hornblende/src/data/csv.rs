//! Datasets of the rows of CSV files.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use hornblende_core::{DType, Error, Result, Value};

use super::{Dataset, Element};
use crate::formats::csv::Records;

/// The arguments of [`Dataset::csv`]; a path alone is a file with a header, all of whose columns are numbers.
///
/// # Example
/// ```no_run
/// use hornblende::data::{Csv, Dataset};
/// let flowers = Csv::new("iris.csv")
///     .label("species")
///     .categories("species", ["setosa", "versicolor", "virginica"]);
/// let dataset = Dataset::csv(flowers).shuffle(150).batch(32);
/// ```
#[derive(Debug, Clone)]
pub struct Csv {
    path: PathBuf,
    separator: char,
    header: bool,
    columns: Option<Vec<String>>,
    label: Option<String>,
    label_dtype: DType,
    categories: Vec<(String, Vec<String>)>,
    missing_value: Option<f64>,
}

impl Csv {
    /// The file at this path.
    #[must_use]
    pub fn new(path: impl AsRef<Path>) -> Self {
        Self {
            path: path.as_ref().to_path_buf(),
            separator: ',',
            header: true,
            columns: None,
            label: None,
            label_dtype: DType::F32,
            categories: Vec::new(),
            missing_value: None,
        }
    }

    /// What stands between fields. A comma unless set.
    #[must_use]
    pub fn separator(mut self, separator: char) -> Self {
        self.separator = separator;
        self
    }

    /// Whether the first record has the names of the columns. True unless set; without, they are "0", "1", ...
    #[must_use]
    pub fn header(mut self, header: bool) -> Self {
        self.header = header;
        self
    }

    /// The columns to read, in this order; all but the label unless set.
    #[must_use]
    pub fn columns<S: Into<String>>(mut self, columns: impl IntoIterator<Item = S>) -> Self {
        self.columns = Some(columns.into_iter().map(Into::into).collect());
        self
    }

    /// The column that is y: elements are `(x, y)` instead of x alone. Categories are `I64`, numbers `F32`.
    #[must_use]
    pub fn label(mut self, column: impl Into<String>) -> Self {
        self.label = Some(column.into());
        self
    }

    /// The type of a label that is a number.
    #[must_use]
    pub fn label_dtype(mut self, dtype: DType) -> Self {
        self.label_dtype = dtype;
        self
    }

    /// The texts of a column; each is read as its number in this list, counted from 0.
    #[must_use]
    pub fn categories<S: Into<String>>(
        mut self,
        column: impl Into<String>,
        texts: impl IntoIterator<Item = S>,
    ) -> Self {
        let texts = texts.into_iter().map(Into::into).collect();
        self.categories.push((column.into(), texts));
        self
    }

    /// What an empty field, `NA` or `?` is read as. Without it they are errors.
    #[must_use]
    pub fn missing_value(mut self, value: f64) -> Self {
        self.missing_value = Some(value);
        self
    }
}

impl<P: AsRef<Path>> From<P> for Csv {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

impl Dataset {
    /// The rows of a CSV file: x is a vector of `F32` with the columns of a row, y the label if there is one.
    ///
    /// The file is read anew, row by row, in each pass. What cannot be read is an error that names the line.
    #[must_use]
    pub fn csv(options: impl Into<Csv>) -> Self {
        let options = options.into();
        Self::from_boxed(move || {
            let rows = Rows::open(&options)?;
            Ok(Box::new(rows))
        })
    }
}

/// A column of the file as it is read.
struct Column {
    name: String,
    place: usize,
    categories: Option<Vec<String>>,
}

struct Rows {
    file: String,
    records: Records<'static>,
    first: Option<Vec<String>>,
    width: usize,
    x: Vec<Column>,
    y: Option<Column>,
    label_dtype: DType,
    missing_value: Option<f64>,
}

impl Rows {
    fn open(options: &Csv) -> Result<Self> {
        let file = options.path.display().to_string();
        let opened = File::open(&options.path)
            .map_err(|error| Error::io(&file, "a file", error.to_string(), ""))?;
        let separator = u8::try_from(options.separator)
            .ok()
            .filter(u8::is_ascii)
            .ok_or_else(|| {
                let got = format!("{:?}", options.separator);
                Error::invalid_argument("Csv::separator", "an ASCII character", got, "")
            })?;
        let records = Records::new(BufReader::new(opened)).name(&*file);
        let mut records = records.separator(separator);
        let Some(first) = records.next().transpose()? else {
            return Err(Error::format(
                &file,
                "at least one record",
                "an empty file",
                "",
            ));
        };
        let width = first.len();
        let (names, first) = match options.header {
            true => (
                first.iter().map(|name| name.trim().to_owned()).collect(),
                None,
            ),
            false => (
                (0..width).map(|k| k.to_string()).collect::<Vec<_>>(),
                Some(first),
            ),
        };
        let column = |name: &String| {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            let place = names.iter().position(|n| n == name);
            let categories = options.categories.iter().find(|(n, _)| n == name);
            Ok(Column {
                name: name.clone(),
                place: place.ok_or_else(|| Error::unknown("column", name, &known))?,
                categories: categories.map(|(_, texts)| texts.clone()),
            })
        };
        let features = names
            .iter()
            .filter(|name| Some(*name) != options.label.as_ref());
        let features: Vec<String> = match &options.columns {
            Some(columns) => columns.clone(),
            None => features.cloned().collect(),
        };
        for (name, _) in &options.categories {
            column(name)?;
        }
        Ok(Self {
            x: features.iter().map(column).collect::<Result<_>>()?,
            y: options.label.as_ref().map(column).transpose()?,
            file,
            records,
            first,
            width,
            label_dtype: options.label_dtype,
            missing_value: options.missing_value,
        })
    }

    fn row(&self, record: &[String]) -> Result<Element> {
        if record.len() != self.width {
            let expected = format!("{} fields in line {}", self.width, self.records.line());
            return Err(Error::format(
                &self.file,
                expected,
                record.len().to_string(),
                "",
            ));
        }
        let numbers = self
            .x
            .iter()
            .map(|column| Ok(self.number(column, record)? as f32));
        let numbers = numbers.collect::<Result<Vec<f32>>>()?;
        let x = Element::Tensor(Value::from_vec([numbers.len()], numbers)?);
        let Some(column) = &self.y else {
            return Ok(x);
        };
        let dtype = match column.categories {
            Some(_) => DType::I64,
            None => self.label_dtype,
        };
        let label = Value::full(
            hornblende_core::Shape::scalar(),
            dtype,
            self.number(column, record)?,
        );
        Ok(Element::Tuple(vec![x, Element::Tensor(label)]))
    }

    fn number(&self, column: &Column, record: &[String]) -> Result<f64> {
        let text = record[column.place].trim();
        let line = self.records.line();
        let name = &column.name;
        if let (Some(value), "" | "NA" | "?") = (self.missing_value, text) {
            return Ok(value);
        }
        let (expected, found) = match &column.categories {
            Some(texts) => {
                let found = texts.iter().position(|known| known == text);
                (
                    format!("one of {texts:?}"),
                    found.map(|number| number as f64),
                )
            }
            None => ("a number".to_owned(), text.parse().ok()),
        };
        found.ok_or_else(|| {
            let expected = format!("{expected} in column \"{name}\" of line {line}");
            let fix = match text {
                "" | "NA" | "?" => "Csv::missing_value says what stands for nothing",
                _ => "Csv::categories gives the texts of a column numbers",
            };
            Error::format(&self.file, expected, format!("\"{text}\""), fix)
        })
    }
}

impl Iterator for Rows {
    type Item = Result<Element>;

    fn next(&mut self) -> Option<Result<Element>> {
        let record = match self.first.take() {
            Some(first) => first,
            None => match self.records.next()? {
                Ok(record) => record,
                Err(error) => return Some(Err(error)),
            },
        };
        Some(self.row(&record))
    }
}
