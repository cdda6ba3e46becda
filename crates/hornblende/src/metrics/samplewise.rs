// tidy: not an item
//! From values to one value a sample, as weighted means and sums take them in.

use hornblende_core::Tensor;

use crate::ops::match_ranks;

/// How the axes after the first are combined.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combine {
    Mean,
    Sum,
}

impl Combine {
    /// Combines the axes from `first` on.
    #[track_caller]
    fn over_axes(self, x: &Tensor, first: usize) -> Tensor {
        if x.rank() <= first {
            return x.clone();
        }
        let axes: Vec<usize> = (first..x.rank()).collect();
        match self {
            Self::Mean => x.mean(axes),
            Self::Sum => x.sum(axes),
        }
    }
}

/// The values, weighted and combined to one a sample, and the weight of each.
///
/// Values of more axes than the weights are combined first; so `[n]` weights weight samples, not elements.
#[track_caller]
pub(super) fn samplewise(
    values: &Tensor,
    sample_weight: Option<&Tensor>,
    combine: Combine,
) -> (Tensor, Option<Tensor>) {
    let Some(weight) = sample_weight else {
        return (combine.over_axes(values, 1), None);
    };
    let (values, weight) = match_ranks(values, &weight.cast(values.dtype()));
    let rank = weight.rank();
    let values = combine.over_axes(&values, rank);
    // Multiplying by ones stretches the weights as the values are, or carries the error if they do not fit.
    let weight = weight * Tensor::ones(values.shape().clone(), values.dtype());
    let values = values * &weight;
    (
        combine.over_axes(&values, 1),
        Some(combine.over_axes(&weight, 1)),
    )
}
