//! Batches of tensors of different shapes.

use hornblende_core::{Error, Result, Shape, Storage, Value};

use super::recipe::{Elements, Item, Pass, Recipe};
use super::sources::above_zero;
use super::{Cardinality, Dataset, Element};

/// The arguments of [`Dataset::padded_batch`]; a number alone is the size.
#[derive(Debug, Clone)]
pub struct PaddedBatch {
    size: usize,
    drop_remainder: bool,
    shapes: Option<Vec<Shape>>,
    values: Option<Vec<f64>>,
}

impl PaddedBatch {
    /// Batches of this many elements, filled up with zeros to the largest of each batch.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            size,
            drop_remainder: false,
            shapes: None,
            values: None,
        }
    }

    /// Whether a last batch of fewer elements is left out. False unless set.
    #[must_use]
    pub fn drop_remainder(mut self, drop: bool) -> Self {
        self.drop_remainder = drop;
        self
    }

    /// The shape of each tensor of an element in the batch, without the batch's own axis, from the first to the
    /// last; [`Shape::UNKNOWN`] is the largest size of the batch.
    #[must_use]
    pub fn padded_shapes<S: Into<Shape>>(mut self, shapes: impl IntoIterator<Item = S>) -> Self {
        self.shapes = Some(shapes.into_iter().map(Into::into).collect());
        self
    }

    /// What each tensor of an element is filled up with. 0 unless set.
    #[must_use]
    pub fn padding_values(mut self, values: impl IntoIterator<Item = f64>) -> Self {
        self.values = Some(values.into_iter().collect());
        self
    }
}

impl From<usize> for PaddedBatch {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}

impl Dataset {
    /// Consecutive elements stacked along a new first axis, filled up where their tensors are smaller than
    /// others: `padded_batch(4)`, or [`PaddedBatch`] with its options.
    ///
    /// ```
    /// use hornblende::data::Dataset;
    /// let sentences = Dataset::from_generator(|| [vec![1i64], vec![2, 3, 4]]);
    /// let batch = sentences.padded_batch(2).iter().next().unwrap()?;
    /// assert_eq!(batch.value()?.to_f64_vec(), [1.0, 0.0, 0.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn padded_batch(&self, options: impl Into<PaddedBatch>) -> Self {
        let options = options.into();
        if options.size == 0 {
            return Self::invalid(above_zero("Dataset::padded_batch", "a size above 0"));
        }
        Self::new(PaddedBatches {
            input: self.clone(),
            options,
        })
    }
}

struct PaddedBatches {
    input: Dataset,
    options: PaddedBatch,
}

