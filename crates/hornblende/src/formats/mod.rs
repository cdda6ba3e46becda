//! File formats: bytes to named values, and back.
//!
//! Nothing here knows models or opens files. What comes from a file is data: sizes are checked
//! before memory is asked for, and damaged bytes are an error, never a panic.

pub mod npy;
mod npy_header;
pub mod npz;
