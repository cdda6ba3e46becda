//! Comma-separated values: records of text fields, quoted where they need it (RFC 4180).

use std::io::BufRead;

use hornblende_core::{Error, Result};

/// More bytes than a record has unless a quote was never closed.
const LIMIT: usize = 1 << 24;

/// The records of a source of bytes, one after the other.
///
/// Fields may be quoted; a quoted one may hold separators, line breaks and doubled quotes. Lines without any
/// character are passed over. After an error there are no further records.
///
/// # Example
/// ```
/// use hornblende::formats::csv::Records;
/// let text = "name,note\n\"Lovelace, Ada\",\"said \"\"go\"\"\"\n";
/// let records = Records::new(text.as_bytes()).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(records[1], ["Lovelace, Ada", "said \"go\""]);
/// # Ok::<(), hornblende::Error>(())
/// ```
pub struct Records<'r> {
    reader: Box<dyn BufRead + Send + 'r>,
    name: String,
    separator: u8,
    /// The number of the last line that was read, counted from 1.
    line: usize,
    is_over: bool,
}

impl<'r> Records<'r> {
    /// The records of what a reader gives.
    pub fn new(reader: impl BufRead + Send + 'r) -> Self {
        Self {
            reader: Box::new(reader),
            name: "csv".to_owned(),
            separator: b',',
            line: 0,
            is_over: false,
        }
    }

    /// What errors call the source, such as the path of its file.
    #[must_use]
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.name = name.into();
        self
    }

    /// The byte between fields. A comma unless set.
    #[must_use]
    pub fn separator(mut self, separator: u8) -> Self {
        self.separator = separator;
        self
    }

    /// The number of the last line that was read, counted from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// The next record with any character in it.
    fn read_record(&mut self) -> Result<Option<Vec<String>>> {
        loop {
            let mut bytes = Vec::new();
            if !self.read_line(&mut bytes)? {
                return Ok(None);
            }
            let first_line = self.line;
            // Outside of quotes their number is even: doubled ones count twice.
            while bytes.iter().filter(|byte| **byte == b'"').count() % 2 == 1 {
                if bytes.len() > LIMIT || !self.read_line(&mut bytes)? {
                    let expected = format!("an end of the quotes in line {first_line}");
                    return Err(self.refused(expected, "none"));
                }
            }
            while bytes
                .last()
                .is_some_and(|byte| matches!(byte, b'\n' | b'\r'))
            {
                bytes.pop();
            }
            if !bytes.is_empty() {
                return self.fields(&bytes, first_line).map(Some);
            }
        }
    }

    /// Appends a line with its end; false if there is none.
    fn read_line(&mut self, bytes: &mut Vec<u8>) -> Result<bool> {
        let before = bytes.len();
        let mut limited = std::io::Read::take(&mut *self.reader, LIMIT as u64);
        limited.read_until(b'\n', bytes).map_err(|error| {
            let expected = format!("line {} to be read", self.line + 1);
            Error::io(&self.name, expected, error.to_string(), "")
        })?;
        if bytes.len() - before == LIMIT {
            return Err(self.refused("lines that end".to_owned(), "16 MiB without a line break"));
        }
        self.line += 1;
        Ok(bytes.len() > before)
    }

    fn fields(&self, bytes: &[u8], line: usize) -> Result<Vec<String>> {
        let mut fields = vec![Vec::new()];
        let mut in_quotes = false;
        let mut rest = bytes.iter().copied().peekable();
        while let Some(byte) = rest.next() {
            let Some(field) = fields.last_mut() else {
                break;
            };
            match byte {
                b'"' if in_quotes && rest.peek() == Some(&b'"') => {
                    rest.next();
                    field.push(byte);
                }
                b'"' => in_quotes = !in_quotes,
                _ if byte == self.separator && !in_quotes => fields.push(Vec::new()),
                _ => field.push(byte),
            }
        }
        let text = |field: Vec<u8>| {
            String::from_utf8(field)
                .map_err(|_| self.refused(format!("UTF-8 text in line {line}"), "other bytes"))
        };
        fields.into_iter().map(text).collect()
    }

    fn refused(&self, expected: String, got: &str) -> Error {
        Error::format(&self.name, expected, got, "")
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Vec<String>>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over {
            return None;
        }
        let record = self.read_record().transpose();
        self.is_over = !matches!(record, Some(Ok(_)));
        record
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records(text: &[u8]) -> Result<Vec<Vec<String>>> {
        Records::new(text).collect()
    }

    #[test]
    fn quotes_protect_separators_breaks_and_quotes() {
        let text = b"a,\"b\r\nc\",\"d,\"\"e\"\"\"\r\n\r\n,\"\",f\n";
        let expected = [vec!["a", "b\r\nc", "d,\"e\""], vec!["", "", "f"]];
        assert_eq!(records(text).unwrap(), expected);
        assert_eq!(records(b"").unwrap(), Vec::<Vec<String>>::new());
        assert_eq!(records(b"last").unwrap(), [["last"]]);
    }

    #[test]
    fn open_quotes_and_other_bytes_are_errors_that_name_the_line() {
        let error = records(b"a\nb\n\"c\nd\n").unwrap_err().to_string();
        assert!(error.contains("the quotes in line 3"), "{error}");
        let error = records(b"a\n\xff\n").unwrap_err().to_string();
        assert!(error.contains("UTF-8 text in line 2"), "{error}");
    }
}
