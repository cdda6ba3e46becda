//! Batches of equal elements.

use std::sync::Arc;

use hornblende_core::{Error, Result, Value};

use super::recipe::{Elements, Item, Pass, Recipe};
use super::sources::above_zero;
use super::{Cardinality, Dataset, Element};

/// The arguments of [`Dataset::batch`]; a number alone is the size.
///
/// # Example
/// ```
/// use hornblende::data::{Batch, Dataset};
/// let whole = Dataset::range(0..10).batch(Batch::new(4).drop_remainder(true));
/// assert_eq!(whole.iter().count(), 2);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Batch {
    size: usize,
    drop_remainder: bool,
}

impl Batch {
    /// Batches of this many elements.
    #[must_use]
    pub fn new(size: usize) -> Self {
        Self {
            size,
            drop_remainder: false,
        }
    }

    /// Whether a last batch of fewer elements is left out. False unless set.
    #[must_use]
    pub fn drop_remainder(mut self, drop: bool) -> Self {
        self.drop_remainder = drop;
        self
    }
}

impl From<usize> for Batch {
    fn from(size: usize) -> Self {
        Self::new(size)
    }
}

impl Dataset {
    /// Consecutive elements stacked along a new first axis: `batch(32)`, or [`Batch`] with its options.
    ///
    /// The elements must have the same structure, shapes and types.
    #[track_caller]
    #[must_use]
    pub fn batch(&self, options: impl Into<Batch>) -> Self {
        let options = options.into();
        if options.size == 0 {
            return Self::invalid(above_zero("Dataset::batch", "a size above 0"));
        }
        Self::new(Batches {
            input: self.clone(),
            options,
        })
    }

    /// The rows of batches: what [`Dataset::batch`] undoes.
    #[must_use]
    pub fn unbatch(&self) -> Self {
        self.flat_map(|batch: Element| Ok(Self::from_tensor_slices(batch)))
    }
}

struct Batches {
    input: Dataset,
    options: Batch,
}

impl Recipe for Batches {
    fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        Ok(Box::new(BatchesPass {
            input: self.input.start(pass)?,
            options: self.options,
            items: Vec::with_capacity(self.options.size.min(1 << 16)),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        let Batch {
            size,
            drop_remainder,
        } = self.options;
        self.input.cardinality().map(|count| match drop_remainder {
            true => count / size,
            false => count.div_ceil(size),
        })
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct BatchesPass {
    input: Box<dyn Elements>,
    options: Batch,
    items: Vec<Item>,
}

impl Elements for BatchesPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let Batch {
            size,
            drop_remainder,
        } = self.options;
        self.items.clear();
        while self.items.len() < size {
            match self.input.next()? {
                Some(item) => self.items.push(item),
                None => break,
            }
        }
        if self.items.is_empty() || (drop_remainder && self.items.len() < size) {
            return Ok(None);
        }
        Ok(Some(stack(&mut self.items)?.into()))
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let Batch {
            size,
            drop_remainder,
        } = self.options;
        let passed = self.input.skip(count.saturating_mul(size))?;
        Ok(match drop_remainder {
            true => passed / size,
            false => passed.div_ceil(size),
        })
    }
}

/// The items as one element with a new first axis.
pub(super) fn stack(items: &mut Vec<Item>) -> Result<Element> {
    if let Some(Item::Row(rows, _)) = items.first() {
        let row = |item: &Item| match item {
            Item::Row(others, row) if Arc::ptr_eq(rows, others) => Some(*row),
            _ => None,
        };
        if let Some(numbers) = items.iter().map(row).collect::<Option<Vec<usize>>>() {
            return rows.gather(&numbers);
        }
    }
    let elements = items.drain(..).map(Item::into_element);
    stack_elements(&elements.collect::<Result<Vec<Element>>>()?)
}

fn stack_elements(elements: &[Element]) -> Result<Element> {
    let Some(first) = elements.first() else {
        return Err(above_zero("Dataset::batch", "elements"));
    };
    let mut places = first.tensors().into_iter().map(|value| {
        let shape = [&[elements.len()], value.shape().dims()].concat();
        Value::zeros(shape, value.dtype())
    });
    let mut batches: Vec<Value> = places.by_ref().collect();
    for (row, element) in elements.iter().enumerate() {
        if !first.is_alike(element) {
            return Err(different(first, element));
        }
        for (batch, value) in batches.iter_mut().zip(element.tensors()) {
            if value.shape().dims() != &batch.shape().dims()[1..] || value.dtype() != batch.dtype()
            {
                return Err(different(first, element));
            }
            let width = value.len();
            batch
                .make_mut()
                .copy_from(row * width, value.elements(), 0, width);
        }
    }
    let mut batches = batches.into_iter();
    first.map_tensors(&mut |_| Ok(batches.next().expect("there is a batch for each tensor")))
}

fn different(first: &Element, other: &Element) -> Error {
    Error::data(
        "Dataset::batch",
        format!("elements like the first of the batch, {first}"),
        other.to_string(),
        "Use padded_batch for tensors of different shapes",
    )
}

#[cfg(test)]
mod tests {
    use hornblende_core::Tensor;

    use super::*;

    #[test]
    fn rows_of_arrays_and_elements_of_their_own_are_stacked_alike() {
        let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
        let y = Tensor::from([7i64, 8, 9]);
        let rows = Dataset::from_tensor_slices((&x, &y));
        let elements = rows.map(|element: Element| Ok(element));
        let batches = |dataset: &Dataset| dataset.batch(2).iter().collect::<Result<Vec<_>>>();
        let expected = batches(&rows).unwrap();
        assert_eq!(batches(&elements).unwrap(), expected);
        assert_eq!(expected[0].to_string(), "(float32 (2, 2), int64 (2,))");
        assert_eq!(expected[1][0].value().unwrap().to_f64_vec(), [5.0, 6.0]);
        assert_eq!(expected[1].to_string(), "(float32 (1, 2), int64 (1,))");
    }

    #[test]
    fn elements_of_different_shapes_are_refused() {
        let ragged = Dataset::from_generator(|| [vec![1i64], vec![2, 3]]);
        let error = ragged
            .batch(2)
            .iter()
            .next()
            .unwrap()
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("int64 (1,); got int64 (2,). Use padded_batch"),
            "{error}"
        );
    }

    #[test]
    fn unbatch_gives_the_rows_back() {
        let dataset = Dataset::range(0..7).batch(3).unbatch();
        assert_eq!(super::super::numbers(&dataset), [0, 1, 2, 3, 4, 5, 6]);
    }
}
