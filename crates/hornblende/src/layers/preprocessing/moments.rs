// tidy: not an item
//! Mean and variance of data that comes in batches.

use hornblende_core::{Result, Shape, Tensor};

/// Means and variances along the axes that are not kept, of any number of batches, in double precision.
pub(super) struct Moments {
    count: f64,
    mean: Vec<f64>,
    /// The sum of squared distances from the mean.
    squares: Vec<f64>,
}

impl Moments {
    pub(super) fn new(groups: usize) -> Self {
        Self {
            count: 0.0,
            mean: vec![0.0; groups],
            squares: vec![0.0; groups],
        }
    }

    /// Adds a batch: its own moments are found in two passes and joined to those before it (Chan, Golub and
    /// LeVeque 1979), which stays exact where a sum of squares would cancel.
    pub(super) fn add(&mut self, batch: &Tensor, kept: &[usize]) -> Result<()> {
        let numbers = batch.to_vec::<f64>()?;
        if numbers.is_empty() {
            return Ok(());
        }
        let group = group_of(batch.shape(), kept);
        let groups = self.mean.len();
        let count = (numbers.len() / groups) as f64;
        let mut mean = vec![0.0; groups];
        for (k, x) in numbers.iter().enumerate() {
            mean[group(k)] += x;
        }
        mean.iter_mut().for_each(|m| *m /= count);
        let mut squares = vec![0.0; groups];
        for (k, x) in numbers.iter().enumerate() {
            squares[group(k)] += (x - mean[group(k)]).powi(2);
        }
        let all = self.count + count;
        for g in 0..groups {
            let apart = mean[g] - self.mean[g];
            self.squares[g] += squares[g] + apart * apart * self.count * count / all;
            self.mean[g] += apart * count / all;
        }
        self.count = all;
        Ok(())
    }

    pub(super) fn mean(&self) -> Vec<f64> {
        self.mean.clone()
    }

    /// The variance of the population: NaN of nothing.
    pub(super) fn variance(&self) -> Vec<f64> {
        self.squares.iter().map(|s| s / self.count).collect()
    }
}

/// To which group the element at a flat index belongs: its place along the kept axes.
fn group_of(shape: &Shape, kept: &[usize]) -> impl Fn(usize) -> usize + use<> {
    let strides = shape.strides();
    let axes: Vec<(usize, usize)> = kept.iter().map(|a| (strides[*a], shape[*a])).collect();
    move |k| {
        let place = |group, (stride, size): &(usize, usize)| group * size + k / stride % size;
        axes.iter().fold(0, place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_give_the_moments_of_all_data_also_far_from_zero() {
        // A million numbers 1e6 + k % 10: mean 1e6 + 4.5, variance 8.25, both known exactly.
        let batch = |start: usize, size: usize| {
            let numbers: Vec<f64> = (start..start + size)
                .map(|k| 1e6 + (k % 10) as f64)
                .collect();
            Tensor::from_vec([size, 1], numbers)
        };
        let mut moments = Moments::new(1);
        moments.add(&batch(0, 300_000), &[1]).unwrap();
        moments.add(&batch(300_000, 699_990), &[1]).unwrap();
        moments.add(&batch(0, 0), &[1]).unwrap();
        moments.add(&batch(999_990, 10), &[1]).unwrap();
        // The sums of 1e12 are off by at most 1e12 * 1e6 * 1e-16 before the division by 1e6.
        assert!((moments.mean()[0] - 1_000_004.5).abs() < 1e-4);
        assert!(
            (moments.variance()[0] - 8.25).abs() < 1e-6,
            "{}",
            moments.variance()[0]
        );
    }
}
