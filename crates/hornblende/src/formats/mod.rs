//! File formats: bytes to named values, and back.
//!
//! Nothing here knows models. What comes from a file is data: sizes are checked before memory is asked
//! for, and damaged bytes are an error, never a panic. Only `atomic_file` and what is made of it open
//! files.

pub(crate) mod atomic_file;
mod checkpoint;
mod checkpoint_folder;
mod crc32c;
pub mod csv;
mod element_bytes;
pub mod example;
pub(crate) mod hdf5;
pub mod idx;
pub(crate) mod keras_archive;
pub mod npy;
mod npy_header;
pub mod npz;
pub mod png;
pub(crate) mod protobuf;
pub mod tfrecord;

pub use checkpoint::Checkpoint;
pub use checkpoint_folder::CheckpointFolder;
