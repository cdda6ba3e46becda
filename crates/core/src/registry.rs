//! The engine that programs are compiled with.

use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use crate::engine::Engine;
use crate::reference::ReferenceEngine;

static CURRENT: RwLock<Option<Arc<dyn Engine>>> = RwLock::new(None);
static DEFAULT: OnceLock<fn() -> Arc<dyn Engine>> = OnceLock::new();

/// Makes this the engine of programs that are compiled from now on; compiled programs keep theirs.
pub fn set_engine(engine: Arc<dyn Engine>) {
    *CURRENT.write().unwrap_or_else(PoisonError::into_inner) = Some(engine);
}

/// Says how the engine is made that is used unless [`set_engine`] was called. The first call counts.
///
/// The native engine calls this when the process starts, so it neither allocates nor locks.
pub fn set_default_engine(make: fn() -> Arc<dyn Engine>) {
    // A second engine of the same process does not displace the first.
    let _ = DEFAULT.set(make);
}

/// The current engine: that of [`set_engine`], else the default, else the reference interpreter.
#[must_use]
pub fn engine() -> Arc<dyn Engine> {
    let current = CURRENT.read().unwrap_or_else(PoisonError::into_inner);
    match (&*current, DEFAULT.get()) {
        (Some(engine), _) => Arc::clone(engine),
        (None, Some(make)) => make(),
        (None, None) => Arc::new(ReferenceEngine),
    }
}
