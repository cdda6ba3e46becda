//! Whose line and whose layer an operation is blamed on.
//!
//! Operations inside a layer belong to the line of the user's program that called the layer, not to
//! the layer's own source. A layer opens a scope around its work; operations look it up.

use std::cell::RefCell;
use std::panic::Location;
use std::sync::Arc;

use crate::error::Error;

#[derive(Clone)]
struct Scope {
    layer: Option<Arc<str>>,
    location: &'static Location<'static>,
}

thread_local! {
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

/// Runs `work` with every operation in it blamed on `layer` and on the user's line `location`.
///
/// Scopes nest: the outermost line and the innermost layer are named.
pub fn with_layer<R>(
    layer: &str,
    location: &'static Location<'static>,
    work: impl FnOnce() -> R,
) -> R {
    enter(Some(layer.into()), location, work)
}

/// Runs `work` with every operation in it blamed on the user's line `location`, inside the layer that
/// is current, if any.
#[inline]
pub fn at<R>(location: &'static Location<'static>, work: impl FnOnce() -> R) -> R {
    // The outermost line and the innermost layer are named: inside another scope both are known already.
    if SCOPES.with(|s| !s.borrow().is_empty()) {
        return work();
    }
    enter(None, location, work)
}

/// Runs code of the user's own outside all scopes: its operations are blamed on their own lines.
pub fn outside<R>(work: impl FnOnce() -> R) -> R {
    struct Restore(Vec<Scope>);
    impl Drop for Restore {
        fn drop(&mut self) {
            let scopes = std::mem::take(&mut self.0);
            SCOPES.with(|s| *s.borrow_mut() = scopes);
        }
    }
    let _restore = Restore(SCOPES.with(|s| std::mem::take(&mut *s.borrow_mut())));
    work()
}

fn enter<R>(
    layer: Option<Arc<str>>,
    location: &'static Location<'static>,
    work: impl FnOnce() -> R,
) -> R {
    struct Leave;
    impl Drop for Leave {
        fn drop(&mut self) {
            SCOPES.with(|s| s.borrow_mut().pop());
        }
    }
    SCOPES.with(|s| {
        let mut scopes = s.borrow_mut();
        let location = scopes.first().map_or(location, |outer| outer.location);
        scopes.push(Scope { layer, location });
    });
    let _leave = Leave;
    work()
}

/// The user's line that asked for the operation called at `caller`.
#[must_use]
#[inline]
pub fn location(caller: &'static Location<'static>) -> &'static Location<'static> {
    SCOPES.with(|s| s.borrow().last().map_or(caller, |scope| scope.location))
}

/// The error with its line and, inside a layer, the layer's name.
#[must_use]
pub fn blame(error: Error, location: &'static Location<'static>) -> Error {
    let error = error.at(location);
    match SCOPES.with(|s| s.borrow().last().and_then(|scope| scope.layer.clone())) {
        Some(layer) => error.in_layer(&layer),
        None => error,
    }
}
