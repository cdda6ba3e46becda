//! A dataset: a pipeline that makes elements.

use std::panic::Location;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hornblende_core::{Error, Result};

use super::recipe::{Elements, Pass, Recipe};
use super::{Cardinality, DatasetIterator};

/// A pipeline that makes elements one by one, after `tf.data.Dataset`.
///
/// A dataset is a description: nothing is read or computed before it is iterated, and it can be iterated as
/// often as wanted. Each method gives another dataset; cloning is cheap. `fit`, `evaluate` and `predict` take
/// datasets of batches.
///
/// Arguments that cannot be, such as arrays of different lengths, are an error of the first element: a
/// chain of methods needs no `?`.
///
/// # Example
/// ```
/// use hornblende::Tensor;
/// use hornblende::data::Dataset;
///
/// let x = Tensor::from([[1.0f32], [2.0], [3.0]]);
/// let y = Tensor::from([10i64, 20, 30]);
/// let dataset = Dataset::from_tensor_slices((&x, &y))
///     .map(|(x, y): (Tensor, i64)| Ok((x * 2.0, y + 1)))
///     .batch(2);
/// let batches: Vec<String> = dataset
///     .iter()
///     .map(|batch| Ok(format!("{:?}", batch?[1].value()?.to_f64_vec())))
///     .collect::<Result<_, hornblende::Error>>()?;
/// assert_eq!(batches, ["[11.0, 21.0]", "[31.0]"]);
/// # Ok::<(), hornblende::Error>(())
/// ```
#[derive(Clone)]
pub struct Dataset {
    recipe: Arc<dyn Recipe>,
    /// The number of the next pass; clones share it.
    passes: Arc<AtomicU64>,
}

impl Dataset {
    pub(super) fn new(recipe: impl Recipe + 'static) -> Self {
        Self {
            recipe: Arc::new(recipe),
            passes: Arc::default(),
        }
    }

    /// A dataset whose iteration fails.
    #[track_caller]
    pub(super) fn invalid(error: Error) -> Self {
        Self::new(Invalid(error.at(Location::caller())))
    }

    /// The dataset, or one that fails where its arguments were wrong.
    #[track_caller]
    pub(super) fn checked(dataset: Result<Self>) -> Self {
        match dataset {
            Ok(dataset) => dataset,
            Err(error) => Self::invalid(error),
        }
    }

    /// The number of elements, as far as it is known.
    ///
    /// ```
    /// use hornblende::data::{Cardinality, Dataset};
    /// assert_eq!(Dataset::range(0..10).batch(4).cardinality(), Cardinality::Known(3));
    /// assert_eq!(Dataset::range(0..10).repeat(None).cardinality(), Cardinality::Infinite);
    /// ```
    #[must_use]
    pub fn cardinality(&self) -> Cardinality {
        self.recipe.cardinality()
    }

    /// Begins a pass. What is shuffled comes in another order in each, unless it was told otherwise.
    #[must_use]
    pub fn iter(&self) -> DatasetIterator {
        let pass = self.passes.fetch_add(1, Ordering::Relaxed);
        DatasetIterator::new(self.clone(), Pass(pass))
    }

    pub(super) fn start(&self, pass: Pass) -> Result<Box<dyn Elements>> {
        self.recipe.start(pass)
    }

    /// The number of the next pass.
    pub(super) fn next_pass(&self) -> u64 {
        self.passes.load(Ordering::Relaxed)
    }

    /// Makes this the number of the next pass.
    pub(super) fn set_next_pass(&self, pass: u64) {
        self.passes.store(pass, Ordering::Relaxed);
    }

    /// The seeds of everything random in the dataset, in a fixed order.
    pub(super) fn keys(&self) -> Vec<(u64, u32)> {
        let mut keys = Vec::new();
        self.visit(&mut |recipe| keys.extend(recipe.seed().map(super::recipe::Seed::key)));
        keys
    }

    /// Replaces the seeds by those that [`Dataset::keys`] gave.
    pub(super) fn set_keys(&self, keys: &[(u64, u32)]) {
        let mut keys = keys.iter();
        self.visit(&mut |recipe| {
            if let (Some(seed), Some(key)) = (recipe.seed(), keys.clone().next()) {
                seed.set_key(*key);
                keys.next();
            }
        });
    }

    fn visit(&self, f: &mut dyn FnMut(&dyn Recipe)) {
        f(&*self.recipe);
        for input in self.recipe.inputs() {
            input.visit(f);
        }
    }
}

impl IntoIterator for &Dataset {
    type Item = Result<super::Element>;
    type IntoIter = DatasetIterator;

    fn into_iter(self) -> DatasetIterator {
        self.iter()
    }
}

impl IntoIterator for Dataset {
    type Item = Result<super::Element>;
    type IntoIter = DatasetIterator;

    fn into_iter(self) -> DatasetIterator {
        self.iter()
    }
}

impl std::fmt::Debug for Dataset {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dataset({:?})", self.cardinality())
    }
}

/// A dataset that cannot be.
struct Invalid(Error);

impl Recipe for Invalid {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        Err(self.0.clone())
    }

    fn cardinality(&self) -> Cardinality {
        Cardinality::Unknown
    }
}
