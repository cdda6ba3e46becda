//! Datasets of arrays.

use std::sync::Arc;

use hornblende_core::{Error, Result};

use super::recipe::{Elements, Item, Pass, Recipe, Rows};
use super::{Cardinality, Dataset, Element, IntoElement};

impl Dataset {
    /// The rows of arrays: `&x`, `(&x, &y)`, `([("left", &a), ("right", &b)], &y)`, ...
    ///
    /// The arrays must have equally many rows. They are shared, not copied.
    ///
    /// ```
    /// use hornblende::Tensor;
    /// use hornblende::data::{Cardinality, Dataset};
    /// let x = Tensor::from([[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    /// let dataset = Dataset::from_tensor_slices(&x);
    /// assert_eq!(dataset.cardinality(), Cardinality::Known(3));
    /// let last = dataset.iter().last().unwrap()?;
    /// assert_eq!(last.value()?.to_f64_vec(), [5.0, 6.0]);
    /// # Ok::<(), hornblende::Error>(())
    /// ```
    #[track_caller]
    #[must_use]
    pub fn from_tensor_slices(arrays: impl IntoElement) -> Self {
        Self::checked(arrays.into_element().and_then(rows_of))
    }

    /// One element.
    #[track_caller]
    #[must_use]
    pub fn from_tensors(element: impl IntoElement) -> Self {
        Self::checked(
            element
                .into_element()
                .map(|e| Self::of_items(vec![e.into()])),
        )
    }

    /// These elements.
    pub(super) fn of_items(items: Vec<Item>) -> Self {
        Self::new(Items(Arc::new(items)))
    }
}

fn rows_of(arrays: Element) -> Result<Dataset> {
    let refused = |expected: &str, got: String| {
        Err(Error::data(
            "Dataset::from_tensor_slices",
            expected,
            got,
            "",
        ))
    };
    let mut count = None;
    for array in arrays.tensors() {
        let Some(rows) = array.shape().dims().first() else {
            return refused("arrays with rows", "a scalar".to_owned());
        };
        if *count.get_or_insert(*rows) != *rows {
            return refused("arrays of equally many rows", arrays.to_string());
        }
    }
    match count {
        Some(count) => Ok(Dataset::new(Slices(Arc::new(Rows { arrays, count })))),
        None => refused("arrays", "none".to_owned()),
    }
}

struct Slices(Arc<Rows>);

impl Recipe for Slices {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        let rows = Arc::clone(&self.0);
        Ok(Box::new(SlicesPass { rows, next: 0 }))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Known(self.0.count)
    }
}

struct SlicesPass {
    rows: Arc<Rows>,
    next: usize,
}

impl Elements for SlicesPass {
    fn next(&mut self) -> Result<Option<Item>> {
        if self.next == self.rows.count {
            return Ok(None);
        }
        self.next += 1;
        Ok(Some(Item::Row(Arc::clone(&self.rows), self.next - 1)))
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let passed = count.min(self.rows.count - self.next);
        self.next += passed;
        Ok(passed)
    }
}

/// Elements that are at hand.
pub(super) struct Items(pub(super) Arc<Vec<Item>>);

impl Recipe for Items {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        let items = Arc::clone(&self.0);
        Ok(Box::new(ItemsPass { items, next: 0 }))
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Known(self.0.len())
    }
}

pub(super) struct ItemsPass {
    pub(super) items: Arc<Vec<Item>>,
    pub(super) next: usize,
}

impl Elements for ItemsPass {
    fn next(&mut self) -> Result<Option<Item>> {
        let item = self.items.get(self.next).cloned();
        self.next += usize::from(item.is_some());
        Ok(item)
    }

    fn skip(&mut self, count: usize) -> Result<usize> {
        let passed = count.min(self.items.len() - self.next);
        self.next += passed;
        Ok(passed)
    }
}

#[cfg(test)]
mod tests {
    use hornblende_core::Tensor;

    use super::*;

    #[test]
    fn arrays_of_different_lengths_are_an_error_of_the_first_element() {
        let (x, y) = (Tensor::from([1.0f32, 2.0]), Tensor::from([1.0f32]));
        let error = Dataset::from_tensor_slices((&x, &y)).batch(2).iter().next();
        let error = error.unwrap().unwrap_err().to_string();
        assert!(
            error.contains("equally many rows; got (float32 (2,), float32 (1,))"),
            "{error}"
        );
        assert!(error.contains("from_tensor_slices.rs:"), "{error}");
        let error = Dataset::from_tensor_slices(1.0f32).iter().next().unwrap();
        assert!(error.is_err());
    }
}
