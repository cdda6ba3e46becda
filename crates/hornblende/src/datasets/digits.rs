//! Handwritten digits of 8 x 8 pixels, part of the crate: no file and no network is needed.

use hornblende_core::{Element, Result, Tensor, Value};

/// Pixels, then labels; `digits.md` beside the file describes it, its source and its licence.
const CONTENT: &[u8] = include_bytes!("digits.bin");
const SAMPLES: usize = 1797;
const PIXELS: usize = 64;

const TRAIN: usize = 1437;

/// Sample `k` here is sample `k * STRIDE` of the source, counted around. A step of the golden ratio
/// (1,111 of 1,797, without a common divisor) spreads any run of samples evenly over the source.
const STRIDE: usize = 1111;

/// The UCI handwritten digits as `((x_train, y_train), (x_test, y_test))`.
///
/// `x` has shape `[n, 64]` and holds the ink of 8 x 8 pixels row by row, from 0 (paper) to 16,
/// not scaled; `y` has shape `[n]` and holds the digits 0 to 9. Both are [`DType::U8`], as in
/// [`mnist`](super::mnist) and in Keras. 1,437 samples are for training, 360 for testing.
///
/// Order and split are the same in every run. In the source, the digits of one writer follow one
/// another; here each part takes its samples evenly from the whole source, and so does the tail of
/// the training part, which makes it a good validation part. So every writer is in both parts; on
/// unseen writers the accuracy of the same model is some points lower.
///
/// [`DType::U8`]: crate::DType::U8
///
/// # Errors
/// None in practice; the result has the form that all data sets share.
///
/// # Example
/// ```
/// use hornblende::prelude::*;
///
/// let ((x_train, y_train), (x_test, y_test)) = datasets::digits::load_data()?;
/// assert_eq!(x_train.shape().dims(), [1437, 64]);
/// assert_eq!(y_test.shape().dims(), [360]);
/// let images = x_test.reshape([-1, 8, 8, 1]);
/// assert_eq!(images.shape().dims(), [360, 8, 8, 1]);
/// # let _ = y_train;
/// # Ok::<(), hornblende::Error>(())
/// ```
pub fn load_data() -> Result<((Tensor, Tensor), (Tensor, Tensor))> {
    let (pixels, labels) = CONTENT.split_at(SAMPLES * PIXELS);
    let (images, _) = pixels.as_chunks::<PIXELS>();
    let order: Vec<usize> = (0..SAMPLES).map(|k| k * STRIDE % SAMPLES).collect();
    let (train, test) = order.split_at(TRAIN);
    let part = |samples: &[usize]| -> Result<(Tensor, Tensor)> {
        let x: Vec<u8> = samples.iter().flat_map(|&k| images[k]).collect();
        let y: Vec<u8> = samples.iter().map(|&k| labels[k]).collect();
        Ok((
            tensor([samples.len(), PIXELS], x)?,
            tensor([samples.len()], y)?,
        ))
    };
    Ok((part(train)?, part(test)?))
}

fn tensor<const RANK: usize, T: Element>(shape: [usize; RANK], elements: Vec<T>) -> Result<Tensor> {
    Ok(Value::from_vec(shape, elements)?.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_samples_are_there_once_and_in_range() {
        let ((x_train, y_train), (x_test, y_test)) = load_data().unwrap();
        assert_eq!(x_train.shape().dims(), [1437, 64]);
        assert_eq!(x_test.shape().dims(), [360, 64]);
        let mut samples: Vec<Vec<u8>> = Vec::new();
        for (x, y) in [(&x_train, &y_train), (&x_test, &y_test)] {
            let (x, y) = (x.to_vec::<u8>().unwrap(), y.to_vec::<u8>().unwrap());
            assert!(x.iter().all(|&ink| ink <= 16) && y.iter().all(|&digit| digit <= 9));
            samples.extend(x.chunks(PIXELS).zip(&y).map(|(x, &y)| [x, &[y]].concat()));
        }
        let (images, labels) = CONTENT.split_at(SAMPLES * PIXELS);
        let mut source: Vec<Vec<u8>> = images
            .chunks(PIXELS)
            .zip(labels)
            .map(|(x, &y)| [x, &[y]].concat())
            .collect();
        samples.sort();
        source.sort();
        assert_eq!(samples, source);
    }

    #[test]
    fn every_part_holds_every_digit_about_equally_often() {
        let ((_, y_train), (_, y_test)) = load_data().unwrap();
        for y in [y_train, y_test] {
            let y = y.to_vec::<u8>().unwrap();
            for digit in 0..10 {
                let share = y.iter().filter(|&&y| y == digit).count() as f64 / y.len() as f64;
                assert!((0.08..0.13).contains(&share), "digit {digit}: {share}");
            }
        }
    }

    #[test]
    fn the_first_sample_is_the_zero_that_scikit_learn_shows_first() {
        let ((x_train, y_train), _) = load_data().unwrap();
        let first_row = &x_train.to_vec::<u8>().unwrap()[..8];
        assert_eq!(first_row, [0, 0, 5, 13, 9, 1, 0, 0]);
        assert_eq!(y_train.to_vec::<u8>().unwrap()[0], 0);
    }
}
