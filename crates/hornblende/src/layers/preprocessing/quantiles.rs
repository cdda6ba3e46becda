// tidy: not an item
//! Quantiles of data that comes in batches, found from a summary of bounded size.

/// A summary of the numbers so far: bins, ascending, and how many numbers each stands for.
///
/// The arithmetic is Keras's step by step, in its precision, so that the same data gives the same bins.
#[derive(Debug, Clone, Default)]
pub(super) struct Summary {
    bins: Vec<f32>,
    weights: Vec<f32>,
}

impl Summary {
    pub(super) fn is_empty(&self) -> bool {
        self.bins.is_empty()
    }

    /// The summary with a batch added; `epsilon` is the share of the numbers that one bin may stand for.
    pub(super) fn add(&self, mut batch: Vec<f32>, epsilon: f64) -> Self {
        if batch.is_empty() {
            return self.clone();
        }
        batch.sort_by(f32::total_cmp);
        let step = (batch.len() as f64 * epsilon).max(1.0);
        let bins = batch.into_iter().skip((step - 1.0) as usize);
        let bins: Vec<f32> = bins.step_by(step as usize).collect();
        let weights = vec![step as f32; bins.len()];
        let new = bins.into_iter().zip(weights);
        let old = self.bins.iter().copied().zip(self.weights.iter().copied());
        let mut merged: Vec<(f32, f32)> = new.chain(old).collect();
        merged.sort_by(|a, b| a.0.total_cmp(&b.0));
        let (bins, weights) = merged.into_iter().unzip();
        Self { bins, weights }.compressed(epsilon)
    }

    /// The boundaries between so many bins of equal weight.
    pub(super) fn boundaries(&self, num_bins: usize) -> Vec<f64> {
        let mut bins = self.compressed(1.0 / num_bins as f64).bins;
        bins.pop();
        bins.into_iter().map(f64::from).collect()
    }

    /// The summary with at most `1 / epsilon` bins, found by linear interpolation of the weights' sum.
    fn compressed(&self, epsilon: f64) -> Self {
        if (self.bins.len() as f64) * epsilon < 1.0 {
            return self.clone();
        }
        let mut sum = 0.0f32;
        let sums: Vec<f32> = self
            .weights
            .iter()
            .map(|w| {
                sum += w;
                sum
            })
            .collect();
        let shares: Vec<f64> = sums.iter().map(|s| f64::from(s / sum)).collect();
        let count = (1.0 / epsilon).ceil() as usize;
        let wanted: Vec<f64> = (0..count).map(|k| epsilon + k as f64 * epsilon).collect();
        let bins = wanted.iter().map(|x| interpolate(*x, &shares, &self.bins));
        let bins = bins.map(|x| x as f32).collect();
        let at: Vec<f64> = wanted
            .iter()
            .map(|x| interpolate(*x, &shares, &sums))
            .collect();
        let before = [0.0].iter().chain(&at);
        let weights = at.iter().zip(before).map(|(a, b)| (a - b) as f32).collect();
        Self { bins, weights }
    }
}

/// The piecewise linear function through the points, constant outside.
fn interpolate(x: f64, xs: &[f64], ys: &[f32]) -> f64 {
    let y = |k: usize| f64::from(ys[k]);
    let after = xs.partition_point(|point| *point <= x);
    match after {
        0 => y(0),
        k if k == xs.len() => y(k - 1),
        k => (y(k) - y(k - 1)) / (xs[k] - xs[k - 1]) * (x - xs[k - 1]) + y(k - 1),
    }
}
