//! Matrix products: `C = A B`, or `C += A B`, with whatever follows done on the result while it is in cache.
//!
//! A product is cut into rectangles of the result by its extents alone; each is computed by one thread, from packing to
//! epilogue, with no word to the others. Every number of the result is the sum over `k` in pieces of fixed length, each a
//! chain of fused multiply-adds in order. So bits depend neither on the number of threads nor on how many rows there are.

pub(crate) mod block;
mod column;
pub(crate) mod dots;
mod epilogue;
mod float;
mod pack;
pub(crate) mod pieces;
mod product;
mod simd;
#[cfg(target_arch = "aarch64")]
mod simd_neon;
mod simd_portable;
#[cfg(target_arch = "x86_64")]
mod simd_x86;
pub(crate) mod tile;

pub use epilogue::Epilogue;
pub use float::Float;
pub use product::Matmul;

#[cfg(test)]
mod tests;