impl Recipe for PaddedBatches {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(PaddedBatchesPass {
            input: self.input.start(pass)?,
            options: self.options.clone(),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        let size = self.options.size;
        self.input
            .cardinality()
            .map(|count| match self.options.drop_remainder {
                true => count / size,
                false => count.div_ceil(size),
            })
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct PaddedBatchesPass {
    input: Box<dyn Elements>,
    options: PaddedBatch,
}

impl Elements for PaddedBatchesPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let mut elements = Vec::new();
        while elements.len() < self.options.size {
            match self.input.next()? {
                Some(item) => elements.push(item.into_element()?),
                None => break,
            }
        }
        let short = elements.len() < self.options.size;
        if elements.is_empty() || (short && self.options.drop_remainder) {
            return Ok(None);
        }
        Ok(Some(self.options.stack(&elements)?.into()))
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let size = self.options.size;
        let passed = self.input.skip(count.saturating_mul(size))?;
        Ok(match self.options.drop_remainder {
            true => passed / size,
            false => passed.div_ceil(size),
        })
    }
}

impl PaddedBatch {
    fn stack(&self, elements: &[Element]) -> Result<Element> {
        let first = &elements[0];
        let count = first.tensors().len();
        let lengths = [
            self.shapes.as_ref().map(Vec::len),
            self.values.as_ref().map(Vec::len),
        ];
        if lengths.into_iter().flatten().any(|length| length != count) {
            let expected =
                format!("padded_shapes and padding_values for {count} tensors, as {first} has");
            return Err(refused(expected, format!("for {lengths:?}")));
        }
        if let Some(other) = elements.iter().find(|other| !first.is_alike(other)) {
            return Err(refused(
                format!("elements like the first, {first}"),
                other.to_string(),
            ));
        }
        let columns: Vec<Vec<&Value>> = elements.iter().map(Element::tensors).collect();
        let mut place = 0;
        first.map_tensors(&mut |_| {
            let column: Vec<&Value> = columns.iter().map(|element| element[place]).collect();
            let shape = self.shapes.as_ref().map(|shapes| &shapes[place]);
            let value = self.values.as_ref().map_or(0.0, |values| values[place]);
            place += 1;
            padded(&column, shape, value)
        })
    }
}

/// The tensors stacked, each filled up to the shape.
fn padded(tensors: &[&Value], shape: Option<&Shape>, value: f64) -> Result<Value> {
    let first = tensors[0];
    let rank = first.shape().rank();
    if let Some(shape) = shape
        && shape.rank() != rank
    {
        let expected = format!(
            "tensors of {} axes for the padded shape {shape}",
            shape.rank()
        );
        return Err(refused(expected, first.shape().to_string()));
    }
    let mut sizes = vec![0; rank];
    for tensor in tensors {
        if tensor.shape().rank() != rank || tensor.dtype() != first.dtype() {
            let expected = format!(
                "tensors like the first, {} {}",
                first.dtype(),
                first.shape()
            );
            let got = format!("{} {}", tensor.dtype(), tensor.shape());
            return Err(refused(expected, got));
        }
        for (size, own) in sizes.iter_mut().zip(tensor.shape().dims()) {
            *size = (*size).max(*own);
        }
    }
    for (size, wanted) in sizes.iter_mut().zip(shape.map_or(&[][..], Shape::dims)) {
        if *wanted != Shape::UNKNOWN {
            if *size > *wanted {
                let expected = format!("tensors that fit in {wanted}, as padded_shapes says");
                return Err(refused(expected, size.to_string()));
            }
            *size = *wanted;
        }
    }
    let dims = [&[tensors.len()], &sizes[..]].concat();
    let mut batch = Value::full(dims, first.dtype(), value);
    let width: usize = sizes.iter().product();
    let storage = batch.make_mut();
    for (row, tensor) in tensors.iter().enumerate() {
        place(storage, row * width, &sizes, tensor);
    }
    Ok(batch)
}

/// Copies the tensor into the corner of the block of these sizes that begins at `at`, row by row.
fn place(storage: &mut Storage, at: usize, sizes: &[usize], tensor: &Value) {
    let dims = tensor.shape().dims();
    let Some((&row, leading)) = dims.split_last() else {
        storage.copy_from(at, tensor.elements(), 0, 1);
        return;
    };
    let rows: usize = leading.iter().product();
    for number in 0..rows {
        let (mut rest, mut offset, mut stride) = (number, 0, sizes[leading.len()]);
        for axis in (0..leading.len()).rev() {
            offset += (rest % leading[axis]) * stride;
            rest /= leading[axis];
            stride *= sizes[axis];
        }
        storage.copy_from(at + offset, tensor.elements(), number * row, row);
    }
}

fn refused(expected: String, got: String) -> Error {
    Error::data("Dataset::padded_batch", expected, got, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_stands_in_the_corner_of_a_larger_one() {
        let small = Value::from_vec([1, 2], vec![1i32, 2]).unwrap();
        let tall = Value::from_vec([2, 1], vec![3i32, 4]).unwrap();
        let batch = padded(&[&small, &tall], None, 9.0).unwrap();
        assert_eq!(batch.shape().dims(), [2, 2, 2]);
        assert_eq!(batch.to_f64_vec(), [1.0, 2.0, 9.0, 9.0, 3.0, 9.0, 4.0, 9.0]);
        let shape = Shape::from([2, Shape::UNKNOWN]);
        let wide = padded(&[&small], Some(&shape), 0.0).unwrap();
        assert_eq!(wide.to_f64_vec(), [1.0, 2.0, 0.0, 0.0]);
        let shape = Shape::from([1, 1]);
        let error = padded(&[&small], Some(&shape), 0.0)
            .unwrap_err()
            .to_string();
        assert!(error.contains("fit in 1"), "{error}");
    }
}
