//! What happens to a result while it is still in registers or in cache.

use std::ops::Range;

/// What is done to the result of a product or a convolution before it leaves the cache.
///
/// First the bias is added, then relu applied, both in registers; then `on_tile` is called for each block that is done.
#[derive(Clone, Copy)]
pub struct Epilogue<'a, T> {
    /// A value for each column, added to the product.
    pub bias: Option<*const T>,
    /// Whether negative results become zero; NaN stays NaN.
    pub relu: bool,
    /// Called as `on_tile(rows, columns)` for each block of the result that is finished, on the thread that finished it;
    /// the blocks cover the result exactly once. Rows count through all batches: row `r` of batch `b` is `b * m + r`.
    pub on_tile: Option<&'a (dyn Fn(Range<usize>, Range<usize>) + Sync)>,
}

impl<T> Epilogue<'_, T> {
    /// Leaves the result as it is.
    pub const NONE: Self = Self {
        bias: None,
        relu: false,
        on_tile: None,
    };

    /// The bias as tiles want it: null for none.
    pub(crate) fn bias_pointer(&self) -> *const T {
        self.bias.unwrap_or(std::ptr::null())
    }
}

impl<T> Default for Epilogue<'_, T> {
    fn default() -> Self {
        Self::NONE
    }
}
