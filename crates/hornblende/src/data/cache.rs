//! Elements that are kept after the first pass.

use std::sync::{Arc, Mutex, PoisonError};

use hornblende_core::Result;

use super::from_tensor_slices::ItemsPass;
use super::recipe::{Elements, Item, Pass, Recipe};
use super::{Cardinality, Dataset};

impl Dataset {
    /// The same elements, kept in memory when a pass has come to its end: later passes do not make them again.
    ///
    /// What is shuffled before it keeps its order; shuffle after it.
    #[must_use]
    pub fn cache(&self) -> Self {
        Self::new(Cache {
            input: self.clone(),
            kept: Arc::default(),
        })
    }
}

/// The elements of a whole pass, once there was one.
type Kept = Arc<Mutex<Option<Arc<Vec<Item>>>>>;

struct Cache {
    input: Dataset,
    kept: Kept,
}

impl Recipe for Cache {
    fn start(&self, _pass: Pass) -> Result<Box<dyn Elements>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(items) = &*kept {
            let items = Arc::clone(items);
            return Ok(Box::new(ItemsPass { items, next: 0 }));
        }
        Ok(Box::new(CachePass {
            // The pass that is kept is always the same one, so that an interrupted run, which may fill its
            // cache in a later pass, goes on with the same elements.
            input: self.input.start(Pass(0))?,
            items: Some(Vec::new()),
            kept: Arc::clone(&self.kept),
        }))
    }

    fn cardinality(&self) -> Cardinality {
        self.input.cardinality()
    }

    fn inputs(&self) -> Vec<&Dataset> {
        vec![&self.input]
    }
}

struct CachePass {
    input: Box<dyn Elements>,
    /// The elements so far; `None` when the end was reached.
    items: Option<Vec<Item>>,
    kept: Kept,
}

impl Elements for CachePass {
    fn next(&mut self) -> Result<Option<Item>> {
        let Some(items) = &mut self.items else {
            return Ok(None);
        };
        if let Some(item) = self.input.next()? {
            items.push(item.clone());
            return Ok(Some(item));
        }
        let items = self.items.take().map(Arc::new);
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = items;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::numbers;
    use super::*;

    #[test]
    fn elements_are_made_once_and_only_a_whole_pass_is_kept() {
        let calls = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&calls);
        let dataset = Dataset::range(0..4).map(move |k: i64| {
            counted.fetch_add(1, Ordering::Relaxed);
            Ok(k)
        });
        let cached = dataset.cache();
        assert_eq!(cached.iter().take(2).count(), 2);
        assert_eq!(numbers(&cached), [0, 1, 2, 3]);
        assert_eq!(calls.load(Ordering::Relaxed), 6);
        assert_eq!(numbers(&cached.repeat(2)).len(), 8);
        assert_eq!(calls.load(Ordering::Relaxed), 6);
    }
}
