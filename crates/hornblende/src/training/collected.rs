//! The predictions of all batches.

use hornblende_core::{Error, Result, Shape, Tensor, Value};

/// The rows of the outputs of batch after batch, in arrays that grow where their size is not known.
pub(super) struct Collected {
    caller: &'static str,
    arrays: Vec<Value>,
    /// How many rows there are so far.
    rows: usize,
    /// How many rows there is room for.
    room: usize,
}

impl Collected {
    /// No rows yet, with room for as many as are expected.
    pub(super) fn new(caller: &'static str, expected: usize) -> Self {
        Self {
            caller,
            arrays: Vec::new(),
            rows: 0,
            room: expected,
        }
    }

    /// Adds the outputs of a batch of so many rows.
    pub(super) fn add(&mut self, outputs: &[Value], rows: usize) -> Result<()> {
        for (k, output) in outputs.iter().enumerate() {
            let alike = self.arrays.get(k).is_none_or(|array| {
                let same_rows = array.shape().dims().get(1..) == output.shape().dims().get(1..);
                same_rows && array.dtype() == output.dtype()
            });
            if output.shape().dims().first() != Some(&rows) || !alike {
                return Err(self.refused(self.arrays.get(k), output.shape(), rows));
            }
        }
        self.reserve(outputs, rows);
        for (array, output) in self.arrays.iter_mut().zip(outputs) {
            let first = self.rows * (output.len() / rows.max(1));
            let len = output.len();
            array.make_mut().copy_from(first, output.elements(), 0, len);
        }
        self.rows += rows;
        Ok(())
    }

    /// The arrays.
    pub(super) fn into_tensors(self) -> Result<Vec<Tensor>> {
        let whole = |array: Value| match self.rows == self.room {
            true => Ok(array.into()),
            false => Ok(array.rows(0, self.rows)?.into()),
        };
        self.arrays.into_iter().map(whole).collect()
    }

    /// Makes room for the outputs of so many more rows.
    fn reserve(&mut self, outputs: &[Value], rows: usize) {
        let needed = self.rows + rows;
        if self.arrays.is_empty() {
            self.room = self.room.max(needed);
            let empty =
                |output: &Value| Value::zeros(output.shape().with(0, self.room), output.dtype());
            self.arrays = outputs.iter().map(empty).collect();
        } else if needed > self.room {
            self.room = needed.max(2 * self.room);
            for array in &mut self.arrays {
                let mut larger = Value::zeros(array.shape().with(0, self.room), array.dtype());
                let len = array.len();
                larger.make_mut().copy_from(0, array.elements(), 0, len);
                *array = larger;
            }
        }
    }

    fn refused(&self, array: Option<&Value>, output: &Shape, rows: usize) -> Error {
        let expected = match array {
            Some(array) => {
                let like = array.shape().with(0, Shape::UNKNOWN);
                format!("outputs of shape {like}, as of the batches before")
            }
            None => "an output with a row for each sample".to_owned(),
        };
        let got = format!("shape {output} for a batch of {rows}");
        Error::shape_mismatch(self.caller, expected, got, "")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_kept_whether_their_number_was_expected_or_not() {
        let batch = |from: usize, rows: usize| {
            let numbers = (2 * from..2 * (from + rows)).map(|k| k as f32).collect();
            Value::from_vec([rows, 2], numbers).unwrap()
        };
        for expected in [0, 3, 7, 10] {
            let mut collected = Collected::new("predict", expected);
            collected.add(&[batch(0, 3)], 3).unwrap();
            collected.add(&[batch(3, 3)], 3).unwrap();
            collected.add(&[batch(6, 1)], 1).unwrap();
            let all = collected.into_tensors().unwrap().remove(0).eval().unwrap();
            assert_eq!(all, batch(0, 7), "expected {expected}");
        }
    }

    #[test]
    fn outputs_without_a_row_for_each_sample_are_refused() {
        let mut collected = Collected::new("predict", 4);
        let scalar = Value::scalar(1.0f32);
        let error = collected.add(&[scalar], 2).unwrap_err().to_string();
        assert!(error.contains("a row for each sample"), "{error}");
        collected
            .add(&[Value::zeros([2, 3], hornblende_core::DType::F32)], 2)
            .unwrap();
        let other = Value::zeros([2, 4], hornblende_core::DType::F32);
        assert!(collected.add(&[other], 2).is_err());
    }
}
