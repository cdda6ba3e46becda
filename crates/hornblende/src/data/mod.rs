//! Pipelines of data: datasets after `tf.data`.
//!
//! A [`Dataset`] describes where elements come from and what is done with them; iterating it, or handing it to
//! `fit`, makes them one by one. Order and contents follow from the arguments and the seeds alone, whatever the
//! number of threads.

mod batch;
mod cache;
mod cardinality;
mod csv;
mod dataset;
mod element;
mod files;
mod from_tensor_slices;
mod image_file;
mod image_folder;
mod interleave;
mod iterator;
mod map;
mod map_parallel;
mod padded_batch;
mod prefetch;
mod recipe;
mod repeat;
mod shuffle;
mod sources;
mod tf_records;
mod window;
mod worker;
mod zip;

pub use batch::Batch;
pub use cardinality::Cardinality;
pub use csv::Csv;
pub use dataset::Dataset;
pub use element::{Element, FromElement, IntoElement};
pub use image_folder::ImageFolder;
pub use interleave::Interleave;
pub use iterator::DatasetIterator;
pub use padded_batch::PaddedBatch;
pub use shuffle::Shuffle;
pub use window::Window;

/// The elements of a dataset of whole numbers.
#[cfg(test)]
fn numbers(dataset: &Dataset) -> Vec<i64> {
    let number = |element| i64::from_element(element?);
    let all = dataset
        .iter()
        .map(number)
        .collect::<hornblende_core::Result<_>>();
    all.unwrap()
}
