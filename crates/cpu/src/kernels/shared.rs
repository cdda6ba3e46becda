//! Values that tasks on several threads use by agreement.
#![allow(unsafe_code)] // The agreement is what the compiler cannot see.

/// A value, most often a struct of pointers, that a kernel's tasks share.
///
/// The kernel that makes one vouches that its tasks write to disjoint places and read what nobody writes.
#[derive(Clone, Copy)]
pub(crate) struct Shared<T>(T);

// SAFETY: see the type; each kernel cuts its output into tasks that do not overlap.
unsafe impl<T> Sync for Shared<T> {}
// SAFETY: as above.
unsafe impl<T> Send for Shared<T> {}

impl<T> Shared<T> {
    /// Shares a value among the tasks of one kernel.
    ///
    /// # Safety
    /// The tasks that use it race with nobody: see the type.
    pub(crate) unsafe fn new(value: T) -> Self {
        Self(value)
    }

    /// The value.
    pub(crate) fn get(&self) -> &T {
        &self.0
    }
}
