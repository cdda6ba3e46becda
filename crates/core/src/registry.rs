//! The engine that programs are compiled with.

use std::sync::{Arc, PoisonError, RwLock};

use crate::engine::Engine;
use crate::reference::ReferenceEngine;

static CURRENT: RwLock<Option<Arc<dyn Engine>>> = RwLock::new(None);

/// Makes this the engine of programs that are compiled from now on.
///
/// The native engine does this when the process starts; compiled programs keep their engine.
pub fn set_engine(engine: Arc<dyn Engine>) {
    *CURRENT.write().unwrap_or_else(PoisonError::into_inner) = Some(engine);
}

/// The current engine: the reference interpreter unless another was set.
#[must_use]
pub fn engine() -> Arc<dyn Engine> {
    let current = CURRENT.read().unwrap_or_else(PoisonError::into_inner);
    match &*current {
        Some(engine) => Arc::clone(engine),
        None => Arc::new(ReferenceEngine),
    }
}
