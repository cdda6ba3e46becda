//! Data sets that are really there: [`digits`] is part of the crate, [`mnist`] is found on the
//! machine or downloaded.

mod cache;
pub mod digits;
#[cfg(feature = "download")]
mod download;
#[cfg(feature = "download")]
mod download_progress;
pub mod mnist;
mod remote_file;
